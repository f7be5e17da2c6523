"""Invariant: any bytes give a cue sheet that can be used, or a ValueError with a sentence; nothing else."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.acquire.cue import MAX_TEXT_CHARS, CueSheet, parse_cue
from sonoteca.acquire.encodings import decode_text
from sonoteca.acquire.spans import find_recording, spans, tracks_in
from sonoteca.formats import json, plain
from sonoteca.model.finding import FINDINGS

WORDS = st.sampled_from(
    [
        b"FILE",
        b"TRACK",
        b"INDEX",
        b"TITLE",
        b"REM",
        b"PREGAP",
        b"FLAGS",
        b"ISRC",
        b"CATALOG",
        b"AUDIO",
        b"WAVE",
        b"\r\n",
        b"\n",
        b'"',
    ]
)
NUMBERS = st.sampled_from([b"01", b"00", b"99", b"9999", b"00:00:00", b"99:59:74", b"-1:00:00", b"00:00:99", b"a.wav"])
SHEETS = st.lists(st.one_of(WORDS, NUMBERS, st.binary(max_size=6)), max_size=60).map(b" ".join)
LINES = st.lists(
    st.sampled_from(
        [
            *(
                b"FILE a.wav WAVE",
                b'FILE "b" MP3',
                b"TRACK 01 AUDIO",
                b"TRACK 02 AUDIO",
                b"TRACK x",
                b"TRACK 03 MODE1/2352",
            ),
            *(b"INDEX 00 00:00:10", b"INDEX 01 00:00:00", b"INDEX 01 01:00:00", b"INDEX 01 00:30:00"),
            *(b'TITLE "\x8ft\x82\xcc\x8aC"', b"TITLE \xc3\xf0\xf3\xef\xef\xe0"),
        ]
    ),
    max_size=40,
).map(b"\n".join)


@given(st.one_of(st.binary(max_size=400), SHEETS, LINES))
@example(b"TRACK 1 AUDIO\nINDEX 01 00:00:00\n" * 3)
def test_any_bytes(raw: bytes) -> None:
    try:
        sheet = parse_cue(raw)
    except ValueError as error:
        assert " " in str(error)
        return
    assert sheet.tracks
    assert all(one.code in FINDINGS for one in sheet.findings)
    assert all(len(track.title) <= MAX_TEXT_CHARS for track in sheet.tracks)
    assert json.format(plain.to_plain(sheet))
    use(sheet)


def use(sheet: CueSheet) -> None:
    """All that identify does with it."""
    for file in range(len(sheet.files)):
        find_recording(sheet, file, ["a.wav", "b.flac"])
        with contextlib.suppress(ValueError):
            found = spans(sheet, file, 44_100, 10_000_000)
            assert len(found) == len(tracks_in(sheet, file))
            assert all(end is None or start < end for start, end in found)


@given(st.binary(max_size=300))
def test_any_bytes_have_a_text(raw: bytes) -> None:
    decoded = decode_text(raw)
    assert not raw or decoded.encoding
    decoded.text.encode("utf-8")
    assert decoded.is_guess or decoded.encoding.startswith("utf-")


@given(st.text(max_size=100).filter(lambda text: not text.startswith("\ufeff")))
def test_utf_8_is_believed(text: str) -> None:
    raw = text.encode("utf-8")
    if not raw.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        assert decode_text(raw).text == text
