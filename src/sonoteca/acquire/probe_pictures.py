"""Pictures: what kind and how large, from their first bytes. Never decoded here, never fetched from anywhere.

Takes  the bytes of a picture (the first HEAD_BYTES are enough for all but text), its size, the type it claims.
Gives  PictureFacts, and what is wrong as a word of TROUBLES; whoever asks turns it into a finding, because an
       embedded picture that is wrong is a warning about its recording, and a picture file that is wrong is refused.
"""

import hashlib
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from sonoteca.formats.picture import is_carried
from sonoteca.model.media import PictureFacts

HEAD_BYTES = 1 << 18
# An LP cover at 1,200 dpi has 207 million pixels.
MAX_PIXELS = 1 << 28
# ID3v2.4 §4.14, also FLAC's picture types (RFC 9639 §8.8).
KINDS = (
    "other",
    "file icon",
    "other file icon",
    "front cover",
    "back cover",
    "leaflet page",
    "media",
    "lead artist",
    "artist",
    "conductor",
    "band",
    "composer",
    "lyricist",
    "recording location",
    "during recording",
    "during performance",
    "screen capture",
    "bright coloured fish",
    "illustration",
    "band logotype",
    "publisher logotype",
)
_ACTIVE = re.compile(
    rb"<script|\bon\w+\s*=|javascript:|<foreignObject|<!ENTITY|(xlink:)?href\s*=\s*['\"]\s*(https?:|//|data:text)",
    re.IGNORECASE,
)
_SVG = re.compile(
    rb"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE[^>]*(\[.*?\])?\s*>\s*)?<svg\b", re.IGNORECASE | re.DOTALL
)

# trouble: (finding for an embedded picture, finding for a picture file)
TROUBLES: dict[str, tuple[str, str]] = {
    "bomb": ("P101", "P001"),
    "damaged": ("P102", "P002"),
    "active": ("P103", "P003"),
    "no picture": ("P104", "P004"),
    "empty": ("P105", "P005"),
    "address": ("P106", "P004"),
    "mislabelled": ("P107", "P007"),
    "svg": ("P108", "P008"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A picture described. `trouble` is a word of TROUBLES, "" for none; `detail` in plain words."""

    facts: PictureFacts
    trouble: str = ""
    detail: str = ""


def look(raw: bytes, size: int, claimed: str = "", kind: int = 0) -> Seen:
    """The picture that begins with `raw` and has `size` bytes; `claimed` is its declared MIME type, `kind` a place in
    KINDS."""
    where = KINDS[kind] if 0 <= kind < len(KINDS) else KINDS[0]
    mime, (width, height) = find_size(raw)
    facts = PictureFacts(
        mime=mime or claimed[:80], bytes=size, width=width, height=height, kind=where, digest=_digest(raw, size)
    )
    trouble, detail = _trouble(raw, size, facts, claimed)
    return Seen(facts=facts, trouble=trouble, detail=detail)


def _digest(raw: bytes, size: int) -> str:
    """By which it is found again (probe_inside.py); what is longer than HEAD_BYTES is not whole here."""
    return hashlib.sha256(raw).hexdigest() if len(raw) == size and is_carried(raw) else ""


def _trouble(raw: bytes, size: int, facts: PictureFacts, claimed: str) -> tuple[str, str]:
    if claimed == "-->":
        return "address", raw[:80].decode("latin-1")
    if size == 0:
        return "empty", ""
    mime, _ = find_size(raw)
    if not mime:
        return "no picture", f"declared as {claimed[:40]}" if claimed else ""
    if mime == "image/svg+xml":
        found = _ACTIVE.search(raw)
        return ("active", found[0][:40].decode("latin-1")) if found else ("svg", "")
    if facts.width * facts.height > MAX_PIXELS:
        return "bomb", f"{facts.width} × {facts.height} pixels in {size} bytes"
    if facts.width == 0 or facts.height == 0:
        return "damaged", "it has no size"
    if claimed and _family(claimed) not in ("", _family(mime)):
        return "mislabelled", f"declared as {claimed[:40]}, it is {mime}"
    return "", ""


def _family(mime: str) -> str:
    name = mime.lower().removeprefix("image/").removeprefix("x-")
    return {"jpg": "jpeg", "pjpeg": "jpeg", "": "", "ms-bmp": "bmp"}.get(name, name)


def find_size(raw: bytes) -> tuple[str, tuple[int, int]]:
    """(MIME type, (width, height)) from the first bytes; ("", (0, 0)) when they are no picture that is known."""
    for mark, mime, measure in _FORMATS:
        if raw.startswith(mark) and (mime != "image/webp" or raw[8:12] == b"WEBP"):
            try:
                return mime, measure(raw)
            except (struct.error, IndexError):
                return mime, (0, 0)
    if _SVG.match(raw[:4096]):
        return "image/svg+xml", (0, 0)
    return "", (0, 0)


def _png(raw: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", raw, 16)
    return width, height


def _gif(raw: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", raw, 6)
    return width, height


def _bmp(raw: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<ii", raw, 18)
    return abs(width), abs(height)


def _jpeg(raw: bytes) -> tuple[int, int]:
    """The frame header (SOFn), wherever it stands among the segments (ISO 10918-1 §B.1)."""
    at = 2
    while at + 9 < len(raw):
        if raw[at] != 0xFF:
            return 0, 0
        marker = raw[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", raw, at + 5)
            return width, height
        at += 2 if 0xD0 <= marker <= 0xD8 or marker == 1 else 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    return 0, 0


def _webp(raw: bytes) -> tuple[int, int]:
    sort = raw[12:16]
    if sort == b"VP8X":
        return int.from_bytes(raw[24:27], "little") + 1, int.from_bytes(raw[27:30], "little") + 1
    if sort == b"VP8L":
        packed = int.from_bytes(raw[21:25], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", raw, 26)
    return width & 0x3FFF, height & 0x3FFF


def _tiff(raw: bytes) -> tuple[int, int]:
    order = "<" if raw[:2] == b"II" else ">"
    (at,) = struct.unpack_from(f"{order}I", raw, 4)
    (count,) = struct.unpack_from(f"{order}H", raw, at)
    sizes = {256: 0, 257: 0}
    for entry in range(min(count, 64)):
        tag, sort, _, short = struct.unpack_from(f"{order}HHIH", raw, at + 2 + entry * 12)
        if tag in sizes:
            (long,) = struct.unpack_from(f"{order}I", raw, at + 10 + entry * 12)
            sizes[tag] = short if sort == 3 else long
    return sizes[256], sizes[257]


_FORMATS: tuple[tuple[bytes, str, Callable[[bytes], tuple[int, int]]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", _png),
    (b"\xff\xd8\xff", "image/jpeg", _jpeg),
    (b"GIF87a", "image/gif", _gif),
    (b"GIF89a", "image/gif", _gif),
    (b"RIFF", "image/webp", _webp),
    (b"BM", "image/bmp", _bmp),
    (b"II*\0", "image/tiff", _tiff),
    (b"MM\0*", "image/tiff", _tiff),
)
