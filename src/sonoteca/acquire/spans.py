"""Spans: which samples of a recording are which track of a cue sheet.

Takes  a CueSheet, one of its files, and the rate and length of the recording that this file is.
Gives  spans of samples, exact and gapless: the first begins at 0, each ends where the next begins, the last has no end.
Never  guesses: a sheet whose times do not fit the recording is a ValueError, and the recording then stays one track.

A frame is 1/75 s, 588 samples at 44.1 kHz. At rates that 75 does not divide a boundary is the sample in which it falls:
floor(frame × rate / 75), in whole numbers. The gap before a track belongs to the track before it, as on a disc that
plays through; what lies before the first track belongs to the first. Track ids follow from these numbers: they never
change.
"""

import unicodedata
from collections.abc import Sequence

from sonoteca.acquire.cue import FRAMES_PER_S, CueSheet, CueTrack
from sonoteca.formats.naming import split_ending

Span = tuple[int, int | None]


def sample_of(frame: int, samplerate_hz: int) -> int:
    """The sample in which a frame begins."""
    return frame * samplerate_hz // FRAMES_PER_S


def tracks_in(sheet: CueSheet, file: int) -> tuple[CueTrack, ...]:
    """The tracks of sound that begin in a file (its place in sheet.files), in the sheet's order."""
    return tuple(track for track in _beginning_in(sheet, file) if track.is_audio)


def _beginning_in(sheet: CueSheet, file: int) -> list[CueTrack]:
    return [track for track in sheet.tracks if track.start is not None and track.start.file == file]


def spans(sheet: CueSheet, file: int, samplerate_hz: int, total_samples: int | None) -> tuple[Span, ...]:
    """(start, end) for each of `tracks_in`; the last has no end when nothing follows it. `total_samples` is None when
    it is not known. ValueError when the times cannot be right for this recording."""
    if samplerate_hz <= 0:
        raise ValueError(f"a rate of {samplerate_hz} Hz")
    tracks = _beginning_in(sheet, file)
    starts = [0, *(sample_of(track.start.frame, samplerate_hz) for track in tracks[1:] if track.start)][: len(tracks)]
    for track, start, before in zip(tracks[1:], starts[1:], starts, strict=False):
        if start <= before:
            raise ValueError(f"track {track.number} does not begin after the one before it")
    if starts and total_samples is not None and starts[-1] >= total_samples:
        raise ValueError(f"track {tracks[-1].number} begins at sample {starts[-1]}, the recording has {total_samples}")
    ends: list[int | None] = [*starts[1:], None]
    return tuple((start, end) for track, start, end in zip(tracks, starts, ends, strict=False) if track.is_audio)


def find_recording(sheet: CueSheet, file: int, paths: Sequence[str]) -> str | None:
    """Which of these recordings (paths in the folder of the sheet) a FILE means: the same name, whatever its case and
    ending ("Album.wav" is often kept as "Album.flac"); a sheet with one FILE means the only recording there is."""
    wanted = _folded(sheet.files[file].name.replace("\\", "/").rpartition("/")[2])
    by_name = [path for path in paths if _folded(path.rpartition("/")[2]) == wanted]
    by_stem = [path for path in paths if _stem(path.rpartition("/")[2]) == _stem(wanted)]
    for found in (by_name, by_stem, paths if len(sheet.files) == 1 else ()):
        if len(found) == 1:
            return found[0]
    return None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _stem(name: str) -> str:
    return split_ending(_folded(name))[0]
