"""Waveform: the outlines of a track, near and far (outlines.py says what they hold).

Takes  blocks.   Gives  the overview, the waveform and the outline.

Peaks, as the outline has them, and energies are kept at OUTLINE_HZ, 500 bytes a second: the only thing here that grows.
The others follow from them at the end. The level of a bin is the root of the mean square of the loudest channel at each
moment.
"""

import base64
from typing import Any, Protocol

import numpy

from sonoteca.convert.blocks import Block
from sonoteca.convert.outlines import bins_of
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import OUTLINE_HZ, OVERVIEW_BINS, WAVEFORM_HZ

Floats = numpy.ndarray[Any, Any]


class Drawn(Protocol):
    """Where the outlines go (consumers.Draft)."""

    overview: str
    waveform: str
    extracts: dict[str, bytes]


class Waveform:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._rate_hz = audio.sample_rate_hz
        self._samples = 0
        self._first = 0  # the bin that is not full yet, and what it has so far
        self._begun = (0.0, 0.0)
        self._peaks: list[Floats] = []
        self._energies: list[Floats] = []

    def take(self, block: Block) -> None:
        """See Consumer."""
        rate, before = self._rate_hz, self._samples
        last = (before + block.samples - 1) * OUTLINE_HZ // rate
        starts = -(-numpy.arange(self._first, last + 1) * rate // OUTLINE_HZ) - before
        starts[0] = 0
        peaks, energies = numpy.maximum.reduceat(block.peaks, starts), numpy.add.reduceat(block.energy, starts)
        peaks[0] = max(peaks[0], self._begun[0])
        energies[0] += self._begun[1]
        self._samples += block.samples
        whole = self._samples * OUTLINE_HZ // rate - self._first
        self._peaks.append(_bytes(peaks[:whole]))
        self._energies.append(energies[:whole])
        self._first += whole
        self._begun = (float(peaks[whole]), float(energies[whole])) if whole < len(peaks) else (0.0, 0.0)

    def finish(self) -> None:
        """See Consumer."""
        if bins_of(self._samples, self._rate_hz, OUTLINE_HZ) > self._first:
            self._peaks.append(_bytes(numpy.array(self._begun[:1], numpy.float32)))
            self._energies.append(numpy.array(self._begun[1:], numpy.float32))

    def tell(self, draft: Drawn) -> None:
        """See Measure."""
        if not self._samples:
            return
        peaks, energies = numpy.concatenate(self._peaks), numpy.concatenate(self._energies)
        draft.extracts["outline"] = peaks.tobytes()
        draft.waveform = _text(numpy.maximum.reduceat(peaks, numpy.arange(0, len(peaks), _STEP)))
        edges = edges_of(len(peaks), OVERVIEW_BINS)
        means = numpy.add.reduceat(energies, edges) / self._samples_between(edges)
        draft.overview = _text(numpy.stack([numpy.maximum.reduceat(peaks, edges), _bytes(numpy.sqrt(means))], axis=1))

    def _samples_between(self, edges: Floats) -> Floats:
        """How many samples there are from each of these bins to the next."""
        return numpy.diff([*(-(-edges * self._rate_hz // OUTLINE_HZ)), self._samples])


_STEP = OUTLINE_HZ // WAVEFORM_HZ


def edges_of(count: int, columns: int) -> Floats:
    """Where so many columns of so many values begin; fewer columns when there are fewer values. numpy.unique would do,
    and load all of numpy.ma in each process."""
    edges = numpy.arange(columns) * count // columns
    return edges[numpy.diff(edges, prepend=-1) > 0]


def _bytes(found: Floats) -> Floats:
    """Magnitudes as bytes; what is no number is 0."""
    within = numpy.clip(numpy.nan_to_num(found, nan=0.0), 0.0, 1.0)
    scaled: Floats = (within * 255 + 0.5).astype(numpy.uint8)
    return scaled


def _text(found: Floats) -> str:
    return base64.b64encode(found.tobytes()).decode("ascii")
