"""MP4 (ISO/IEC 14496-12) with one Opus track, out of the packets of an Ogg file; its length known beforehand.

Takes  OpusPages.
Gives  an Mp4Layout: everything before the sound (ftyp, moov, the head of mdat) as bytes; where each chunk begins; and
       any chunk from the bytes of its page.
Never  holds sound, or changes a packet.

Plain, moov in front, not in fragments: that is what Safari plays and seeks without a script. A chunk is the packets of
one Ogg page, about a second. How Opus stands in it says "Encapsulation of Opus in ISO Base Media File Format" of
opus-codec.org: the box dOps (Opus Specific Box), an edit list that leaves out the pre-skip and ends the sound (Trimming
of Actual Duration), and a roll of four packets, 80 ms, before a place to which one seeks (Pre-roll).
"""

import struct
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, groupby

from sonoteca.formats.ogg_opus import PACKET_SAMPLES, RATE_HZ, OpusPages

ROLL_PACKETS = 4
_LANGUAGE = 0x55C4  # "und"
_MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_MAX_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Mp4Layout:
    """`places[n]` is where chunk n begins; the last one is the end of the file. `bodies` is (place, end) in the Ogg
    file of each chunk's packets."""

    head: bytes
    places: "array[int]"
    bodies: "array[int]"

    @property
    def size(self) -> int:
        """Of the whole file."""
        return self.places[-1]

    def unit_at(self, place: int) -> int:
        """The chunk in which this byte is."""
        return bisect_right(self.places, place) - 1

    def source(self, unit: int) -> tuple[int, int]:
        """The bytes of the Ogg file that a chunk is."""
        return self.bodies[2 * unit], self.bodies[2 * unit + 1]

    def render(self, unit: int, packets: bytes) -> bytes:
        """A chunk is what stands in the page."""
        return packets


def layout(pages: OpusPages) -> Mp4Layout:
    """Where everything will stand."""
    lengths = array("Q", (end - body for body, end in zip(pages.bodies, pages.ends, strict=True)))
    total = sum(lengths)
    ftyp = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2mp41")
    mdat = _mdat(total)
    # Offsets are of the same width whatever they are, so the length of moov does not hang on them.
    is_wide = total > _MAX_32 // 2
    first = len(ftyp) + len(_moov(pages, [0] * len(lengths), is_wide)) + len(mdat)
    places = array("Q", accumulate(lengths, initial=first))
    bodies = array("Q", (one for pair in zip(pages.bodies, pages.ends, strict=True) for one in pair))
    return Mp4Layout(head=ftyp + _moov(pages, places[:-1].tolist(), is_wide) + mdat, places=places, bodies=bodies)


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box (§4.2)."""
    return struct.pack(">I", 8 + sum(map(len, parts))) + kind + b"".join(parts)


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with version and flags (§4.2)."""
    return box(kind, bytes((version,)), flags.to_bytes(3, "big"), *parts)


def _mdat(total: int) -> bytes:
    if total + 8 <= _MAX_32:
        return struct.pack(">I", total + 8) + b"mdat"
    return struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", total + 16)


# ── moov ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _moov(pages: OpusPages, places: list[int], is_wide: bool) -> bytes:
    # One clock for all: 48 kHz. Version 1 of the boxes, for lengths above a day.
    mvhd = full_box(
        b"mvhd",
        1,
        0,
        struct.pack(">QQIQ", 0, 0, RATE_HZ, pages.heard),
        struct.pack(">IHH", 0x10000, 0x100, 0),
        bytes(8),
        _MATRIX,
        bytes(24),
        struct.pack(">I", 2),
    )
    return box(b"moov", mvhd, _trak(pages, places, is_wide))


def _trak(pages: OpusPages, places: list[int], is_wide: bool) -> bytes:
    tkhd = full_box(
        b"tkhd",
        1,
        3,  # enabled, in the movie
        struct.pack(">QQIIQ", 0, 0, 1, 0, pages.heard),
        struct.pack(">QHHHH", 0, 0, 0, 0x100, 0),
        _MATRIX,
        bytes(8),
    )
    edit = struct.pack(">IQqHH", 1, pages.heard, pages.opening.pre_skip, 1, 0)
    return box(b"trak", tkhd, box(b"edts", full_box(b"elst", 1, 0, edit)), _mdia(pages, places, is_wide))


def _mdia(pages: OpusPages, places: list[int], is_wide: bool) -> bytes:
    mdhd = full_box(b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, RATE_HZ, pages.samples, _LANGUAGE, 0))
    hdlr = full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"soun"), b"Sonoteca\0")
    dinf = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    smhd = full_box(b"smhd", 0, 0, bytes(4))
    return box(b"mdia", mdhd, hdlr, box(b"minf", smhd, dinf, _stbl(pages, places, is_wide)))


def _stbl(pages: OpusPages, places: list[int], is_wide: bool) -> bytes:
    count = len(pages.sizes)
    sizes = array("I", pages.sizes)
    if sizes.itemsize != 4:
        raise RuntimeError("a machine whose numbers have another size")
    return box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), _entry(pages)),
        full_box(b"stts", 0, 0, _durations(pages)),
        full_box(b"stsc", 0, 0, _chunks(pages)),
        full_box(b"stsz", 0, 0, struct.pack(">II", 0, count), _big_endian(sizes)),
        _offsets(places, is_wide),
        full_box(b"sgpd", 1, 0, b"roll", struct.pack(">IIh", 2, 1, -ROLL_PACKETS)),
        full_box(b"sbgp", 0, 0, b"roll", struct.pack(">III", 1, count, 1)),
    )


def _entry(pages: OpusPages) -> bytes:
    opening = pages.opening
    # Big-endian here, little-endian in Ogg; the version is 0 here, 1 there.
    fields = (0, opening.channels, opening.pre_skip, opening.rate_hz, opening.gain_q8, 0)
    dops = box(b"dOps", struct.pack(">BBHIhB", *fields))
    head = struct.pack(">6xH8xHHHHI", 1, opening.channels, 16, 0, 0, RATE_HZ << 16)
    return box(b"Opus", head, dops)


def _durations(pages: OpusPages) -> bytes:
    """All packets alike, but for the last, of which less is heard."""
    count = len(pages.sizes)
    last = pages.samples - (count - 1) * PACKET_SAMPLES
    runs = [(count, PACKET_SAMPLES)] if last == PACKET_SAMPLES else [(count - 1, PACKET_SAMPLES), (1, last)]
    runs = [run for run in runs if run[0]]
    return struct.pack(">I", len(runs)) + b"".join(struct.pack(">II", *run) for run in runs)


def _chunks(pages: OpusPages) -> bytes:
    """Runs of chunks with the same number of packets."""
    runs, chunk = [], 1
    for packets, same in groupby(pages.counts):
        runs.append(struct.pack(">III", chunk, packets, 1))
        chunk += len(list(same))
    return struct.pack(">I", len(runs)) + b"".join(runs)


def _offsets(places: list[int], is_wide: bool) -> bytes:
    kind, code = (b"co64", "Q") if is_wide else (b"stco", "I")
    return full_box(kind, 0, 0, struct.pack(">I", len(places)), _big_endian(array(code, places)))


def _big_endian(numbers: "array[int]") -> bytes:
    if struct.pack("=H", 1) == struct.pack("<H", 1):
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
