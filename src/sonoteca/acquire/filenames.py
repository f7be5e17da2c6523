"""File names: what they say of tracks, believed only as far as the whole folder bears it out.

Takes  the items of a release.
Gives  for each path a title, and disc, side, number and artist where its folder's names are made that way.
Never  takes "99 Luftballons" for track 99 unless the files beside it are numbered too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sonoteca.acquire.conventions import TrackName, parse_track_name
from sonoteca.acquire.numbers import Number, parse_number
from sonoteca.acquire.titles import clean, fold, from_stem, says_nothing
from sonoteca.formats.naming import split_ending

MIN_NAME_CHARS = 4
MANY = 3
_ARTIST_TITLE = re.compile(r"(\S.*?)\s+[-–—]\s+(.*\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What the name of a file says. `title` is never empty unless the name says nothing that can be shown; `is_bare`
    when it is no title but the whole name, for want of one ("gd77-05-08d1t01", "track05")."""

    title: str
    is_bare: bool = False
    artist: str = ""
    disc: int = 0
    number: Number | None = None


def called(paths: Iterable[str], known_names: Sequence[str] = ()) -> dict[str, Called]:
    """What each path's name says, by path. `known_names` are names that something else has said, rights holders for
    one: "manolo_camp-morning_coffee" names an artist when Manolo Camp is known."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    found: dict[str, Called] = {}
    for beside in folders.values():
        names = {path: parse_track_name(_stem(path)) for path in beside}
        counted = _is_counted(list(names.values()))
        read = {path: _called(path, name, counted) for path, name in names.items()}
        many = _name_many([one.title for one in read.values()])
        found |= {path: _with_artist(one, known_names, many) for path, one in read.items()}
    return found


def _stem(path: str) -> str:
    return split_ending(path.rpartition("/")[2].strip())[0]


def _is_counted(names: list[TrackName]) -> bool:
    """Whether numbers in these names count tracks: two thirds have one, no two the same, and one alone begins with
    0."""
    numbers = [(name.disc, name.side, int(parsed.number)) for name in names if (parsed := parse_number(name.number))]
    if len(names) == 1:
        return bool(numbers) and names[0].number.startswith("0")
    return len(numbers) * 3 >= len(names) * 2 and len(set(numbers)) == len(numbers)


def _called(path: str, name: TrackName, counted: bool) -> Called:
    whole = from_stem(_stem(path))
    number = parse_number(name.number) if counted else None
    if number is None:
        return Called(title=whole)
    title, artist = clean(name.title), clean(name.artist)
    return Called(
        title=whole if says_nothing(title) else title,
        is_bare=says_nothing(title),
        artist="" if says_nothing(artist) else artist,
        disc=name.disc,
        number=Number(side=name.side or number.side, number=number.number, text=name.number),
    )


def _name_many(titles: Sequence[str]) -> bool:
    """Whether all titles of a folder are "Artist - Title" with ever other artists: a compilation. The movements of a
    few works would look the same, with ever the same few names in front."""
    split = [_ARTIST_TITLE.fullmatch(title) for title in titles]
    artists = {fold(found[1]) for found in split if found}
    return len(titles) >= MANY and all(split) and len(artists) * 3 >= len(titles) * 2


def _with_artist(one: Called, known_names: Sequence[str], many: bool) -> Called:
    """artist-title or "Artist - Title", when the artist is known from elsewhere (spelled as there) or it is a
    compilation."""
    if one.artist or one.is_bare:
        return one
    if many and (found := _ARTIST_TITLE.fullmatch(one.title)):
        return replace(one, artist=found[1], title=found[2])
    left, _, right = (part.strip(" -–—") for part in one.title.partition("-"))
    if len(left) < MIN_NAME_CHARS or says_nothing(right):
        return one
    for name in known_names:
        if spelled := _spelled_in(left, name):
            return replace(one, artist=clean(spelled), title=right)
    return one


def _spelled_in(words: str, name: str) -> str:
    """These words as a name has them, whole; "" when it has not."""
    start = name.lower().find(words.lower())
    before, after = name[max(start - 1, 0) : max(start, 0)], name[start + len(words) : start + len(words) + 1]
    return name[start : start + len(words)] if start >= 0 and not before.isalnum() and not after.isalnum() else ""
