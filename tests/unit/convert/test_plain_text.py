"""One line of harmless text, whatever comes; and comments that hold nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.convert.comments import MAX_HEADER_BYTES, fitting, format_comments, is_name
from sonoteca.convert.plain_text import one_line
from tests.unit.convert.test_credits import ANY_TEXT


@given(ANY_TEXT, st.integers(1, 2000))
def test_always_one_harmless_line(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert line == line.strip()
    assert line.splitlines() in ([line], [])
    line.encode()
    categories = {unicodedata.category(char) for char in line}
    assert not categories & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in line} & {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip
    assert one_line(line, most) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a\r\n b\u2028c\x0bd\u3000e\xa0f ", "a b c d e f"),
        ("a\0b\x1b[31mc", "ab[31mc"),
        ("\u202eevil\u2066\u200b\ufeff", "evil"),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
        ("\ud800a\udcff", "a"),
        ("\ufdd0\ufffe\U0001fffe\U0010ffff\U000e0041a", "a"),
        ("", ""),
    ],
)
def test_examples(text: str, line: str) -> None:
    assert one_line(text) == line


def test_what_is_longer_is_cut() -> None:
    assert one_line("a" * 11, 10) == "a" * 9 + "…"
    assert one_line("a " * 10**7, 10) == "a a a a a…"
    assert one_line("a" * 10, 10) == "a" * 10


@given(st.lists(st.tuples(st.one_of(ANY_TEXT, st.sampled_from(["TITLE", "a b", "A=B", "", " X", "X\n"])), ANY_TEXT)))
def test_comments_hold_what_they_may(pairs: list[tuple[str, str]]) -> None:
    kept = fitting(pairs)
    raw = format_comments(kept)
    assert len(raw) <= MAX_HEADER_BYTES + 100
    assert all(is_name(name) and text and text == one_line(text) for name, text in kept)
    assert parsed(raw) == list(kept)


def parsed(raw: bytes) -> list[tuple[str, str]]:
    """The comments, read by the letter of the format."""
    at = 4 + int.from_bytes(raw[:4], "little")
    count, at, found = int.from_bytes(raw[at : at + 4], "little"), at + 4, []
    for _ in range(count):
        size = int.from_bytes(raw[at : at + 4], "little")
        name, _, text = raw[at + 4 : at + 4 + size].decode().partition("=")
        found.append((name, text))
        at += 4 + size
    assert at == len(raw)
    return found


def test_what_does_not_fit_is_left_out_from_the_end() -> None:
    pairs = [("N", str(number).ljust(999, "x")) for number in range(100)]
    kept = fitting([*pairs, ("SMALL", "y")])
    assert kept[: len(kept) - 1] == tuple(pairs[: len(kept) - 1])
    assert kept[-1] == ("SMALL", "y")
    assert 55 < len(kept) < 61
