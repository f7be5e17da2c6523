"""Cue sheets in a folder: which recording they mean, and the tracks that come of it."""

import pytest

from sonoteca.model.ids import recording_id, track_id
from sonoteca.model.release import Statement
from tests.unit.acquire.releases import Folder, Sound, brief, names, report

IMAGE = """REM DATE 1991
REM GENRE Dream Pop
CATALOG 0724384960650
PERFORMER "Performer"
TITLE "{title}"
FILE "{file}" WAVE
  TRACK 01 AUDIO
    TITLE "One"
    PERFORMER "Guest"
    ISRC GBAYE6900531
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Two"
    INDEX 00 00:58:00
    INDEX 01 01:00:00
  TRACK 03 AUDIO
    TITLE ""
    INDEX 01 02:00:37
"""
EACH = """PERFORMER "Performer"
TITLE "Loveless"
FILE "b.wav" WAVE
  TRACK 01 AUDIO
    TITLE "First"
    INDEX 01 00:00:00
FILE "a.wav" WAVE
  TRACK 02 AUDIO
    TITLE "Second"
    INDEX 01 00:00:00
"""


def image(file: str = "Image.wav", title: str = "Loveless") -> bytes:
    return IMAGE.format(file=file, title=title).encode()


@pytest.mark.parametrize(
    "file", ["Image.wav", "image.FLAC", "C:\\rips\\Image.wav", "Image", "CDImage.wav", "elsewhere/Image.ape"]
)
def test_one_recording_many_tracks(file: str) -> None:
    folder = Folder(
        name="x", recordings={"Image.flac": report(200.0, title="Whole", artist="Tag")}, texts={"any.cue": image(file)}
    )
    found = folder.identified().release
    assert [(one.start_sample, one.end_sample) for one in found.tracks] == [
        (0, 2_646_000),
        (2_646_000, 5_313_756),
        (5_313_756, None),
    ]
    assert [one.duration_s for one in found.tracks] == [
        60.0,
        pytest.approx(60.4933, abs=1e-4),
        pytest.approx(79.5067, abs=1e-4),
    ]
    assert [one.title for one in found.tracks] == [
        Statement(text=text, source="cue") for text in ("One", "Two", "Track 03")
    ]
    assert [one.number for one in found.tracks] == ["01", "02", "03"]
    assert len(found.masters) == 1
    recording = recording_id(found.masters[0].digest)
    assert found.tracks[1].id == track_id(recording, 2_646_000, 5_313_756)
    assert (found.title, found.date, found.genres) == (Statement(text="Loveless", source="cue"), "1991", ("Dream Pop",))
    assert names(found) == [("artist", "Performer", "cue")]
    assert [(one.scheme, one.text) for one in found.identifiers] == [("upc", "0724384960650")]
    assert found.tracks[0].contributors[0].name == "Guest"
    assert [(one.scheme, one.text, one.source) for one in found.tracks[0].identifiers] == [
        ("isrc", "GBAYE6900531", "cue")
    ]
    assert found.documents == ("documents/any.cue",)


def test_other_rates_are_cut_where_the_sample_falls() -> None:
    folder = Folder(name="x", recordings={"Image.flac": report(200.0, Sound(rate_hz=48_000))}, texts={"x.cue": image()})
    assert folder.identified().release.tracks[1].start_sample == 60 * 48_000


def test_a_file_for_each_track_gives_titles_and_order() -> None:
    folder = Folder(
        name="x",
        recordings={"a.flac": report(tracknumber="1"), "b.flac": report(tracknumber="2")},
        texts={"x.cue": EACH.encode()},
    )
    found = folder.identified().release
    assert brief(found.tracks) == [("01", "First"), ("02", "Second")]
    assert [(one.start_sample, one.end_sample, one.duration_s) for one in found.tracks] == [(0, None, 200.0)] * 2


def test_a_sheet_that_does_not_fit() -> None:
    folder = Folder(name="x", recordings={"Image.flac": report(90.0)}, texts={"x.cue": image()})
    identified = folder.identified()
    assert [(one.start_sample, one.end_sample, one.title.text) for one in identified.release.tracks] == [
        (0, None, "Image")
    ]
    assert [(one.code, one.where) for one in identified.findings] == [("C008", "x.cue")]


def test_a_sheet_for_what_is_not_there() -> None:
    folder = Folder(name="x", recordings={"1.flac": None, "2.flac": None}, texts={"x.cue": image()})
    assert [(one.code, one.where, one.detail) for one in folder.identified().findings] == [
        ("C010", "x.cue", "Image.wav")
    ]


def test_the_sheet_named_like_the_recording_comes_first() -> None:
    texts = {"a.cue": image(title="Wrong"), "Image.flac.cue": image(title="Right")}
    identified = Folder(name="x", recordings={"Image.flac": None}, texts=texts).identified()
    assert identified.release.title.text == "Right"
    assert len(identified.release.tracks) == 3


@pytest.mark.parametrize("ending", ["(Disc {})", "[CD{}]", "- CD {}", ", Disc {}"])
def test_a_sheet_for_each_disc(ending: str) -> None:
    texts = {f"CD{disc}/Image.cue": image(title=f"Loveless {ending.format(disc)}") for disc in (1, 2)}
    found = (
        Folder(name="x", recordings={"CD1/Image.flac": None, "CD2/Image.flac": None}, texts=texts).identified().release
    )
    assert found.title.text == "Loveless"
    assert [(one.position, one.disc, one.number) for one in found.tracks] == [
        (1, 1, "01"),
        (2, 1, "02"),
        (3, 1, "03"),
        (4, 2, "01"),
        (5, 2, "02"),
        (6, 2, "03"),
    ]


def test_sheets_above_the_discs_name_the_folder() -> None:
    texts = {f"{disc}.cue": image(file=f"CD{disc}\\Image.wav") for disc in (1, 2)}
    found = (
        Folder(name="x", recordings={"CD1/Image.flac": None, "CD2/Image.flac": None}, texts=texts).identified().release
    )
    assert len(found.tracks) == 6


def test_the_image_and_its_mp3_are_cut_once() -> None:
    recordings = {"Image.flac": report(200.0), "Image.mp3": report(200.0, Sound(lossless=False))}
    found = Folder(name="x", recordings=recordings, texts={"x.cue": image("Image.mp3")}).identified().release
    assert (len(found.masters), len(found.tracks)) == (2, 3)


def test_texts_of_a_sheet_are_cleaned() -> None:
    sheet = image().replace(b'"One"', b'"<b>O\x1b[31mne</b>\x07"')
    found = Folder(name="x", recordings={"Image.flac": None}, texts={"x.cue": sheet}).identified().release
    assert found.tracks[0].title.text == "One"
