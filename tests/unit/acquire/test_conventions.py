"""Names taken apart: the conventions by example, then every name gives something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire.conventions import (
    EtreeName,
    ReleaseName,
    TrackName,
    find_etree,
    parse_release_name,
    parse_track_name,
)


def release(title: str, artist: str = "", date: str = "", label: str = "", number: str = "") -> ReleaseName:
    return ReleaseName(title=title, artist=artist, date=date, label=label, catalogue_number=number)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nina Simone - 1965 - Pastel Blues", release("Pastel Blues", "Nina Simone", "1965")),
        (
            "Nina Simone - Pastel Blues (1965) [Philips PHS 600-187]",
            release("Pastel Blues", "Nina Simone", "1965", "Philips", "PHS 600-187"),
        ),
        ("(1999) Title", release("Title", date="1999")),
        ("1999 - Title", release("Title", date="1999")),
        ("1999-05-04 Live at X", release("Live at X", date="1999-05-04")),
        ("Artist_-_Title_-_2004", release("Title", "Artist", "2004")),
        (
            "Keith Jarrett - The Köln Concert (1975) [ECM 1064] [FLAC 24-96]",
            release("The Köln Concert", "Keith Jarrett", "1975", "", "ECM 1064"),
        ),
        (
            "Artist - Title (Deluxe Edition) (2010) {WARP92} [WEB] (24bit-48kHz)",
            release("Title (Deluxe Edition)", "Artist", "2010", "", "WARP92"),
        ),
        ("Artist - 1999.05.04 - Berlin", release("Berlin", "Artist", "1999-05-04")),
        ("Björk - [1997] Homogenic", release("Homogenic", "Björk", "1997")),
        ("Van Halen - 1984", release("1984", "Van Halen")),
        ("1984", release("1984")),
        ("The Beatles - 1 (2000)", release("1", "The Beatles", "2000")),
        ("Blur – Blur (CD1)", release("Blur", "Blur")),
        ("Miles Davis - Kind of Blue [2CD]", release("Kind of Blue", "Miles Davis")),
        ("Yes - Tales - Live - Extra", release("Tales - Live - Extra", "Yes")),
        ("asterisk-moh-opsound", release("asterisk-moh-opsound")),
        ("(1999)", release("(1999)", date="1999")),
        ("U00E5", release("U00E5")),
        ("", release("_")),
    ],
)
def test_release_name(name: str, expected: ReleaseName) -> None:
    assert parse_release_name(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gd1977-05-08.sbd.hicks.4982.sbeok.shnf", ("gd", "1977-05-08", "sbd", "hicks", "4982", "shnf")),
        ("gd77-05-08.aud.vernon.15402.sbeok.shnf", ("gd", "1977-05-08", "aud", "vernon", "15402", "shnf")),
        ("bb1999-05-04.akg480.smith.12345.flac16", ("bb", "1999-05-04", "akg480", "smith", "12345", "flac16")),
        ("sci2002-07-05_akg480.flac16", ("sci", "2002-07-05", "akg480", "", "", "flac16")),
        ("gd1980-10-31.sbd.miller.88201.flac2496", ("gd", "1980-10-31", "sbd", "miller", "88201", "flac2496")),
        ("gd1969-05-xx.sbd.1234.shnf", ("gd", "1969-05", "sbd", "", "1234", "shnf")),
        ("gd1969-xx-xx", ("gd", "1969", "", "", "", "")),
        ("um04-04-09", ("um", "2004-04-09", "", "", "", "")),
    ],
)
def test_etree(name: str, expected: tuple[str, ...]) -> None:
    band, date, source, taper, shnid, kind = expected
    assert find_etree(name) == EtreeName(band=band, date=date, source=source, taper=taper, shnid=shnid, format=kind)


@pytest.mark.parametrize(
    "name", ["Album 1999-05-04", "1999-05-04", "gd1999-13-04", "gd1999-05-40.sbd", "", "Artist - 1999 - Title"]
)
def test_what_is_no_etree_name(name: str) -> None:
    assert find_etree(name) is None


def track(title: str = "", number: str = "", disc: int = 0, side: str = "", artist: str = "") -> TrackName:
    return TrackName(title=title, number=number, disc=disc, side=side, artist=artist)


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("01 - Title", track("Title", "01")),
        ("01. Title", track("Title", "01")),
        ("01 Title", track("Title", "01")),
        ("(01) Title", track("Title", "01")),
        ("07_Title_here", track("Title here", "07")),
        ("01_-_Title", track("Title", "01")),
        ("1-07 Title", track("Title", "07", 1)),
        ("101 - Title", track("Title", "101")),
        ("A1. Title", track("Title", "A1", side="A")),
        ("B2 - Title", track("Title", "B2", side="B")),
        ("A1", track("", "A1", side="A")),
        ("Artist - 07 - Title", track("Title", "07", artist="Artist")),
        ("d1t05", track("", "05", 1)),
        ("d1t05 - Dark Star", track("Dark Star", "05", 1)),
        ("01 - Artist - Title", track("Artist - Title", "01")),
        ("Track 01", track("", "01")),
        ("AudioTrack 07", track("", "07")),
        ("12", track("", "12")),
        ("99 Luftballons", track("Luftballons", "99")),
        *(
            (name, track(name))
            for name in ("7 Seconds", "1.5 Degrees", "10-4", "1999", "U00E5", "U00E5a", "B52", "rybky07")
        ),
        ("Front_Center", track("Front Center")),
        ("", track()),
    ],
)
def test_track_name(stem: str, expected: TrackName) -> None:
    assert parse_track_name(stem) == expected


def test_track_names_with_more() -> None:
    assert parse_track_name("bb1999-05-04d1t01") == TrackName(number="01", disc=1, band="bb", date="1999-05-04")
    jack = TrackName(title="Jack Straw", number="03", disc=1, band="gd", date="1977-05-08")
    assert parse_track_name("gd77-05-08s1t03 Jack Straw") == jack
    assert parse_track_name("gd1977-05-08.sbd.d2t04").number == "04"
    whole = TrackName(title="Title", number="07", artist="Artist", album="Album")
    assert parse_track_name("Artist - Album - 07 - Title") == whole


@given(st.text(max_size=120))
def test_every_name_gives_something(name: str) -> None:
    assert parse_release_name(name).title
    find_etree(name)
    parse_track_name(name)


@given(st.text(alphabet=" -_.()[]01aAdtx9", max_size=500))
def test_no_name_takes_long(name: str) -> None:
    # The forms overlap; a form that backtracks without end would hang here.
    assert parse_release_name(name).title
    find_etree(name)
    parse_track_name(name)
