"""Waveform: the outline of a track that a player draws.

Takes  blocks.   Gives  one byte a bin in base64, WAVEFORM_HZ bins a second: the largest magnitude of any channel, 255
       is full scale. Bin k holds the samples from k·rate/HZ on, rounded up, so that no bin drifts at odd rates.
"""

import base64
from typing import Any, Protocol

import numpy

from sonoteca.convert.blocks import Block
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import WAVEFORM_HZ


class Drawn(Protocol):
    """Where the outline goes (consumers.Draft)."""

    waveform: str


class Waveform:
    """Grows by WAVEFORM_HZ bytes a second, and is the only thing that grows."""

    def __init__(self, audio: AudioFacts) -> None:
        self._rate_hz = audio.sample_rate_hz
        self._samples = 0
        self._begun = 0.0  # the largest so far in the bin that is not full yet
        self._is_begun = False
        self._bins = bytearray()

    def take(self, block: Block) -> None:
        """See Consumer."""
        first = self._samples * WAVEFORM_HZ // self._rate_hz
        last = (self._samples + block.samples - 1) * WAVEFORM_HZ // self._rate_hz
        starts = -(-numpy.arange(first, last + 1) * self._rate_hz // WAVEFORM_HZ) - self._samples
        starts[0] = 0
        found = numpy.maximum.reduceat(block.peaks, starts)
        found[0] = max(float(found[0]), self._begun)
        self._samples += block.samples
        whole = self._samples * WAVEFORM_HZ // self._rate_hz - first
        self._bins += _bytes(found[:whole])
        self._is_begun = whole < len(found)
        self._begun = float(found[whole]) if self._is_begun else 0.0

    def finish(self) -> None:
        """See Consumer."""
        if self._is_begun:
            self._bins += _bytes(numpy.array([self._begun]))
            self._is_begun = False

    def tell(self, draft: Drawn) -> None:
        """See Measure."""
        draft.waveform = base64.b64encode(bytes(self._bins)).decode("ascii")


def _bytes(found: numpy.ndarray[Any, Any]) -> bytes:
    within = numpy.clip(numpy.nan_to_num(found, nan=0.0), 0.0, 1.0)
    scaled: bytes = (within * 255 + 0.5).astype(numpy.uint8).tobytes()
    return scaled
