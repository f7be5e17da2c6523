"""The compressed form of fingerprints: there and back, and fpcalc's own."""

import json

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import fingerprint
from tests.vectors.fingerprints import generate

WORDS = st.lists(st.integers(0, 2**32 - 1), max_size=200)


@given(WORDS)
def test_there_and_back(words: list[int]) -> None:
    raw = numpy.array(words, numpy.uint32)
    assert fingerprint.parse(fingerprint.format(raw)).tolist() == words


def test_what_fpcalc_prints_is_written_the_same() -> None:
    for row in json.loads(generate.GOLDEN.read_text(encoding="utf-8")):
        assert fingerprint.format(fingerprint.parse(row["fingerprint"])) == row["fingerprint"]


def test_what_others_decoded() -> None:
    """The values that Chromaprint's own tests of its compressor have: one bit, a long distance, two in a row."""
    for words, packed in (([1], "AQAAAQE"), ([7], "AQAAAUkA"), ([1 << 6], "AQAAAQcA"), ([1, 0], "AQAAAkEA")):
        assert fingerprint.format(numpy.array(words, numpy.uint32)) == packed


@pytest.mark.parametrize(
    "text",
    ["", "A", "AQAA", "AAAAAA", "AgAAAQE", "AQAAAg", "AQAAAQE=", "AQAAAQE ", "AQAAAQEAAA", "AQAAAf9_", "AQAAAQ+/", "é"],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        fingerprint.parse(text)


def test_none_has_a_form() -> None:
    assert fingerprint.format(numpy.zeros(0, numpy.uint32)) == "AQAAAA"
    assert len(fingerprint.parse("AQAAAA")) == 0
