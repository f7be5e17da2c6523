"""Musepack SV8: packets, each with a name of two letters and its own size, from MPCK to SE.

Takes  the file.   Gives  its Shape: how many samples its header says, as far as packets for them are there.
Source: the stream version 8 specification of musepack.net. FFmpeg's length of such a file is rounded down to a seek
interval, a second and a half or so; SV7 (MP+) is left to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.acquire.containers import Shape, View
from sonoteca.formats.sound_tags import Bytes, find_tail, skip_tags
from sonoteca.model.finding import finding

MAX_PACKETS = 1 << 20
_FRAME_SAMPLES = 1152
_RATES_HZ = (44_100, 48_000, 37_800, 32_000)
_NUMBER_BYTES = 9


@dataclass(frozen=True, slots=True)
class _Packet:
    name: bytes
    at: int
    end: int


def shape_mpc(file: Bytes) -> Shape:
    """The Shape of a Musepack file."""
    start, front = skip_tags(file)
    tail = find_tail(file, start)
    blocks = (*front, *tail.blocks)
    if file.read(start, 4) != b"MPCK":
        return Shape(kind="mpc", blocks=blocks)
    packets = list(_packets(file, start + 4, tail.end))
    head = next((file.read(one.at, 32) for one in packets if one.name == b"SH"), b"")
    said, at = _number(head, 5)  # behind a checksum of four bytes and the version
    silent, at = _number(head, at)
    if len(head) < at + 2:
        return Shape(kind="mpc", blocks=blocks)
    whole = sum(one.name == b"AP" and one.end <= tail.end for one in packets)
    there = whole * _FRAME_SAMPLES * 4 ** (head[at + 1] & 7) - silent
    is_cut = not packets or packets[-1].name != b"SE" or there < said - silent
    told = finding("A101", detail=f"the header says {said} samples, packets for {max(0, there)} are there")
    rate = head[at] >> 5
    return Shape(
        kind="mpc",
        variant="sv8",
        samples=max(0, min(said - silent, there)),
        exact=not is_cut,
        rate=_RATES_HZ[rate] if rate < len(_RATES_HZ) else 0,
        view=View(start=start, end=tail.end),
        blocks=blocks,
        findings=(told,) if is_cut else (),
    )


def _packets(file: Bytes, at: int, end: int) -> Iterator[_Packet]:
    """To the end of the stream or of the file; the last one may not be whole."""
    for _ in range(MAX_PACKETS):
        head = file.read(at, 2 + _NUMBER_BYTES)
        size, behind = _number(head, 2)
        if at >= end or not head[:2].isalpha() or size < behind:
            return
        yield _Packet(head[:2], at + behind, at + size)
        if head[:2] == b"SE":
            return
        at += size


def _number(raw: bytes, at: int) -> tuple[int, int]:
    """A number of groups of seven bits, the highest first, and the place behind it."""
    value = 0
    for place in range(at, min(len(raw), at + _NUMBER_BYTES)):
        value = value << 7 | raw[place] & 0x7F
        if raw[place] < 0x80:
            return value, place + 1
    return 0, len(raw) + 1
