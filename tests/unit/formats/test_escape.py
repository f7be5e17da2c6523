"""Escape: any text is valid afterwards and comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.escape import format_text, parse_text

ANY = st.one_of(st.text(), st.text("␛␛\ud800\udce9\0 0123ABCDEFabcdef241B"))


@given(ANY)
def test_any_text_comes_back(text: str) -> None:
    safe = format_text(text)
    assert "\0" not in safe
    assert safe.encode("utf-8").decode() == safe
    assert parse_text(safe) == text


@given(ANY, ANY)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (format_text(one) == format_text(other)) == (one == other)


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0␛")))
def test_a_harmless_text_is_not_touched(text: str) -> None:
    assert format_text(text) == text


@pytest.mark.parametrize(
    ("text", "safe"), [("b\udce9", "b␛DCE9"), ("\0", "␛0000"), ("␛", "␛241B"), ("␛DCE9", "␛241BDCE9")]
)
def test_it_can_be_read(text: str, safe: str) -> None:
    assert format_text(text) == safe


@pytest.mark.parametrize("text", ["␛", "␛12", "␛xyzw", "␛dce9"])
def test_what_was_never_made_stays(text: str) -> None:
    assert parse_text(text) == text
