"""Checksums over sound that numpy makes affordable: FLAC's MD5 of what was decoded, LAME's CRC of what was encoded.

Takes  samples as FFmpeg gives them, or bytes.   Gives  bytes to digest, or a checksum.
"""

from typing import Any

import numpy

_Array = numpy.ndarray[Any, Any]
# Each byte with its bits in reverse: turns a checksum that takes the highest bit first into one that takes the lowest.
MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def flac_bytes(block: _Array, bits: int) -> bytes:
    """The samples as FLAC's MD5 wants them: interleaved, little-endian, in as few bytes as they need (RFC 9639
    §8.2)."""
    width = block.dtype.itemsize * 8
    if bits == width:
        return block.tobytes()
    values = block.astype("<i4") >> (width - bits)
    packed: bytes = values.reshape(-1).view("u1").reshape(-1, 4)[:, : -(-bits // 8)].tobytes()
    return packed


def crc16_reflected(raw: bytes) -> int:
    """CRC-16 (polynomial 0x8005, reflected, from 0; LAME's, and FLAC's over mirrored bytes): in lanes that are
    computed side by side and then joined.

    A lane's CRC moved over as many zero bytes as a lane has is a linear map of 16 bits; joining two lanes is that map
    and XOR.
    """
    count = 1 << min(13, max(6, (len(raw) // 64).bit_length()))
    length = -(-len(raw) // count)
    # Zeros in front change nothing, because the register begins at zero.
    lanes = numpy.frombuffer(raw.rjust(length * count, b"\0"), "u1").reshape(count, length).T.astype("u2")
    register = numpy.zeros(count, "u2")
    for column in lanes:
        register = register >> 8 ^ _TABLE[(register ^ column) & 0xFF]
    moved = _over_zeros(length)
    while len(register) > 1:
        register = _map(moved, register[0::2]) ^ register[1::2]
        moved = _map(moved, moved)
    return int(register[0])


def _over_zeros(length: int) -> _Array:
    """Where each bit of the register goes over so many zero bytes: one byte's map, to that power."""
    found = (1 << _BITS).astype("u2")
    step = found >> 8 ^ _TABLE[found & 0xFF]
    while length:
        if length & 1:
            found = _map(step, found)
        step = _map(step, step)
        length >>= 1
    return found


def _map(moved: _Array, values: _Array) -> _Array:
    """The linear map that sends bit i to moved[i], applied to each value."""
    bits = values[:, None] >> _BITS & 1
    found: _Array = numpy.bitwise_xor.reduce(bits * moved, axis=1)
    return found


def _table() -> _Array:
    values = numpy.arange(256, dtype="u2")
    for _ in range(8):
        values = numpy.where(values & 1, values >> 1 ^ 0xA001, values >> 1).astype("u2")
    return values


_BITS = numpy.arange(16, dtype="u2")
_TABLE = _table()
