"""Blocks: the sound in pieces of some seconds, cut where tracks begin and end, each shown to every consumer.

Takes  decoded frames of one form (uniform.py), as small as the codec makes them, and the samples to cut at.
Gives  Blocks: the frame for encoders, and the same as numpy floats for what measures, made once and shared.
Never  keeps more than MOST_S seconds, or MOST_VALUES values: memory does not grow with the recording.

Decoders give frames of a hundredth of a second. Joined by FFmpeg's own FIFO right after decoding, what Python does a
frame is done hundreds of times less often: that is most of what the pipeline costs besides the codecs. Four seconds
instead of one save a tenth of everything, eight another hundredth and a quarter of what Python does.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, cast

import numpy
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame

from sonoteca.convert.uniform import named

MOST_S, MOST_VALUES = 8, 800_000
Floats = numpy.ndarray[Any, numpy.dtype[numpy.float32]]


class Block:
    """A second of sound or less. `frame` has no pts, the master's rate and layout, and the format its decoder gives:
    consumers read it and change nothing; its layout has a name. `start_sample` counts from the master's beginning."""

    def __init__(self, frame: AudioFrame, start_sample: int) -> None:
        self.frame = frame
        self.start_sample = start_sample

    @property
    def samples(self) -> int:
        """How many, per channel."""
        return self.frame.samples

    @property
    def end_sample(self) -> int:
        """The first sample after it."""
        return self.start_sample + self.frame.samples

    def prepare(self) -> None:
        """Makes what is made once; every measure uses all of it."""
        _ = self.peaks

    @cached_property
    def planar(self) -> Floats:
        """(channels, samples), full scale is 1.0; floating-point masters may go beyond. Whole numbers of up to 24 bits
        are exact."""
        return _planar(self.frame)

    @cached_property
    def magnitudes(self) -> Floats:
        """(channels, samples), without their signs."""
        return numpy.abs(self.planar)

    @cached_property
    def peaks(self) -> Floats:
        """(samples,): the largest magnitude of any channel."""
        found = self.magnitudes
        return found[0] if len(found) == 1 else cast(Floats, numpy.maximum.reduce(found))

    @cached_property
    def energy(self) -> Floats:
        """(samples,): `peaks`, squared."""
        with numpy.errstate(over="ignore"):  # of a damaged file
            return cast(Floats, numpy.square(self.peaks))


def _planar(frame: AudioFrame) -> Floats:
    found: numpy.ndarray[Any, Any] = frame.to_ndarray()
    if frame.format.is_packed:
        found = found.reshape(frame.samples, -1).T
    if found.dtype.kind == "f":
        return cast(Floats, numpy.ascontiguousarray(found, dtype=numpy.float32))
    if found.dtype.kind == "u":
        found = found.astype(numpy.int16) - 128  # FFmpeg's u8: 128 is silence
        bits = 8
    else:
        bits = found.dtype.itemsize * 8
    scale = numpy.float32(1 / (1 << (bits - 1)))
    return cast(Floats, numpy.multiply(found, scale, dtype=numpy.float32, order="C"))


def _named(frame: AudioFrame) -> AudioFrame:
    """The frame, with a layout that has a name. The layout of a frame cannot be changed, so that of few files is
    copied."""
    layout, found = frame.layout.name, frame
    if (name := named(layout, frame.layout.nb_channels)) != layout:
        found = AudioFrame.from_ndarray(frame.to_ndarray(), frame.format.name, name)
        found.sample_rate = frame.sample_rate
    found.pts = None
    return found


def in_seconds(values: Floats, rate_hz: int) -> Sequence[Floats]:
    """(…, samples) as (…, seconds, rate_hz), and what is less than a second at the end as (…, 1, samples): seen and not
    copied. For measures that count in seconds."""
    whole = values.shape[-1] // rate_hz
    parts = [values[..., : whole * rate_hz].reshape(*values.shape[:-1], whole, rate_hz)] if whole else []
    if values.shape[-1] > whole * rate_hz:
        parts.append(values[..., None, whole * rate_hz :])
    return parts


class Cutter:
    """Joins frames and cuts them again: every so many samples (a second when nothing is said), and at every sample of
    `cuts`."""

    def __init__(self, rate_hz: int, cuts: Iterable[int], channels: int = 0) -> None:
        """`channels` make blocks as long as MOST_VALUES allow."""
        seconds = min(MOST_S, MOST_VALUES // (rate_hz * channels)) if channels else 1
        self._most = rate_hz * max(1, seconds)
        self._cuts = sorted(set(cuts), reverse=True)
        self._fifo = AudioFifo()
        self._at = 0
        self._whole_at = self._wanted(0)

    def take(self, frame: AudioFrame, at: int) -> Sequence[Block]:
        """As `take_all`, of one."""
        return self.take_all((frame,), at)

    def take_all(self, frames: Sequence[AudioFrame], at: int) -> Sequence[Block]:
        """The blocks that are whole now. `at` is the first sample of frames that follow on each other: where it does
        not follow on what came before, sound is missing in between, and what is there is given first."""
        found: Sequence[Block] = ()
        if at != self._at + self._fifo.samples:
            found = self.rest()
            self._at, self._whole_at = at, self._wanted(at)
        write = self._fifo.write
        for frame in frames:
            frame.pts = None  # else the FIFO would insist on timestamps without gaps
            write(frame)
        if self._at + self._fifo.samples < self._whole_at:
            return found
        return [*found, *self._blocks()]

    def rest(self) -> Sequence[Block]:
        """What is left, in blocks."""
        found = self._blocks()
        return [*found, self._next(self._fifo.samples)] if self._fifo.samples else found

    def _blocks(self) -> Sequence[Block]:
        found = []
        while self._whole_at <= self._at + self._fifo.samples:
            found.append(self._next(self._whole_at - self._at))
        return found

    def _wanted(self, at: int) -> int:
        """Where the block that begins here ends."""
        while self._cuts and self._cuts[-1] <= at:
            self._cuts.pop()
        return min(at + self._most, self._cuts[-1]) if self._cuts else at + self._most

    def _next(self, samples: int) -> Block:
        frame = self._fifo.read(samples)
        if frame is None:
            raise RuntimeError("the FIFO has fewer samples than it said")
        block = Block(_named(frame), self._at)
        self._at += samples
        self._whole_at = self._wanted(self._at)
        return block
