"""Opus in Ogg, seen from its page headers: where the packets lie and how long they are, without a look at the sound.

Takes  the first bytes of each page, in order, with the page's place in the file.
Gives  OpusPages: what a container of another kind needs to carry the same packets (webm.py, mp4.py).
Never  takes what convert/opus.py does not write: one stream, packets of 20 ms that never go on in another page (only
       the tags do: a picture is in them), one or two channels, an end by the last page's granule position. ValueError
       names what is different.

Checksums are not computed: that would need every byte, and the archive's own fixity has looked at them.
"""

import struct
from array import array
from dataclasses import dataclass, field

from sonoteca.formats.ogg import BEGIN, CONTINUED, END

RATE_HZ = 48_000
PACKET_SAMPLES = 960
# A page's header with the longest table; the first page of a stream is in it, whole.
HEADING_BYTES = 27 + 255
_HEADING = struct.Struct("<4sBBQIIIB")
_HEAD = struct.Struct("<8sBBHIhB")
# 48 hours, the longest that is rendered.
MAX_PAGES = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """OpusHead (RFC 7845 §5.1): `raw` the packet; `pre_skip` samples at 48 kHz are not heard; `gain_q8` in 1/256 dB."""

    raw: bytes
    channels: int
    pre_skip: int
    rate_hz: int
    gain_q8: int


@dataclass(slots=True)
class OpusPages:
    """The pages that have sound. For each its place in the file, where its packets begin and end, and how many there
    are; `sizes` of all packets in order. `samples` is the last granule position: with those that are skipped."""

    opening: Opening
    starts: "array[int]" = field(default_factory=lambda: array("Q"))
    bodies: "array[int]" = field(default_factory=lambda: array("Q"))
    ends: "array[int]" = field(default_factory=lambda: array("Q"))
    counts: "array[int]" = field(default_factory=lambda: array("B"))
    sizes: "array[int]" = field(default_factory=lambda: array("H"))
    samples: int = 0

    @property
    def heard(self) -> int:
        """Samples that are heard, at 48 kHz."""
        return self.samples - self.opening.pre_skip

    @property
    def sound_bytes(self) -> int:
        """Bytes of all packets."""
        return sum(self.sizes)


class PageReader:
    """Takes page headers one after the other: `place` says where the next one is, until `is_done`."""

    def __init__(self) -> None:
        self.place = 0
        self.is_done = False
        self._serial = 0
        self._sequence = 0
        self._has_tags = False
        self._pages: OpusPages | None = None

    def take(self, raw: bytes) -> None:
        """The first HEADING_BYTES at `place` (fewer at the end of the file)."""
        flags, granule, table = self._heading(raw)
        body = self.place + _HEADING.size + len(table)
        if self._sequence == 0:
            self._pages = OpusPages(parse_opening(raw[_HEADING.size + len(table) :][: sum(table)]))
        elif self._has_tags:
            self._sound(flags, granule, table, body)
        else:
            self._has_tags = table[-1] < 255
        self._sequence += 1
        self.place = body + sum(table)
        self.is_done = bool(flags & END)

    def result(self) -> OpusPages:
        """When it is done."""
        if self._pages is None or not self.is_done or self._pages.heard <= 0:
            raise ValueError("it has no end, or no sound")
        return self._pages

    def _heading(self, raw: bytes) -> tuple[int, int, bytes]:
        if len(raw) < _HEADING.size:
            raise ValueError("cut off in a page's header")
        sign, version, flags, granule, serial, sequence, _, count = _HEADING.unpack_from(raw)
        table = raw[_HEADING.size : _HEADING.size + count]
        is_tags = self._sequence > 0 and not self._has_tags
        if sign != b"OggS" or version or len(table) < count or not count or (table[-1] == 255 and not is_tags):
            raise ValueError("not a page, or its last packet goes on in another")
        if self._sequence == 0:
            self._serial = serial
        wanted = BEGIN if self._sequence == 0 else CONTINUED if is_tags and self._sequence > 1 else 0
        if serial != self._serial or sequence != self._sequence or flags & ~END != wanted or sequence > MAX_PAGES:
            raise ValueError("another stream, a page is missing, or there are too many")
        return flags, granule, table

    def _sound(self, flags: int, granule: int, table: bytes, body: int) -> None:
        pages = self._pages
        if pages is None:
            raise ValueError("sound before its head")
        sizes = packet_sizes(table)
        pages.sizes.extend(sizes)
        pages.starts.append(self.place)
        pages.bodies.append(body)
        pages.ends.append(body + sum(table))
        pages.counts.append(len(sizes))
        full = len(pages.sizes) * PACKET_SAMPLES
        # RFC 7845 §4.4: only the last page may end before its last packet does.
        if granule > full or granule <= full - len(sizes) * PACKET_SAMPLES or (granule < full and not flags & END):
            raise ValueError("its packets are not of 20 ms each")
        pages.samples = granule


def parse_opening(raw: bytes) -> Opening:
    """The head of a stream of one or two channels."""
    if len(raw) != _HEAD.size:
        raise ValueError("not the head of an Opus stream of one or two channels")
    sign, version, channels, pre_skip, rate_hz, gain_q8, family = _HEAD.unpack(raw)
    if sign != b"OpusHead" or version != 1 or channels not in (1, 2) or family:
        raise ValueError("not the head of an Opus stream of one or two channels")
    return Opening(raw=raw, channels=channels, pre_skip=pre_skip, rate_hz=rate_hz, gain_q8=gain_q8)


def packet_sizes(table: bytes) -> list[int]:
    """The packets' sizes that a page's table says (RFC 3533 §5)."""
    sizes, size = [], 0
    for one in table:
        size += one
        if one < 255:
            sizes.append(size)
            size = 0
    return sizes
