"""Pictures by their first bytes: as PNG, JPEG, GIF, WebP, BMP and TIFF say their size, and as attackers do."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire.probe import picture
from sonoteca.acquire.probe_pictures import TROUBLES, find_size, look
from sonoteca.model.finding import FINDINGS, Severity


def png(width: int, height: int) -> bytes:
    head = struct.pack(">II", width, height) + b"\x08\x00\0\0\0"
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def jpeg(width: int, height: int, marker: int = 0xC2) -> bytes:
    exif = b"\xff\xe1" + struct.pack(">H", 102) + bytes(100)
    frame = bytes([0xFF, marker]) + struct.pack(">HBHH", 17, 8, height, width) + bytes(10)
    return b"\xff\xd8" + exif + b"\xff\xff" + b"\xdb" + struct.pack(">H", 67) + bytes(65) + frame


def tiff(width: int, height: int, order: str) -> bytes:
    entries = struct.pack(f"{order}HHII", 256, 4, 1, width) + struct.pack(f"{order}HHIHH", 257, 3, 1, height, 0)
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, 2) + entries


PICTURES = [
    (png(640, 480), "image/png", (640, 480)),
    (jpeg(640, 480), "image/jpeg", (640, 480)),
    (jpeg(640, 480, 0xC0), "image/jpeg", (640, 480)),
    (b"GIF89a" + struct.pack("<HH", 640, 480) + bytes(3), "image/gif", (640, 480)),
    (b"BM" + bytes(12) + struct.pack("<Iii", 40, 640, -480), "image/bmp", (640, 480)),
    (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x7f\x02\0\xdf\x01\0", "image/webp", (640, 480)),
    (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 640, 480), "image/webp", (640, 480)),
    (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 639 | 479 << 14), "image/webp", (640, 480)),
    (tiff(640, 480, "<"), "image/tiff", (640, 480)),
    (tiff(640, 480, ">"), "image/tiff", (640, 480)),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", (0, 0)),
    (b"<?xml version='1.0'?>\n<!-- x --><svg/>", "image/svg+xml", (0, 0)),
    (b"RIFF\0\0\0\0WAVEfmt ", "", (0, 0)),
    (b"<html>", "", (0, 0)),
]


@pytest.mark.parametrize(("raw", "mime", "size"), PICTURES)
def test_kind_and_size(raw: bytes, mime: str, size: tuple[int, int]) -> None:
    assert find_size(raw) == (mime, size)


@pytest.mark.parametrize(
    ("raw", "claimed", "trouble"),
    [
        (png(640, 480), "image/png", ""),
        (png(640, 480), "", ""),
        (png(640, 480), "image/jpeg", "mislabelled"),
        (jpeg(640, 480), "image/jpg", ""),
        (png(30_000, 30_000), "image/png", "bomb"),
        (png(2**31, 2**31), "image/png", "bomb"),
        (png(0, 480), "image/png", "damaged"),
        (b"\xff\xd8\xff", "image/jpeg", "damaged"),
        (b"", "image/jpeg", "empty"),
        (b"<html><script>", "image/jpeg", "no picture"),
        (b"https://example.org/cover.jpg", "-->", "address"),
        (b"<svg/>", "image/svg+xml", "svg"),
        (b"<svg><script>alert(1)</script></svg>", "image/svg+xml", "active"),
        (b"<svg onload='x()'/>", "image/svg+xml", "active"),
        (b"<svg><image xlink:href='https://example.org/x.png'/></svg>", "image/svg+xml", "active"),
    ],
)
def test_trouble(raw: bytes, claimed: str, trouble: str) -> None:
    assert look(raw, len(raw), claimed, 3).trouble == trouble


def test_troubles_have_meanings_and_files_are_refused_for_what_pictures_are_warned_of() -> None:
    for embedded, file in TROUBLES.values():
        assert FINDINGS[embedded][0] in (Severity.WARNING, Severity.NOTE)
        assert FINDINGS[file][0] in (Severity.REFUSE, Severity.NOTE)


@given(st.sampled_from([raw[:12] for raw, _, _ in PICTURES]), st.binary(max_size=200))
def test_no_bytes_lead_astray(mark: bytes, rest: bytes) -> None:
    seen = look(mark + rest, len(mark + rest), "image/png", 99)
    assert seen.facts.width >= 0 and seen.facts.height >= 0 and seen.facts.kind == "other"


@pytest.mark.parametrize(
    ("name", "raw", "codes"),
    [
        ("cover.png", png(640, 480), []),
        ("cover.jpg", png(640, 480), ["P007"]),
        ("cover.svg", b"<svg/>", ["P008"]),
        ("cover.svg", b"<svg><script/></svg>", ["P003"]),
        ("bomb.png", png(30_000, 30_000), ["P001"]),
        ("not.jpg", b"<html>", ["P004"]),
        ("empty.jpg", b"", ["P005"]),
    ],
)
def test_picture_files(name: str, raw: bytes, codes: list[str], tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(raw)
    report = picture(str(tmp_path / "copy"), name)
    assert report.audio is None and [found.code for found in report.findings] == codes
    assert report.pictures[0].kind == ("front cover" if name.startswith("cover") else "other")
