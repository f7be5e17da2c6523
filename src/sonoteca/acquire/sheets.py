"""Sheets: which recordings the cue sheets of a folder speak of, and what they say of each.

Takes  parsed cue sheets by original path, the items of the release.
Gives  cuts: for a recording that holds many tracks one for each, to the sample (spans.py); for a FILE with one track
       its title and names alone. And what the sheets say of the release.
Never  cuts a recording that the sheet does not fit (C008), nor lets two sheets speak of the same recording: the one
       named like the recording comes first, then the first by name.

A sheet's FILE is found by its name, else by its stem (the sheet says .wav, the disk has .flac), else, when sheet and
folder have just one file each, by that.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sonoteca.acquire.cue import CueSheet, CueTrack
from sonoteca.acquire.pairing import Item
from sonoteca.acquire.spans import Span, find_recording, spans, tracks_in
from sonoteca.acquire.titles import clean, dominant, fold, says_nothing
from sonoteca.formats.naming import natural_key, split_ending
from sonoteca.model.finding import Finding, finding

_DISC_AT_END = re.compile(
    r"\s*(?:[-–—,:]\s*|[(\[{]\s*)(?:cd|disc|disk|disco|disque)\s*\d{1,2}\s*[)\]}]?\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A track as a sheet has it, texts clean; `is_part` when it is one of several in its file."""

    number: str = ""
    title: str = ""
    performer: str = ""
    songwriter: str = ""
    isrc: str = ""
    start_sample: int = 0
    end_sample: int | None = None
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CueHead:
    """What the cue sheets of a release agree on; "" where they say nothing or differ."""

    title: str = ""
    performer: str = ""
    date: str = ""
    genre: str = ""
    catalog: str = ""


@dataclass(slots=True)
class Sheets:
    """What is said by path of the item: its cuts, its number in the sheet; and of the release."""

    cuts: dict[str, tuple[Cut, ...]] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    head: CueHead = CueHead()


def read_sheets(cues: Iterable[tuple[str, CueSheet]], items: Sequence[Item], notes: list[Finding]) -> Sheets:
    """What all sheets of the release say."""
    said = Sheets()
    heads: list[CueSheet] = []
    free = {item.path: item for item in items}
    for path, sheet in sorted(cues, key=lambda cue: (*_likeness(cue[0], items), natural_key(cue[0]))):
        before = len(said.cuts)
        for file in range(len(sheet.files)):
            _read_file(_Place(path, sheet, file), free, said, notes)
        if len(said.cuts) > before:
            heads.append(sheet)
            for cut_path in said.cuts:
                free.pop(cut_path, None)
    said.head = _head(heads)
    return said


class _Place(NamedTuple):
    """A FILE of a sheet: the sheet's original path, the sheet, which of its files."""

    path: str
    sheet: CueSheet
    file: int


def _likeness(path: str, items: Sequence[Item]) -> tuple[bool]:
    """Sheets that are named like a recording (Album.cue, Album.flac.cue) before others."""
    stem = split_ending(path)[0]
    return (not any(stem in (item.path, split_ending(item.path)[0]) for item in items),)


def _read_file(place: _Place, free: Mapping[str, Item], said: Sheets, notes: list[Finding]) -> None:
    tracks = tracks_in(place.sheet, place.file)
    if not tracks:
        return
    found = _find(place, list(free))
    if found is None:
        notes.append(finding("C010", where=place.path, detail=place.sheet.files[place.file].name[:120]))
        return
    audio = free[found].audio
    try:
        places = spans(place.sheet, place.file, audio.sample_rate_hz, audio.samples or None)
    except ValueError as error:
        notes.append(finding("C008", where=place.path, detail=str(error)))
        return
    said.order[found] = tracks[0].number
    said.cuts[found] = tuple(_cut(track, span, len(tracks) > 1) for track, span in zip(tracks, places, strict=True))


def _find(place: _Place, paths: list[str]) -> str | None:
    """The recording that a FILE means, in the folder of the sheet, or anywhere when that has no recordings."""
    folder = place.path.rpartition("/")[0]
    name = place.sheet.files[place.file].name.replace("\\", "/")
    beside = [path for path in paths if path.rpartition("/")[0] == folder]
    wanted = "/" + split_ending(fold(name).lstrip("./"))[0]
    named = [path for path in paths if "/" in name and f"/{split_ending(fold(path))[0]}".endswith(wanted)]
    return find_recording(place.sheet, place.file, named or beside or paths)


def _cut(track: CueTrack, span: Span, is_part: bool) -> Cut:
    return Cut(
        number=f"{track.number:02d}",
        title=clean(track.title),
        performer=clean(track.performer),
        songwriter=clean(track.songwriter),
        isrc=track.isrc,
        start_sample=span[0] if is_part else 0,
        end_sample=span[1] if is_part else None,
        is_part=is_part,
    )


def _head(sheets: Sequence[CueSheet]) -> CueHead:
    """Of several sheets (one a disc) what most agree on; "Album (Disc 1)" and "Album (Disc 2)" are one album."""

    def agreed(texts: Iterable[str]) -> str:
        said = [text for text in map(clean, texts) if not says_nothing(text)]
        return dominant(said, len(sheets))

    return CueHead(
        title=agreed(without_disc(sheet.title) for sheet in sheets),
        performer=agreed(sheet.performer for sheet in sheets),
        date=agreed(sheet.find_rem("DATE") for sheet in sheets),
        genre=agreed(sheet.find_rem("GENRE") for sheet in sheets),
        catalog=agreed(sheet.catalog for sheet in sheets),
    )


def without_disc(title: str) -> str:
    """The title without a disc's number at its end: "Album (Disc 1)", "Album [CD2]", "Album - CD 2"."""
    found = _DISC_AT_END.search(title)
    return title[: found.start()].strip() if found and found.start() else title
