"""ID3, MP4 and ASF tags, by mutagen, in the limited process.

Takes  an open file and the Block where an ID3v2 tag lies, or the whole file.
Gives  values and pictures in the form of probe_comments.py.
Never  hands mutagen more than MAX_TAG_BYTES of a tag; whatever it raises over a broken tag becomes a finding.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from mutagen import MutagenError
from mutagen import asf as typed_asf
from mutagen import id3 as typed_id3
from mutagen import mp4 as typed_mp4

from sonoteca.acquire.probe_comments import Found, RawPicture, RawTag
from sonoteca.acquire.probe_file import Door, OpenFile
from sonoteca.acquire.probe_pictures import HEAD_BYTES
from sonoteca.formats.sound_tags import Block, id3_size
from sonoteca.model.finding import finding

# mutagen is typed in part only.
asf: Any = typed_asf
id3: Any = typed_id3
mp4: Any = typed_mp4

MAX_TAG_BYTES = 1 << 26
_LEFTOVER_BYTES = 256  # some encoders leave an empty tag behind
# What mutagen was seen to raise over bytes that are not what they should be.
_BROKEN = (
    MutagenError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_ASF_FIXED = frozenset({"Title", "Author", "Copyright", "Description", "Rating"})


def read_id3(file: OpenFile, block: Block) -> Found:
    """An ID3v2 tag of any version."""
    head = file.read(block.at, 10)
    if block.size > MAX_TAG_BYTES or id3_size(head) > block.size:
        return [], [], [finding("T142", detail=f"it says that it has {id3_size(head)} bytes, {block.size} are there")]
    try:
        tag = id3.ID3(fileobj=io.BytesIO(file.read(block.at, block.size)), translate=False, load_v1=False)
        frames = list(tag.values())
        origin = f"id3v2.{tag.version[1]}"
        tags = [raw for frame in frames for raw in _frame(frame, origin)]
        pictures = [_cover(frame) for frame in frames if frame.FrameID in ("APIC", "PIC")]
    except _BROKEN as error:
        return [], [], [finding("T140", detail=_said("ID3v2", error))]
    if not frames and block.size > _LEFTOVER_BYTES and not file.read(block.at + 10, block.size - 10).strip(b"\0"):
        return [], [], [finding("T143", detail=f"{origin}: {block.size} bytes of nothing")]
    unmarked = _unmarked(file.read(block.at, min(block.size, 1 << 16)))
    return tags, pictures, [finding("T144", detail=f"{origin}: {unmarked}")] if unmarked else []


def _unmarked(raw: bytes) -> str:
    """A text frame of ID3v2.3 that says UTF-16 and has no byte order mark (§3.3): its letters are a guess."""
    if raw[3:4] != b"\x03" or raw[5] & 0x80:
        return ""
    at = 10
    while at + 13 <= len(raw) and raw[at] == ord("T"):
        if raw[at + 10] == 1 and raw[at + 11 : at + 13] not in (b"\xff\xfe", b"\xfe\xff", b"\0\0"):
            return raw[at : at + 4].decode("latin-1")
        at += 10 + int.from_bytes(raw[at + 4 : at + 8], "big")
    return ""


def _frame(frame: Any, origin: str) -> Iterator[RawTag]:
    """The values of one frame; binary frames (PRIV, GEOB, POPM, …) hold nothing to read."""
    key = str(frame.FrameID)
    if key in ("TXXX", "TXX", "WXXX", "WXX", "COMM", "COM", "USLT", "ULT"):
        key = f"{key}:{frame.desc}" if frame.desc else key
    if key == "UFID" or key == "UFI":
        yield RawTag(f"{key}:{frame.owner}", bytes(frame.data), origin, "latin-1")
    elif hasattr(frame, "url"):
        yield RawTag(key, str(frame.url).encode("latin-1", "replace"), origin, "latin-1")
    elif hasattr(frame, "people"):
        yield from (RawTag(key, " – ".join(pair), origin) for pair in frame.people)
    elif hasattr(frame, "text"):
        texts = frame.text if isinstance(frame.text, list) else [frame.text]
        yield from (
            _text(key, text, frame.encoding, origin) for text in texts if isinstance(text, str) or hasattr(text, "text")
        )


def _text(key: str, text: Any, encoding: Any, origin: str) -> RawTag:
    plain = str(text)
    if encoding == id3.Encoding.LATIN1:
        return RawTag(key, plain.encode("latin-1", "replace"), origin, "latin-1")
    return RawTag(key, plain, origin)


def _cover(frame: Any) -> RawPicture:
    data = bytes(frame.data)
    return RawPicture(data[:HEAD_BYTES], len(data), str(frame.mime), int(frame.type))


# ── MP4 and ASF ──────────────────────────────────────────────────────────────────────────────────────────────────────


def read_whole(file: OpenFile, kind: str) -> Found:
    """The tags of an MP4 or ASF file."""
    try:
        found = mp4.MP4(fileobj=Door(file)) if kind == "mp4" else asf.ASF(fileobj=Door(file))
        items = list(found.tags or []) if kind == "asf" else list((found.tags or {}).items())
        tags = list(_asf(items) if kind == "asf" else _mp4(items))
        pictures = list(_asf_pictures(items) if kind == "asf" else _mp4_pictures(items))
    except _BROKEN as error:
        return [], [], [finding("T140", detail=_said(kind, error))]
    return tags, pictures, []


def _mp4(items: Iterable[tuple[str, Any]]) -> Iterator[RawTag]:
    for key, values in items:
        if key == "covr":
            continue
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, mp4.MP4FreeForm):
                if b"\0" not in value or value.dataformat == mp4.AtomDataType.UTF8:  # the rest is binary
                    yield RawTag(key, bytes(value), "mp4")
            elif isinstance(value, tuple):
                yield RawTag(key, "/".join(str(part) for part in value if part), "mp4", is_fixed=True)
            elif isinstance(value, str | int):
                yield RawTag(key, str(value), "mp4", is_fixed=True)


def _mp4_pictures(items: Iterable[tuple[str, Any]]) -> Iterator[RawPicture]:
    types = {mp4.MP4Cover.FORMAT_JPEG: "image/jpeg", mp4.MP4Cover.FORMAT_PNG: "image/png"}
    for key, values in items:
        for cover in values if key == "covr" else ():
            yield RawPicture(bytes(cover[:HEAD_BYTES]), len(cover), types.get(cover.imageformat, ""), 3)


def _asf(items: Iterable[tuple[str, Any]]) -> Iterator[RawTag]:
    for key, value in items:
        if not isinstance(value, asf.ASFByteArrayAttribute):
            yield RawTag(key, str(value), "asf", is_fixed=key in _ASF_FIXED or key == "WM/Lyrics")


def _asf_pictures(items: Iterable[tuple[str, Any]]) -> Iterator[RawPicture]:
    """WM/Picture: kind, size, MIME type and description in UTF-16, then the picture."""
    for key, value in items:
        if key != "WM/Picture" or not isinstance(value, asf.ASFByteArrayAttribute):
            continue
        raw = bytes(value.value)
        kind, size = struct.unpack_from("<bI", raw)
        texts = raw[5:].decode("utf-16-le", "replace").split("\0", 2)
        body = raw[len(raw) - size :] if size <= len(raw) else b""
        yield RawPicture(body[:HEAD_BYTES], size, texts[0], kind)


def _said(what: str, error: BaseException) -> str:
    return f"{what}: {type(error).__name__}: {str(error)[:120]}"
