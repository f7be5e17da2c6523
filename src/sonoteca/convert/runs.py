"""Runs: stretches of samples that have something in common, followed over the borders of blocks.

Takes  a mask of each block and where it begins.   Gives  how many stretches of at least so many samples, their sum, the
       longest and its place; and apart from these, the one at the very beginning and the one at the very end.
"""

from typing import Any

import numpy

Mask = numpy.ndarray[Any, numpy.dtype[numpy.bool_]]


class Runs:
    """With `edges`, the stretches at the two ends are not counted among the others: `first` and `last` are their
    lengths."""

    def __init__(self, least: int, *, edges: bool = False) -> None:
        self._least = least
        self._edges = edges
        self._open = 0
        self._open_at = 0
        self.first = self.last = 0
        self.count = self.total = self.longest = self.longest_at = 0

    def take(self, mask: Mask, at: int) -> None:
        """The next block's mask; `at` is its first sample."""
        if not mask.any():
            self.interrupt()
        elif mask.all():
            self._extend(at, len(mask))
        else:
            self._split(mask, at)

    def interrupt(self) -> None:
        """What is open ends here: the next block has nothing of it."""
        length, self._open = self._open, 0
        if self._edges and self._open_at == 0:
            self.first = max(self.first, length)
        else:
            self._count(self._open_at, length)

    def finish(self) -> None:
        """There are no more blocks."""
        if self._edges and self._open_at > 0:
            self.last, self._open = self._open, 0
        self.interrupt()

    def _extend(self, at: int, samples: int) -> None:
        if not self._open:
            self._open_at = at
        self._open += samples

    def _split(self, mask: Mask, at: int) -> None:
        edges = numpy.flatnonzero(mask[1:] != mask[:-1]) + 1
        if mask[0]:
            self._extend(at, int(edges[0]))
            edges = edges[1:]
        self.interrupt()
        if mask[-1]:
            self._extend(at + int(edges[-1]), len(mask) - int(edges[-1]))
            edges = edges[:-1]
        starts, lengths = edges[::2], edges[1::2] - edges[::2]
        for which in numpy.flatnonzero(lengths >= self._least):  # few are: the loop is over those
            self._count(at + int(starts[which]), int(lengths[which]))

    def _count(self, at: int, length: int) -> None:
        if length < max(1, self._least):
            return
        self.count += 1
        self.total += length
        if length > self.longest:
            self.longest, self.longest_at = length, at
