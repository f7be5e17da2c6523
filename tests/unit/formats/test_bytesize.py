"""Bytesize: what a person means by an amount of space, and nothing that could be meant otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.bytesize import MAX_BYTES, UNITS, format, parse


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("4TB", 4 * 10**12),
        ("500 GB", 500 * 10**9),
        ("1.5 TiB", 3 * 2**39),
        ("0.000001TB", 10**6),
        ("750MB", 750 * 10**6),
        ("1kB", 1000),
        ("1KB", 1000),
        ("1KiB", 1024),
        ("7B", 7),
        ("1.9B", 1),
        ("1000PB", MAX_BYTES),
    ],
)
def test_what_is_meant(text: str, count: int) -> None:
    assert parse(text) == count


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "4",
            "TB",
            "4 T",
            "4tb",
            "4Tb",
            "-4TB",
            "+4TB",
            "4,5TB",
            "4.TB",
            ".5TB",
            "4  TB",
            " 4TB",
            "4TB ",
            "4TB\n",
        ),
        *("0TB", "0.4B", "1001PB", "4e3GB", "٤TB", "4\u00a0TB", "1kiB", "9" * 19 + "B", "1EB", "inf", "4TB4GB"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse(text)


@given(st.integers(1, MAX_BYTES))
def test_what_is_written_is_read(count: int) -> None:
    assert parse(format(count)) == count


@given(st.text(max_size=30))
def test_never_anything_but_a_number_in_range_or_a_refusal(text: str) -> None:
    try:
        found = parse(text)
    except ValueError:
        return
    assert 1 <= found <= MAX_BYTES and any(text.endswith(unit) for unit in UNITS)
