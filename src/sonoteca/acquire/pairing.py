"""Pairing: which files are the same recording: a WAV and the MP3 made of it, a WavPack file and its correction.

Takes  the recordings of a folder, with their properties.
Gives  items: one primary master, its alternates. Every file is in exactly one item.
Never  pairs by sound (that is fingerprints' work) nor when in doubt: two lossless files of one name and different
       length say that the name is no proof.

A pair has the same stem, in the same folder or in folders named after formats (FLAC/, "MP3 320/"), and the same
length. The primary is lossless; of several, one that is whole, with the most bits, then the highest rate, then the
first by name.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sonoteca.acquire.found import FoundFile
from sonoteca.acquire.parts import find_format
from sonoteca.model.finding import Finding, finding
from sonoteca.model.ids import Digest
from sonoteca.model.media import AudioFacts

SLACK_S = 0.5
SLACK_SHARE = 0.005
DAMAGE = frozenset({"A101", "A105", "A106"})  # cut off, cannot be decoded in part, a checksum inside does not agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to play as it lies in the folder: its primary master and its alternates."""

    primary: FoundFile
    audio: AudioFacts
    alternates: tuple[FoundFile, ...] = ()

    @property
    def path(self) -> str:
        """Where the primary lies, relative to the release, as found."""
        return self.primary.planned.path

    @property
    def files(self) -> tuple[FoundFile, ...]:
        """Primary and alternates."""
        return (self.primary, *self.alternates)


def pair(files: Sequence[FoundFile], notes: list[Finding]) -> tuple[Item, ...]:
    """The items of a folder, in the order of their paths."""
    groups: dict[tuple[str, str], list[FoundFile]] = {}
    for file in sorted(files, key=lambda one: one.planned.path):
        if file.audio:
            groups.setdefault(_group(file.planned.path), []).append(file)
    items = [item for group in groups.values() for item in _items(group, notes)]
    return tuple(sorted(_one_recording_each(items), key=lambda item: item.path))


def _group(path: str) -> tuple[str, str]:
    *folders, name = path.split("/")
    stem = name.rpartition(".")[0] or name
    kept = [folder for folder in folders if find_format(folder) is None]
    return "/".join(kept), unicodedata.normalize("NFC", stem).casefold()


def _items(group: list[FoundFile], notes: list[Finding]) -> list[Item]:
    corrections = _corrections(group)
    paired = {file.planned.path for file in corrections.values()}
    rest = [file for file in group if file.planned.path not in paired]
    primary = _primary(rest)
    twins: list[FoundFile] = []
    alone: list[FoundFile] = []
    for file in rest:
        is_twin = primary is not None and file is not primary and _same_length(file, primary)
        (twins if is_twin else alone).append(file)
    if primary:
        detail = f"beside {primary.planned.path}"
        notes += [finding("A201", where=file.planned.path, detail=detail) for file in alone if file is not primary]
    items = []
    for file in alone:
        together = [file, *(twins if file is primary else ())]
        beside = [corrections[one.planned.path] for one in together if one.planned.path in corrections]
        items.append(_item(file, [*together[1:], *beside]))
    return items


def _item(primary: FoundFile, alternates: list[FoundFile]) -> Item:
    if primary.audio is None:
        raise ValueError("only recordings are paired")
    return Item(primary=primary, audio=primary.audio, alternates=tuple(alternates))


def _primary(files: list[FoundFile]) -> FoundFile | None:
    """The best lossless file, when all lossless files of this name are equally long and there is one at all."""
    lossless = [file for file in files if file.audio and file.audio.lossless]
    if not lossless or not all(_same_length(file, lossless[0]) for file in lossless):
        return None
    return max(lossless, key=_quality)


def _quality(file: FoundFile) -> tuple[bool, int, int]:
    """Whole before damaged, then the most bits, then the highest rate."""
    if file.audio is None or file.report is None:
        return False, 0, 0
    is_whole = not any(one.code in DAMAGE for one in file.report.findings)
    return is_whole, file.audio.bits, file.audio.sample_rate_hz


def _same_length(one: FoundFile, two: FoundFile) -> bool:
    """Encoders add up to some hundredths of a second; half a second or half a percent is slack enough."""
    if one.audio is None or two.audio is None:
        return False
    longer = max(one.audio.duration_s, two.audio.duration_s)
    return abs(one.audio.duration_s - two.audio.duration_s) <= max(SLACK_S, SLACK_SHARE * longer)


def _corrections(group: list[FoundFile]) -> dict[str, FoundFile]:
    """The WavPack correction files (.wvc) by the path of the .wv beside them: with it they give the lossless whole,
    alone they are nothing to listen to."""
    by_path = {file.planned.path.casefold(): file for file in group}
    found = {}
    for path, file in by_path.items():
        if path.endswith(".wv") and f"{path}c" in by_path:
            found[file.planned.path] = by_path[f"{path}c"]
    return found


def _one_recording_each(items: list[Item]) -> list[Item]:
    """The same bytes are one recording everywhere: an alternate that is something's primary too, or stands beside two
    different primaries, is a recording of its own."""
    owners: dict[Digest, set[Digest]] = {}
    for item in items:
        for file in item.files:
            owners.setdefault(file.digest, set()).add(item.primary.digest)
    kept: list[Item] = []
    for item in items:
        together = [file for file in item.alternates if len(owners[file.digest]) == 1]
        kept.append(_item(item.primary, together))
        kept += [_item(file, []) for file in item.alternates if len(owners[file.digest]) > 1]
    return kept
