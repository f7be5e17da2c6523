"""Sizes, times and dates as people read them."""

import pytest

from sonoteca.web import words


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0:00"), (0.2, "0:01"), (59.6, "1:00"), (187, "3:07"), (3753, "1:02:33")]
)
def test_clock(seconds: float, expected: str) -> None:
    assert words.clock(seconds) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (16 * 10**9, "16.0 GB"),
        (10**18, "1000 PB"),
    ],
)
def test_size(count: int, expected: str) -> None:
    assert words.size(count) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1999", "1999"),
        ("1999-05", "May 1999"),
        ("1999-05-04", "4 May 1999"),
        ("2026-11-23T10:00:00Z", "23 November 2026"),
        ("", ""),
        ("1999-13", "1999-13"),
        ("never", "never"),
        ("1999-xx", "1999-xx"),
    ],
)
def test_date(text: str, expected: str) -> None:
    assert words.date(text) == expected


@pytest.mark.parametrize(
    ("seconds", "expected", "short"),
    [(1, "1 second", "1 s"), (60, "1 minute", "1 min"), (5400, "1.5 hours", "1.5 h"), (360_000, "100 hours", "100 h")],
)
def test_length(seconds: float, expected: str, short: str) -> None:
    assert (words.length(seconds), words.length_short(seconds)) == (expected, short)


def test_level() -> None:
    assert (words.level(-14.23, "LUFS"), words.level(None, "LU")) == ("−14.2 LUFS", "–")


def test_codecs() -> None:
    assert words.codec("pcm_s16le", "wav") == "WAV, 16 bit"
    assert words.codec("pcm_s16be", "aiff") == "AIFF"
    assert words.codec("vorbis") == "Ogg Vorbis"


def test_this_machine_is_not_told() -> None:
    assert words.place("file:///music/somebody/An%20Album") == "An Album"
    assert words.place("https://example.org/a/b") == "https://example.org/a/b"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-11-23T00:00:01Z", "today"),
        ("2026-11-24", "today"),
        ("2026-11-22T23:59:59Z", "yesterday"),
        ("2026-11-11", "12 days ago"),
        ("2026-08-23", "3 months ago"),
        ("some day", "some day"),
    ],
)
def test_age(day: str, told: str) -> None:
    assert words.age(day, "2026-11-23T10:00:00Z") == told
