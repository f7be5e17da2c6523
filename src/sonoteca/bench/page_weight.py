"""Page weight: what a browser that comes for the first time fetches to show one page, as it goes over the wire.

Takes  the page's path, and a way to ask.   Gives  bytes by kind: the page, styles, scripts with all modules that they
       import, and the fonts that Latin text needs. Heads of the answers are counted, as a browser counts "transferred".
Never  counts pictures (cover, waveforms, icons) or sound; or what a script fetches later, on pages that want it
       (`import()`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from sonoteca.ports.fetch import Fetched

_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_SCRIPT = re.compile(r'<script[^>]* src="([^"]+)"')
# Static imports alone: they are fetched before anything runs.
_IMPORT = re.compile(r'\b(?:from|import)\s*"(\.[^"]+)"')
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_URL = re.compile(r'url\("?([^")]+)"?\)')
_LATIN = re.compile(r"U\+0{1,4}-0*FF\b", re.IGNORECASE)
_STATUS_LINE = len("HTTP/1.1 200 OK\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Bytes by kind, heads included; `heads` are those of page, styles and scripts, of so many `answers`."""

    html: int
    styles: int
    scripts: int
    fonts: int
    heads: int
    answers: int

    @property
    def whole(self) -> int:
        """Page, styles and scripts."""
        return self.html + self.styles + self.scripts


Ask = Callable[[str, bool], Fetched]


def weigh(path: str, ask: Ask) -> Weight:
    """The page and what it needs; `ask` is given a path, and whether packed (gzip) or plain is wanted."""
    text = _plain(path, ask)
    styles = [urljoin(path, one) for one in _STYLE.findall(text)]
    scripts = _modules([urljoin(path, one) for one in _SCRIPT.findall(text)], ask)
    fonts = dict.fromkeys(one for style in styles for one in _fonts(style, ask))
    wanted = [path, *styles, *scripts]
    return Weight(
        html=_wire([path], ask),
        styles=_wire(styles, ask),
        scripts=_wire(scripts, ask),
        fonts=_wire(list(fonts), ask),
        heads=sum(head_bytes(ask(one, True)) for one in wanted),
        answers=len(wanted),
    )


def head_bytes(answer: Fetched) -> int:
    """Status line and headers, the empty line included."""
    return _STATUS_LINE + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items()) + 2


def _wire(paths: list[str], ask: Ask) -> int:
    return sum(head_bytes(one) + len(one.body) for one in (ask(path, True) for path in paths))


def _plain(path: str, ask: Ask) -> str:
    found = ask(path, False)
    if found.status != 200:
        raise RuntimeError(f"{path} is answered with {found.status}")
    return found.body.decode()


def _modules(scripts: list[str], ask: Ask) -> list[str]:
    """These scripts and all that they import at once."""
    known, waiting = dict.fromkeys(scripts), list(scripts)
    while waiting:
        script = waiting.pop()
        for found in _IMPORT.findall(_plain(script, ask)):
            address = urljoin(script, found)
            if address not in known:
                known[address] = None
                waiting.append(address)
    return list(known)


def _fonts(style: str, ask: Ask) -> Iterator[str]:
    for face in _FACE.findall(_plain(style, ask)):
        if _LATIN.search(face):
            yield from (urljoin(style, one) for one in _URL.findall(face))
