"""A disc image with a cue sheet, and what its decode found: at the command line and on the website, track by track."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutagen
import numpy
import pytest
import soundfile

from sonoteca.web.app import close
from tests.scenarios.session import Session
from tests.unit.convert.recordings import Array, noise
from tests.unit.convert.test_traits import meter
from tests.web.asking import Visitor
from tests.web.conftest import application

RATE_HZ = 44_100
CUE = """PERFORMER "Maker"
TITLE "Image"
FILE "image.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Upside down"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Fine"
    INDEX 01 00:12:37
"""
BORDER = 12 * RATE_HZ + 37 * 588  # a frame of a disc is 588 samples


@pytest.fixture(scope="module")
def image() -> Array:
    sound = (noise(26, RATE_HZ, 2) * 32_767).round().astype("i2")
    sound[:BORDER, 1] = -sound[:BORDER, 0]
    return sound


@pytest.fixture(scope="module")
def session(image: Array, tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("music") / "Maker - 2001 - Image"
    folder.mkdir()
    soundfile.write(folder / "image.wav", image, RATE_HZ)
    (folder / "image.cue").write_text(CUE)
    (folder / "rights.json").write_text('{"license": "CC-BY-4.0", "rights_holders": ["Maker"]}')
    session = Session(tmp_path_factory.mktemp("archives") / "a")
    told = session.take(str(folder), "--trust-manifest")
    assert (told["rendered"], told["failed"]) == (1, [])
    return session


@pytest.fixture(scope="module")
def sheets(session: Session) -> list[dict[str, Any]]:
    (release,) = {hit["id"] for hit in session.ask("search", "Image")["hits"] if hit["kind"] == "release"}
    told = session.ask("show", release, "--qc")
    assert told["kind"] == "quality"
    return list(told["tracks"])


@pytest.fixture(scope="module")
def visitor(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    place = tmp_path_factory.mktemp("served") / "a"
    shutil.copytree(session.folder, place, symlinks=True)
    app = application(place)
    yield Visitor(app)
    close(app)


def codes(sheet: dict[str, Any]) -> list[str]:
    return [found["code"] for row in sheet["sheet"] for found in row["findings"]]


def test_each_track_has_the_sheet_of_its_own_sound(sheets: list[dict[str, Any]]) -> None:
    assert [(one["title"]["text"], codes(one)) for one in sheets] == [("Upside down", ["Q019"]), ("Fine", [])]
    assert all(one["traits"]["bits_used"] == 16 and one["loss"] == {} for one in sheets)
    assert sheets[0]["traits"]["correlation"] == -1.0


def test_one_track_and_in_words(session: Session, sheets: list[dict[str, Any]]) -> None:
    told = session.words("show", sheets[0]["track"], "--qc")
    assert "Q019" in told and "Upside down" in told and "Fine" not in told


def test_the_page_of_a_track_shows_it(visitor: Visitor, sheets: list[dict[str, Any]]) -> None:
    upside, fine = (visitor.get(f"/track/{one['track']}").text for one in sheets)
    assert "<code>Q019</code>" in upside and "correlation -1.000" in upside
    assert "nothing missing" in fine and "<code>Q" not in fine


def test_each_track_plays_and_is_taken_home_by_itself(
    visitor: Visitor, sheets: list[dict[str, Any]], image: Array, tmp_path: Path
) -> None:
    """Sample-exact, end to end: what the website hands out of the two tracks is the image again."""
    parts = []
    for one in sheets:
        page = visitor.get(f"/track/{one['track']}").text
        (address,) = set(re.findall(r'href="(/file/[^"?]+\.flac)\?download=1"', page))
        (tmp_path / "x.flac").write_bytes(visitor.get(address).wire)
        parts.append(soundfile.read(tmp_path / "x.flac", dtype="int16")[0])
        (played,) = set(re.findall(r'data-src="([^"]+)"', page))
        assert visitor.get(played).wire.startswith(b"OggS")
    assert len(parts[0]) == BORDER
    assert (numpy.concatenate(parts) == image).all()


def test_both_say_how_loud_the_whole_is(
    visitor: Visitor, sheets: list[dict[str, Any]], image: Array, tmp_path: Path
) -> None:
    """One figure in all files of the release; where it comes from is in the records."""
    soundfile.write(tmp_path / "whole.wav", image, RATE_HZ)
    theirs = float(re.findall(r"I:\s+(-?[0-9.]+) LUFS", meter(tmp_path / "whole.wav", "ebur128"))[-1])
    gains: dict[str, set[str]] = {"opus": set(), "flac": set()}
    for one in sheets:
        page = visitor.get(f"/track/{one['track']}").text
        for ending in gains:
            (address,) = set(re.findall(rf'href="(/file/[^"?]+\.{ending})\?download=1"', page))
            (tmp_path / f"x.{ending}").write_bytes(visitor.get(address).wire)
            tags = mutagen.File(tmp_path / f"x.{ending}")
            gains[ending] |= set(tags.get("r128_album_gain", [])) | set(tags.get("replaygain_album_gain", []))
    (opus,), (flac,) = gains["opus"], gains["flac"]
    assert int(opus) / 256 == pytest.approx(-23 - theirs, abs=0.15)
    assert float(flac.removesuffix(" dB")) == pytest.approx(-18 - theirs, abs=0.15)


def test_both_are_found(session: Session) -> None:
    for title in ("Upside", "Fine"):
        assert [hit["title"] for hit in session.ask("search", title)["hits"] if hit["kind"] == "track"]
