"""Ogg pages (RFC 3533), as bytes: formed and read, with their checksum.

Takes  packets' sizes and bytes.   Gives  pages; from a page its parts.
Never  knows what is inside: Opus and its granule positions are convert's.

A packet stands in one page here: what does not fit is our own mistake (ValueError), because everything that is written
is far below a page's limit. Pages of others, where packets go on, are read but not joined.
"""

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

MAX_SEGMENTS = 255
MAX_BODY = MAX_SEGMENTS * 255
BEGIN, END = 0x02, 0x04  # RFC 3533 §6: header_type_flag
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
    header = _HEADER.pack(b"OggS", 0, page.flags, page.granule, page.serial, page.sequence, 0, len(table))
    raw = b"".join((header, table, *page.packets))
    return raw[:_CRC_AT] + crc(raw).to_bytes(4, "little") + raw[_CRC_AT + 4 :]


def parse_page(raw: bytes) -> tuple[Page, int]:
    """The page at the beginning of `raw`, and its length. ValueError when it is none, is cut off, its checksum is
    wrong, or a packet goes on in another page."""
    if len(raw) < _HEADER.size:
        raise ValueError("cut off in a page's header")
    sign, version, flags, granule, serial, sequence, checksum, count = _HEADER.unpack_from(raw)
    table = raw[_HEADER.size : _HEADER.size + count]
    length = _HEADER.size + count + sum(table)
    if sign != b"OggS" or version or flags & ~(BEGIN | END):
        raise ValueError("not a page, or one that goes on from another")
    if len(table) < count or len(raw) < length or table[-1:] == b"\xff":
        raise ValueError("cut off, or it goes on in another page")
    if crc(raw[:_CRC_AT] + bytes(4) + raw[_CRC_AT + 4 : length]) != checksum:
        raise ValueError("its checksum is another one")
    packets = _packets(table, raw[_HEADER.size + count : length])
    return Page(serial=serial, sequence=sequence, granule=granule, packets=packets, flags=flags), length


def _packets(table: bytes, body: bytes) -> tuple[bytes, ...]:
    found, start, end = [], 0, 0
    for size in table:
        end += size
        if size < 255:
            found.append(body[start:end])
            start = end
    return tuple(found)
