"""Lines: the spectrum of frames of sound, in the precision that they have.

Takes  frames of float32, (…, points).   Gives  complex64, (…, points // 2 + 1): the lines, divided by `points`.

numpy.fft.rfft divides by nothing unless it is told to, and then works on float32 in float64, with a copy there and one
back (numpy 2.4: the factor 1 that it passes on is no float32): seven times as much work. Divided by the number of
points it stays in float32. Windows are multiplied by that number instead, once. Its own rounding lies 150 dB below the
loudest line: what looks at the quietest ones (bandwidth.py) does without.
"""

from typing import Any, cast

import numpy
from numpy.fft import rfft  # numpy loads it when it is named: once here instead of in each process

Lines = numpy.ndarray[Any, numpy.dtype[numpy.complex64]]


def lines_of(frames: numpy.ndarray[Any, Any]) -> Lines:
    """Each frame's lines."""
    return cast(Lines, rfft(frames, norm="forward"))


def power_of(lines: Lines) -> numpy.ndarray[Any, numpy.dtype[numpy.float32]]:
    """The square of each line's magnitude."""
    found = numpy.square(lines.real)
    found += numpy.square(lines.imag)
    return found
