"""Samples: the MD5 of a lossless track's samples, as FLAC counts it (RFC 9639 §8.2).

Takes  blocks of whole numbers.   Gives  the MD5 of the samples interleaved, little-endian, signed, in as few bytes as
       their bits need: equal to STREAMINFO's of the same sound in FLAC, in whatever container it came. "" for lossy
       masters and for floating point, which FLAC does not hold.
"""

import hashlib
from typing import Any, Protocol

import numpy
from av.audio.frame import AudioFrame

from sonoteca.convert.blocks import Block
from sonoteca.model.media import AudioFacts

_WIDTHS = {"u8": 8, "u8p": 8, "s16": 16, "s16p": 16, "s32": 32, "s32p": 32}


class Summed(Protocol):
    """Where the sum goes (consumers.Draft)."""

    pcm_md5: str


class SampleSum:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._bits = audio.bits if audio.lossless else 0
        self._sum: Any = None

    def take(self, block: Block) -> None:
        """See Consumer."""
        width = _WIDTHS.get(block.frame.format.name, 0)
        if 0 < self._bits <= width:
            self._sum = self._sum or hashlib.md5(usedforsecurity=False)
            self._sum.update(flac_bytes(block.frame, width, self._bits))

    def finish(self) -> None:
        """See Consumer."""

    def tell(self, draft: Summed) -> None:
        """See Measure."""
        draft.pcm_md5 = self._sum.hexdigest() if self._sum else ""


def flac_bytes(frame: AudioFrame, width: int, bits: int) -> bytes:
    """The samples as FLAC's MD5 wants them. FFmpeg keeps 24 bits in the upper part of 32, and 8 bits unsigned."""
    found: numpy.ndarray[Any, Any] = frame.to_ndarray()
    if not frame.format.is_packed:
        found = numpy.ascontiguousarray(found.T)
    if width == 8:
        return (found.astype(numpy.int16) - 128 >> 8 - bits).astype(numpy.int8).tobytes()
    if bits == width:
        return found.astype(found.dtype.newbyteorder("<"), copy=False).tobytes()
    values = found.astype("<i4") >> (width - bits)
    packed: bytes = values.reshape(-1).view("u1").reshape(-1, 4)[:, : -(-bits // 8)].tobytes()
    return packed
