"""Ogg pages: every page that is formed is read again; none that was changed is; libogg's agree."""

import random
import subprocess
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.ogg import BEGIN, END, MAX_BODY, Page, crc, format_page, parse_page, segments
from tests.tools import require_tool

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
