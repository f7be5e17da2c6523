"""What is in the ZIP of a release: its best copies, what travels with them, and a page that says what it is.

Takes  a release as the public may see it, and the files that may be downloaded.
Gives  names and files in order; the text of "release.txt".
Never  decides what may leave. Never lets a name from outside out of the ZIP's one folder.

Of each track the original, where it may be downloaded; else the lossless copy, else the one for listening: whoever
takes a release wants it once. An original that holds several tracks is left out when each of them is there by itself.
"""

from collections.abc import Iterator, Sequence

from sonoteca.convert.attribution import attribution_of, public_source
from sonoteca.convert.paper import Paper
from sonoteca.formats.naming import portable, portable_paths
from sonoteca.holdings import PublicFile
from sonoteca.model.ids import RecordingId, TrackId, track_id
from sonoteca.model.rights import Channel
from sonoteca.model.sound import Tier
from sonoteca.web.public import PublicRelease

TIERS = (Tier.ORIGINAL.value, Tier.ARCHIVE.value, Tier.ACCESS.value)
CREDITS = "credits"
ABOUT = "release.txt"


def chosen(found: PublicRelease, tier: str = "") -> tuple[PublicFile, ...]:
    """What of a release may be downloaded as one: the best of each track, or those of one tier; then their credits."""
    files = [one for one in found.files if Channel.DOWNLOAD in one.channels]
    sounds = list(_best(files, (tier,) if tier in TIERS else TIERS))
    spans = _spans(found)
    have = {one.track for one in sounds}
    kept = [one for one in sounds if not (spans[one.track] - {one.track} and spans[one.track] - {one.track} <= have)]
    about_these = {track for one in kept for track in (one.track, *spans[one.track])}
    return (*kept, *(one for one in files if one.tier == CREDITS and one.track in about_these))


def _best(files: Sequence[PublicFile], tiers: Sequence[str]) -> Iterator[PublicFile]:
    by_track: dict[str, dict[str, list[PublicFile]]] = {}
    for one in files:
        by_track.setdefault(one.track, {}).setdefault(one.tier, []).append(one)
    for mine in by_track.values():
        yield from next((mine[tier] for tier in tiers if tier in mine), ())


def _spans(found: PublicRelease) -> dict[str, set[str]]:
    """For each track, and each original as a whole, the tracks of the release that are in it."""
    of_recording: dict[str, set[str]] = {}
    for track in found.release.tracks:
        of_recording.setdefault(track.recording, set()).add(track.id)
    wholes = {track_id(recording): tracks for recording, tracks in _recordings(found, of_recording)}
    return {one.track: wholes.get(TrackId(one.track), {one.track}) for one in found.files}


def _recordings(found: PublicRelease, spans: dict[str, set[str]]) -> Iterator[tuple[RecordingId, set[str]]]:
    for master in found.release.masters:
        yield master.recording, spans.get(master.recording, set())


def named(found: PublicRelease, files: Sequence[PublicFile]) -> tuple[str, dict[str, PublicFile]]:
    """The folder, and the files by their paths in it; credits are called after the sound that they are for."""
    folder = portable(f"{found.artist} - {found.title}" if found.artist else found.title)
    sounds = {one.track: one.name for one in reversed(files) if one.tier != CREDITS}
    wanted = {_path(one, sounds): one for one in reversed(files)}
    paths = portable_paths([ABOUT, *wanted])
    return folder, {paths[path]: wanted[path] for path in reversed(wanted)}


def _path(file: PublicFile, sounds: dict[str, str]) -> str:
    if file.tier != CREDITS or file.track not in sounds:
        return file.name
    return f"{sounds[file.track].rpartition('.')[0]}.credits.txt"


def about(found: PublicRelease, archive: str, files: dict[str, PublicFile]) -> bytes:
    """release.txt."""
    release = found.release
    paper = Paper()
    paper.title("What this is")
    paper.blank()
    paper.field("Title", found.title)
    paper.field("By", found.artist)
    paper.field("Date", release.date)
    paper.field("Label", release.label)
    paper.field("From", public_source(found.kept.address))
    paper.field("Archive", archive)
    paper.field("Identifier", release.id)
    paper.heading("Under which licence")
    paper.say("Each recording has a file of credits beside it, with its licence and on what that rests. In short:")
    for text in _lines(found, archive):
        paper.blank()
        paper.quote(text)
    paper.heading("Checksums (sha256)")
    for path, file in files.items():
        if file.tier != CREDITS:
            paper.quote(path)
            paper.quote(file.digest, 8)
    return paper.bytes()


def _lines(found: PublicRelease, archive: str) -> Iterator[str]:
    tracks = {str(one.id): one for one in found.release.tracks}
    for song in found.songs:
        if song.verdict is not None:
            yield attribution_of(found.release, tracks[song.id], song.verdict.licence, archive)
