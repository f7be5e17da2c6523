"""Identify on the corpus: what index.csv says of 360 recordings, and what an archivist would expect of them."""

import csv
from functools import cache
from pathlib import Path

import pytest

from sonoteca.acquire.identify import Identified
from sonoteca.acquire.probe import probe
from sonoteca.model.media import ProbeReport
from sonoteca.model.release import MasterRole
from tests.unit.acquire.releases import Folder, Sound, names, report

LOSSLESS = ("pcm_s", "pcm_u", "pcm_f", "flac", "alac", "wavpack", "tta")


@cache
def rows(corpus: Path) -> tuple[dict[str, str], ...]:
    with open(corpus / "index.csv", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def described(row: dict[str, str]) -> ProbeReport:
    """A report with what index.csv says: no album, no numbers."""
    tags = {key: row[key] for key in ("artist", "title") if row[key]}
    sound = Sound(lossless=row["codec"].startswith(LOSSLESS), rate_hz=int(row["samplerate"]))
    return report(float(row["duration_s"]), sound, **tags)


def folder_of(corpus: Path, name: str, reports: dict[str, ProbeReport] | None = None) -> Folder:
    """A release of the corpus on paper."""
    mine = [row for row in rows(corpus) if row["release"] == name and row["samplerate"] not in ("", "0")]
    return Folder(
        name=name,
        recordings={row["file"]: (reports or {}).get(row["file"]) or described(row) for row in mine},
        texts={"rights.json": (corpus / name / "rights.json").read_bytes()},
        contents={row["file"]: row["sha256"] for row in mine},
        above=("corpus",),
    )


def identified(corpus: Path, name: str) -> Identified:
    return folder_of(corpus, name).identified()


RELEASES = (
    "alsa-speaker-test",
    "asc-music",
    "asterisk-moh-opsound",
    "drascula",
    "duplicates",
    "fillets-ng",
    "formats",
    "freedesktop-theme",
    "klettres",
    "singularity",
    "sonic-pi-samples",
    "teeworlds",
    "tumiki-fighters",
    "wesnoth",
)


@pytest.mark.parametrize("name", RELEASES)
def test_every_recording_is_a_master_and_titles_come_from_manifests(corpus: Path, name: str) -> None:
    folder = folder_of(corpus, name)
    release = folder.identified().release
    assert len(release.masters) == len(folder.recordings)
    assert release.title.source == "manifest"
    assert {one.recording for one in release.tracks} == {one.recording for one in release.masters}
    assert len({one.digest for one in release.masters if one.role is MasterRole.PRIMARY}) == len(
        {one.recording for one in release.tracks}
    )


def test_hold_music_in_two_encodings(corpus: Path) -> None:
    release = identified(corpus, "asterisk-moh-opsound").release
    assert [(one.title.text, one.contributors[0].name) for one in release.tracks] == [
        ("cold day", "Macroform"),
        ("robot dity", "Macroform"),
        ("the simplicity", "Macroform"),
        ("morning coffee", "Manolo Camp"),
        ("system", "Reno Project"),
    ]
    assert (
        sorted(one.original.rpartition(".")[2] for one in release.masters if one.role is MasterRole.ALTERNATE)
        == ["gsm"] * 5
    )


def test_identical_voices_are_one_recording(corpus: Path) -> None:
    release = identified(corpus, "fillets-ng").release
    laser = [
        one for one in release.masters if one.original.endswith(("laser.ogg", "rea-x-reakttyc.ogg", "tyc-pauau.ogg"))
    ]
    assert len(laser) == 3
    assert len({one.recording for one in laser}) == 1
    assert [one.title.text for one in release.tracks if one.recording == laser[0].recording] == [
        "laser",
        "rea-x-reakttyc",
        "tyc-pauau",
    ]


def test_many_encodings_are_not_taken_for_one_recording(corpus: Path) -> None:
    release = identified(corpus, "formats").release
    assert [one.original for one in release.masters if one.role is MasterRole.ALTERNATE] == ["a_hybrid.wvc"]


def test_names_in_natural_order(corpus: Path) -> None:
    assert [one.title.text for one in identified(corpus, "drascula").release.tracks] == [
        f"track{number}" for number in (5, 7, 8, 13, 22, 23, 26)
    ]
    assert identified(corpus, "tumiki-fighters").release.tracks[0].title.text == "battle over the junk city"


def test_a_licence_in_the_place_of_an_artist(corpus: Path) -> None:
    both = identified(corpus, "klettres")
    assert {one.where for one in both.findings if one.code == "T203"} == {
        f"nb/alpha/U{code}.ogg" for code in ("0064", "006D", "006E", "0075", "00E5", "00F8")
    }
    assert {one.name for track in both.release.tracks for one in track.contributors} == {"Dashk0", "Liudas Ališauskas"}


def test_tags_as_they_really_are(corpus: Path) -> None:
    reports = {
        row["file"]: probe(str(corpus / "wesnoth" / row["file"]), row["file"])
        for row in rows(corpus)
        if row["release"] == "wesnoth"
    }
    both = folder_of(corpus, "wesnoth", reports).identified()
    assert both.release.title.text == "The Battle for Wesnoth OST (selection)"
    assert names(both.release) == [("artist", "Wesnoth Project", "tag")]
    # Nine of twelve have a number, on two discs, but this is a selection: names decide, and it is said.
    assert [one.code for one in both.findings] == ["T201"]
    by_title = {
        one.title.text: [who.name for who in one.contributors if who.role == "composer"] for one in both.release.tracks
    }
    assert by_title["Loyalists"] == ["Joseph G. Toscano (Zhaytee)"]
    assert by_title["silence"] == []
    assert both.release.genres == ("Romantic Classical", "Game")
