"""WebM (Matroska, RFC 9559) with one Opus track, out of the packets of an Ogg file; its length known beforehand.

Takes  OpusPages.
Gives  a WebmLayout: the head (EBML, Segment, SeekHead, Info, Tracks, Cues) as bytes; where each cluster begins; and any
       cluster from the bytes of its pages.
Never  holds sound, or changes a packet.

A cluster is PAGES_A_CLUSTER pages, about five seconds: that is how exactly one can seek without reading on. Cues stand
in front, so a player knows all places from its first request. Times are whole milliseconds, as packets are 20 ms.
"""

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.formats.ogg_opus import PACKET_SAMPLES, RATE_HZ, OpusPages, packet_sizes

PAGES_A_CLUSTER = 5
PACKET_MS = PACKET_SAMPLES * 1000 // RATE_HZ
# RFC 9559 §5.1.4.1.26; what a decoder needs before a place to which one seeks: 80 ms (RFC 7845 §4.6).
SEEK_PRE_ROLL_NS = 80_000_000
TRACK = 1
_KEYFRAME = 0x80
_OGG_HEADER = 27
APP = "Sonoteca"
# Names of the elements (RFC 9559 §5.1), with their marker bits.
EBML, SEGMENT, CLUSTER = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
SEEK_HEAD, SEEK, CUES = b"\x11\x4d\x9b\x74", b"\x4d\xbb", b"\x1c\x53\xbb\x6b"
INFO, TRACKS = b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b"
SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, DISCARD, TIMESTAMP = b"\xa3", b"\xa0", b"\xa1", b"\x75\xa2", b"\xe7"
# Cluster sizes and cue places take as much room whatever they are: then the head's length follows from counts alone.
_SIZE8 = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WebmLayout:
    """`places[n]` is where cluster n begins; the last one is the end of the file. `pages[n]` is (place, end) in the Ogg
    file of what cluster n is made of; `discard_ns` is cut from the end of the very last packet."""

    head: bytes
    places: "array[int]"
    pages: "array[int]"
    first_packets: "array[int]"
    discard_ns: int

    @property
    def size(self) -> int:
        """Of the whole file."""
        return self.places[-1]

    def unit_at(self, place: int) -> int:
        """The cluster in which this byte is."""
        return bisect_right(self.places, place) - 1

    def source(self, unit: int) -> tuple[int, int]:
        """The bytes of the Ogg file that a cluster is made of."""
        return self.pages[2 * unit], self.pages[2 * unit + 1]

    def render(self, unit: int, pages: bytes) -> bytes:
        """A cluster from the bytes of its pages."""
        is_last = unit == len(self.places) - 2
        first_ms = self.first_packets[unit] * PACKET_MS
        packets = list(_packets(pages))
        blocks = [
            _block(packet, number * PACKET_MS, self.discard_ns if is_last and number == len(packets) - 1 else 0)
            for number, packet in enumerate(packets)
        ]
        body = element(TIMESTAMP, _uint8(first_ms)) + b"".join(blocks)
        cluster = CLUSTER + _vint8(len(body)) + body
        if len(cluster) != self.places[unit + 1] - self.places[unit]:
            raise ValueError("the pages are others than when they were counted")
        return cluster


def layout(pages: OpusPages) -> WebmLayout:
    """Where everything will stand."""
    total = len(pages.sizes) * PACKET_SAMPLES
    discard_ns = (total - pages.samples) * 1_000_000_000 // RATE_HZ
    lengths, sources, firsts = _clusters(pages, discard_ns)
    duration_ms = pages.heard * 1000 / RATE_HZ
    middle = element(INFO, _info(duration_ms)), element(TRACKS, _tracks(pages))
    cues_at = len(_seek_head(0, 0, 0)) + sum(map(len, middle))
    sizes = [len(_seek_head(0, 0, 0)), *map(len, middle)]
    first = cues_at + len(_cues(firsts, [0] * len(firsts)))
    # Places inside a segment are counted from behind its size (RFC 9559 §16.1).
    inside = [first]
    for length in lengths:
        inside.append(inside[-1] + length)
    body = b"".join((_seek_head(sizes[0], sizes[0] + sizes[1], cues_at), *middle, _cues(firsts, inside)))
    outside = _ebml() + SEGMENT + _vint8(inside[-1])
    return WebmLayout(
        head=outside + body,
        places=array("Q", (len(outside) + one for one in inside)),
        pages=sources,
        first_packets=firsts,
        discard_ns=discard_ns,
    )


def _clusters(pages: OpusPages, discard_ns: int) -> "tuple[array[int], array[int], array[int]]":
    """Lengths, sources and first packets of all clusters."""
    lengths, sources, firsts = array("Q"), array("Q"), array("Q")
    packet = 0
    for page in range(0, len(pages.starts), PAGES_A_CLUSTER):
        last = min(page + PAGES_A_CLUSTER, len(pages.starts)) - 1
        count = sum(pages.counts[page : last + 1])
        sizes = pages.sizes[packet : packet + count]
        body = len(element(TIMESTAMP, _uint8(0))) + sum(_block_bytes(size) for size in sizes)
        if packet + count == len(pages.sizes) and discard_ns:
            body += len(_block(bytes(sizes[-1]), 0, discard_ns)) - _block_bytes(sizes[-1])
        lengths.append(len(CLUSTER) + _SIZE8 + body)
        sources.extend((pages.starts[page], pages.ends[last]))
        firsts.append(packet)
        packet += count
    return lengths, sources, firsts


# ── blocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _packets(pages: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(pages):
        count = pages[place + _OGG_HEADER - 1]
        place += _OGG_HEADER + count
        for size in packet_sizes(pages[place - count : place]):
            yield pages[place : place + size]
            place += size


def _block(packet: bytes, offset_ms: int, discard_ns: int) -> bytes:
    head = bytes((0x80 | TRACK,)) + offset_ms.to_bytes(2, "big", signed=True)
    if not discard_ns:
        return element(SIMPLE_BLOCK, head + bytes((_KEYFRAME,)) + packet)
    # RFC 9559 §5.1.3.5.7: only a group can say that less than all of a packet is heard.
    discard = element(DISCARD, discard_ns.to_bytes(8, "big", signed=True))
    return element(BLOCK_GROUP, element(BLOCK, head + b"\0" + packet) + discard)


def _block_bytes(size: int) -> int:
    return 1 + len(_vint(size + 4)) + size + 4


# ── the head ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ebml() -> bytes:
    fields = ((b"\x42\x86", b"\1"), (b"\x42\xf7", b"\1"), (b"\x42\xf2", b"\4"), (b"\x42\xf3", b"\x08"))
    kinds = ((b"\x42\x82", b"webm"), (b"\x42\x87", b"\4"), (b"\x42\x85", b"\2"))
    return element(EBML, b"".join(element(name, value) for name, value in (*fields, *kinds)))


def _seek_head(info: int, tracks: int, cues: int) -> bytes:
    entries = ((INFO, info), (TRACKS, tracks), (CUES, cues))
    found = (element(SEEK, element(b"\x53\xab", name) + element(b"\x53\xac", _uint8(at))) for name, at in entries)
    return element(SEEK_HEAD, b"".join(found))


def _info(duration_ms: float) -> bytes:
    scale = element(b"\x2a\xd7\xb1", (1_000_000).to_bytes(3, "big"))
    apps = element(b"\x4d\x80", APP.encode()) + element(b"\x57\x41", APP.encode())
    return scale + element(b"\x44\x89", struct.pack(">d", duration_ms)) + apps


def _tracks(pages: OpusPages) -> bytes:
    opening = pages.opening
    delay_ns = opening.pre_skip * 1_000_000_000 // RATE_HZ
    audio = element(b"\xb5", struct.pack(">d", RATE_HZ)) + element(b"\x9f", bytes((opening.channels,)))
    fields = (
        (b"\xd7", bytes((TRACK,))),
        (b"\x73\xc5", bytes((TRACK,))),
        (b"\x9c", b"\0"),  # no lacing
        (b"\x83", b"\2"),  # audio
        (b"\x86", b"A_OPUS"),
        (b"\x56\xaa", _uint8(delay_ns)),
        (b"\x56\xbb", _uint8(SEEK_PRE_ROLL_NS)),
        (b"\xe1", audio),
        (b"\x63\xa2", opening.raw),
    )
    return element(b"\xae", b"".join(element(name, value) for name, value in fields))


def _cues(firsts: "array[int]", places: "list[int]") -> bytes:
    points = (
        element(b"\xbb", element(b"\xb3", _uint8(first * PACKET_MS)) + element(b"\xb7", _cue_place(place)))
        for first, place in zip(firsts, places, strict=False)
    )
    return element(CUES, b"".join(points))


def _cue_place(place: int) -> bytes:
    return element(b"\xf7", bytes((TRACK,))) + element(b"\xf1", _uint8(place))


# ── EBML (RFC 8794) ──────────────────────────────────────────────────────────────────────────────────────────────────


def element(name: bytes, value: bytes) -> bytes:
    """One element."""
    return name + _vint(len(value)) + value


def _vint(value: int) -> bytes:
    """A size in as few bytes as hold it (§4); all bits set would mean that it is not known."""
    length = 1
    while value >= (1 << 7 * length) - 1:
        length += 1
    return (value | 1 << 7 * length).to_bytes(length, "big")


def _vint8(value: int) -> bytes:
    return (value | 1 << 56).to_bytes(8, "big")


def _uint8(value: int) -> bytes:
    return value.to_bytes(8, "big")
