"""PNG of sixteen shades: others read what is written, and nothing else is taken for one."""

import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.png import SIGNATURE, coloured, format_grey, parse_size
from sonoteca.web.spectra import PALETTES
from tests.tools import require_tool

ROWS = [bytes((column + row) % 16 for column in range(37)) for row in range(5)]
PICTURE = format_grey(ROWS)


def decoded(raw: bytes, form: str, folder: Path) -> bytes:
    (folder / "x.png").write_bytes(raw)
    words = [require_tool("ffmpeg"), "-v", "error", "-i", str(folder / "x.png"), "-f", "rawvideo", "-pix_fmt", form]
    done = subprocess.run([*words, "-"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def test_ffmpeg_reads_the_same_pixels(tmp_path: Path) -> None:
    assert decoded(PICTURE, "gray", tmp_path) == b"".join(bytes(shade * 17 for shade in row) for row in ROWS)
    assert parse_size(PICTURE) == (37, 5)


@pytest.mark.parametrize("paper", PALETTES)
def test_ffmpeg_reads_the_same_pixels_in_colour(tmp_path: Path, paper: str) -> None:
    colours = PALETTES[paper]
    expected = b"".join(bytes(colours[shade]) for row in ROWS for shade in row)
    assert decoded(coloured(PICTURE, colours), "rgb24", tmp_path) == expected


@pytest.mark.parametrize("paper", PALETTES)
def test_each_shade_is_darker_than_the_one_before_or_each_is_lighter(paper: str) -> None:
    """So the picture reads without seeing colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: tuple[int, int, int]) -> float:
        parts = [part / 255 for part in colour]
        linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    found = [luminance(colour) for colour in PALETTES[paper]]
    assert found == sorted(found, reverse=paper == "light") and len(set(found)) == 16


@given(st.binary(max_size=80), st.integers(0, len(PICTURE)), st.integers(0, 90))
def test_whatever_comes_it_is_refused_or_of_the_size_that_it_says(raw: bytes, at: int, cut: int) -> None:
    """Invariant: parse_size gives a size or ValueError, and takes only what format_grey could have written."""
    changed = PICTURE[:at] + raw + PICTURE[at + cut :]
    try:
        width, height = parse_size(changed)
    except ValueError:
        return
    assert changed == PICTURE and (width, height) == (37, 5)


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def test_bombs_and_other_pictures_are_refused() -> None:
    def file(head: bytes, pixels: bytes) -> bytes:
        return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")

    grey = (37).to_bytes(4) + (5).to_bytes(4)
    for raw in (
        file(grey + bytes((4, 0, 0, 0, 0)), bytes(100_000_000)),
        file(grey + bytes((4, 0, 0, 0, 0)), bytes(99)),
        file(grey + bytes((8, 0, 0, 0, 0)), bytes(5 * 38)),
        file(grey + bytes((4, 0, 0, 0, 1)), bytes(5 * 20)),
        file((5000).to_bytes(4) + (5).to_bytes(4) + bytes((4, 0, 0, 0, 0)), bytes(5 * 2501)),
        b"",
        SIGNATURE,
    ):
        with pytest.raises(ValueError, match=r"."):
            parse_size(raw)
    for rows in ([], [b""], [b"\x00", b"\x00\x01"], [b"\x10"]):
        with pytest.raises(ValueError, match="sixteen"):
            format_grey(rows)
