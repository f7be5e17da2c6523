"""Texts that identify reads: what may be shown, what says nothing, dates, numbers, info texts."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire import dates, infotext, numbers, titles
from sonoteca.acquire.infotext import Entry

TEXTS = st.text(st.characters(), max_size=400)


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("  Aria  da\tCapo \n", "Aria da Capo"),
        ("A\u030angstro\u0308m", "Ångström"),
        ("bell\x07 esc\x1b[31m red", "bell esc red"),
        ("before\0after", "before after"),
        ("Song \u202egpj.exe\u202c 3pm", "Song gpj.exe 3pm"),
        ("<b>Bold</b> <i>move</i>", "Bold move"),
        ('<script>alert("x")</script><img src=x onerror=alert(1)>', ""),
        ("<3 you > me", "<3 you > me"),
        ("Jaroslav <perex@suse.cz>", "Jaroslav <perex@suse.cz>"),
        ("a < b", "a < b"),
        ("\ufffe\uffff\ufdd0", ""),
        ("caf\udce9", "caf\ufffd"),
        ("👩\u200d👩\u200d👧\u200d👦🏳️\u200d🌈 ♫", "👩\u200d👩\u200d👧\u200d👦🏳️\u200d🌈 ♫"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("Z" + "\u0301" * 70, "Ź" + "\u0301" * 4),
        ("()", "()"),
        ("AC/DC", "AC/DC"),
    ],
)
def test_what_is_shown(found: str, shown: str) -> None:
    assert titles.clean(found) == titles.clean(shown) == shown


def test_a_megabyte_of_title() -> None:
    assert titles.clean("A" * (1 << 20)) == "A" * 299 + "…"


@given(TEXTS)
def test_shown_texts_are_safe_and_settled(text: str) -> None:
    shown = titles.clean(text)
    assert titles.clean(shown) == shown
    assert len(shown) <= titles.MAX_CHARS
    shown.encode()  # no lone surrogate
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u200b\ufeff" for char in shown)


@given(TEXTS)
def test_lines_are_safe(text: str) -> None:
    for line in titles.clean_lines(text).split("\n"):
        assert titles.clean(line, titles.MAX_LINES_CHARS) == line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<Unknown>",
        "[unknown]",
        "Unknown Artist",
        "Track 01",
        "AudioTrack 1",
        "track_7",
        "Piste 3",
        "..",
        "Трек 12",
        "未知",
        "UNKNOWN ALBUM",
    ],
)
def test_placeholders(text: str) -> None:
    assert titles.says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "Untitled",
        "?",
        "Track Seven",
        "Unknown Pleasures",
        "The Unknown",
        "Spur",
        "( )",
        "!!!",
        "Nummer",
        "1999",
        "Title Fight",
        "Album of the Year",
    ],
)
def test_titles_that_only_look_like_placeholders(text: str) -> None:
    assert not titles.says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "Copyright 2007 Johnstad/Gabor. This file is distributed under the terms of the GPL",
        "© 2010 various authors. See readme.txt for details.",
        "(c) 2026 Nobody, all rights reserved",
        "Licensed under the Creative Commons Attribution licence",
        "This work is in the public domain since its author waived all rights",
    ],
)
def test_licences_in_the_place_of_names(text: str) -> None:
    assert titles.is_licence(text)


@pytest.mark.parametrize(
    "text",
    [
        "Public Domain",
        "Licensed to Ill",
        "Copyright",
        "The Public Domain Band",
        "GPL",
        "Public Image Ltd",
        "Creative Commons",
    ],
)
def test_names_that_only_sound_like_licences(text: str) -> None:
    assert not titles.is_licence(text)


def test_dominant_needs_more_than_half_and_two_thirds() -> None:
    assert titles.dominant(["a"], 1) == "a"
    assert titles.dominant(["a", "a"], 4) == ""
    assert titles.dominant(["a", "a", "a", "b"], 4) == "a"
    assert titles.dominant(["a", "a", "a", "b", "c"], 5) == ""
    assert titles.dominant(["the x", "The X", "The X"], 3) == "The X"
    assert titles.dominant([], 3) == ""


@pytest.mark.parametrize(
    ("found", "date"),
    [
        ("2012-12-15", "2012-12-15"),
        ("2012-12", "2012-12"),
        ("2012", "2012"),
        ("2012/1/5", "2012-01-05"),
        ("20121215", "2012-12-15"),
        ("2012-12-15T10:00:00Z", "2012-12-15"),
        ("2012-12-15 10:00", "2012-12-15"),
        ("2012-00-00", "2012"),
        ("15.12.2012", "2012-12-15"),
        ("12/15/2012", "2012-12-15"),
        ("03/04/2012", "2012"),
        ("05.05.2012", "2012-05-05"),
        ("recorded in 1999, in May", "1999"),
        ("1999 or 2000", ""),
        ("2012-02-30", ""),
        ("2012-13-01", ""),
        ("99999-13-45", ""),
        ("1721", ""),
        ("3012", ""),
        ("0", ""),
        ("unknown", ""),
        ("2012-00-15", ""),
        ("2012-12-15" * 1000, ""),
    ],
)
def test_dates(found: str, date: str) -> None:
    assert dates.parse_date(found) == date


@given(st.dates(min_value=datetime.date(1857, 1, 1), max_value=datetime.date(2199, 12, 31)))
def test_every_day_is_read_back(day: datetime.date) -> None:
    assert dates.parse_date(day.isoformat()) == dates.parse_date(day.strftime("%Y%m%d")) == day.isoformat()


@given(TEXTS)
def test_a_date_is_iso_or_nothing(text: str) -> None:
    date = dates.parse_date(text)
    assert date == "" or datetime.date.fromisoformat((date + "-01-01")[:10])


def test_the_date_that_most_have() -> None:
    assert dates.common_date(["2012-12-15"] * 3, 3) == "2012-12-15"
    assert dates.common_date(["2012-12-15", "2012-12-16", "2012-12"], 3) == "2012-12"
    assert dates.common_date(["2012-12-15", "2012-11-16", "2012"], 3) == "2012"
    assert dates.common_date(["2004", "2007", "2012"], 3) == ""


@pytest.mark.parametrize(
    ("found", "side", "number"),
    [
        ("7", "", 7),
        ("07/12", "", 7),
        ("A2", "A", 2),
        ("b1/2", "B", 1),
        ("3 of 9", "", 3),
        (" 12 ", "", 12),
        ("1/", "", 1),
    ],
)
def test_track_numbers(found: str, side: str, number: int) -> None:
    parsed = numbers.parse_number(found)
    assert parsed is not None
    assert (parsed.side, parsed.number) == (side, number)


@pytest.mark.parametrize(
    "found", ["0", "00", "-1", "-1/999999999999", "1084389376", "NaN", "", "1.5", "AA1", "٣x", "1" * 500]
)
def test_no_track_numbers(found: str) -> None:
    assert numbers.parse_number(found) is None


def test_identifiers() -> None:
    assert numbers.parse_isrc("GB-AYE-69-00531") == numbers.parse_isrc("gbaye6900531") == "GBAYE6900531"
    assert numbers.parse_isrc("CC-XXX-YY-NNNNN") == numbers.parse_isrc("GBAYE69005311") == ""
    assert numbers.parse_barcode("0 724384 960650") == "0724384960650"
    assert (
        numbers.parse_barcode("0724384960651")
        == numbers.parse_barcode("0000000000000")
        == numbers.parse_barcode("१२३४५६७८")
        == ""
    )
    assert numbers.parse_uuid("0383DADF-2A4E-4D10-A46A-E9E041DA8EB3") == "0383dadf-2a4e-4d10-a46a-e9e041da8eb3"
    assert numbers.parse_uuid("0383dadf2a4e4d10a46ae9e041da8eb3") == ""


def test_set_lists_as_people_write_them() -> None:
    text = b"""Set I
1. One [4:32]
02) Two ->
d1t03 Three (12:01)
4 - Four
5. 5:12 Five
1977-05-08
7 days
6. 123
plain"""
    assert infotext.find_info([("info.txt", text)]).entries == (
        Entry(1, "One"),
        Entry(2, "Two"),
        Entry(3, "Three"),
        Entry(4, "Four"),
        Entry(5, "Five"),
        Entry(7, "days"),
    )


def test_a_set_list_fits_or_is_none() -> None:
    entries = (Entry(1, "a"), Entry(2, "b"), Entry(3, "c"))
    assert infotext.set_list(entries, (1, 2, 3)) == infotext.set_list(entries, (1, 2, 1)) == ("a", "b", "c")
    assert infotext.set_list((Entry(1, "a"), Entry(1, "b")), (1, 1)) == ("a", "b")
    assert infotext.set_list((Entry(1, "a"), Entry(3, "b")), (1, 2)) == ()
    assert infotext.set_list(entries, (1, 2)) == infotext.set_list((), ()) == ()


def test_info_texts_in_old_encodings() -> None:
    drawn = "╔════════╗\n║ Título ║\n╚════════╝\n".encode("cp437")
    assert infotext.find_info([("release.nfo", drawn)]).description == "Título"
    assert infotext.find_info([("info.txt", "Título".encode("cp1252"))]).description == "Título"
    assert infotext.find_info([("info.txt", "Título".encode("utf-16"))]).description == "Título"
    assert infotext.find_info([("CD1/info.txt", b"below"), ("song.txt", b"lyrics")]).description == ""


def test_lineage_is_bounded() -> None:
    text = "\n".join(f"Source: {'x' * 500}{number}" for number in range(100))
    lineage = infotext.find_info([("info.txt", text.encode())]).lineage
    assert len(lineage) <= infotext.MAX_LINEAGE_CHARS


def test_lineage_that_goes_on_below() -> None:
    assert (
        infotext.find_info([("info.txt", b"Lineage:\n  DAT > CD > EAC > FLAC\n")]).lineage
        == "Lineage: DAT > CD > EAC > FLAC"
    )


@given(st.binary(max_size=2000))
def test_any_info_text(content: bytes) -> None:
    found = infotext.find_info([("info.txt", content), ("x.nfo", content[::-1])])
    found.description.encode()
    found.lineage.encode()
