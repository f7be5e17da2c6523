"""Globs: the same answers as fnmatch gives, for patterns that have no brackets."""

import fnmatch

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.rights.globs import is_glob, is_matching


@given(st.text("ab*?", max_size=8), st.text("ab/\n", max_size=9))
def test_as_fnmatch(glob: str, text: str) -> None:
    assert is_matching(glob, text) == fnmatch.fnmatchcase(text, glob)


def test_brackets_are_letters_here() -> None:
    assert is_matching("[01] *.mp3", "[01] Aria.mp3")
    assert not is_matching("[01] *.mp3", "0 Aria.mp3")
    assert is_glob("*.mp3") and not is_glob("[01] Aria.mp3")


def test_a_bomb_of_stars_is_only_a_pattern() -> None:
    assert not is_matching("*a" * 190 + "b", "a" * 5000)
    assert is_matching("*a" * 190, "a" * 5000)
    assert not is_matching("*" * 401, "a")
