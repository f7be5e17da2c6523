"""WavPack and ASF (Windows Media): blocks and packets against the totals that the header gives.

Takes  the file.   Gives  its Shape.
Sources: WavPack 4 & 5 Binary File Format §2; Advanced Systems Format Specification 01.20.03 §3.2, §5.1.
"""

import struct
from collections.abc import Iterator

from sonoteca.acquire.containers import Shape, View
from sonoteca.formats.sound_tags import Bytes, find_tail, skip_tags
from sonoteca.model.finding import Finding, finding

MAX_BLOCKS = 1 << 20
_WAVPACK = struct.Struct("<4sIHBBIIIII")
_WAVPACK_RATES = (6000, 8000, 9600, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000, 192000)
_MONO, _HYBRID, _DSD = 1 << 2, 1 << 3, 1 << 31
_CORRECTION, _SOUND = 0x0B, frozenset({0x0A, 0x0E})
_UNKNOWN = 0xFFFFFFFF
_DATA_OBJECT = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_BROADCAST = 1
_MAX_HEADER_BYTES = 1 << 24


def shape_wavpack(file: Bytes) -> Shape:
    """The Shape of a WavPack file, or of a correction file (.wvc)."""
    start, front = skip_tags(file)
    tail = find_tail(file, start)
    at, done, total, flags, blocks = start, 0, 0, 0, 0
    short, kinds = 0, set[int]()
    while blocks < MAX_BLOCKS and at < tail.end:
        head = file.read(at, _WAVPACK.size)
        if len(head) < _WAVPACK.size or head[:4] != b"wvpk":
            break
        _, size, _, index_high, total_high, low, index, count, found, _ = _WAVPACK.unpack(head)
        short = at + 8 + size - tail.end
        if size < 24 or short > 0:
            break
        if blocks == 0:
            total = 0 if low == _UNKNOWN else low | total_high << 32
            flags = found
        if not kinds & {_CORRECTION, *_SOUND}:  # blocks of silence hold neither
            kinds |= _sub_blocks(file.read(at + _WAVPACK.size, min(size - 24, 4096)))
        done = max(done, (index | index_high << 32) + count)
        blocks += 1
        at += 8 + size
    # A correction file has the other half of each block and no sound of its own.
    is_correction = _CORRECTION in kinds and not kinds & _SOUND
    return Shape(
        kind="wavpack",
        variant="correction" if is_correction else "hybrid" if flags & _HYBRID else "lossless",
        samples=done,
        exact=blocks > 0 and short <= 0,
        rate=_rate(flags) if blocks else 0,
        bits=1 if flags & _DSD else ((flags & 3) + 1) * 8 - (flags >> 13 & 31) if blocks else 0,
        is_stub=False,
        view=View(start=start, end=tail.end),
        blocks=(*front, *tail.blocks),
        findings=tuple(_wavpack_findings(at, tail.end, max(0, short), (done, total))) if blocks else (),
    )


def _rate(flags: int) -> int:
    place = flags >> 23 & 15
    return _WAVPACK_RATES[place] if place < 15 else 0


def _sub_blocks(body: bytes) -> set[int]:
    kinds, at = set[int](), 0
    while at + 2 <= len(body):
        words = body[at + 1] if not body[at] & 0x80 else int.from_bytes(body[at + 1 : at + 4], "little")
        kinds.add(body[at] & 0x3F)
        at += (4 if body[at] & 0x80 else 2) + words * 2
    return kinds


def _wavpack_findings(at: int, end: int, short: int, counts: tuple[int, int]) -> Iterator[Finding]:
    done, total = counts
    if short or (total and done < total):
        yield finding(
            "A101", detail=f"{done} of {total} samples are there" if total > done else f"{short} bytes are missing"
        )
    elif at < end:
        yield finding("A103", detail=f"{end - at} bytes")


# ── ASF ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def shape_asf(file: Bytes) -> Shape:
    """The Shape of a WMA or ASF file."""
    header_bytes = int.from_bytes(file.read(16, 8), "little")
    header = file.read(0, min(header_bytes, _MAX_HEADER_BYTES))
    place = header.find(_FILE_PROPERTIES)
    if place < 0 or len(header) < place + 104:
        return Shape(kind="asf")
    declared, _, packets, _, _, _, flags, packet_bytes = struct.unpack_from("<QQQQQQII", header, place + 40)
    data = file.read(header_bytes, 50)
    if data[:16] != _DATA_OBJECT:
        return Shape(kind="asf")
    there = file.size - header_bytes - 50
    problems = []
    if not flags & _BROADCAST and (declared > file.size or packets * packet_bytes > there):
        problems.append(
            finding(
                "A101", detail=f"the header says {declared} bytes in {packets} packets, the file has {file.size} bytes"
            )
        )
    return Shape(
        kind="asf",
        is_empty=packets == 0 and there <= 0,
        is_stub=packets > 0 and there < packet_bytes,
        findings=tuple(problems),
    )
