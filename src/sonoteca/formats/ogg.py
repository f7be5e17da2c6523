"""Ogg pages (RFC 3533), as bytes: formed and read, with their checksum.

Takes  packets' sizes and bytes.   Gives  pages; from a page its parts.
Never  knows what is inside: Opus and its granule positions are convert's.

A packet of sound stands in one page here: what does not fit is our own mistake (ValueError), because everything that is
written is far below a page's limit. Only a header may be longer (a picture is in it): it has pages of its own, and
begins the first and ends the last of them (format_long, parse_long).
"""

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

MAX_SEGMENTS = 255
MAX_BODY = MAX_SEGMENTS * 255
CONTINUED, BEGIN, END = 0x01, 0x02, 0x04  # RFC 3533 §6: header_type_flag
_NO_END = (1 << 64) - 1  # RFC 3533 §6: the granule position of a page on which no packet ends
_HEADER = struct.Struct("<4sBBQIIIB")
_CRC_AT = 22
# Ogg's checksum is the one of zlib with every bit the other way round, from zero and not inverted at the end.
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. `packets` are whole; `granule` is what the codec says its end is (64 bits, not negative)."""

    serial: int
    sequence: int
    granule: int
    packets: tuple[bytes, ...]
    flags: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Long:
    """A header packet with pages of its own: `sequence` is the first one's."""

    serial: int
    sequence: int
    packet: bytes


def crc(raw: bytes) -> int:
    """The checksum of a page whose checksum field is zero (RFC 3533 §6: polynomial 0x04c11db7, from 0)."""
    mirrored = zlib.crc32(raw.translate(_MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRROR), "big")


@lru_cache(4096)
def _lacing(size: int) -> bytes:
    """A packet's places in the table (RFC 3533 §6: bytes of 255 and one of less)."""
    return b"\xff" * (size // 255) + bytes((size % 255,))


def segments(size: int) -> int:
    """How many places in a page's table a packet of this size takes."""
    return size // 255 + 1


def format_page(page: Page) -> bytes:
    """The page's bytes. ValueError when its packets do not fit in one."""
    table = b"".join([_lacing(len(one)) for one in page.packets])
    if len(table) > MAX_SEGMENTS:
        raise ValueError(f"packets of {sum(map(len, page.packets))} bytes do not fit in one page")
    return _sealed((page.flags, page.granule, page.serial, page.sequence), table, b"".join(page.packets))


def _sealed(fields: tuple[int, int, int, int], table: bytes, body: bytes) -> bytes:
    """A page of (flags, granule, serial, sequence), with its checksum."""
    raw = b"".join((_HEADER.pack(b"OggS", 0, *fields, 0, len(table)), table, body))
    return raw[:_CRC_AT] + crc(raw).to_bytes(4, "little") + raw[_CRC_AT + 4 :]


def parse_page(raw: bytes) -> tuple[Page, int]:
    """The page at the beginning of `raw`, and its length. ValueError when it is none, is cut off, its checksum is
    wrong, or a packet goes on in another page."""
    (flags, granule, serial, sequence), table, body = _parts(raw)
    if flags & ~(BEGIN | END) or table[-1:] == b"\xff":
        raise ValueError("it goes on from another page, or in another")
    page = Page(serial=serial, sequence=sequence, granule=granule, packets=_packets(table, body), flags=flags)
    return page, _HEADER.size + len(table) + len(body)


def _parts(raw: bytes) -> tuple[tuple[int, int, int, int], bytes, bytes]:
    """(flags, granule, serial, sequence), table and body of the page at the beginning of `raw`."""
    if len(raw) < _HEADER.size:
        raise ValueError("cut off in a page's header")
    sign, version, flags, granule, serial, sequence, checksum, count = _HEADER.unpack_from(raw)
    table = raw[_HEADER.size : _HEADER.size + count]
    length = _HEADER.size + count + sum(table)
    if sign != b"OggS" or version:
        raise ValueError("not a page")
    if len(table) < count or len(raw) < length:
        raise ValueError("cut off")
    if crc(raw[:_CRC_AT] + bytes(4) + raw[_CRC_AT + 4 : length]) != checksum:
        raise ValueError("its checksum is another one")
    return (flags, granule, serial, sequence), table, raw[_HEADER.size + count : length]


def _packets(table: bytes, body: bytes) -> tuple[bytes, ...]:
    found, start, end = [], 0, 0
    for size in table:
        end += size
        if size < 255:
            found.append(body[start:end])
            start = end
    return tuple(found)


# ── headers that may be longer than a page ───────────────────────────────────────────────────────────────────────────


def pages_of(size: int) -> int:
    """How many pages a packet of this size has for itself."""
    return -(-segments(size) // MAX_SEGMENTS)


def format_long(long: Long) -> bytes:
    """Its pages: all full but the last."""
    made, count = [], pages_of(len(long.packet))
    table = _lacing(len(long.packet))
    for number in range(count):
        flags = CONTINUED if number else 0
        granule = 0 if number == count - 1 else _NO_END
        made.append(
            _sealed(
                (flags, granule, long.serial, long.sequence + number),
                table[number * MAX_SEGMENTS : (number + 1) * MAX_SEGMENTS],
                long.packet[number * MAX_BODY : (number + 1) * MAX_BODY],
            )
        )
    return b"".join(made)


def parse_long(raw: bytes) -> tuple[Long, int]:
    """The packet whose pages stand at the beginning of `raw`, and their length. ValueError when they are not formed as
    format_long forms them."""
    (_, _, serial, first), table, body = _parts(raw)
    bodies, at = [body], _HEADER.size + len(table) + len(body)
    while table[-1:] == b"\xff":
        _, table, body = _parts(raw[at : at + _HEADER.size + MAX_SEGMENTS + MAX_BODY])
        bodies.append(body)
        at += _HEADER.size + len(table) + len(body)
    long = Long(serial=serial, sequence=first, packet=b"".join(bodies))
    if first + len(bodies) > 0xFFFFFFFF or format_long(long) != raw[:at]:
        raise ValueError("a header that has no pages of its own")
    return long, at
