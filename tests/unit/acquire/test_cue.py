"""Cue sheets: the manual's example, sheets as programs write them, and the samples their tracks are.

Expected numbers are worked out by hand: a minute has 4,500 frames, a frame 588 samples at 44.1 kHz.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire.cue import CueFile, CueIndex, CueSheet, CueTrack, parse_cue, parse_time
from sonoteca.acquire.spans import find_recording, sample_of, spans, tracks_in

# The form that encyclopedias print: one file, gaps as INDEX 00.
ONE_FILE = b"""REM GENRE Alternative
REM DATE 1991
REM DISCID 860B640B
REM COMMENT "ExactAudioCopy v0.95b4"
CATALOG 0724384960650
PERFORMER "My Bloody Valentine"
TITLE "Loveless"
FILE "My Bloody Valentine - Loveless.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Only Shallow"
    PERFORMER "My Bloody Valentine"
    ISRC GBBLW9100001
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Loomer"
    FLAGS DCP PRE
    INDEX 00 04:15:00
    INDEX 01 04:17:52
  TRACK 03 AUDIO
    TITLE "Touched"
    INDEX 01 06:56:20
"""

# EAC, "multiple files with gaps, non-compliant": the gap of a track lies at the end of the file before.
NON_COMPLIANT = b"""PERFORMER "Someone"\r
TITLE "Gaps"\r
FILE "01 - One.wav" WAVE\r
  TRACK 01 AUDIO\r
    TITLE "One"\r
    INDEX 01 00:00:00\r
  TRACK 02 AUDIO\r
    TITLE "Two"\r
    INDEX 00 03:10:25\r
FILE "02 - Two.wav" WAVE\r
    INDEX 01 00:00:00\r
  TRACK 03 AUDIO\r
    TITLE "Three"\r
    INDEX 00 02:00:00\r
FILE "03 - Three.wav" WAVE\r
    INDEX 01 00:00:00\r
"""


def codes(sheet: CueSheet) -> list[str]:
    return [one.code for one in sheet.findings]


def test_one_file() -> None:
    sheet = parse_cue(ONE_FILE)
    assert sheet.files == (CueFile(name="My Bloody Valentine - Loveless.wav", kind="WAVE"),)
    assert (sheet.title, sheet.performer, sheet.catalog) == ("Loveless", "My Bloody Valentine", "0724384960650")
    assert [sheet.find_rem(word) for word in ("GENRE", "DATE", "DISCID", "NONE")] == [
        "Alternative",
        "1991",
        "860B640B",
        "",
    ]
    assert sheet.find_rem("COMMENT") == "ExactAudioCopy v0.95b4"
    assert sheet.tracks[0] == CueTrack(
        number=1,
        title="Only Shallow",
        performer="My Bloody Valentine",
        isrc="GBBLW9100001",
        indexes=(CueIndex(number=1, frame=0, file=0),),
    )
    assert sheet.tracks[1].flags == ("DCP", "PRE")
    # 4 × 4,500 + 15 × 75 and 4 × 4,500 + 17 × 75 + 52
    assert [index.frame for index in sheet.tracks[1].indexes] == [19_125, 19_327]
    assert codes(sheet) == []


def test_spans_of_one_file() -> None:
    sheet = parse_cue(ONE_FILE)
    # 19,327 × 588 and (6 × 4,500 + 56 × 75 + 20) × 588: the gap before track 2 is the end of track 1.
    expected = ((0, 11_364_276), (11_364_276, 18_357_360), (18_357_360, None))
    assert spans(sheet, 0, 44_100, 126_000_000) == expected
    assert spans(sheet, 0, 44_100, None) == expected
    assert [track.title for track in tracks_in(sheet, 0)] == ["Only Shallow", "Loomer", "Touched"]
    # 48 kHz: 640 a frame. 22.05 kHz: 294. 32 kHz: 426 and two thirds, 19,327 × 32,000 / 75 = 8,246,186.67.
    assert spans(sheet, 0, 48_000, None)[1] == (12_369_280, 19_980_800)
    assert spans(sheet, 0, 22_050, None)[1] == (5_682_138, 9_178_680)
    assert spans(sheet, 0, 32_000, None)[0] == (0, 8_246_186)


def test_a_gap_at_the_end_of_the_file_before_belongs_to_the_track_before() -> None:
    sheet = parse_cue(NON_COMPLIANT)
    assert [file.name for file in sheet.files] == ["01 - One.wav", "02 - Two.wav", "03 - Three.wav"]
    assert sheet.tracks[1].indexes == (CueIndex(number=0, frame=14_275, file=0), CueIndex(number=1, frame=0, file=1))
    assert codes(sheet) == []
    for file in range(3):
        assert [track.number for track in tracks_in(sheet, file)] == [file + 1]
        assert spans(sheet, file, 44_100, 8_400_000) == ((0, None),)


def test_sound_before_the_first_track_stays_with_it() -> None:
    sheet = parse_cue(
        b'FILE "a.wav" WAVE\nTRACK 01 AUDIO\nINDEX 00 00:00:00\nINDEX 01 02:30:00\nTRACK 02 AUDIO\nINDEX 01 05:00:00'
    )
    assert codes(sheet) == ["C007"]
    assert spans(sheet, 0, 44_100, None) == ((0, 13_230_000), (13_230_000, None))


def test_data_tracks_end_a_span_and_are_none() -> None:
    sheet = parse_cue(b'FILE "a.bin" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 MODE1/2352\nINDEX 01 00:01:00')
    assert [track.number for track in tracks_in(sheet, 0)] == [1]
    assert spans(sheet, 0, 44_100, None) == ((0, 44_100),)


@pytest.mark.parametrize(
    ("times", "total", "why"),
    [
        (("00:00:00", "00:02:00"), 88_200, "the recording has 88200"),
        (("00:00:00", "00:02:00", "00:02:00"), None, "track 3 does not begin after"),
        (("00:00:00", "00:03:00", "00:02:00"), None, "track 3 does not begin after"),
        (("00:05:00", "00:00:00"), None, "track 2 does not begin after"),
    ],
)
def test_a_sheet_that_does_not_fit_has_no_spans(times: tuple[str, ...], total: int | None, why: str) -> None:
    lines = [f"TRACK {number:02d} AUDIO\nINDEX 01 {time}" for number, time in enumerate(times, 1)]
    sheet = parse_cue(("FILE a.wav WAVE\n" + "\n".join(lines)).encode())
    with pytest.raises(ValueError, match=why):
        spans(sheet, 0, 44_100, total)


def test_the_last_sample_is_enough() -> None:
    sheet = parse_cue(b"FILE a.wav WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:02:00")
    assert spans(sheet, 0, 44_100, 88_201) == ((0, 88_200), (88_200, None))
    with pytest.raises(ValueError, match="0 Hz"):
        spans(sheet, 0, 0, None)
    assert spans(sheet, 7, 44_100, None) == ()


# ── as programs write them ───────────────────────────────────────────────────────────────────────────────────────────

END = b"\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"


@pytest.mark.parametrize(
    ("text", "encoding", "read_as", "guessed"),
    [
        ("Björk – Jóga", "utf-8", "utf-8", False),
        ("Björk – Jóga", "utf-8-sig", "utf-8", False),
        ("Björk – Jóga", "utf-16", "utf-16-le", False),
        ("Björk - Jóga", "latin-1", "latin-1", True),
        ("Don’t Stop", "cp1252", "latin-1", True),
        ("春の海", "cp932", "shift_jis", True),
        ("さくら", "cp932", "shift_jis", True),
        ("椎名林檎", "cp932", "shift_jis", True),
        ("Группа крови", "cp1251", "cp1251", True),
        ("Группа крови", "koi8_r", "koi8_r", True),
    ],
)
def test_encodings(text: str, encoding: str, read_as: str, guessed: bool) -> None:
    sheet = parse_cue(
        f'TITLE "{text}"'.encode(encoding)
        + END.decode().encode(encoding.replace("utf-16", "utf-16-le").replace("-sig", ""))
    )
    assert (sheet.title, sheet.encoding) == (text, read_as)
    assert codes(sheet) == (["C005"] if guessed else [])


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ('TITLE "He said "no" twice"', 'He said "no" twice'),
        ("TITLE Unquoted words", "Unquoted words"),
        ('TITLE "No end', "No end"),
        ('title   "lower"  ', "lower"),
        ('TITLE ""', ""),
        ("TITLE", ""),
        ('\tTITLE\t"Tabs"', "Tabs"),
    ],
)
def test_quoting(line: str, title: str) -> None:
    sheet = parse_cue(line.encode() + END)
    assert sheet.title == title
    assert codes(sheet) == []


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ('FILE "a b.flac" WAVE', CueFile(name="a b.flac", kind="WAVE")),
        ("FILE a b.wav WAVE", CueFile(name="a b.wav", kind="WAVE")),
        ('FILE "C:\\rips\\a.wav" wave', CueFile(name="C:\\rips\\a.wav", kind="WAVE")),
        ('FILE "a "live".wav" MP3', CueFile(name='a "live".wav', kind="MP3")),
        ("FILE a.wav", CueFile(name="a.wav")),
        ('FILE "a.wav"', CueFile(name="a.wav")),
    ],
)
def test_file(line: str, file: CueFile) -> None:
    assert parse_cue(line.encode() + END).files == (file,)


def test_a_sheet_without_a_file() -> None:
    sheet = parse_cue(END)
    assert sheet.files == (CueFile(name=""),)
    assert spans(sheet, 0, 44_100, None) == ((0, None),)


def test_what_cannot_be_read_is_said_and_skipped() -> None:
    lines = [
        "garbage here",
        "INDEX 01 -1:00:00",
        "INDEX 01 00:60:00",
        "INDEX 01 00:00:75",
        "INDEX x",
        "PREGAP soon",
        "TRACK",
    ]
    sheet = parse_cue(END + "\n".join(lines).encode())
    assert codes(sheet) == ["C001"] * len(lines) + ["C004"]
    assert sheet.findings[0].detail == "line 4: garbage here"
    assert [track.number for track in sheet.tracks] == [1, 2]
    sheet = parse_cue(END + b"?\n" * 500)
    assert len(sheet.findings) == 11
    assert sheet.findings[-1].detail == "and 490 more lines"


def test_numbers_and_times_that_cannot_be() -> None:
    tracks = [f"TRACK {number} AUDIO\nINDEX 01 {number}:00:00" for number in range(1, 131)]
    assert codes(parse_cue("\n".join(tracks).encode())) == ["C003", "C007"]
    assert codes(parse_cue("\n".join(tracks[5:9]).encode())) == ["C007"]
    assert codes(parse_cue("\n".join([*tracks[:2], tracks[3]]).encode())) == ["C002", "C007"]
    assert codes(parse_cue("\n".join([tracks[1], *tracks[:1]]).encode())) == ["C002", "C006", "C007"]
    assert codes(parse_cue(b"TRACK 01 AUDIO\nTRACK 02 AUDIO\nINDEX 00 00:00:00")) == ["C004", "C004"]


@pytest.mark.parametrize(
    "raw", [b"", b"TITLE x", b"RIFF\x24\x00\x00\x00WAVEfmt ", b"\xff\xfe\x00", b"\x00" * 100, b"\x89PNG\r\n"]
)
def test_what_is_no_cue_sheet(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no cue sheet"):
        parse_cue(raw)


def test_there_are_bounds() -> None:
    with pytest.raises(ValueError, match="bytes"):
        parse_cue(b" " * (1024 * 1024 + 1))
    with pytest.raises(ValueError, match="tracks"):
        parse_cue(b"TRACK 1 AUDIO\n" * 1_100)
    long = parse_cue(b'TITLE "' + b"x" * 3_000 + b'"' + END)
    assert len(long.title) == 1_000
    assert codes(parse_cue(b"TITLE " + b" " * 100_000 + b"x" + END)) == ["C001"]


def test_time() -> None:
    assert [parse_time(text) for text in ("00:00:00", "99:59:74", "100:00:00", "1:2:3")] == [0, 449_999, 450_000, 4_653]
    assert [parse_time(text) for text in ("", "1:2", "00:00:75", "0:60:0", "-1:00:00", "a:b:c", "٠٠:٠٠:٠٠")] == [
        None
    ] * 7


# ── which recording ──────────────────────────────────────────────────────────────────────────────────────────────────


def sheet_of(*names: str) -> CueSheet:
    return CueSheet(files=tuple(CueFile(name=name) for name in names), tracks=())


def test_find_recording() -> None:
    paths = ["CD1/Album.flac", "CD1/Other.flac"]
    assert find_recording(sheet_of("album.FLAC"), 0, paths) == "CD1/Album.flac"
    assert find_recording(sheet_of("Album.wav"), 0, paths) == "CD1/Album.flac"
    assert find_recording(sheet_of("D:\\rip\\Album.wav"), 0, paths) == "CD1/Album.flac"
    assert find_recording(sheet_of("Nothing.wav"), 0, paths) is None
    assert find_recording(sheet_of("Nothing.wav"), 0, paths[:1]) == "CD1/Album.flac"
    assert find_recording(sheet_of("Nothing.wav", "Album.wav"), 0, paths[:1]) is None
    assert find_recording(sheet_of("Cafe\u0301.wav", ""), 0, ["Caf\u00e9.flac", "b.flac"]) == "Caf\u00e9.flac"
    assert find_recording(sheet_of("Album.wav"), 0, ["Album.flac", "Album.mp3"]) is None


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    st.lists(st.integers(1, 100_000), min_size=1, max_size=30),
    st.sampled_from([8_000, 11_025, 32_000, 44_100, 48_000, 96_000, 192_000]),
)
def test_spans_cover_everything_once(lengths: list[int], rate: int) -> None:
    frames = [sum(lengths[:place]) for place in range(len(lengths))]
    tracks = tuple(
        CueTrack(number=number, indexes=(CueIndex(number=1, frame=frame, file=0),))
        for number, frame in enumerate(frames, 1)
    )
    sheet = replace(sheet_of("a.wav"), tracks=tracks)
    found = spans(sheet, 0, rate, sum(lengths) * rate)
    assert found[0][0] == 0
    assert found[-1][1] is None
    assert all(one[1] == two[0] for one, two in pairwise(found))
    for (start, _), frame in zip(found, frames, strict=True):
        assert 0 <= Fraction(frame * rate, 75) - start < 1
    assert [start for start, _ in found] == [sample_of(frame, rate) for frame in frames]
