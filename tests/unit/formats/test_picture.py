"""Pictures that go into files: real ones as they are, in the block that mutagen forms; everything else is refused."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.flac import Picture as TheirPicture

from sonoteca.formats.picture import MAX_SIDE, Picture, format_block, parse_picture
from tests.unit.convert import recordings

SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\xff\xd0\x34"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int = 2, height: int = 2, *, kind: int = 2, bits: int = 8, more: bytes = b"", pixels: bytes = b"x"
) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def frame(width: int = 2, height: int = 2, *, mark: int = 0xC2, channels: int = 3) -> bytes:
    return (
        bytes([0xFF, mark]) + struct.pack(">HBHHB", 8 + 3 * channels, 8, height, width, channels) + bytes(3 * channels)
    )


def jpeg(*frames: bytes, scan: bytes = SCAN, end: bytes = b"\xff\xd9") -> bytes:
    return b"\xff\xd8\xff\xe1\x00\x06Exif\xff" + b"".join(frames or (frame(),)) + scan + end


@pytest.mark.parametrize("name", ["cover.png", "cover.jpg"])
def test_real_ones_are_what_ffprobe_says(corpus: Path, name: str) -> None:
    path = corpus / "formats" / name
    found, theirs = parse_picture(path.read_bytes()), recordings.probed(path)
    assert (found.width, found.height) == (theirs["width"], theirs["height"])
    assert found.mime == {"png": "image/png", "mjpeg": "image/jpeg"}[theirs["codec_name"]]


@pytest.mark.parametrize("name", ["cover.png", "cover.jpg"])
def test_the_block_is_mutagens_byte_for_byte(corpus: Path, name: str) -> None:
    raw = (corpus / "formats" / name).read_bytes()
    found, theirs = parse_picture(raw), TheirPicture()
    theirs.type, theirs.mime, theirs.data = 3, found.mime, raw
    theirs.width, theirs.height, theirs.depth, theirs.colors = found.width, found.height, found.depth, found.colours
    assert format_block(raw) == theirs.write()
    assert TheirPicture(format_block(raw)).data == raw


@pytest.mark.parametrize(
    ("raw", "depth", "colours"),
    [
        (png(), 24, 0),
        (png(kind=6), 32, 0),
        (png(kind=0, bits=16), 16, 0),
        (png(kind=4), 16, 0),
        (png(kind=3, bits=4, more=chunk(b"PLTE", bytes(9))), 24, 3),
        (jpeg(), 24, 0),
        (jpeg(frame(channels=1)), 8, 0),
    ],
)
def test_depth_and_colours(raw: bytes, depth: int, colours: int) -> None:
    mime = "image/png" if raw.startswith(b"\x89") else "image/jpeg"
    assert parse_picture(raw) == Picture(mime=mime, width=2, height=2, depth=depth, colours=colours)


HOSTILE = {
    "nothing": b"",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "HTML": b"<html><script>alert(1)</script>",
    "GIF": b"GIF89a" + struct.pack("<HH", 2, 2) + bytes(3),
    "WebP": b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 2, 2),
    "an address": b"http://example.org/cover.jpg",
    "a PNG of 30,000 × 30,000": png(30_000, 30_000),
    "a PNG one too wide": png(MAX_SIDE + 1, 1),
    "a PNG without width": png(0, 2),
    "a PNG of no colours": png(kind=5),
    "a PNG of odd depth": png(bits=3),
    "a PNG with something behind it": png() + b"<?php",
    "a PNG with a wrong checksum": png().replace(b"IDATx", b"IDATy"),
    "a PNG without an end": png()[:-12],
    "a PNG without pixels": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IEND", b""),
    "a PNG that begins with its end": b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""),
    "a PNG's header alone": png()[:33],
    "a JPEG of 30,000 × 30,000": jpeg(frame(30_000, 30_000)),
    "a JPEG without height": jpeg(frame(2, 0)),
    "a JPEG of two sizes": jpeg(frame(), frame(30_000, 30_000)),
    "a JPEG whose second size stands behind a scan": jpeg(frame(), SCAN, frame(9, 9)),
    "a JPEG without a frame": b"\xff\xd8" + SCAN + b"\xff\xd9",
    "a JPEG with a ZIP behind it": jpeg() + b"PK\x03\x04",
    "a JPEG that is cut off": jpeg()[:-1],
    "a JPEG without an end": jpeg(end=b""),
    "a JPEG whose segment leads out of it": b"\xff\xd8\xff\xe1\xff\xff",
    "a JPEG with words between marks": b"\xff\xd8\xff\xe1\x00\x02<script>" + frame() + SCAN + b"\xff\xd9",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_none(name: str) -> None:
    with pytest.raises(ValueError):
        format_block(HOSTILE[name])


@given(st.sampled_from([png(), jpeg()]), st.data())
def test_what_is_cut_off_is_none(raw: bytes, data: st.DataObject) -> None:
    with pytest.raises(ValueError):
        parse_picture(raw[: data.draw(st.integers(0, len(raw) - 1))])


@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", png()[:33], jpeg()[:20]]), st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_a_value_error(start: bytes, rest: bytes) -> None:
    try:
        found = parse_picture(start + rest)
    except ValueError:
        return
    assert 0 < found.width <= MAX_SIDE and 0 < found.height <= MAX_SIDE
