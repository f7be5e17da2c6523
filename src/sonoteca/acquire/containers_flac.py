"""FLAC, as a stream of its own (RFC 9639): what STREAMINFO says against the last frame that is there.

Takes  the file.   Gives  its Shape. Nothing is decoded: the last frame's header tells how many samples there are, and
       its own
checksum tells whether the file ends where a frame ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.acquire.containers import Shape, View
from sonoteca.acquire.probe_checksums import MIRROR, crc16_reflected
from sonoteca.formats.sound_tags import Block, Bytes, find_tail, skip_tags
from sonoteca.model.finding import Finding, finding

MAX_BLOCKS = 512
_STREAMINFO, _COMMENT, _PICTURE = 0, 4, 6
_STREAMINFO_BYTES = 34
_MAX_TAIL_BYTES = 1 << 18
_MAX_CANDIDATES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInfo:
    """RFC 9639 §8.2. Samples 0: unknown."""

    min_block: int
    max_frame_bytes: int
    rate: int
    channels: int
    bits: int
    samples: int
    md5: str


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of the sound: samples up to the last frame seen, and whether that frame is whole and the last thing."""

    samples: int
    is_whole: bool


def parse_streaminfo(raw: bytes) -> StreamInfo | None:
    """STREAMINFO from its 34 bytes, None if they are fewer."""
    if len(raw) < 34:
        return None
    packed = int.from_bytes(raw[10:18], "big")
    return StreamInfo(
        min_block=int.from_bytes(raw[0:2], "big"),
        max_frame_bytes=int.from_bytes(raw[7:10], "big"),
        rate=packed >> 44,
        channels=(packed >> 41 & 7) + 1,
        bits=(packed >> 36 & 31) + 1,
        samples=packed & (1 << 36) - 1,
        md5=raw[18:34].hex(),
    )


def shape_flac(file: Bytes) -> Shape:
    """The Shape of a FLAC file, tags in front and behind included."""
    start, front = skip_tags(file)
    tail = find_tail(file, start)
    head = _read_head(file, start + 4, tail.end)
    blocks, info, problems = (*front, *head.blocks, *tail.blocks), head.info, list(head.findings)
    if info is None:
        return Shape(kind="flac", blocks=blocks, findings=tuple(problems))
    at = head.end
    ending = find_ending(file, at, tail.end, info) if at < tail.end else None
    problems.extend(_compare(info, ending))
    return Shape(
        kind="flac",
        view=View(start=at, end=tail.end, prefix=b"fLaC\x80\x00\x00\x22" + head.raw),
        samples=ending.samples if ending else 0,
        exact=ending is not None and ending.is_whole,
        rate=info.rate,
        bits=info.bits,
        audio_md5="" if set(info.md5) == {"0"} else info.md5,
        is_stub=at >= tail.end and info.samples > 0 and info.rate > 0 and head.is_closed,
        blocks=blocks,
        findings=tuple(problems),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The metadata: STREAMINFO, as value and bytes; tags and pictures; where the first frame begins."""

    info: StreamInfo | None
    raw: bytes
    blocks: tuple[Block, ...]
    end: int
    is_closed: bool
    findings: tuple[Finding, ...]


def _read_head(file: Bytes, at: int, end: int) -> _Head:
    info: StreamInfo | None = None
    raw, blocks, problems = b"", list[Block](), list[Finding]()
    is_closed = False
    for kind, place, size, is_last in _walk(file, at):
        is_closed = is_last
        # No decoder finds the sound behind metadata that lead astray: what looks like sound there is left alone.
        if place + size > end:
            problems.append(finding("F107", detail="flac: a block of its metadata ends behind the end of the file"))
            break
        if kind == _STREAMINFO and (info is not None or size != _STREAMINFO_BYTES):
            problems.append(finding("F107", detail="flac: STREAMINFO is doubled or of the wrong length"))
        elif kind == _STREAMINFO:
            raw = file.read(place, size)
            info = parse_streaminfo(raw)
        elif kind in (_COMMENT, _PICTURE):
            blocks.append(Block(kind="vorbis" if kind == _COMMENT else "picture", at=place, size=size))
        at = place + size
    return _Head(
        info=info, raw=raw, blocks=tuple(blocks), end=min(at, end), is_closed=is_closed, findings=tuple(problems)
    )


def _walk(file: Bytes, at: int) -> Iterator[tuple[int, int, int, bool]]:
    """(type, place, size, whether it says that it is the last) of the metadata blocks."""
    for _ in range(MAX_BLOCKS):
        head = file.read(at, 4)
        if len(head) < 4:
            return
        size = int.from_bytes(head[1:], "big")
        yield head[0] & 0x7F, at + 4, size, bool(head[0] & 0x80)
        at += 4 + size
        if head[0] & 0x80:
            return


def _compare(info: StreamInfo, ending: Ending | None) -> Iterator[Finding]:
    if set(info.md5) == {"0"}:
        yield finding("A107")
    if info.rate == 0:
        yield finding("A102", detail="it says that it has no samples a second")
    if ending is None:
        return
    seconds = info.rate or 1
    if info.samples and ending.samples < info.samples:
        found = f"{ending.samples / seconds:.3f} of {info.samples / seconds:.3f} s are there"
        yield finding("A101", detail=found)
    elif info.samples and ending.samples > info.samples:
        yield finding("A102", detail=f"{info.samples} samples declared, {ending.samples} are there")
    elif not ending.is_whole:
        yield finding("A103", detail="the last frame is damaged, cut off, or followed by something else")


# ── the last frame ───────────────────────────────────────────────────────────────────────────────────────────────────


def find_ending(file: Bytes, start: int, end: int, info: StreamInfo) -> Ending | None:
    """Where the sound ends, from the last frame header in the file's tail; None when none can be found."""
    reach = max(1 << 15, min(_MAX_TAIL_BYTES, info.max_frame_bytes * 2))
    at = max(start, end - reach)
    tail = file.read(at, end - at)
    best: Ending | None = None
    place, tried = len(tail), 0
    while tried < _MAX_CANDIDATES and (place := tail.rfind(b"\xff", 0, place)) >= 0:
        samples = _frame_end(tail[place : place + 16], info)
        if samples is None:
            continue
        tried += 1
        # The remainder over a frame and its checksum is 0; mirrored bytes give a mirrored remainder.
        if crc16_reflected(tail[place:].translate(MIRROR)) == 0:
            return Ending(samples, True)
        if best is None or best.samples < samples <= (info.samples or samples):
            best = Ending(samples, False)
    return best


def _frame_end(head: bytes, info: StreamInfo) -> int | None:
    """How many samples the stream has at the end of the frame that begins here, None if none does (RFC 9639 §9.1)."""
    if (
        len(head) < 6
        or head[0] != 0xFF
        or head[1] & 0xFE != 0xF8
        or head[3] & 1
        or head[3] >> 4 > 10
        or head[2] >> 4 == 0
    ):
        return None
    number, size = _coded_number(head[4:])
    if size == 0:
        return None
    at = 4 + size
    block, extra = _block_size(head, at)
    at += extra + {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
    if at >= len(head) or head[2] & 15 == 15 or crc8(head[:at]) != head[at]:
        return None
    return (number if head[1] & 1 else number * info.min_block) + block


def _block_size(head: bytes, at: int) -> tuple[int, int]:
    code = head[2] >> 4
    if code in (6, 7):
        extra = code - 5
        return int.from_bytes(head[at : at + extra], "big") + 1, extra
    return (192 if code == 1 else 576 << code - 2 if code < 6 else 256 << code - 8), 0


def _coded_number(raw: bytes) -> tuple[int, int]:
    """A number coded as UTF-8 was, up to seven bytes, and its length; length 0 if it is none."""
    first = raw[0]
    if first < 0x80:
        return first, 1
    size = 8 - (first ^ 0xFF).bit_length()  # as many ones in front as bytes
    if size < 2 or size > min(7, len(raw)) or any(byte & 0xC0 != 0x80 for byte in raw[1:size]):
        return 0, 0
    number = first & (1 << 7 - size) - 1
    for byte in raw[1:size]:
        number = number << 6 | byte & 0x3F
    return number, size


def crc8(raw: bytes) -> int:
    """Polynomial 0x07 (RFC 9639 §9.1.8)."""
    value = 0
    for byte in raw:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x07 if value & 0x80 else value << 1) & 0xFF
    return value
