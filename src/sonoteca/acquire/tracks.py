"""Tracks: items in order become tracks, each with a title, names and the numbers others gave it.

Takes  items in their places, and everything that speaks about single tracks (Told).
Gives  tracks at positions 1, 2, …: a whole recording, or the spans that a cue sheet cuts it into.
Order  the strongest voice first: cue sheet, manifest, tags when believable, a title in the file's name, the set list
       in the text beside the music, the file's bare name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sonoteca.acquire import claims
from sonoteca.acquire.filenames import Called
from sonoteca.acquire.heading import language_of
from sonoteca.acquire.infotext import Entry, set_list
from sonoteca.acquire.numbers import parse_isrc, parse_number, parse_uuid
from sonoteca.acquire.ordering import Placed
from sonoteca.acquire.pairing import Item
from sonoteca.acquire.sheets import Cut
from sonoteca.acquire.titles import fold, says_nothing
from sonoteca.acquire.voices import UNTITLED
from sonoteca.model.finding import Finding, finding
from sonoteca.model.ids import recording_id, track_id
from sonoteca.model.media import AudioFacts
from sonoteca.model.release import Contributor, Identifier, Statement, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said about single tracks, by path: cuts and single entries of cue sheets, fields of the manifest,
    believable titles of tags, file names."""

    cuts: Mapping[str, Sequence[Cut]]
    manifest: Mapping[str, Mapping[str, str]]
    titles: Mapping[str, str]
    called: Mapping[str, Called]
    listed: Mapping[str, str]


def tracks_of(placed: Sequence[Placed], told: Told, notes: list[Finding]) -> tuple[Track, ...]:
    """The tracks of all items, in order."""
    found = [(one, cut) for one in placed for cut in told.cuts.get(one.item.path) or (Cut(),)]
    return tuple(_track(position, one, cut, told, notes) for position, (one, cut) in enumerate(found, 1))


def _track(position: int, placed: Placed, cut: Cut, told: Told, notes: list[Finding]) -> Track:
    item = placed.item
    recording = recording_id(item.primary.digest)
    is_whole = not cut.start_sample and cut.end_sample is None
    return Track(
        position=position,
        id=track_id(recording, cut.start_sample, cut.end_sample),
        recording=recording,
        title=_title(item, cut, told),
        contributors=tuple(_contributors(item, cut, told)),
        disc=placed.disc,
        side=placed.side,
        number=cut.number or placed.number,
        start_sample=cut.start_sample,
        end_sample=cut.end_sample,
        duration_s=item.audio.duration_s if is_whole else _seconds(item.audio, cut),
        identifiers=tuple(_identifiers(item, cut, told, notes)),
        language=next((code for code in map(language_of, claims.values(item, "language")) if code), ""),
    )


def _seconds(audio: AudioFacts, cut: Cut) -> float:
    """How long a cut is; the end of the last one is that of the recording, which is counted or, failing that,
    claimed."""
    whole = audio.samples or round(audio.duration_s * audio.sample_rate_hz)
    end = whole if cut.end_sample is None else cut.end_sample
    return max(0, end - cut.start_sample) / audio.sample_rate_hz


def listed(placed: Sequence[Placed], entries: Sequence[Entry]) -> dict[str, str]:
    """The titles of a set list by path, when it lists just these tracks."""
    numbers = [parsed.number if (parsed := parse_number(one.number)) else 0 for one in placed]
    titles = set_list(entries, numbers)
    return {one.item.path: title for one, title in zip(placed, titles, strict=False)}


def said_of(item: Item, told: Told, name: str) -> str:
    """What the manifest says of an item: of its primary, else of an alternate."""
    fields = [told.manifest[file.planned.path] for file in item.files if file.planned.path in told.manifest]
    return next((said[name] for said in fields if said.get(name)), "")


def _title(item: Item, cut: Cut, told: Told) -> Statement:
    """One track of many in a file has the cue sheet's title or only its number; the others speak of the whole file."""
    called = told.called[item.path]
    whole = (
        (said_of(item, told, "title"), "manifest"),
        (told.titles.get(item.path, ""), "tag"),
        ("" if called.is_bare else called.title, "file name"),
        (told.listed.get(item.path, ""), "info text"),
        (called.title, "file name"),
    )
    spoken = ((cut.title, "cue"), *(((f"Track {cut.number}", "cue"),) if cut.is_part else whole))
    found = [(text, source) for text, source in spoken if not says_nothing(text)]
    text, source = (found or [one for one in spoken if one[0]] or [(UNTITLED, "file name")])[0]
    return Statement(text=text, source=source)


def _contributors(item: Item, cut: Cut, told: Told) -> Iterator[Contributor]:
    """The artist from the strongest voice that names one; other roles from tags."""
    tagged = claims.contributors(item)
    by_tags = [one.name for one in tagged if one.role == "artist"]
    spoken = (
        ([cut.performer], "cue"),
        ([said_of(item, told, "artist")], "manifest"),
        (by_tags, "tag"),
        ([told.called[item.path].artist], "file name"),
    )
    for names, source in spoken:
        if found := [name for name in names if not says_nothing(name)]:
            yield from (Contributor(name=name, role="artist", source=source) for name in found)
            break
    written = ((cut.songwriter, "cue"), (said_of(item, told, "composer"), "manifest"))
    composers = [
        Contributor(name=name, role="composer", source=source) for name, source in written if not says_nothing(name)
    ]
    yield from composers[:1]
    yield from (one for one in tagged if one.role != "artist" and not (one.role == "composer" and composers))


def _identifiers(item: Item, cut: Cut, told: Told, notes: list[Finding]) -> Iterator[Identifier]:
    """ISRC and MusicBrainz numbers, each in its form; a number of the whole file is not that of one of its parts."""
    spoken = [("isrc", cut.isrc, "cue", parse_isrc)]
    if not cut.is_part:
        spoken.append(("isrc", said_of(item, told, "isrc"), "manifest", parse_isrc))
        spoken += [("isrc", text, "tag", parse_isrc) for text in claims.values(item, "isrc")]
        for scheme, name in (
            ("musicbrainz-recording", "musicbrainz_trackid"),
            ("musicbrainz-track", "musicbrainz_releasetrackid"),
        ):
            spoken += [(scheme, text, "tag", parse_uuid) for text in claims.values(item, name)]
    seen: set[str] = set()
    for scheme, text, source, parse in spoken:
        normal = parse(text)
        if text and not normal:
            notes.append(finding("T205", where=item.path, detail=f"{scheme}: {text[:60]}"))
        elif normal and fold(normal) not in seen:
            seen.add(fold(normal))
            yield Identifier(scheme=scheme, text=normal, source=source)
