"""Small tag formats, read here because their raw bytes are needed and their makers kept them simple.

Takes  an open file and a Block of it.
Gives  values with the bytes as they stand there, pictures with their first bytes, findings; never more than is in the
       block.
Sources: Vorbis I §5; RFC 9639 §8.8 (pictures); APEv2 (Hydrogenaudio wiki); ID3v1.1; RIFF INFO; EBU Tech 3285 (bext);
AIFF 1.3.
"""

import base64
import binascii
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sonoteca.acquire.probe_pictures import HEAD_BYTES
from sonoteca.formats.sound_tags import Block, Bytes
from sonoteca.model.finding import Finding, finding

MAX_BLOCK_BYTES = 1 << 24
MAX_ITEMS = 20_000
_PICTURE_KEYS = (b"METADATA_BLOCK_PICTURE", b"COVERART")


@dataclass(frozen=True, slots=True)
class RawTag:
    """A value as it stands in the file: bytes with the encoding that its scheme declares ("utf-8", "latin-1"), or
    text when the
    scheme leaves no doubt (UTF-16). `is_fixed`: the scheme has the field always, filled or not."""

    key: str
    value: bytes | str
    origin: str
    declared: str = "utf-8"
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class RawPicture:
    """An embedded picture: its first bytes, its size, its declared type and kind (a number of ID3v2.4 §4.14)."""

    head: bytes
    size: int
    mime: str
    kind: int = 0


Found = tuple[list[RawTag], list[RawPicture], list[Finding]]


def read_block(file: Bytes, block: Block) -> Found:
    """What stands in the block; nothing for kinds that hold no text."""
    reader = _READERS.get(block.kind)
    if block.kind.startswith("text:"):
        value = _trim(file.read(block.at, min(block.size, MAX_BLOCK_BYTES)))
        return [RawTag(block.kind[5:], value, "aiff", "utf-8" if _is_utf8(value) else "latin-1")], [], []
    if reader is None:
        return [], [], []
    if block.kind == "picture":
        return [], [flac_picture(file, block)], []
    raw = block.raw or file.read(block.at, min(block.size, MAX_BLOCK_BYTES))
    problems = [] if block.size <= MAX_BLOCK_BYTES else [finding("T142", detail=f"{block.size} bytes")]
    try:
        tags, pictures = reader(raw)
    except (struct.error, IndexError, ValueError) as error:
        return [], [], [*problems, finding("T140", detail=f"{block.kind}: {error}")]
    return tags, pictures, problems


# ── Vorbis comments and FLAC pictures ────────────────────────────────────────────────────────────────────────────────


def vorbis_comment(raw: bytes) -> tuple[list[RawTag], list[RawPicture]]:
    """Vorbis comments, in whatever they are wrapped. ValueError when a length leads out of the block before anything
    was read."""
    (vendor,) = struct.unpack_from("<I", raw)
    at = 4 + vendor
    if at + 4 > len(raw):
        raise ValueError("its vendor's name is longer than the whole")
    (count,) = struct.unpack_from("<I", raw, at)
    tags, pictures = list[RawTag](), list[RawPicture]()
    for key, value in _comments(raw, at + 4, min(count, MAX_ITEMS)):
        if key.upper() in _PICTURE_KEYS:
            pictures.append(_coded_picture(key, value))
        else:
            tags.append(RawTag(key.decode("ascii", "replace"), value, "vorbis"))
    return tags, pictures


def _comments(raw: bytes, at: int, count: int) -> Iterator[tuple[bytes, bytes]]:
    for _ in range(count):
        if at + 4 > len(raw):
            return
        (size,) = struct.unpack_from("<I", raw, at)
        key, mark, value = raw[at + 4 : at + 4 + size].partition(b"=")
        if mark:  # what has no name is no comment
            yield key, value
        at += 4 + size


def _coded_picture(key: bytes, value: bytes) -> RawPicture:
    """A picture in base64: a FLAC picture block, or (older) the picture itself."""
    text = value[: HEAD_BYTES * 4 // 3 // 4 * 4]
    try:
        head = base64.b64decode(text[: len(text) // 4 * 4])
    except (binascii.Error, ValueError):
        return RawPicture(b"", len(value), "", 0)
    if key.upper() == b"COVERART":
        return RawPicture(head, len(value) * 3 // 4, "", 3)
    return _picture(head, len(value) * 3 // 4)


def flac_picture(file: Bytes, block: Block) -> RawPicture:
    """The head of a FLAC picture block."""
    return _picture(file.read(block.at, min(block.size, HEAD_BYTES)), block.size)


def _picture(raw: bytes, size: int) -> RawPicture:
    try:
        kind, length = struct.unpack_from(">II", raw)
        mime = raw[8 : 8 + length].decode("latin-1")
        at = 8 + length
        at += 4 + struct.unpack_from(">I", raw, at)[0] + 16
        (declared,) = struct.unpack_from(">I", raw, at)
    except struct.error:
        return RawPicture(b"", 0, "", 0)
    body = raw[at + 4 :]
    return RawPicture(body[:declared], min(declared, max(0, size - at - 4)), mime, kind)


# ── APEv2 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def ape_tag(raw: bytes) -> tuple[list[RawTag], list[RawPicture]]:
    """APEv2, header and footer included, one of which may be missing."""
    has_head, has_foot = raw.startswith(b"APETAGEX"), raw[-32:].startswith(b"APETAGEX")
    (count,) = struct.unpack_from("<I", raw, 16 if has_head else len(raw) - 16)
    at, end = (32 if has_head else 0), len(raw) - (32 if has_foot else 0)
    tags, pictures = list[RawTag](), list[RawPicture]()
    for _ in range(min(count, MAX_ITEMS)):
        if at + 8 >= end:
            break
        size, flags = struct.unpack_from("<II", raw, at)
        stop = raw.index(b"\0", at + 8)
        key = raw[at + 8 : stop].decode("ascii", "replace")
        value = raw[stop + 1 : min(stop + 1 + size, end)]
        at = stop + 1 + size
        if flags >> 1 & 3 == 0:
            tags.extend(RawTag(key, part, "ape") for part in value.split(b"\0"))
        elif key.lower().startswith("cover art"):
            body = value.partition(b"\0")[2]
            pictures.append(RawPicture(body[:HEAD_BYTES], len(body), "", 4 if "back" in key.lower() else 3))
    return tags, pictures


# ── ID3v1 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def id3v1(raw: bytes) -> tuple[list[RawTag], list[RawPicture]]:
    """The 128 bytes at the end. Empty fields are left out: the scheme has them always."""
    fields = {"title": raw[3:33], "artist": raw[33:63], "album": raw[63:93], "year": raw[93:97], "comment": raw[97:127]}
    if raw[125] == 0 and raw[126]:
        fields["comment"] = raw[97:125]
        fields["track"] = str(raw[126]).encode()
    if raw[127] != 255:
        fields["genre"] = str(raw[127]).encode()
    found = [RawTag(key, _trim(value), "id3v1", "latin-1", is_fixed=True) for key, value in fields.items()]
    return [tag for tag in found if tag.value], []


def _trim(value: bytes) -> bytes:
    return value.partition(b"\0")[0].rstrip(b" ")


# ── RIFF ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def riff_info(raw: bytes) -> tuple[list[RawTag], list[RawPicture]]:
    """A LIST chunk of type INFO. Whoever writes UTF-8 there is believed (nothing is declared)."""
    tags, at = list[RawTag](), 4
    while at + 8 <= len(raw) and len(tags) < MAX_ITEMS:
        key, size = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "little")
        value = _trim(raw[at + 8 : at + 8 + size])
        tags.append(RawTag(key.decode("latin-1"), value, "riff-info", "utf-8" if _is_utf8(value) else "latin-1"))
        at += 8 + size + size % 2
    return tags, []


def bext(raw: bytes) -> tuple[list[RawTag], list[RawPicture]]:
    """Broadcast WAVE: fields of fixed length."""
    fields = {
        "Description": raw[0:256],
        "Originator": raw[256:288],
        "OriginatorReference": raw[288:320],
        "OriginationDate": raw[320:330],
        "OriginationTime": raw[330:338],
        "CodingHistory": raw[602:],
    }
    found = [RawTag(key, _trim(value), "bext", "latin-1", is_fixed=True) for key, value in fields.items()]
    if len(raw) >= 346:
        found.append(RawTag("TimeReference", str(struct.unpack_from("<Q", raw, 338)[0]), "bext", is_fixed=True))
    return [tag for tag in found if tag.value], []


def ixml(raw: bytes) -> tuple[list[RawTag], list[RawPicture]]:
    """iXML is kept as the text it is: nobody here parses a stranger's XML."""
    return [RawTag("iXML", _unpadded(raw), "ixml")], []


def xmp(raw: bytes) -> tuple[list[RawTag], list[RawPicture]]:
    """XMP likewise."""
    return [RawTag("XMP", _unpadded(raw), "xmp")], []


def _unpadded(raw: bytes) -> bytes:
    """Without the zeros behind it, but for the last half of a 16-bit character."""
    bare = raw.rstrip(b"\0")
    return bare + b"\0" if raw.startswith(b"\xff\xfe") and len(bare) % 2 else bare


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_READERS: dict[str, Callable[[bytes], tuple[list[RawTag], list[RawPicture]]]] = {
    "vorbis": vorbis_comment,
    "picture": vorbis_comment,
    "ape": ape_tag,
    "id3v1": id3v1,
    "riff-info": riff_info,
    "bext": bext,
    "ixml": ixml,
    "xmp": xmp,
}
