"""How one recording is like another: nouns of the relation that fingerprints find.

Takes and gives nothing. Same bytes are one recording by their id; everything else here is between two of them, found by
comparing, derived and made again by `rebuild`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Likeness(StrEnum):
    """From the surest to the least sure. BYTES: one and the same file. SAMPLES: another file of the same samples.
    RECORDING: the same sound from beginning to end (another codec, level, channels, some seconds more or less at the
    ends). PART: fifteen seconds or more of it, or all of the shorter one. MAYBE: so near that a person looks."""

    BYTES = "same bytes"
    SAMPLES = "same samples"
    RECORDING = "same recording"
    PART = "part"
    MAYBE = "maybe"


CODES = {
    Likeness.BYTES: "D001",
    Likeness.SAMPLES: "D001",
    Likeness.RECORDING: "D002",
    Likeness.PART: "D003",
    Likeness.MAYBE: "D004",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Where and how well two sounds agree. `error` is the share of bits that differ there (chance is 0.5); `offset_s`
    where the other one begins in this one, below zero when it begins earlier; `start_s` where they begin to agree, in
    this one; `span_s` for how long."""

    likeness: Likeness
    error: float
    offset_s: float
    start_s: float
    span_s: float

    @property
    def mirrored(self) -> "Overlap":
        """The same, seen from the other one."""
        return replace(self, offset_s=-self.offset_s or 0.0, start_s=round(self.start_s - self.offset_s, 2) or 0.0)

    @property
    def confidence(self) -> float:
        """1 when no bit differs, 0 for chance."""
        return round(max(0.0, 1 - 2 * self.error), 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """Another track that a track, or a file that was handed in, is like."""

    track: str
    overlap: Overlap
