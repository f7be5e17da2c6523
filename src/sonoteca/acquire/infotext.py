"""Info text: the info.txt, *.nfo or readme that travels with a recording, read for what people write in it by habit.

Takes  the small text files of a folder.
Gives  a description (the text itself, bounded), the lines of lineage, the taper, and for concerts what the head of the
       text says of the place: bands write artist, date, venue, town, each on a line of its own.
Never  trusts it: what is found is a claim of whoever wrote the file.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sonoteca.acquire.dates import parse_date
from sonoteca.acquire.titles import clean, clean_lines, says_nothing

MAX_BYTES = 256 * 1024
MAX_LINEAGE_LINES = 12
MAX_LINEAGE_CHARS = 1500
MAX_HEAD_LINES = 8

_NAMES = re.compile(
    r"(?:.*[\W_])?(?:info|lineage|notes?|readme|about|liner[\W_]?notes)(?:[\W_].*)?\.(?:txt|md)|.*\.nfo"
)
_LINEAGE = re.compile(
    r"\s*(?P<name>source|lineage|transfer(?:red)?(?: by)?|xfer|conversion|equipment|gear|mic(?:s|rophones?)?|recorder"
    r"|taped by|taper|recorded by|generation|mastering|mastered by|edited by|location)\s*[:=]\s*(?P<said>.*)",
    re.IGNORECASE,
)
_TAPER = frozenset({"taper", "taped by", "recorded by"})
_FIELD = re.compile(r"[\w /-]{2,24}\s*[:=]")
_TRACK_LINE = re.compile(r"\s*(?:(?:d|disc |cd )?\d{1,2}[\s.):t-]|set\b|disc\b|cd\b|side\b|encore)", re.IGNORECASE)


_ENTRY = re.compile(
    r"\s*(?:d(?:isc)?\d{1,2}[ ._-]?)?(?:t(?:rack)?[ ._-]?)?(\d{1,3})(?:\s*[.):–—-]+\s*|\s+)(.*\S.*)", re.IGNORECASE
)
_LENGTH = re.compile(r"\s*[(\[]?\b\d{1,2}:\d{2}(?:[.:]\d{1,3})?[)\]]?\s*$|^\s*[(\[]?\d{1,2}:\d{2}[)\]]?\s+")
_SEGUE = re.compile(r"\s*(?:-+>|>+|→)\s*$")


class Entry(NamedTuple):
    """A line of a set list."""

    number: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoText:
    """What was found; "" and () where nothing was. `head` are the lines before the first empty one, `entries` those
    that look like a list of tracks."""

    description: str = ""
    lineage: str = ""
    taper: str = ""
    head: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


def find_info(texts: Iterable[tuple[str, bytes]]) -> InfoText:
    """The info text of the folder itself, the first by name that says anything; lineage of all of them."""
    ours = sorted((path, content) for path, content in texts if is_info(path))
    read = [_read(content) for _, content in ours]
    described = next((text for text in read if text), "")
    lines = [line for text in read for line in text.splitlines()]
    lineage, taper = _lineage(lines)
    return InfoText(
        description=described, lineage=lineage, taper=taper, head=_head(described), entries=tuple(_entries(described))
    )


def is_info(path: str) -> bool:
    """Whether a file is such a text, by its name; only those of the folder itself."""
    return "/" not in path and _NAMES.fullmatch(path.casefold()) is not None


def decode(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, else what DOS (line drawings) or Western Europe wrote."""
    content = content[:MAX_BYTES]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        drawn = sum(content.count(byte) for byte in b"\xb0\xb1\xb2\xc4\xcd\xdb\xdc\xdf")
        return content.decode("cp437" if drawn * 20 > len(content) else "cp1252", "replace")


def _read(content: bytes) -> str:
    """Its lines, without drawings: a line without a single letter or digit is a drawing or a rule."""
    lines = decode(content).splitlines()
    kept = [re.sub(r"[\u2500-\u25ff]+", " ", line) for line in lines]
    return clean_lines("\n".join(line if re.search(r"\w", line) else "" for line in kept))


def _lineage(lines: list[str]) -> tuple[str, str]:
    """ "Source: …" and its like, with the lines that go on below them when nothing stands behind the colon."""
    kept: list[str] = []
    taper = ""
    for place, line in enumerate(lines):
        found = _LINEAGE.fullmatch(line)
        if not found or len(kept) == MAX_LINEAGE_LINES:
            continue
        said = clean(found["said"]) or clean(next(iter(lines[place + 1 : place + 2]), ""))
        name = found["name"].casefold()
        if name in _TAPER and not taper and not says_nothing(said):
            taper = said
        if said and name != "location":
            kept.append(f"{found['name'].strip().capitalize()}: {said}")
    return "\n".join(dict.fromkeys(kept))[:MAX_LINEAGE_CHARS], taper


def _entries(text: str) -> Iterator[Entry]:
    """ "01. Title [4:32]", "d1t01 Title >", "1 - Title": without lengths and segues."""
    for line in text.splitlines():
        found = _ENTRY.fullmatch(line)
        if found and not parse_date(line):
            title = _SEGUE.sub("", _LENGTH.sub("", found[2]))
            if re.search(r"[^\W\d]", title) and not says_nothing(title):
                yield Entry(int(found[1]), clean(title))


def set_list(entries: Sequence[Entry], numbers: Sequence[int]) -> tuple[str, ...]:
    """The titles for tracks with these numbers, in order; () unless the list has as many entries and counts as they
    do, or counts through."""
    counted = [entry.number for entry in entries]
    fits = counted == list(numbers) or counted == list(range(1, len(numbers) + 1))
    return tuple(entry.title for entry in entries) if entries and len(entries) == len(numbers) and fits else ()


def _head(text: str) -> tuple[str, ...]:
    lines = text.split("\n\n", 1)[0].splitlines()
    return tuple(lines) if len(lines) <= MAX_HEAD_LINES else ()


def place_of(head: tuple[str, ...], artist: str) -> tuple[str, str]:
    """Event and place of a concert from the head of its text: artist, date, venue, town in that order or nearly so.
    ("", "") when the head is not of that kind, which a date in it shows."""
    lines = [line for line in head if (not _FIELD.match(line) and not _TRACK_LINE.match(line)) or parse_date(line)]
    if len(lines) < 3 or not any(parse_date(line) for line in lines):
        return "", ""
    rest = [line for line in lines[1:] if not parse_date(line)]
    if artist and lines[0].casefold() != artist.casefold() and parse_date(lines[0]):
        return "", ""
    return (rest[0], ", ".join(rest[1:3])) if rest and len(rest[0]) <= 120 else ("", "")
