"""Samples: the MD5 of a lossless track's samples, as FLAC counts it (RFC 9639 §8.2).

Takes  blocks of whole numbers.   Gives  the MD5 of the samples interleaved, little-endian, signed, in as few bytes as
       their bits need: equal to STREAMINFO's of the same sound in FLAC, in whatever container it came. "" for lossy
       masters, for floating point and DSD, which FLAC does not hold.

Several formats (ALAC, TTA, Monkey's Audio, TAK) hand 24 bits out as 32 without saying so: then the sum is one of 24
bits as long as no sample needs more.
"""

import hashlib
from typing import Any, Protocol

import numpy
from av.audio.frame import AudioFrame

from sonoteca.convert.blocks import Block
from sonoteca.model.media import AudioFacts

Integers = numpy.ndarray[Any, Any]
_WIDTHS = {"u8": 8, "u8p": 8, "s16": 16, "s16p": 16, "s32": 32, "s32p": 32}


class Summed(Protocol):
    """Where the sum goes (consumers.Draft)."""

    pcm_md5: str


class SampleSum:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._bits = audio.bits if audio.lossless else 0
        self._sums: dict[int, Any] = {}

    def take(self, block: Block) -> None:
        """See Consumer."""
        width = _WIDTHS.get(block.frame.format.name, 0)
        if not 8 <= self._bits <= width:
            return
        if not self._sums:
            kept = (24, 32) if self._bits == 32 else (self._bits,)
            self._sums = {bits: hashlib.md5(usedforsecurity=False) for bits in kept}
        samples = interleaved(block.frame)
        if 32 in self._sums and 24 in self._sums and (samples & 0xFF).any():
            del self._sums[24]
        for bits, state in self._sums.items():
            state.update(flac_bytes(samples, width, bits))

    def finish(self) -> None:
        """See Consumer."""

    def tell(self, draft: Summed) -> None:
        """See Measure."""
        if self._sums:
            draft.pcm_md5 = self._sums[min(self._sums)].hexdigest()


def interleaved(frame: AudioFrame) -> Integers:
    """The samples in the order in which they are played."""
    found: Integers = frame.to_ndarray()
    return found if frame.format.is_packed else numpy.ascontiguousarray(found.T)


def flac_bytes(samples: Integers, width: int, bits: int) -> bytes:
    """The samples as FLAC's MD5 wants them. FFmpeg keeps 24 bits in the upper part of 32, and 8 bits unsigned."""
    if width == 8:
        return (samples.astype(numpy.int16) - 128).astype(numpy.int8).tobytes()
    if bits == width:
        return samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()
    packed: bytes
    if bits == 24:
        packed = samples.astype("<i4", copy=False).reshape(-1).view("u1").reshape(-1, 4)[:, 1:].tobytes()
        return packed
    values = samples.astype("<i4") >> (width - bits)
    packed = values.reshape(-1).view("u1").reshape(-1, 4)[:, : -(-bits // 8)].tobytes()
    return packed
