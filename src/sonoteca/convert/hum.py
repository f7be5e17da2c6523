"""Hum: the mains in a recording, 50 or 60 Hz and what goes with it.

Takes  blocks.
Gives  a finding: which frequency, how far it stands out, how many of its overtones do.
Never  takes a note for it: a note ends, and hum does not. So each frequency's mean level over all seconds is compared
       with its neighbours', and in the second where it is weakest it still has to stand out.

A second of sound is averaged down to about 1 kHz, where a spectrum has a line for each hertz: 0.05 ms a second.
"""

from typing import Any, Protocol

import numpy

from sonoteca.convert.blocks import Block, in_seconds
from sonoteca.convert.layouts import MAX_LEVEL
from sonoteca.convert.lines import lines_of
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

MAINS_HZ = (50, 60)
OVERTONES = 6
LEAST_S = 10
LINE_DB = 9.0  # a line of the mains stands out so far on the average, and half as far where it is weakest
LINES = 3
_RATE_HZ = 1_000
_AWAY = (4, 5, 6, 7)  # hertz from a line to what it is compared with
_FLOOR = numpy.float32(1e-12)

Spectrum = numpy.ndarray[Any, numpy.dtype[numpy.floating[Any]]]


class Listened(Protocol):
    """Where it goes (consumers.Draft)."""

    findings: list[Finding]


class Hum:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._rate_hz = audio.sample_rate_hz
        self._times = max(1, audio.sample_rate_hz // _RATE_HZ)
        self._points = audio.sample_rate_hz // self._times
        self._window = (self._points * numpy.hanning(self._points)).astype(numpy.float32)
        self._average = numpy.full(self._times, 1 / self._times, numpy.float32)
        self._sum: Spectrum = numpy.zeros(self._points // 2 + 1, numpy.float32)
        self._least: Spectrum = numpy.full(self._points // 2 + 1, numpy.inf, numpy.float32)
        self._seconds = 0

    def take(self, block: Block) -> None:
        """See Consumer. Only whole seconds have a line for each hertz."""
        if block.samples < self._rate_hz:
            return
        loudest = in_seconds(block.peaks, self._rate_hz)[0].max(axis=1)
        seconds = in_seconds(block.planar[0], self._rate_hz)[0]
        seconds = seconds[(loudest > 0) & (loudest <= MAX_LEVEL)]
        if not len(seconds):
            return
        slow = seconds[:, : self._points * self._times].reshape(-1, self._points, self._times) @ self._average
        levels = numpy.log10(numpy.abs(lines_of(slow * self._window)) + _FLOOR)
        self._sum += levels.sum(axis=0)
        numpy.minimum(self._least, levels.min(axis=0), out=self._least)
        self._seconds += len(seconds)

    def finish(self) -> None:
        """See Consumer."""

    def tell(self, draft: Listened) -> None:
        """See Measure."""
        if self._seconds < LEAST_S:
            return
        means = 20 * self._sum / self._seconds
        least = 20 * self._least
        for mains in MAINS_HZ:
            lines = [hertz for hertz in range(mains, mains * OVERTONES + 1, mains) if self._stands_out(hertz, means)]
            if mains in lines and len(lines) >= LINES and _above(mains, least) >= LINE_DB / 2:
                above = f"{_above(mains, means):.0f} dB above what is beside it"
                draft.findings.append(finding("Q024", detail=f"{mains} Hz, {above}; lines at {_named(lines)} Hz"))

    def _stands_out(self, hertz: int, means: Spectrum) -> bool:
        if hertz + _AWAY[-1] >= len(means):
            return False
        is_top = means[hertz] > max(means[hertz - 2], means[hertz + 2])  # 49.0 Hz is a note (G)
        return bool(is_top) and _above(hertz, means) >= LINE_DB


def _above(hertz: int, levels: Spectrum) -> float:
    beside = [levels[hertz + side * away] for away in _AWAY for side in (-1, 1)]
    return float(levels[hertz] - numpy.max(beside))


def _named(lines: list[int]) -> str:
    return ", ".join(map(str, lines))
