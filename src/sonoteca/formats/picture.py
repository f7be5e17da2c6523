"""Pictures that go into files of sound: JPEG and PNG, looked at strictly, and the block that holds one.

Takes  the bytes of a whole picture.
Gives  a Picture: what its own header says; the PICTURE block of FLAC (RFC 9639 §8.8), which Ogg carries as a comment.
Never  decodes one, or changes a byte of it; takes what is something else behind a picture's first bytes, or has
       something behind its end: such a file would be carried into every copy. ValueError says what is wrong.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

FRONT_COVER = 3  # RFC 9639 §8.8, table 13
COMMENT = "METADATA_BLOCK_PICTURE"
MAX_SIDE = 4096  # in memory 64 MiB: no small device ends over it
MAX_BYTES = 200_000  # every file of an album has it once more
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}  # colour type (PNG 3 §11.2.1): a palette's colours have three
_PNG_DEPTHS = frozenset({1, 2, 4, 8, 16})
_START, _END, _SCAN, _FILL = 0xD8, 0xD9, 0xDA, 0xFF
# ISO 10918-1 §B.1.1.3: the frames that there are, and the marks that stand alone.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a picture says of itself: `depth` in bits a pixel, `colours` of a palette (0 for none)."""

    mime: str
    width: int
    height: int
    depth: int
    colours: int = 0


def parse_picture(raw: bytes) -> Picture:
    """The picture that these bytes are, from the first to the last."""
    if raw.startswith(_PNG):
        found = _png(raw)
    elif raw.startswith(bytes((_FILL, _START, _FILL))):
        found = _jpeg(raw)
    else:
        raise ValueError("neither JPEG nor PNG")
    if not (0 < found.width <= MAX_SIDE and 0 < found.height <= MAX_SIDE):
        raise ValueError(f"{found.width} × {found.height} pixels")
    return found


def is_carried(raw: bytes) -> bool:
    """Whether it is a picture, whole, and small enough for files to carry."""
    if len(raw) > MAX_BYTES:
        return False
    try:
        parse_picture(raw)
    except ValueError:
        return False
    return True


def format_block(raw: bytes) -> bytes:
    """The body of a PICTURE block that says: front cover, these bytes. ValueError when they are no picture."""
    found = parse_picture(raw)
    mime = found.mime.encode("ascii")
    heading = struct.pack(">II", FRONT_COVER, len(mime)) + mime + struct.pack(">I", 0)
    sizes = struct.pack(">IIIII", found.width, found.height, found.depth, found.colours, len(raw))
    return heading + sizes + raw


# ── PNG (third edition, §5) ──────────────────────────────────────────────────────────────────────────────────────────


def _png(raw: bytes) -> Picture:
    chunks = list(_chunks(raw))
    names = [name for name, _ in chunks]
    if names[0] != b"IHDR" or names[-1] != b"IEND" or b"IDAT" not in names or len(chunks[0][1]) != 13:
        raise ValueError("a PNG without its beginning, its pixels or its end")
    width, height, bits, kind = struct.unpack(">IIBBxxx", chunks[0][1])
    if kind not in _PNG_CHANNELS or bits not in _PNG_DEPTHS:
        raise ValueError("a PNG of colours that there are not")
    palette = next((len(body) // 3 for name, body in chunks if name == b"PLTE"), 0) if kind == 3 else 0
    depth = (8 if kind == 3 else bits) * _PNG_CHANNELS[kind]
    return Picture(mime="image/png", width=width, height=height, depth=depth, colours=palette)


def _chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while True:
        if at + 12 > len(raw):
            raise ValueError("a PNG that is cut off")
        size = int.from_bytes(raw[at : at + 4])
        name, end = raw[at + 4 : at + 8], at + 8 + size
        if end + 4 > len(raw) or zlib.crc32(raw[at + 4 : end]) != int.from_bytes(raw[end : end + 4]):
            raise ValueError("a PNG that is cut off, or whose checksum is another one")
        yield name, raw[at + 8 : end]
        at = end + 4
        if name == b"IEND":
            break
    if at != len(raw):
        raise ValueError("something stands behind the end of a PNG")


# ── JPEG (ISO 10918-1 annex B) ───────────────────────────────────────────────────────────────────────────────────────


def _jpeg(raw: bytes) -> Picture:
    frame: tuple[int, int, int, int] | None = None
    at = 2
    while True:
        mark, at = _mark(raw, at)
        if mark == _END:
            break
        if mark in _ALONE:
            continue
        end = at + int.from_bytes(raw[at : at + 2])
        if end < at + 2 or end > len(raw):
            raise ValueError("a JPEG that is cut off")
        if mark in _FRAMES:
            frame = _frame(raw[at + 2 : end], frame)
        at = _after_scan(raw, end) if mark == _SCAN else end
    if frame is None or at != len(raw):
        raise ValueError("a JPEG without a frame, or something behind its end")
    bits, height, width, channels = frame
    return Picture(mime="image/jpeg", width=width, height=height, depth=bits * channels)


def _mark(raw: bytes, at: int) -> tuple[int, int]:
    """The mark that stands here, and what follows it."""
    if raw[at : at + 1] != bytes((_FILL,)):
        raise ValueError("a JPEG that is cut off, or no mark where one has to be")
    while raw[at : at + 1] == bytes((_FILL,)):
        at += 1
    if at >= len(raw):
        raise ValueError("a JPEG that is cut off")
    return raw[at], at + 1


def _frame(body: bytes, before: tuple[int, int, int, int] | None) -> tuple[int, int, int, int]:
    if before is not None or len(body) < 6:
        raise ValueError("a JPEG of several frames, or of none")
    bits, height, width, channels = struct.unpack_from(">BHHB", body)
    return bits, height, width, channels


def _after_scan(raw: bytes, at: int) -> int:
    """Where the next mark stands: within a scan, 0xFF is followed by zero or by a restart."""
    while True:
        at = raw.find(_FILL, at)
        if at < 0 or at + 1 >= len(raw):
            raise ValueError("a JPEG that is cut off")
        if raw[at + 1] and raw[at + 1] not in _ALONE:
            return at
        at += 2
