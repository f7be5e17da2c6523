"""Fingerprint: what a track sounds like, in a form that survives codecs, levels and channels (chroma.py).

Takes  blocks.   Gives  the text that fpcalc prints (formats/fingerprint.py); "" below three seconds, which have none.
Never  keeps more sound than a few seconds; what grows is 32 bytes a second.

Resampled as fpcalc does it, by FFmpeg with the same filter, to 16 bits: what is clipped there is clipped here. Frames
are worked on BATCH at a time, because each step costs numpy as much as its work on a few; transformed FRAMES at a time,
because more do not fit into a core's own cache.
"""

from typing import Any, Protocol

import numpy
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.lib.stride_tricks import sliding_window_view

from sonoteca.convert import chroma
from sonoteca.convert.blocks import Block
from sonoteca.formats import fingerprint
from sonoteca.model.media import AudioFacts

BATCH, FRAMES = 256, 32
# Those of fpcalc: other filters give other samples, and about one sub-fingerprint in fifty is another then.
_FILTER = {"filter_size": "16", "phase_shift": "8", "cutoff": "0.8", "linear_interp": "0"}
_BATCH_SAMPLES = (BATCH - 1) * chroma.HOP + chroma.FRAME


class Told(Protocol):
    """Where the fingerprint goes (consumers.Draft)."""

    fingerprint: str


class Fingerprint:
    """Of one track."""

    def __init__(self, _: AudioFacts) -> None:
        self._resampler = AudioResampler("s16", "mono", chroma.RATE_HZ, options=_FILTER)
        self._samples: list[Any] = []
        self._count = 0
        self._tones = numpy.zeros((0, chroma.TONES), numpy.float32)  # of the frames that the next ones need
        self._found: list[fingerprint.Raw] = []

    def take(self, block: Block) -> None:
        """See Consumer."""
        self._gather(self._resampler.resample(block.frame))
        while self._count >= _BATCH_SAMPLES:
            self._work()

    def finish(self) -> None:
        """See Consumer."""
        self._gather(self._resampler.resample(None))
        while self._count >= chroma.FRAME:
            self._work()

    def tell(self, draft: Told) -> None:
        """See Measure."""
        if self._found:
            draft.fingerprint = fingerprint.format(numpy.concatenate(self._found)[: fingerprint.MAX_SUBPRINTS])

    def _gather(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            self._samples.append(frame.to_ndarray()[0])
            self._count += frame.samples

    def _work(self) -> None:
        """As many frames as a batch has, or as there are."""
        samples = numpy.concatenate(self._samples)
        frames = sliding_window_view(samples, chroma.FRAME)[:: chroma.HOP][:BATCH]
        found = [chroma.tones_of(frames[at : at + FRAMES]) for at in range(0, len(frames), FRAMES)]
        tones = numpy.concatenate((self._tones, *found))
        if len(subprints := chroma.subprints(tones)):
            self._found.append(subprints)
        self._tones = tones[-chroma.FRAMES_AHEAD :]
        left = samples[len(frames) * chroma.HOP :].copy()
        self._samples, self._count = [left], len(left)
