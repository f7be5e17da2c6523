"""Extracts: what is measured of a track and too large for its Sound; each kind is a file, "extracts/<track>.<kind>".

Takes  nothing.   Gives  the table: how large each kind may be, and whether bytes are one.
Never  loads a codec: the coordinator looks at what a limited process hands over before it keeps it, by this table.

A new kind is a line in EXTRACTS, a measure that fills `Draft.extracts`, and a section of docs/formats/sound.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sonoteca.convert.outlines import is_outline
from sonoteca.formats.png import parse_size
from sonoteca.model.sound import SPECTRUM_COLUMNS, SPECTRUM_ROWS, Sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """At most `fixed_bytes` and `bytes_a_second` of sound; `is_sound` looks at what is in it (ValueError is not
    raised: it answers)."""

    fixed_bytes: int
    bytes_a_second: float
    is_sound: Callable[[bytes, Sound], bool]

    def most_bytes(self, seconds: float) -> int:
        """The most that an extract of so much sound may have."""
        return self.fixed_bytes + int(self.bytes_a_second * seconds)


def is_spectrum(raw: bytes) -> bool:
    """Whether it is a picture of the size that ours have, and nothing else."""
    try:
        width, height = parse_size(raw)
    except ValueError:
        return False
    return width <= SPECTRUM_COLUMNS and height == SPECTRUM_ROWS


EXTRACTS: dict[str, Kind] = {
    "outline": Kind(fixed_bytes=1, bytes_a_second=100.0, is_sound=is_outline),
    "spectrum.png": Kind(fixed_bytes=30_000, bytes_a_second=0.0, is_sound=lambda raw, sound: is_spectrum(raw)),
}
