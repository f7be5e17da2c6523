"""Ordering: which disc and side an item is on, what number it has, and what comes after what.

Takes  the items of a release, what their file names say, and the numbers a cue sheet gives them.
Gives  the items in order, each with disc, side and number as printed.
Order  disc, side, then the first kind of number that every item of the disc has and no two share: the cue sheet's, the
       tag's, the file name's. Otherwise names in natural order ("2" before "10"), files before the folders beside them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sonoteca.acquire.filenames import Called
from sonoteca.acquire.numbers import Number, parse_disc, parse_number
from sonoteca.acquire.pairing import Item
from sonoteca.formats.naming import natural_key, split_ending
from sonoteca.model.finding import Finding, finding

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An item in its place. `disc` 0 when there is one; `side` "" when none is known; `number` as printed, "" if none
    is to be believed."""

    item: Item
    disc: int
    side: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is said about places, by path: file names, cue sheets."""

    called: Mapping[str, Called]
    in_cue: Mapping[str, int]


def first_value(item: Item, name: str) -> str:
    """The first value of a common tag name, of the primary or else of an alternate (a WAV has no tags, its MP3 has)."""
    reports = [file.report for file in item.files if file.report]
    return next((value for report in reports for value in report.find(name) if value.strip()), "")


def ordered(items: Sequence[Item], clues: Clues, notes: list[Finding]) -> tuple[Placed, ...]:
    """All items, in order."""
    discs = discs_of(items, clues)
    placed: list[tuple[Key, Placed]] = []
    for disc in sorted(set(discs.values())):
        placed += _on_disc(disc, [item for item in items if discs[item.path] == disc], clues)
    tagged = [one for _, one in placed if first_value(one.item, "tracknumber")]
    if any(not _agrees(one) for one in tagged):
        notes.append(finding("T201", detail=f"{len(tagged)} of {len(items)} recordings have one"))
    return tuple(one for _, one in sorted(placed, key=lambda pair: pair[0]))


def discs_of(items: Sequence[Item], clues: Clues) -> dict[str, int]:
    """The disc of each item, by path: from folders; else from tags or file names when every item has one. One disc is
    0."""
    kinds = (
        {item.path: max(file.planned.disc for file in item.files) for item in items},
        {item.path: parse_disc(first_value(item, "discnumber")) for item in items},
        {item.path: clues.called[item.path].disc for item in items},
    )
    for place, discs in enumerate(kinds):
        said = set(discs.values())
        if len(said) > 1 and (place == 0 or 0 not in said):
            return discs
    return dict.fromkeys(kinds[0], 0)


def _on_disc(disc: int, items: list[Item], clues: Clues) -> Iterator[tuple[Key, Placed]]:
    numbers = _numbers(items, clues)
    for item in items:
        number = numbers.get(item.path)
        printed = number or clues.called[item.path].number
        side = item.primary.planned.side or (printed.side if printed else "")
        placed = Placed(item=item, disc=disc, side=side, number=_printed(printed))
        place: Key = (0, side, number.number) if number else (1, "", 0)
        yield (disc, *place, path_key(item.path)), placed


def _numbers(items: list[Item], clues: Clues) -> dict[str, Number]:
    """The first kind of number that all have and no two share; {} when there is none."""
    kinds = (
        [_of_cue(clues.in_cue.get(item.path)) for item in items],
        [tag_number(item) for item in items],
        [clues.called[item.path].number for item in items],
    )
    for kind in kinds:
        given = {item.path: number for item, number in zip(items, kind, strict=True) if number}
        places = {
            (item.primary.planned.side or given[item.path].side, given[item.path].number)
            for item in items
            if item.path in given
        }
        if len(places) == len(items):
            return given
    return {}


def tag_number(item: Item) -> Number | None:
    """What the tag says, when it can be a track's number at all."""
    return parse_number(first_value(item, "tracknumber"))


def _agrees(placed: Placed) -> bool:
    """Whether the number that was believed is the tag's, however it is printed."""
    tagged, printed = tag_number(placed.item), parse_number(placed.number)
    return tagged is not None and printed is not None and tagged.number == printed.number


def _of_cue(number: int | None) -> Number | None:
    return Number(side="", number=number, text=f"{number:02d}") if number else None


def _printed(number: Number | None) -> str:
    return number.text if number else ""


def path_key(path: str) -> Key:
    """Natural order of paths: in each folder the files first, then the folders."""
    *folders, name = path.split("/")
    stem, ending = split_ending(name)
    return (*((1, natural_key(folder)) for folder in folders), (0, natural_key(stem), natural_key(ending)), path)
