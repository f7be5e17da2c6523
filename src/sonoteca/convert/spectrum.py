"""Spectrum: a picture of what sounds when and how high, at the size in which it is looked at.

Takes  blocks.   Gives  a PNG of sixteen shades (formats/png.py) of at most 30,000 bytes: time from left to right,
       frequency upwards from LOW_HZ to HIGH_HZ on a logarithmic scale; the lightest shade is the loudest place, the
       darkest is RANGE_DB below it or more. Above half the sample rate there is nothing.

A picture of some hundred columns needs no transform of every sample. FRAMES_HZ short looks a second are averaged into
columns; when there are too many columns, two become one, so that memory does not grow with the recording. FFmpeg's
showspectrumpic transforms everything and costs forty times as much.
"""

import math
from typing import Any, Protocol

import numpy

from sonoteca.convert.blocks import Block
from sonoteca.convert.lines import lines_of, power_of
from sonoteca.convert.waveform import edges_of
from sonoteca.formats.png import SHADES, format_grey
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import SPECTRUM_COLUMNS, SPECTRUM_HIGH_HZ, SPECTRUM_LOW_HZ, SPECTRUM_ROWS

Floats = numpy.ndarray[Any, Any]
KIND = "spectrum.png"
MAX_BYTES = 30_000
RANGE_DB = 80.0
FRAMES_HZ, MOST_FRAMES_HZ = 8, 100
_FRAME_S = 0.046  # 2,048 samples at 44.1 kHz
_KEPT = 4 * SPECTRUM_COLUMNS
_QUIET = 1e-14  # below all that 24 bits can say


class Pictured(Protocol):
    """Where the picture goes (consumers.Draft)."""

    extracts: dict[str, bytes]


class Spectrum:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._rate_hz = audio.sample_rate_hz
        self._size = 1 << round(math.log2(_FRAME_S * audio.sample_rate_hz))
        self._window = (self._size * numpy.hanning(self._size)).astype(numpy.float32)
        self._edges = _edges(self._size, self._rate_hz)
        self._is_heard = (self._edges < self._size // 2).astype(numpy.float32)
        # Short sounds are looked at more closely: the picture is as wide.
        wanted = SPECTRUM_COLUMNS / max(audio.duration_s, 1.0)
        self._hop = round(self._rate_hz / min(max(wanted, FRAMES_HZ), MOST_FRAMES_HZ))
        self._next = 0  # where the next look begins, from the beginning of the next block
        self._merge = 1  # looks in a column
        self._columns: list[Floats] = []
        self._rest = numpy.zeros((0, len(self._edges)), numpy.float32)  # looks that make no whole column yet
        self._count = 0

    def take(self, block: Block) -> None:
        """See Consumer."""
        starts = numpy.arange(self._next, block.samples, self._hop)
        self._next += len(starts) * self._hop - block.samples
        if len(starts):
            looks = numpy.concatenate((self._rest, self._look(block.planar, starts)))
            whole = len(looks) // self._merge * self._merge
            self._rest = looks[whole:]
            self._keep(looks[:whole].reshape(-1, self._merge, looks.shape[1]).mean(axis=1))

    def finish(self) -> None:
        """See Consumer."""
        if len(self._rest):
            self._keep(self._rest.mean(axis=0, keepdims=True))
            self._rest = self._rest[:0]

    def tell(self, draft: Pictured) -> None:
        """See Measure."""
        if self._count:
            draft.extracts[KIND] = _drawn(numpy.concatenate(self._columns))

    def _look(self, planar: Floats, starts: Floats) -> Floats:
        """The power in each row of the picture, at each of these samples; near a block's end a little earlier."""
        if planar.shape[1] < self._size:
            planar = numpy.pad(planar, ((0, 0), (0, self._size - planar.shape[1])))
        places = numpy.minimum(starts, planar.shape[1] - self._size)
        frames = numpy.lib.stride_tricks.sliding_window_view(planar, self._size, axis=1)[:, places]
        mixed = frames[0] if len(frames) == 1 else frames.mean(axis=0)
        with numpy.errstate(over="ignore", invalid="ignore"):  # of a damaged file
            rows: Floats = numpy.maximum.reduceat(power_of(lines_of(mixed * self._window)), self._edges, axis=1)
        heard: Floats = rows * self._is_heard
        return heard

    def _keep(self, columns: Floats) -> None:
        self._columns.append(columns)
        self._count += len(columns)
        if self._count >= _KEPT:
            every = numpy.concatenate(self._columns)
            even = len(every) // 2 * 2
            halves = every[:even].reshape(-1, 2, every.shape[1]).mean(axis=1)
            self._columns = [halves]
            self._rest = numpy.concatenate((numpy.repeat(every[even:], self._merge, axis=0), self._rest))
            self._merge *= 2
            self._count = len(halves)


def _edges(size: int, rate_hz: int) -> Floats:
    """The first bin of each row. A row below the resolution shows the same bin as its neighbour."""
    steps = numpy.arange(SPECTRUM_ROWS) / SPECTRUM_ROWS
    hertz = SPECTRUM_LOW_HZ * (SPECTRUM_HIGH_HZ / SPECTRUM_LOW_HZ) ** steps
    bins: Floats = numpy.minimum(numpy.round(hertz * size / rate_hz).astype(int), size // 2)
    return bins


def _drawn(columns: Floats) -> bytes:
    edges = edges_of(len(columns), SPECTRUM_COLUMNS)
    counts = numpy.diff([*edges, len(columns)])
    power = numpy.nan_to_num(numpy.add.reduceat(columns.astype(numpy.float64), edges, axis=0) / counts[:, None])
    level = 10 * numpy.log10(numpy.maximum(power, _QUIET))
    shades = SHADES
    while True:
        # Fewer shades where sixteen would not fit: noise compresses badly.
        steps = (level - level.max() + RANGE_DB) / RANGE_DB * shades
        found = numpy.clip(steps, 0, shades - 1).astype(numpy.uint8) * ((SHADES - 1) // (shades - 1))
        if power.max() <= _QUIET:
            found[:] = 0
        raw = format_grey([row.tobytes() for row in found.T[::-1]])
        if len(raw) <= MAX_BYTES or shades == 2:
            return raw
        shades = {16: 6, 6: 4, 4: 2}[shades]
