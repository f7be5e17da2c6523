"""True peak: the largest magnitude between the samples (ITU-R BS.1770-5 Annex 2: four times oversampled, here by 32
taps a phase instead of the 12 of the annex).

Takes  blocks.   Gives  true peak in dBTP, to three decimals; None for digital silence.

What lies between samples cannot be larger than the samples around it, of any channel, times what the filter's taps add
up to (2.35, or 7.4 dB). Most sound is further below its own peak than that, so most of it need not be oversampled to
know that the peak is not there: the answer is that of oversampling everything, for a quarter of the time. Stretches of
32 samples are looked at, the loudest first, because what they give rules out most others.
"""

import math
from typing import Any, Protocol

import numpy

from sonoteca.convert.blocks import Block
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

Floats = numpy.ndarray[Any, Any]
TAPS = STRETCH = 32
WINDOW = TAPS + STRETCH  # one more than is needed: two stretches
_BETA = 9.0  # of Kaiser's window: stop band 90 dB down
_LOUDEST = 0.97
_SHORT = 8


class Peaks(Protocol):
    """Where the peak goes (consumers.Draft)."""

    true_peak_dbtp: float | None
    findings: list[Finding]


class TruePeak:
    """Of one track. Keeps less than three stretches of what came before."""

    def __init__(self, audio: AudioFacts) -> None:
        times = 4 if audio.sample_rate_hz < 96_000 else 2 if audio.sample_rate_hz < 192_000 else 1
        self._taps, self._most = _between(times)
        self._rest: tuple[Floats, Floats] | None = None  # what the next stretch still needs; silence at the beginning
        self._peak = 0.0

    def take(self, block: Block) -> None:
        """See Consumer."""
        self._peak = max(self._peak, float(block.peaks.max()))
        if self._taps.size:
            self._look(block.planar, block.peaks)

    def finish(self) -> None:
        """See Consumer."""
        if self._rest is not None:
            silence = numpy.zeros((len(self._rest[0]), WINDOW), numpy.float32)
            self._look(silence, silence[0])
            self._rest = None

    def tell(self, draft: Peaks) -> None:
        """See Measure."""
        if self._peak <= 0.0 or not math.isfinite(self._peak):
            return
        draft.true_peak_dbtp = peak = round(20 * math.log10(self._peak), 3)
        if peak > 0:
            draft.findings.append(finding("Q006", detail=f"{peak:+.1f} dBTP"))

    def _look(self, planar: Floats, peaks: Floats) -> None:
        if self._rest is None:
            silence = numpy.zeros((len(planar), TAPS), numpy.float32)
            self._rest = (silence, silence[0])
        samples = numpy.concatenate((self._rest[0], planar), axis=1)
        loudest = numpy.concatenate((self._rest[1], peaks))
        count = max(0, len(loudest) // STRETCH - 1)  # windows that are whole: each is a stretch and the next
        self._rest = (samples[:, count * STRETCH :], loudest[count * STRETCH :])
        if not count:
            return
        heights = _heights(loudest[: (count + 1) * STRETCH])
        bounds = numpy.maximum(heights[:-1], heights[1:])
        largest = float(bounds.max())
        if largest * self._most > self._peak:
            rows = samples[:, : (count + 1) * STRETCH].reshape(len(samples), count + 1, STRETCH)
            first = bounds >= largest * _LOUDEST
            self._oversample(rows, first)
            self._oversample(rows, (bounds * self._most > self._peak) & ~first)

    def _oversample(self, rows: Floats, wanted: Floats) -> None:
        places = numpy.flatnonzero(wanted)
        for channel in rows if len(places) else ():
            windows = numpy.concatenate((channel[places], channel[places + 1]), axis=1)
            between = windows @ self._taps
            self._peak = max(self._peak, float(between.max()), -float(between.min()))


def _heights(loudest: Floats) -> Floats:
    """The largest of each stretch. Folded, because numpy is slow at many short rows."""
    rows = loudest.reshape(-1, STRETCH)
    while rows.shape[1] > _SHORT:
        half = rows.shape[1] // 2
        rows = numpy.maximum(rows[:, :half], rows[:, half:])
    found: Floats = numpy.ascontiguousarray(rows.T).max(axis=0)
    return found


def _between(times: int) -> tuple[Floats, float]:
    """(WINDOW, STRETCH × (times − 1)): what a window is multiplied by to give the values between its samples, and the
    most that any of them can be above the samples."""
    place = numpy.arange(TAPS)
    columns, most = [], 1.0
    for phase in range(1, times):
        at = place - (TAPS // 2 - 1) - phase / times
        window = numpy.i0(_BETA * numpy.sqrt(numpy.maximum(0, 1 - (at / (TAPS / 2)) ** 2))) / numpy.i0(_BETA)
        taps = numpy.sinc(at) * window
        taps /= taps.sum()
        most = max(most, float(numpy.abs(taps).sum()))
        for start in range(STRETCH):
            columns.append(numpy.concatenate((numpy.zeros(start), taps, numpy.zeros(WINDOW - TAPS - start))))
    return numpy.array(columns, numpy.float32).T.copy(), most
