"""Channels: how the two channels of a stereo track go together, and whether a channel's middle is not at zero.

Takes  blocks.
Gives  findings: both channels the same, one the other upside down, a constant offset (DC); the figures go
       to the traits.
Never  looks at more than sums of products: five passes over a second of sound, 0.1 ms.

Sums are of 32-bit products and kept as 64-bit numbers a second, so a difference that is 70 dB down is still seen.
"""

import math
from typing import Protocol

import numpy

from sonoteca.convert.blocks import Block, Floats, in_seconds
from sonoteca.convert.layouts import MAX_LEVEL
from sonoteca.convert.speakers import in_channel
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

SAME_DB = -60.0  # a difference this far below the sound is what a lossy codec makes of two equal channels
RESOLVED = 1e-7  # of the sound's power: what sums of 32-bit products still tell apart
OPPOSITE = -0.9  # wide stereo comes to −0.5; a channel that was wired the wrong way round is at −1
OFFSET = 0.002  # of full scale: −54 dB
OFFSET_SHARE = 0.8  # of the seconds have to lean to the same side, because a low note leans to one now and then
OFFSET_S = 2.0


class Compared(Protocol):
    """Where it goes (consumers.Draft)."""

    findings: list[Finding]
    correlation: float | None
    dc_offset: tuple[float, ...]


class Channels:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._rate_hz = audio.sample_rate_hz
        self._samples = self._seconds = 0
        self._names: tuple[str, ...] = ()
        self._sums = numpy.zeros(audio.channels)
        self._leaning = numpy.zeros(audio.channels, int)
        self._left = self._right = self._both = 0.0
        self._is_stereo = self._is_same = audio.channels == 2

    def take(self, block: Block) -> None:
        """See Consumer."""
        self._names = self._names or tuple(channel.name for channel in block.frame.layout.channels)
        parts = zip(in_seconds(block.planar, self._rate_hz), in_seconds(block.peaks, self._rate_hz), strict=True)
        for seconds, peaks in parts:
            is_sound = peaks.max(axis=1) <= MAX_LEVEL  # what is none: quality.py tells of it
            if is_sound.any():
                self._take(seconds if is_sound.all() else seconds[:, is_sound])

    def finish(self) -> None:
        """See Consumer."""

    def tell(self, draft: Compared) -> None:
        """See Measure."""
        if not self._samples:
            return
        offsets = self._sums / self._samples
        draft.dc_offset = tuple(round(float(one), 5) for one in offsets)
        draft.findings.extend(self._tell_offset())
        if self._is_stereo and self._left > 0 and self._right > 0:
            draft.correlation = round(self._correlation(), 4)
            draft.findings.extend(self._tell_pair(draft.correlation))

    def _take(self, seconds: Floats) -> None:
        """(channels, seconds, samples)."""
        _, count, samples = seconds.shape
        sums = seconds.sum(axis=2)
        self._sums += sums.sum(axis=1, dtype=float)
        leans = numpy.abs(sums) >= OFFSET / 2 * samples
        self._leaning += (numpy.sign(sums).astype(int) * leans).sum(axis=1)
        self._samples += count * samples
        self._seconds += count
        if self._is_stereo:
            self._compare(seconds[0], seconds[1])

    def _compare(self, left: Floats, right: Floats) -> None:
        self._left += float(numpy.vecdot(left, left).sum(dtype=float))
        self._right += float(numpy.vecdot(right, right).sum(dtype=float))
        self._both += float(numpy.vecdot(left, right).sum(dtype=float))
        self._is_same = self._is_same and bool((left == right).all())

    def _correlation(self) -> float:
        return max(-1.0, min(1.0, self._both / math.sqrt(self._left * self._right)))

    def _tell_pair(self, correlation: float) -> list[Finding]:
        if self._is_same:
            return [finding("Q018", detail="equal to the sample")]
        apart = max(0.0, self._left + self._right - 2 * self._both) / (self._left + self._right)
        if apart <= 10 ** (SAME_DB / 10):
            return [finding("Q018", detail=f"the difference is {_decibels(apart)} below the sound")]
        return [finding("Q019", detail=f"correlation {correlation:.3f}")] if correlation <= OPPOSITE else []

    def _tell_offset(self) -> list[Finding]:
        if self._samples < OFFSET_S * self._rate_hz:
            return []
        offsets = self._sums / self._samples
        steady = numpy.abs(self._leaning) >= OFFSET_SHARE * self._seconds
        worst = int(numpy.argmax(numpy.abs(offsets) * steady))
        if not steady[worst] or abs(offsets[worst]) < OFFSET:
            return []
        share, where = float(offsets[worst]), in_channel(self._names, worst)
        return [finding("Q020", detail=f"{share:+.2%} of full scale{where}")]


def _decibels(power: float) -> str:
    return f"{-10 * math.log10(power):.0f} dB" if power > RESOLVED else "more than 70 dB"
