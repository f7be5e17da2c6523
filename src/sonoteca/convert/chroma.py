"""Chroma: frames of sound to sub-fingerprints, by the algorithm of AcoustID.

Takes  frames of samples (11,025 Hz, mono, 16 bits); the energies of the twelve tones in each frame.
Gives  those energies; the sub-fingerprints, 32 bits each, one a frame once FRAMES_AHEAD more frames are there.
Never  has a state: what belongs together is given together.

The figures are those of Chromaprint (MIT; NOTICE): its algorithm number 2 ("TEST2"), which AcoustID uses, so that a
fingerprint made here finds what others sent there. Each classifier compares two areas of the picture that sixteen
frames by twelve tones make, and tells the outcome in two bits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy

from sonoteca.convert.lines import lines_of, power_of
from sonoteca.formats.fingerprint import Raw

Array = numpy.ndarray[Any, Any]

RATE_HZ = 11_025
FRAME = 4096
HOP = 1365
TONES = 12
_MIN_HZ, _MAX_HZ, _REFERENCE_HZ = 28, 3520, 27.5
_FIRST = round(FRAME * _MIN_HZ / RATE_HZ)
_LAST = round(FRAME * _MAX_HZ / RATE_HZ)
_TAPS = (0.25, 0.75, 1.0, 0.75, 0.25)
_SILENCE = 0.01
_WIDTH = 16
FRAMES_AHEAD = len(_TAPS) - 1 + _WIDTH - 1
_GRAY = numpy.array([0, 1, 3, 2], numpy.uint32)

Area = Callable[[int, int, int, int], Array]
"""(first frame, first tone, frame after, tone after) of each sub-fingerprint's picture: the sums there."""


def _window() -> Array:
    found = 0.54 - 0.46 * numpy.cos(2 * numpy.pi * numpy.arange(FRAME) / (FRAME - 1))
    return cast(Array, (found * FRAME / 32767).astype(numpy.float32))  # lines are divided by FRAME


def _bands() -> Array:
    """(bins, tones): which tone each bin of the spectrum belongs to."""
    octaves = numpy.log2(numpy.arange(_FIRST, _LAST) * RATE_HZ / FRAME / _REFERENCE_HZ)
    tone = (TONES * (octaves - numpy.floor(octaves))).astype(int)
    return cast(Array, numpy.eye(TONES, dtype=numpy.float32)[tone])


WINDOW, BANDS = _window(), _bands()


def tones_of(frames: Array) -> Array:
    """(frames, FRAME) of samples to (frames, TONES) of energies."""
    return cast(Array, power_of(lines_of(frames * WINDOW)[:, _FIRST:_LAST]) @ BANDS)


def subprints(tones: Array) -> Raw:
    """The sub-fingerprints of these frames: FRAMES_AHEAD fewer, none of less."""
    count = len(tones) - FRAMES_AHEAD
    if count <= 0:
        return numpy.zeros(0, numpy.uint32)
    area = _areas(_normal(_smooth(tones.astype(numpy.float64))), count)
    found = numpy.zeros(count, numpy.uint32)
    for one in CLASSIFIERS:
        level = numpy.searchsorted(numpy.array(one.steps), one.value(area), side="right")
        found = (found << numpy.uint32(2)) | _GRAY[level]
    return found


def _smooth(tones: Array) -> Array:
    count = len(tones) - len(_TAPS) + 1
    return cast(Array, sum(tap * tones[at : at + count] for at, tap in enumerate(_TAPS)))


def _normal(tones: Array) -> Array:
    """Each frame's energies as a direction; silence is none."""
    norm = numpy.sqrt((tones * tones).sum(axis=1, keepdims=True))
    return cast(Array, numpy.where(norm < _SILENCE, 0.0, tones / numpy.maximum(norm, _SILENCE)))


def _areas(tones: Array, count: int) -> Area:
    summed = numpy.zeros((len(tones) + 1, TONES + 1))
    summed[1:, 1:] = tones.cumsum(axis=0).cumsum(axis=1)

    def area(left: int, low: int, right: int, high: int) -> Array:
        column = summed[:, high] - summed[:, low]
        return cast(Array, column[right : right + count] - column[left : left + count])

    return area


# ── classifiers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Classifier:
    """Which areas are compared, from which tone, how many tones by how many frames; `steps` part the four outcomes."""

    filter: int
    low: int
    height: int
    width: int
    steps: tuple[float, float, float]

    def value(self, area: Area) -> Array:
        """The logarithm of one area over the other, of each sub-fingerprint."""
        one, other = _FILTERS[self.filter](area, self)
        return cast(Array, numpy.log((1 + one) / (1 + other)))


Pair = tuple[Array, Array | float]


def _whole(area: Area, at: Classifier) -> Pair:
    return area(0, at.low, at.width, at.low + at.height), 0.0


def _upper_lower(area: Area, at: Classifier) -> Pair:
    middle = at.low + at.height // 2
    return area(0, middle, at.width, at.low + at.height), area(0, at.low, at.width, middle)


def _later_earlier(area: Area, at: Classifier) -> Pair:
    high, half = at.low + at.height, at.width // 2
    return area(half, at.low, at.width, high), area(0, at.low, half, high)


def _diagonals(area: Area, at: Classifier) -> Pair:
    high, middle, half = at.low + at.height, at.low + at.height // 2, at.width // 2
    one = area(0, middle, half, high) + area(half, at.low, at.width, middle)
    return one, area(0, at.low, half, middle) + area(half, middle, at.width, high)


def _middle_tones(area: Area, at: Classifier) -> Pair:
    high, third = at.low + at.height, at.height // 3
    first, last = at.low + third, at.low + 2 * third
    return area(0, first, at.width, last), area(0, at.low, at.width, first) + area(0, last, at.width, high)


def _middle_time(area: Area, at: Classifier) -> Pair:
    high, third = at.low + at.height, at.width // 3
    outer = area(0, at.low, third, high) + area(2 * third, at.low, at.width, high)
    return area(third, at.low, 2 * third, high), outer


_FILTERS: tuple[Callable[[Area, Classifier], Pair], ...] = (
    _whole,
    _upper_lower,
    _later_earlier,
    _diagonals,
    _middle_tones,
    _middle_time,
)
CLASSIFIERS = (
    Classifier(0, 4, 3, 15, (1.98215, 2.35817, 2.63523)),
    Classifier(4, 4, 6, 15, (-1.03809, -0.651211, -0.282167)),
    Classifier(1, 0, 4, 16, (-0.298702, 0.119262, 0.558497)),
    Classifier(3, 8, 2, 12, (-0.105439, 0.0153946, 0.135898)),
    Classifier(3, 4, 4, 8, (-0.142891, 0.0258736, 0.200632)),
    Classifier(4, 0, 3, 5, (-0.826319, -0.590612, -0.368214)),
    Classifier(1, 2, 2, 9, (-0.557409, -0.233035, 0.0534525)),
    Classifier(2, 7, 3, 4, (-0.0646826, 0.00620476, 0.0784847)),
    Classifier(2, 6, 2, 16, (-0.192387, -0.029699, 0.215855)),
    Classifier(2, 1, 3, 2, (-0.0397818, -0.00568076, 0.0292026)),
    Classifier(5, 10, 1, 15, (-0.53823, -0.369934, -0.190235)),
    Classifier(3, 6, 2, 10, (-0.124877, 0.0296483, 0.139239)),
    Classifier(2, 1, 1, 14, (-0.101475, 0.0225617, 0.231971)),
    Classifier(3, 5, 6, 4, (-0.0799915, -0.00729616, 0.063262)),
    Classifier(1, 9, 2, 12, (-0.272556, 0.019424, 0.302559)),
    Classifier(3, 4, 2, 14, (-0.164292, -0.0321188, 0.0846339)),
)
