"""Depth: how many of a lossless master's bits are ever used.

Takes  blocks of whole numbers.
Gives  a finding when the lowest bits are zero in every sample: 16 bits stored as 24; the figure goes to the traits.
Never  looks further once the lowest bit has been seen: of most recordings one second is read.
"""

from typing import Any, Protocol

import numpy

from sonoteca.convert.blocks import Block
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

_WIDTHS = {"s16": 16, "s16p": 16, "s32": 32, "s32p": 32}


class Counted(Protocol):
    """Where it goes (consumers.Draft)."""

    findings: list[Finding]
    bits_used: int


class Depth:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._bits = audio.bits if audio.lossless and 8 < audio.bits <= 32 else 0
        # ALAC, TTA, Monkey's Audio and TAK hand 24 bits out as 32 without saying so.
        self._is_loose = self._bits == 32 and not audio.codec.startswith("pcm_")
        self._width = self._used = 0

    def take(self, block: Block) -> None:
        """See Consumer."""
        self._width = _WIDTHS.get(block.frame.format.name, 0)
        if self._bits > self._width or self._is_all:
            self._bits = min(self._bits, self._width)  # floating point: there is nothing to count
            return
        samples: numpy.ndarray[Any, Any] = block.frame.to_ndarray()
        self._used |= int(numpy.bitwise_or.reduce(samples, axis=None)) & ((1 << self._width) - 1)

    def finish(self) -> None:
        """See Consumer."""

    def tell(self, draft: Counted) -> None:
        """See Measure."""
        if not self._used or not self._bits:
            return
        lowest = (self._used & -self._used).bit_length() - 1
        # FFmpeg keeps 24 bits in the upper part of 32.
        draft.bits_used = used = min(self._bits, self._width - lowest)
        if used < self._bits and not (self._is_loose and used == 24):
            draft.findings.append(finding("Q021", detail=f"{used} of {self._bits} bits"))

    @property
    def _is_all(self) -> bool:
        return bool(self._used >> (self._width - self._bits) & 1) if self._bits else True
