"""Text: words of others made fit to be shown on a page. Pure.

Takes  any text: tags, names, licence texts.   Gives  the same text without what could mislead or break a layout.
Never  escapes for HTML: the templates do that, for everything.

Control characters, marks that turn the direction of writing, invisible characters and lone surrogates become U+FFFD,
so that people see that something stood there. Towers of combining marks are cut.
"""

import re
import unicodedata
from html import escape

MAX_LINE = 400
MAX_TEXT = 20_000
MAX_MARKS = 3
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# C0 and C1 but for tab and line feed; soft hyphen; bidi and zero-width marks (U+200C, U+200D join letters of many
# scripts and stay); separators; invisible operators; byte order mark; interlinear and tag characters; surrogates;
# code points that are no characters.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(r"[\x20-\x7e]*")
_MARKED = re.compile("[\u0300-\U0010ffff]")
_SPACE = re.compile(r"[ \t\n]+")


def shown(text: str, max_characters: int = MAX_TEXT) -> str:
    """The text as it may stand on a page; lines stay lines."""
    if len(text) > max_characters:
        text = text[: max_characters - 1] + "…"
    if _PLAIN.fullmatch(text):
        return text
    text = _UNFIT.sub(REPLACEMENT, text)
    return _without_towers(text) if _MARKED.search(text) else text


def line(text: str, max_characters: int = MAX_LINE) -> str:
    """The text as one line."""
    return _SPACE.sub(" ", shown(text, max_characters)).strip()


def xml(text: str, max_characters: int = MAX_LINE) -> str:
    """One line, escaped for XML: for pictures that are made here."""
    return escape(line(text, max_characters))


def _without_towers(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) or unicodedata.category(letter) == "Me" else 0
        if marks <= MAX_MARKS:
            kept.append(letter)
    return "".join(kept)
