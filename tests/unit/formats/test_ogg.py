"""Ogg pages: every page that is formed is read again; none that was changed is; libogg's agree."""

import random
import subprocess
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.ogg import (
    BEGIN,
    END,
    MAX_BODY,
    Long,
    Page,
    crc,
    format_long,
    format_page,
    pages_of,
    parse_long,
    parse_page,
    segments,
)
from tests.tools import require_tool
from tests.unit.formats.test_picture import chunk, png

WORD = st.integers(0, 0xFFFFFFFF)
PAGES = st.builds(
    Page,
    serial=WORD,
    sequence=WORD,
    granule=st.integers(0, (1 << 64) - 1),
    packets=st.lists(st.binary(max_size=600), max_size=20).map(tuple),
    flags=st.sampled_from([0, BEGIN, END, BEGIN | END]),
)


def slow_crc(raw: bytes) -> int:
    """RFC 3533 §6, bit by bit."""
    register = 0
    for byte in raw:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register >> 31 else 0)) & 0xFFFFFFFF
    return register


@given(PAGES, st.binary(max_size=40))
def test_round_trip(page: Page, after: bytes) -> None:
    raw = format_page(page)
    assert parse_page(raw + after) == (page, len(raw))


@given(st.binary(max_size=300))
def test_the_checksum_is_that_of_the_rfc(raw: bytes) -> None:
    assert crc(raw) == slow_crc(raw)


def test_pages_that_libogg_made_are_read_and_formed_again(tmp_path: Path) -> None:
    source, made = tmp_path / "x.wav", tmp_path / "x.opus"
    with wave.open(str(source), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        file.writeframes(random.Random(1).randbytes(48_000 * 4))
    subprocess.run([require_tool("opusenc"), "--quiet", str(source), str(made)], check=True)
    raw, sequence = made.read_bytes(), 0
    while raw:
        page, length = parse_page(raw)
        assert format_page(page) == raw[:length]
        assert page.sequence == sequence
        raw, sequence = raw[length:], sequence + 1
    assert sequence > 2


@given(PAGES, st.data())
def test_a_page_with_a_wrong_bit_is_none(page: Page, data: st.DataObject) -> None:
    raw = bytearray(format_page(page))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ValueError):
        parse_page(bytes(raw))


@given(PAGES, st.data())
def test_a_page_that_is_cut_is_none(page: Page, data: st.DataObject) -> None:
    raw = format_page(page)
    with pytest.raises(ValueError):
        parse_page(raw[: data.draw(st.integers(0, len(raw) - 1))])


@given(st.binary(max_size=400))
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        parse_page(b"OggS" + raw)


def test_the_largest_page() -> None:
    assert [segments(size) for size in (0, 254, 255, 256, 510)] == [1, 1, 2, 2, 3]
    fits = Page(serial=0, sequence=0, granule=0, packets=(bytes(MAX_BODY - 1),))
    assert parse_page(format_page(fits))[0] == fits
    with pytest.raises(ValueError, match="do not fit"):
        format_page(Page(serial=0, sequence=0, granule=0, packets=(bytes(MAX_BODY),)))


@pytest.mark.parametrize("size", [0, 254, 255, MAX_BODY - 1, MAX_BODY, MAX_BODY + 1, 2 * MAX_BODY, 300_000])
def test_a_header_of_any_length_comes_back(size: int) -> None:
    long = Long(serial=7, sequence=1, packet=random.Random(size).randbytes(size))
    raw = format_long(long)
    assert parse_long(raw + b"more") == (long, len(raw))
    assert raw.count(b"OggS\0") >= pages_of(size) == size // MAX_BODY + 1
    if size < MAX_BODY:
        assert parse_page(raw)[0].packets == (long.packet,)
    for at in (0, 5, 26, len(raw) - 1, len(raw) // 2):
        with pytest.raises(ValueError):
            parse_long(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(ValueError):
            parse_long(raw[:at])


def test_the_pages_of_a_long_header_are_libogg_s(tmp_path: Path) -> None:
    """opusenc's own, with a picture in it: its pages are formed again, byte for byte."""
    source, made, shown = tmp_path / "x.wav", tmp_path / "x.opus", tmp_path / "x.png"
    shown.write_bytes(png(300, 200, more=chunk(b"tEXt", b"Comment\0" + b"x" * 150_000)))
    with wave.open(str(source), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(48_000))
    command = [require_tool("opusenc"), "--quiet", "--padding", "0", "--picture", str(shown), str(source), str(made)]
    subprocess.run(command, check=True)
    raw = made.read_bytes()
    _, at = parse_page(raw)
    tags, length = parse_long(raw[at:])
    assert tags.packet.startswith(b"OpusTags") and pages_of(len(tags.packet)) == 4
    assert format_long(tags) == raw[at : at + length]
    assert parse_page(raw[at + length :])[0].sequence == 5
