"""Fingerprints as text: the compressed base64 form that fpcalc prints and AcoustID takes.

Takes  sub-fingerprints (32 bits each, about eight a second), or the text.   Gives  the other one; ValueError for text
       that this never writes.
Never  makes a fingerprint (convert/fingerprint.py does), nor loses anything: the text is the raw form, packed.

After Chromaprint (MIT; NOTICE). A byte for the algorithm, three for the number of sub-fingerprints; then each of them
XOR the one before, as the distances between the bits that are set, from the lowest: three bits a distance, 0 ends, 7
says that five bits more stand in a second list. Both lists fill bytes from the lowest bit; base64 for addresses.

    >>> format(numpy.array([0x12345678], numpy.uint32))
    'AQAAAUyySFQ4AA'
"""

import base64
import binascii
from typing import Any

import numpy

Raw = numpy.ndarray[Any, numpy.dtype[numpy.uint32]]
ALGORITHM = 1  # AcoustID's; counted from 0, its authors call it number 2
MAX_SUBPRINTS = (1 << 24) - 1
HOP_S = 1365 / 11_025  # from one sub-fingerprint to the next
LEAD_S = (4096 + 18 * 1365) / 11_025  # of sound before there is the first
_HEADER = 4
_SHORT, _LONG = 3, 5
_ESCAPE = (1 << _SHORT) - 1


def format(raw: Raw) -> str:
    """The text of these sub-fingerprints, as fpcalc prints it without -raw."""
    if raw.ndim != 1 or len(raw) > MAX_SUBPRINTS:
        raise ValueError("not a list of sub-fingerprints that can be told")
    steps = _steps(raw.astype("<u4"))
    exceptional = steps[steps >= _ESCAPE] - _ESCAPE
    header = bytes((ALGORITHM,)) + len(raw).to_bytes(3, "big")
    packed = header + _packed(numpy.minimum(steps, _ESCAPE), _SHORT) + _packed(exceptional, _LONG)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def parse(text: str) -> Raw:
    """The sub-fingerprints of a text."""
    content = _bytes(text)
    if len(content) < _HEADER or content[0] != ALGORITHM:
        raise ValueError("not a fingerprint of AcoustID's algorithm")
    raw = _unfolded(content[_HEADER:], int.from_bytes(content[1:_HEADER], "big"))
    if format(raw) != text:
        raise ValueError("a fingerprint with something beside it")
    return raw


def seconds_of(count: int) -> float:
    """How much sound so many sub-fingerprints in a row hold."""
    return LEAD_S + count * HOP_S if count else 0.0


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("not base64 for addresses") from error


def _steps(raw: Raw) -> Raw:
    """The distances between set bits, each sub-fingerprint's list ended by 0."""
    changed = raw.copy()
    changed[1:] ^= raw[:-1]
    is_set = numpy.unpackbits(changed.view(numpy.uint8).reshape(-1, 4), axis=1, bitorder="little")
    rows, bits = numpy.nonzero(is_set)
    distances = (bits + 1).astype(numpy.uint32)
    follows = rows[1:] == rows[:-1]
    distances[1:][follows] -= distances[:-1].copy()[follows]
    steps = numpy.zeros(len(rows) + len(raw), numpy.uint32)
    steps[numpy.arange(len(rows)) + rows] = distances
    return steps


def _unfolded(content: bytes, count: int) -> Raw:
    """`count` sub-fingerprints out of the two lists."""
    steps = _unpacked(content, _SHORT)
    ends = numpy.flatnonzero(steps == 0)[:count]
    if not count:
        return numpy.zeros(0, numpy.uint32)
    if len(ends) < count:
        raise ValueError("a fingerprint that is not whole")
    steps = steps[: ends[-1] + 1]
    escaped = numpy.flatnonzero(steps == _ESCAPE)
    more = _unpacked(content[-(-len(steps) * _SHORT // 8) :], _LONG)
    if len(more) < len(escaped):
        raise ValueError("a fingerprint that is not whole")
    steps[escaped] += more[: len(escaped)]
    places = numpy.cumsum(steps)
    rows = numpy.cumsum(steps == 0) - (steps == 0)
    before = numpy.concatenate(([0], places[ends[:-1]]))
    bits = (places - before[rows])[steps > 0]
    if bits.size and bits.max() > 32:
        raise ValueError("a bit beyond the thirty-second")
    changed = numpy.zeros(count, numpy.uint32)
    numpy.bitwise_or.at(changed, rows[steps > 0], numpy.uint32(1) << (bits - 1).astype(numpy.uint32))
    return numpy.bitwise_xor.accumulate(changed)


def _packed(values: Raw, width: int) -> bytes:
    bits = (values[:, None] >> numpy.arange(width, dtype=numpy.uint32)) & 1
    return numpy.packbits(bits.astype(numpy.uint8).ravel(), bitorder="little").tobytes()


def _unpacked(content: bytes, width: int) -> Any:
    bits = numpy.unpackbits(numpy.frombuffer(content, numpy.uint8), bitorder="little")
    whole = len(bits) // width * width
    weights = 1 << numpy.arange(width, dtype=numpy.int64)
    return bits[:whole].reshape(-1, width) @ weights
