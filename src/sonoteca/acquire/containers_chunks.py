"""Containers made of chunks: a name, a size, that many bytes. RIFF/WAVE, RF64, Wave64, AIFF, DSDIFF, DSF, CAF, AU.

Takes  the file.   Gives  its Shape: how long the sound is that is there, against how long the headers say it is.
Sources: Multimedia Programming Interface (1991) for RIFF; EBU Tech 3306 (RF64) and 3285 (bext); Sony Wave64 1.0; AIFF
1.3; Philips DSDIFF 1.5; Sony DSF 1.01; Apple CAF 1.0; Sun audio(4).
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sonoteca.acquire.containers import SMALL_BYTES, Shape, View
from sonoteca.formats.sound_tags import Block, Bytes, id3_size
from sonoteca.model.finding import Finding, finding

MAX_CHUNKS = 4096
_UNKNOWN = 0xFFFFFFFF  # what a program writes that could not go back to fill in the size


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: where its content begins, how long it says it is, how much of that is in the file."""

    name: bytes
    at: int
    size: int
    there: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How a family writes chunks: `head` gives (name, size of the content) from the head's bytes; the next chunk
    begins at a multiple of `align` behind it."""

    head_bytes: int
    head: Callable[[bytes], tuple[bytes, int]]
    align: int


def _big_32(head: bytes) -> tuple[bytes, int]:
    return head[:4], int.from_bytes(head[4:], "big")


def _little_32(head: bytes) -> tuple[bytes, int]:
    return head[:4], int.from_bytes(head[4:], "little")


def _big_64(head: bytes) -> tuple[bytes, int]:
    return head[:4], int.from_bytes(head[4:], "big")


def _wave_64(head: bytes) -> tuple[bytes, int]:
    return head[:4], int.from_bytes(head[16:], "little") - 24  # Wave64 counts the head too


RIFF = Grammar(head_bytes=8, head=_little_32, align=2)
AIFF = Grammar(head_bytes=8, head=_big_32, align=2)
DSDIFF = Grammar(head_bytes=12, head=_big_64, align=2)
CAF = Grammar(head_bytes=12, head=_big_64, align=1)
WAVE64 = Grammar(head_bytes=24, head=_wave_64, align=8)


def walk(file: Bytes, at: int, grammar: Grammar, sizes: dict[bytes, int] | None = None) -> Iterator[Chunk]:
    """The chunks from `at` to the end of the file, whatever the outer size says. `sizes` corrects the size of a chunk
    whose head has no room for it (RF64)."""
    for _ in range(MAX_CHUNKS):
        head = file.read(at, grammar.head_bytes)
        if len(head) < grammar.head_bytes:
            return
        name, size = grammar.head(head)
        if size == _UNKNOWN and sizes:
            size = sizes.get(name, size)
        if size < 0 or not _is_name(name):
            return
        at += grammar.head_bytes
        yield Chunk(name, at, size, max(0, min(size, file.size - at)))
        at += -(-size // grammar.align) * grammar.align


def _is_name(name: bytes) -> bool:
    return all(32 <= byte < 127 or byte == 0xA9 for byte in name)


# ── WAVE in its three wrappers ───────────────────────────────────────────────────────────────────────────────────────


def shape_riff(file: Bytes) -> Shape:
    """RIFF/WAVE."""
    declared = int.from_bytes(file.read(4, 4), "little")
    return _wave(file, "riff", list(walk(file, 12, RIFF)), 0 if declared in (0, _UNKNOWN) else declared + 8)


def shape_rifx(file: Bytes) -> Shape:
    """RIFF of machines that put the most significant byte first: FFmpeg 8.1 reads its head so, and its samples not."""
    chunks = list(walk(file, 12, AIFF))
    return Shape(
        kind="rifx",
        misread="its numbers have the most significant byte first",
        blocks=tuple(block for block in _wave_blocks(file, chunks) if block.kind in ("id3v2", "ixml")),
        findings=tuple(
            finding("A101", detail=f"the header says {chunk.size} bytes of sound, {chunk.there} are there")
            for chunk in chunks
            if chunk.name == b"data" and _UNKNOWN > chunk.size > chunk.there
        ),
    )


def shape_rf64(file: Bytes) -> Shape:
    """RF64 and BW64: the sizes stand in the chunk ds64."""
    sizes, declared = dict[bytes, int](), 0
    first = next(walk(file, 12, RIFF), None)
    if first is not None and first.name == b"ds64" and first.there >= 16:
        declared, sizes[b"data"] = struct.unpack("<QQ", file.read(first.at, 16))
    return _wave(file, "rf64", list(walk(file, 12, RIFF, sizes)), declared + 8)


def shape_w64(file: Bytes) -> Shape:
    """Wave64: RIFF with 16-byte names and 8-byte sizes."""
    declared = int.from_bytes(file.read(16, 8), "little")
    return _wave(file, "w64", list(walk(file, 40, WAVE64)), declared)


def _wave(file: Bytes, kind: str, chunks: list[Chunk], declared: int) -> Shape:
    form = next((chunk for chunk in chunks if chunk.name == b"fmt "), None)
    sound = next((chunk for chunk in chunks if chunk.name == b"data"), None)
    if form is None or sound is None or form.there < 14:
        missing = "'fmt '" if form is None or form.there < 14 else "'data'"
        return Shape(kind=kind, findings=(finding("F107", detail=f"{kind}: it has no chunk {missing}"),))
    tag, _, rate, _, align = struct.unpack("<HHIIH", file.read(form.at, 14))
    bits = int.from_bytes(file.read(form.at + 14, 2), "little")
    if tag == 0xFFFE and form.there >= 26:
        tag = int.from_bytes(file.read(form.at + 24, 2), "little")
    is_linear = tag in (1, 3, 6, 7) and align > 0
    used = _bits_of_wider_words(file, form) if tag == 1 else 0
    streamed = sound.size == _UNKNOWN or (sound.size == 0 and file.size > sound.at) or declared == 0
    there = file.size - sound.at if sound.size == 0 and streamed else sound.there
    return Shape(
        kind=kind,
        variant=_wave_variant(file, chunks, form),
        samples=there // align if is_linear else 0,
        exact=is_linear,
        rate=rate,
        bits=used or bits if is_linear else 0,
        misread=f"{used} bits in wider words" if used else "",
        # Without a count (fact) an empty chunk is what a recorder leaves behind that broke off, and no statement.
        is_empty=sound.size == 0 and sound.at >= file.size and any(chunk.name == b"fact" for chunk in chunks),
        view=View(end=None if streamed else min(file.size, sound.at + sound.there)),
        blocks=_wave_blocks(file, chunks),
        findings=tuple(_wave_findings(file, chunks, sound, _Claim(declared, streamed))),
    )


def _bits_of_wider_words(file: Bytes, form: Chunk) -> int:
    """WAVE_FORMAT_EXTENSIBLE may say that fewer bits of its words are used, 24 of 32: FFmpeg 8.1 then takes words of
    that size, or floating point. 0 when the words are no wider than they must be."""
    channels, align = struct.unpack("<2xH8xH", file.read(form.at, 14))
    used = int.from_bytes(file.read(form.at + 18, 2), "little") if form.there >= 40 else 0
    return used if align > channels * -(-used // 8) else 0


@dataclass(frozen=True, slots=True)
class _Claim:
    outer: int
    streamed: bool


def _wave_findings(file: Bytes, chunks: list[Chunk], sound: Chunk, claim: _Claim) -> Iterator[Finding]:
    if claim.streamed:
        yield finding("A102", detail="the sizes were never filled in (a recording that was piped or broken off)")
        return
    if sound.there < sound.size:
        yield finding("A101", detail=f"the header says {sound.size} bytes of sound, {sound.there} are there")
        return
    # A chunk that is not whole and is no sound may be no chunk at all, but what somebody put behind the file.
    end = max(chunk.at + chunk.size for chunk in chunks if chunk.there == chunk.size)
    if claim.outer > file.size + 1:
        yield finding("A116", detail=f"the header says {claim.outer} bytes, the file has {file.size}")
    yield from trailing(file, max(end, claim.outer))


def trailing(file: Bytes, end: int) -> Iterator[Finding]:
    """What stands behind the end. A few zeros are padding; a tag is a tag; the rest is worth a word."""
    rest = file.read(end, 4096)
    if rest.strip(b"\0") and not id3_size(rest.lstrip(b"\0")) and not rest.startswith((b"TAG", b"APETAGEX")):
        count = file.size - end
        yield finding("A103" if count > SMALL_BYTES else "A116", detail=f"{count} bytes behind the end")


def _wave_variant(file: Bytes, chunks: list[Chunk], form: Chunk) -> str:
    tag = int.from_bytes(file.read(form.at, 2), "little")
    coding = (
        "extensible"
        if tag == 0xFFFE
        else "pcm"
        if tag == 1 and form.size == 16
        else "mpeg"
        if tag in (0x50, 0x55)
        else "ex"
    )
    bext = next((chunk for chunk in chunks if chunk.name == b"bext"), None)
    if bext is None:
        return coding
    return f"bext-{min(2, int.from_bytes(file.read(bext.at + 346, 2), 'little'))}-{coding}"  # EBU Tech 3285 §2.3


def _wave_blocks(file: Bytes, chunks: list[Chunk]) -> tuple[Block, ...]:
    kinds = {b"bext": "bext", b"iXML": "ixml", b"id3 ": "id3v2", b"ID3 ": "id3v2", b"LIST": "riff-info", b"_PMX": "xmp"}
    found = [Block(kind=kinds[chunk.name], at=chunk.at, size=chunk.there) for chunk in chunks if chunk.name in kinds]
    return tuple(block for block in found if block.kind != "riff-info" or file.read(block.at, 4) == b"INFO")


# ── AIFF, DSD, CAF, AU ───────────────────────────────────────────────────────────────────────────────────────────────


def shape_aiff(file: Bytes) -> Shape:
    """AIFF and AIFF-C."""
    chunks = list(walk(file, 12, AIFF))
    common = next((chunk for chunk in chunks if chunk.name == b"COMM"), None)
    sound = next((chunk for chunk in chunks if chunk.name == b"SSND"), None)
    texts = {b"NAME", b"AUTH", b"(c) ", b"ANNO"}
    blocks = tuple(
        Block(
            kind="id3v2" if chunk.name in (b"ID3 ", b"id3 ") else f"text:{chunk.name.decode('latin-1')}",
            at=chunk.at,
            size=chunk.there,
        )
        for chunk in chunks
        if chunk.name in texts or chunk.name in (b"ID3 ", b"id3 ")
    )
    variant = file.read(8, 4).decode("latin-1")
    if common is None or common.there < 18:
        return Shape(kind="aiff", variant=variant, blocks=blocks)
    channels, frames, bits = struct.unpack(">HIH", file.read(common.at, 8))
    is_linear = variant == "AIFF" or file.read(common.at + 18, 4) in (
        b"NONE",
        b"sowt",
        b"twos",
        b"fl32",
        b"FL32",
        b"raw ",
    )
    width = channels * -(-bits // 8)
    there = 0 if sound is None else max(0, sound.there - 8)
    found = min(frames, there // width) if is_linear and width else 0
    return Shape(
        kind="aiff",
        variant=variant,
        samples=found,
        exact=is_linear,
        bits=bits if is_linear else 0,
        is_empty=frames == 0 and there == 0,
        blocks=blocks,
        findings=tuple(_aiff_findings(file, chunks, sound, frames * width if is_linear else 0)),
    )


def _aiff_findings(file: Bytes, chunks: list[Chunk], sound: Chunk | None, wanted: int) -> Iterator[Finding]:
    declared = int.from_bytes(file.read(4, 4), "big") + 8
    if sound is not None and (sound.there < sound.size or sound.there - 8 < wanted):
        wanted = max(wanted, sound.size - 8)
        yield finding("A101", detail=f"the header says {wanted} bytes of sound, {max(0, sound.there - 8)} are there")
    elif declared > file.size + 1:
        yield finding("A116", detail=f"the header says {declared} bytes, the file has {file.size}")
    else:
        whole = [chunk.at + chunk.size for chunk in chunks if chunk.there == chunk.size]
        yield from trailing(file, max(declared, *whole))


def shape_dsdiff(file: Bytes) -> Shape:
    """DSDIFF: DSD, or DST compressed."""
    chunks = list(walk(file, 16, DSDIFF))
    sound = next((chunk for chunk in chunks if chunk.name in (b"DSD ", b"DST ")), None)
    blocks = tuple(Block(kind="id3v2", at=chunk.at, size=chunk.there) for chunk in chunks if chunk.name == b"ID3 ")
    if sound is None:
        return Shape(kind="dsdiff", blocks=blocks)
    short = finding("A101", detail=f"the header says {sound.size} bytes of sound, {sound.there} are there")
    return Shape(
        kind="dsdiff",
        bits=1,
        is_empty=sound.size == 0,
        blocks=blocks,
        findings=(short,) if sound.there < sound.size else (),
    )


def shape_dsf(file: Bytes) -> Shape:
    """DSF: blocks of 4,096 bytes a channel, the last one padded."""
    head = file.read(0, 92)
    if len(head) < 92:
        return Shape(kind="dsf")
    total, tags = struct.unpack_from("<QQ", head, 12)
    samples, sound = struct.unpack_from("<Q", head, 64)[0], struct.unpack_from("<Q", head, 84)[0] - 12
    blocks = (Block(kind="id3v2", at=tags, size=file.size - tags),) if 92 <= tags < file.size else ()
    there = max(0, min(sound, file.size - 92))
    problems = []
    if there < sound or total > file.size:
        problems.append(
            finding("A101", detail=f"the header says {max(total, sound + 92)} bytes, the file has {file.size}")
        )
    elif samples == 0 and there:
        problems.append(finding("A102", detail=f"the header says no samples, {there} bytes of sound are there"))
    return Shape(kind="dsf", bits=1, is_empty=samples == 0, blocks=blocks, findings=tuple(problems))


def shape_caf(file: Bytes) -> Shape:
    """Core Audio Format. A sound chunk of size -1 reaches to the end of the file (legal)."""
    chunks = list(walk(file, 8, CAF))
    sound = next((chunk for chunk in chunks if chunk.name == b"data"), None)
    if sound is None or sound.size == (1 << 64) - 1 or sound.there == sound.size:
        return Shape(kind="caf")
    return Shape(
        kind="caf", findings=(finding("A101", detail=f"{sound.size} bytes of sound declared, {sound.there} are there"),)
    )


def shape_au(file: Bytes) -> Shape:
    """Sun and NeXT: a size of -1 means "to the end" (legal)."""
    head = file.read(0, 24)
    if len(head) < 24:
        return Shape(kind="au")
    at, size, coding, rate, channels = struct.unpack(">IIIII", head[4:])
    there = max(0, file.size - at)
    bits = {1: 8, 2: 8, 3: 16, 4: 24, 5: 32, 6: 32, 7: 64, 27: 8}.get(coding, 0)
    width = channels * bits // 8
    problems = (
        [finding("A101", detail=f"{size} bytes of sound declared, {there} are there")]
        if _UNKNOWN > size > there
        else []
    )
    count = (there if size == _UNKNOWN else min(size, there)) // width if width else 0
    return Shape(
        kind="au", samples=count, exact=width > 0, rate=rate, bits=bits, is_empty=there == 0, findings=tuple(problems)
    )
