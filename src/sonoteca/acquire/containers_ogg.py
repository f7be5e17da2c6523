"""Ogg (RFC 3533): every page's place, number, checksum and end, and what is between them.

Takes  the file.   Gives  its Shape: the codec of its first sound, how many samples its pages count, its comments.

A page's checksum is CRC-32 with the most significant bit first; zlib has the mirrored one, so each byte is mirrored
by a table and the result mirrored back: the whole file is verified at a few hundred megabytes a second.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from sonoteca.acquire.containers import SMALL_BYTES, Shape, View
from sonoteca.acquire.probe_checksums import MIRROR
from sonoteca.formats.sound_tags import Block, Bytes
from sonoteca.model.finding import Finding, finding

MAX_COMMENT_BYTES = 1 << 24
# Beyond this only the structure is looked at, not the checksums: it bounds the time for one file.
MAX_CHECKED_BYTES = 1 << 28
_MAX_PAGES = 1 << 20
_NO_GRANULE = (1 << 64) - 1
_HEADER = struct.Struct("<4sBBQIII")

# The first packet of a stream: (mark, name, how many packets stand before the sound).
CODECS: tuple[tuple[bytes, str], ...] = (
    (b"\x01vorbis", "vorbis"),
    (b"OpusHead", "opus"),
    (b"Speex   ", "speex"),
    (b"\x7fFLAC", "flac"),
    (b"PCM     ", "pcm"),
    (b"\x80theora", "theora"),
    (b"BBCD", "dirac"),
    (b"fishead", "skeleton"),
    (b"\x80kate", "kate"),
)
SOUND_CODECS = frozenset({"vorbis", "opus", "speex", "flac", "pcm"})


@dataclass(slots=True)
class Stream:
    """One logical stream, from its first page to its last."""

    codec: str
    first: bytes
    granule: int = 0
    next_number: int = 1
    pages: int = 1
    has_ended: bool = False
    comment: bytearray = field(default_factory=bytearray)
    comment_ends: bool = False


@dataclass(slots=True)
class Pages:
    """What a walk over all pages saw."""

    streams: list[Stream] = field(default_factory=list)
    current: dict[int, Stream] = field(default_factory=dict)
    pages: int = 0
    wrong_checksums: int = 0
    lost_pages: int = 0
    junk_in_front: int = 0
    junk_between: int = 0
    is_cut: bool = False
    chained: bool = False


def shape_ogg(file: Bytes) -> Shape:
    """The Shape of an Ogg file; leading junk is skipped."""
    seen = Pages()
    for place, header, body in _walk(file, seen):
        _check(seen, place, header, body)
        _take(seen, header, body)
    sound = [stream for stream in seen.streams if stream.codec in SOUND_CODECS]
    if not sound:
        return Shape(
            kind="ogg",
            variant=next((stream.codec for stream in seen.streams if stream.codec), ""),
            findings=_findings(seen, sound),
        )
    first = sound[0]
    comments = (Block(kind="vorbis", at=0, size=len(first.comment), raw=_strip(first)),) if first.comment else ()
    return Shape(
        kind="ogg",
        variant=first.codec,
        samples=_samples_of_chain(sound) if seen.chained else samples_of(first),
        rate=rate_of(first),
        view=View(start=seen.junk_in_front),
        is_empty=all(stream.granule == 0 and stream.has_ended for stream in sound),
        blocks=comments,
        findings=_findings(seen, sound),
    )


def _walk(file: Bytes, seen: Pages) -> Iterator[tuple[int, bytes, bytes]]:
    """(place, header with its table, body) of each whole page."""
    at = 0
    while seen.pages < _MAX_PAGES:
        head = file.read(at, 27 + 255)
        if head[:4] != b"OggS" or len(head) < 27:
            found = _find_page(file, at)
            if found < 0:
                _end(seen, file.size - at)
                return
            _junk(seen, found - at)
            at = found
            continue
        count = head[26]
        size = sum(head[27 : 27 + count])
        if len(head) < 27 + count or at + 27 + count + size > file.size:
            seen.is_cut = True
            return
        seen.pages += 1
        yield at, head[: 27 + count], file.read(at + 27 + count, size)
        at += 27 + count + size


def _find_page(file: Bytes, at: int) -> int:
    """The next place where a page could begin, -1 if there is none."""
    at += 1
    while at < file.size:
        part = file.read(at, 1 << 17)
        found = part.find(b"OggS")
        if found >= 0:
            return at + found
        at += max(1, len(part) - 3)
    return -1


def _junk(seen: Pages, count: int) -> None:
    if seen.pages:
        seen.junk_between += count
    else:
        seen.junk_in_front += count


def _end(seen: Pages, rest: int) -> None:
    seen.junk_between += rest


def _check(seen: Pages, place: int, header: bytes, body: bytes) -> None:
    if place < MAX_CHECKED_BYTES and page_checksum(header, body) != int.from_bytes(header[22:26], "little"):
        seen.wrong_checksums += 1


def page_checksum(header: bytes, body: bytes) -> int:
    """The checksum a page should carry (RFC 3533 §6: polynomial 0x04c11db7, no inversion, its own field as zeros)."""
    blank = header[:22] + b"\0\0\0\0" + header[26:]
    # zlib inverts before and after: feeding it all ones and inverting again undoes both.
    mirrored = zlib.crc32((blank + body).translate(MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(MIRROR), "big")


def _take(seen: Pages, header: bytes, body: bytes) -> None:
    _, _, flags, granule, serial, number, _ = _HEADER.unpack(header[:26])
    if flags & 2:
        if any(stream.pages > 1 for stream in seen.streams):
            seen.chained = True
        codec = next((name for mark, name in CODECS if body.startswith(mark)), "")
        stream = Stream(codec, body[:64], next_number=number + 1)
        seen.streams.append(stream)
        seen.current[serial] = stream
    elif (known := seen.current.get(serial)) is None:
        seen.lost_pages += 1
        return
    else:
        stream = known
        seen.lost_pages += number != stream.next_number
        stream.next_number = number + 1
        stream.pages += 1
        _collect(stream, header[27:], body)
    if granule != _NO_GRANULE and granule >> 63 == 0 and stream.pages > 1:
        stream.granule = max(stream.granule, granule)
    stream.has_ended = stream.has_ended or bool(flags & 4)


def _collect(stream: Stream, table: bytes, body: bytes) -> None:
    """The second packet of the stream is its comment; it may go on for many pages."""
    if stream.comment_ends or len(stream.comment) > MAX_COMMENT_BYTES:
        return
    size = 0
    for length in table:
        size += length
        if length < 255:
            stream.comment_ends = True
            break
    stream.comment += body[:size]


# ── what the pages say ───────────────────────────────────────────────────────────────────────────────────────────────


def rate_of(stream: Stream) -> int:
    """Samples a second of its positions."""
    if stream.codec == "opus":
        return 48000
    places = {"vorbis": (12, "little"), "speex": (36, "little")}
    if stream.codec in places:
        at, order = places[stream.codec]
        return int.from_bytes(stream.first[at : at + 4], "little" if order == "little" else "big")
    return int.from_bytes(stream.first[27:30], "big") >> 4 if stream.codec == "flac" else 0


def samples_of(stream: Stream) -> int:
    """How many samples its last position counts; Opus counts what must be skipped in front too (RFC 7845 §4.2)."""
    skip = int.from_bytes(stream.first[10:12], "little") if stream.codec == "opus" else 0
    return max(0, stream.granule - skip)


def _samples_of_chain(sound: list[Stream]) -> int:
    """Of all of the first one's codec, each in its own rate, counted in the rate of the first."""
    first = sound[0]
    seconds = (samples_of(one) / max(1, rate_of(one)) for one in sound if one.codec == first.codec)
    return round(sum(seconds) * rate_of(first))


def _strip(stream: Stream) -> bytes:
    """The comment without the packet's mark."""
    marks = {"vorbis": b"\x03vorbis", "opus": b"OpusTags"}
    raw = bytes(stream.comment)
    if stream.codec == "flac":
        return raw[4:]
    return raw.removeprefix(marks.get(stream.codec, b""))


def _findings(seen: Pages, sound: list[Stream]) -> tuple[Finding, ...]:
    found = []
    if seen.junk_in_front:
        found.append(finding("A104", detail=f"{seen.junk_in_front} bytes before the first page"))
    if seen.wrong_checksums:
        found.append(finding("A106", detail=f"{seen.wrong_checksums} of {seen.pages} pages"))
    if seen.lost_pages:
        found.append(finding("A105", detail=f"pages are missing in {seen.lost_pages} places"))
    if seen.junk_between:
        code = "A103" if seen.junk_between > SMALL_BYTES else "A116"
        found.append(finding(code, detail=f"{seen.junk_between} bytes between or behind the pages"))
    if seen.is_cut:
        found.append(finding("A101", detail="it breaks off within a page"))
    elif not all(stream.has_ended for stream in sound):
        found.append(finding("A119"))
    if seen.chained:
        found.append(finding("A108", detail=f"{len(sound)} streams one after the other"))
    return tuple(found)
