"""Bandwidth: up to which frequency there is sound, and whether it ends as steeply as a codec or a resampler ends it.

Takes  blocks.
Gives  findings: a lossless master whose sound ends like that of a lossy codec, with frequency and steepness; a rate of
       88.2 kHz or more with nothing above what 48 kHz would hold; the highest frequency goes to the traits.
Never  says that something is so: filters of converters are steep too. docs/quality.md has the hint's measured rates of
       hits and of false alarms.

Three short spectra a second are taken, of one channel after the other, and what is kept is the mean of their levels in
decibels: loud moments do not hide the cutoff, and memory does not grow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy
from numpy.fft import rfft

from sonoteca.convert.blocks import Block, in_seconds
from sonoteca.convert.layouts import MAX_LEVEL
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

HIGH_RATE_HZ = 88_200
FRAMES = 3  # a second
LEAST_FRAMES = 12
EDGE_HZ = (10_000, 20_700)
EDGE_SHARE = 0.47  # of the rate
FALL_DB = 11.0
LEFT_DB = -118.0  # the noise of 16 bits is at −131 dBFS a line, −126 with dither
ABOVE_DB = 10.0
NOTHING_DB = -140.0  # noise of converters and of 16 bits is above it; below it are images that good resamplers leave
LOUD_DB = -100.0  # a line above this is sound, or noise of a tape that a lower rate would cut off
TOP_SHARE = 0.96  # of half the rate: beyond, resamplers leave images
LOW_RATE_TOP_HZ = 26_000  # half of 48 kHz, and where its filter ends; FFmpeg lets the image of 22 kHz stand up to 25.3
SIXTEEN_DB = -130.0  # the noise of 16 bits, whose image stands above 22 kHz when it was resampled with a short filter
_EMPTY_HZ = 3_000
_WIDTH_HZ, _GAP_HZ = 400, 150
_QUIET = 1e-3  # a frame below −60 dBFS tells nothing of what a codec left out
_FLOOR = 1e-10

Levels = numpy.ndarray[Any, numpy.dtype[numpy.floating[Any]]]


class Heard(Protocol):
    """Where it goes (consumers.Draft)."""

    findings: list[Finding]
    bandwidth_hz: int


@dataclass(frozen=True, slots=True)
class Edge:
    """Where sound ends: at which frequency, how many dB it falls there within a few hundred hertz, and what level is
    left above it (mean, dBFS a line)."""

    hertz: float
    fall_db: float
    left_db: float


class Bandwidth:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._audio = audio
        self._points = 8192 if audio.sample_rate_hz >= HIGH_RATE_HZ else 4096
        self._window = numpy.hanning(self._points).astype(numpy.float32)
        self._sum: Levels = numpy.zeros(self._points // 2 + 1, numpy.float32)
        self._frames = self._turn = 0

    def take(self, block: Block) -> None:
        """See Consumer."""
        looks = [one for part in in_seconds(block.planar, self._audio.sample_rate_hz) for one in self._look(part)]
        if not looks:
            return
        frames = numpy.stack(looks)
        loud = numpy.abs(frames).max(axis=1)
        frames = frames[(loud >= _QUIET) & (loud <= MAX_LEVEL)]
        if len(frames):
            lines = numpy.abs(rfft(frames * self._window, axis=1)).astype(numpy.float32)
            self._sum += numpy.log10(lines * numpy.float32(4 / self._points) + numpy.float32(_FLOOR)).sum(axis=0)
            self._frames += len(frames)

    def _look(self, seconds: Levels) -> Iterator[Levels]:
        """Of (channels, seconds, samples)."""
        channels, count, samples = seconds.shape
        places = min(FRAMES, samples // self._points)
        for second in range(count if places else 0):
            self._turn += 1
            channel = seconds[self._turn % channels, second]
            step = (samples - self._points) // places
            yield from (channel[at * step : at * step + self._points] for at in range(places))

    def finish(self) -> None:
        """See Consumer."""

    def tell(self, draft: Heard) -> None:
        """See Measure."""
        if self._frames < LEAST_FRAMES:
            return
        line_hz = self._audio.sample_rate_hz / self._points
        levels = 20 * self._sum / self._frames
        draft.bandwidth_hz = highest = find_highest(levels, line_hz)
        if self._audio.sample_rate_hz >= HIGH_RATE_HZ and highest <= LOW_RATE_TOP_HZ:
            draft.findings.append(finding("Q022", detail=f"nothing above {highest / 1000:.1f} kHz"))
        edge = find_edge(levels, line_hz)
        if self._audio.lossless and edge is not None and is_of_a_codec(edge, self._audio.sample_rate_hz):
            told = f"at {edge.hertz / 1000:.1f} kHz by {edge.fall_db:.0f} dB within {2 * _GAP_HZ} Hz"
            draft.findings.append(finding("Q023", detail=told))


def find_highest(levels: Levels, line_hz: float) -> int:
    """The highest frequency whose level is above that of the quietest there is, in hertz; 0 when none is. What stands
    beyond an empty band above 26 kHz is no sound, but a resampler's mirror image or what a machine radiates."""
    width = max(1, round(_WIDTH_HZ / line_hz))
    smooth = numpy.convolve(levels, numpy.full(width, 1 / width), "valid")
    smooth = smooth[: round(len(levels) * TOP_SHARE) - width]
    quietest = max(smooth.min(), NOTHING_DB - ABOVE_DB)
    above = numpy.flatnonzero(smooth > min(quietest + ABOVE_DB, LOUD_DB))
    found = (above + width / 2) * line_hz
    near = (found > LOW_RATE_TOP_HZ) & (found < LOW_RATE_TOP_HZ + _EMPTY_HZ)
    if not (near & (smooth[above] > SIXTEEN_DB)).any():
        found = found[found <= LOW_RATE_TOP_HZ]
    return round(float(found[-1])) if len(found) else 0


def find_edge(levels: Levels, line_hz: float) -> Edge | None:
    """Where the mean level of 400 Hz is farthest above that of the next; None when there is too little to look at."""
    width, gap = max(1, round(_WIDTH_HZ / line_hz)), max(1, round(_GAP_HZ / line_hz))
    places = numpy.arange(max(width + gap, round(EDGE_HZ[0] / line_hz)), len(levels) - gap - width)
    if not len(places):
        return None
    sums = numpy.concatenate([[0.0], numpy.cumsum(levels, dtype=float)])
    below = sums[places - gap] - sums[places - gap - width]
    above = sums[places + gap + width] - sums[places + gap]
    falls = (below - above) / width
    steepest = int(numpy.argmax(falls))
    place = int(places[steepest])
    left = (sums[-1] - sums[place + gap]) / (len(levels) - place - gap)
    return Edge(place * line_hz, float(falls[steepest]), float(left))


def is_of_a_codec(edge: Edge, rate_hz: int) -> bool:
    """Whether it is low, steep and empty enough: a converter's own filter stands closer to half the rate."""
    highest = min(EDGE_HZ[1], EDGE_SHARE * rate_hz)
    return EDGE_HZ[0] <= edge.hertz <= highest and edge.fall_db >= FALL_DB and edge.left_db <= LEFT_DB
