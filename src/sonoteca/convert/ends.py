"""Ends: whether a container ends before it says so, where FFmpeg does not tell.

Takes  the path of a master and its container.   Gives  what is wrong in words, "" if nothing.

FFmpeg plays what is there of a WAV or Ogg file without a word about what is not: it makes the length of a WAV fit the
file, and takes that of an Ogg file from the last page it finds. Other containers' headers are compared with what was
decoded (decoding.py).
"""

import os
import struct
from collections.abc import Callable

_MAX_CHUNKS = 1_000
_UNKNOWN_BYTES = 0xFFFF_FF00  # from here on, and 0: the writer did not know, or the file is larger than RIFF can say
_OGG_TAIL_BYTES = 1 << 17  # two pages of the largest kind (RFC 3533 §6: 65,307 bytes)
_OGG_HEAD_BYTES, _OGG_FLAGS_AT, _OGG_COUNT_AT, _OGG_LAST = 27, 5, 26, 4


def why_cut(path: str, container: str) -> str:
    """What its end says."""
    find = _ENDS.get(container)
    if find is None:
        return ""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return find(file, os.fstat(file).st_size)
    finally:
        os.close(file)


def _wav(file: int, size: int) -> str:
    """RIFF: "data" ends where its size says; RF64 (EBU Tech 3306) has the size in "ds64"."""
    at, long_size = 12, 0
    for _ in range(_MAX_CHUNKS):
        head = os.pread(file, 24, at)
        if len(head) < 8:
            return ""
        name, length = head[:4], struct.unpack_from("<I", head, 4)[0]
        if name == b"ds64" and len(head) == 24:
            long_size = struct.unpack_from("<Q", head, 16)[0]
        if name == b"data":
            said = length if length < _UNKNOWN_BYTES else long_size
            there = size - at - 8
            return f"{said} bytes of sound should be there, {there} are" if there < said else ""
        at += 8 + length + length % 2
    return ""


def _w64(file: int, size: int) -> str:
    """Sony Wave64: as RIFF, with names of 16 bytes, sizes of 8 that count their own head, and 8-byte steps."""
    at = 40
    for _ in range(_MAX_CHUNKS):
        head = os.pread(file, 24, at)
        if len(head) < 24:
            return ""
        length = struct.unpack_from("<Q", head, 16)[0]
        if head[:4] == b"data":
            there = size - at
            return f"{length - 24} bytes of sound should be there, {there - 24} are" if there < length else ""
        at += max(24, length + -length % 8)
    return ""


def _ogg(file: int, size: int) -> str:
    """RFC 3533 §6: the last page of a stream is marked as such."""
    start = max(0, size - _OGG_TAIL_BYTES)
    tail = os.pread(file, _OGG_TAIL_BYTES, start)
    at = tail.rfind(b"OggS")
    if 0 <= at <= len(tail) - _OGG_HEAD_BYTES:
        places = tail[at + _OGG_HEAD_BYTES : at + _OGG_HEAD_BYTES + tail[at + _OGG_COUNT_AT]]
        if len(tail) - at - _OGG_HEAD_BYTES < len(places) + sum(places):
            return "its last page is not whole"
        if tail[at + _OGG_FLAGS_AT] & _OGG_LAST:
            return ""
    return "its last page is missing" if at >= 0 else ""


_ENDS: dict[str, Callable[[int, int], str]] = {"wav": _wav, "w64": _w64, "ogg": _ogg}
