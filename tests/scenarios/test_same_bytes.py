"""One recording in two releases: what is said of it in one may not be given away by the other."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.faults.snapshot import snapshot
from tests.scenarios.session import COMMAND, Session, environment

FREE = 'licence = "CC0-1.0"\n'
UNFREE = 'licence = "CC-BY-NC-4.0"\n'


@pytest.fixture
def sounds(corpus: Path) -> list[Path]:
    """Three recordings, small."""
    return sorted((corpus / "sonic-pi-samples").glob("*.flac"), key=lambda path: path.stat().st_size)[:3]


def release(shelf: Path, name: str, rights: str, *sounds: Path) -> Path:
    """A folder with these recordings."""
    folder = shelf / name
    folder.mkdir(parents=True)
    for sound in sounds:
        shutil.copyfile(sound, folder / sound.name)
    if rights:
        (folder / "rights.toml").write_text(rights)
    return folder


def rules(session: Session, folder: str) -> dict[str, int]:
    """How many tracks of a release each rule decides, for downloads of the original."""
    told = session.ask("rights", "show", ident(session, folder))[0]["verdicts"]
    asked = [one for one in told if one["rendition"] == "original" and "download" in one["channels"]]
    return {one["rule"]: one["tracks"] for one in asked}


def ident(session: Session, folder: str) -> str:
    """The release made of a folder."""
    sheet = session.words("export", "csv").splitlines()
    return next(line.split(",")[0] for line in sheet if f",{folder}," in line)


def truth_and_rows(session: Session) -> Any:
    """Everything, to compare before and after a rebuild."""
    return snapshot(session.folder)


def test_evidence_in_conflict_holds_the_track_in_both(tmp_path: Path, sounds: list[Path]) -> None:
    """The order in which they came does not matter, and a rebuild finds the same."""
    session = Session(tmp_path / "archive")
    session.take(str(release(tmp_path / "shelf", "Free", FREE, sounds[0], sounds[1])), "--trust-manifest")
    assert rules(session, "Free") == {"R017": 2}
    session.take(str(release(tmp_path / "shelf", "Unfree", UNFREE, sounds[0], sounds[2])), "--trust-manifest")
    assert rules(session, "Free") == {"R017": 1, "R018": 1}
    assert rules(session, "Unfree") == {"R015": 1, "R018": 1}
    before = truth_and_rows(session)
    session.ask("rebuild")
    assert truth_and_rows(session) == before
    # A person looked, and stands behind the first.
    session.ask("rights", "grant", ident(session, "Free"), "--licence", "CC0-1.0", "--statement", "asked the maker")
    assert rules(session, "Free") == {"R020": 2}
    assert rules(session, "Unfree") == {"R015": 1, "R018": 1}
    assert session.ask("verify")["whole"]


def test_a_strangers_stricter_claim_about_the_same_bytes_holds_them(tmp_path: Path, sounds: list[Path]) -> None:
    """A claim can stop a publication elsewhere too; when it is gone, so is the hold."""
    session = Session(tmp_path / "archive")
    stranger = release(tmp_path / "shelf", "Stranger", UNFREE, sounds[0], sounds[2])
    session.take(str(stranger))
    session.take(str(release(tmp_path / "shelf", "Free", FREE, sounds[0], sounds[1])), "--trust-manifest")
    assert rules(session, "Free") == {"R017": 1, "R018": 1}
    (stranger / "rights.toml").unlink()
    session.take(str(stranger))
    assert rules(session, "Free") == {"R017": 2}
    assert rules(session, "Stranger") == {"R001": 2}


def test_a_hold_of_one_release_holds_the_same_bytes_in_the_other(tmp_path: Path, sounds: list[Path]) -> None:
    """And lifting it lifts both."""
    session = Session(tmp_path / "archive")
    release(tmp_path / "shelf", "Album", FREE, sounds[0], sounds[1])
    release(tmp_path / "shelf", "Best of", FREE, sounds[0], sounds[2])
    session.take(str(tmp_path / "shelf"), "--trust-manifest")
    session.ask("rights", "hold", ident(session, "Album"), "--reason", "the label asked")
    assert rules(session, "Album") == {"R000": 2}
    assert rules(session, "Best of") == {"R000": 1, "R017": 1}
    before = truth_and_rows(session)
    session.ask("rebuild")
    assert truth_and_rows(session) == before
    session.ask("rights", "hold", ident(session, "Album"), "--lift")
    assert rules(session, "Best of") == {"R017": 2}


def test_trust_in_a_folder_does_not_reach_what_lies_above_it(tmp_path: Path, sounds: list[Path]) -> None:
    """Whoever may write above a trusted folder cannot speak for it; who trusts that folder too, can."""
    session = Session(tmp_path / "archive")
    session.take(str(release(tmp_path / "shelf", "Album", "", *sounds)), "--trust-manifest")
    (tmp_path / "shelf" / "rights.toml").write_text(FREE)
    session.take(str(tmp_path / "shelf"))
    assert rules(session, "Album") == {"R004": 3}
    session.take(str(tmp_path / "shelf"), "--trust-manifest")
    assert rules(session, "Album") == {"R017": 3}


def test_an_empty_id_means_nothing(tmp_path: Path, sounds: list[Path]) -> None:
    """Not even in an archive of one release."""
    session = Session(tmp_path / "archive")
    session.take(str(release(tmp_path / "shelf", "Album", "", sounds[0])))
    for word in ("", "urn:uuid:"):
        session.words("rights", "grant", word, "--licence", "CC0-1.0", "--statement", "x", code=3)
    assert rules(session, "Album") == {"R001": 1}


def test_a_release_that_shrinks_to_what_another_has_is_changed(tmp_path: Path, sounds: list[Path]) -> None:
    """Same source, changed set: a new version, not "known"."""
    session = Session(tmp_path / "archive")
    album = release(tmp_path / "shelf", "Album", "", sounds[0], sounds[1])
    session.take(str(release(tmp_path / "shelf", "Single", "", sounds[0])))
    session.take(str(album))
    (album / sounds[1].name).unlink()
    assert session.take(str(album))["outcomes"] == {"changed": 1}
    assert session.take(str(album))["outcomes"] == {"unchanged": 1}
    assert session.take(str(release(tmp_path / "shelf", "Copy", "", sounds[0])))["outcomes"] == {"known": 1}


def test_one_bad_record_does_not_hide_other_damage(tmp_path: Path, sounds: list[Path]) -> None:
    """verify lists everything, the unreadable record too."""
    session = Session(tmp_path / "archive")
    session.take(str(release(tmp_path / "shelf", "Album", "", sounds[0])))
    next((session.folder / "records" / "verdicts").rglob("*.json")).write_text("{")
    next((session.folder / "store").rglob("v1/content/release.json")).write_text("{}")
    codes = {one["code"] for one in session.ask("verify", code=4)["findings"]}
    assert "S901" in codes
    assert any(code.startswith("S0") for code in codes)


def test_output_that_cannot_be_written_is_told_in_three_lines(tmp_path: Path) -> None:
    """Not as a traceback."""
    session = Session(tmp_path / "archive")
    with open("/dev/full", "wb") as full:
        words = [*COMMAND, "status", "--json"]
        done = subprocess.run(
            words, cwd=session.folder, env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert b"Traceback" not in done.stderr
    assert b"could not be written" in done.stderr
    assert done.returncode != 0


def test_a_number_of_jobs_below_zero_is_a_word_out_of_place(tmp_path: Path) -> None:
    """Not a traceback."""
    session = Session(tmp_path / "archive")
    session.words("run", "--jobs", "-1", code=2)
    session.words("verify", "--jobs", "-1", code=2)


def test_a_huge_licence_file_stops_nothing(tmp_path: Path, sounds: list[Path]) -> None:
    """It is kept and told; the recordings are held, the folder beside it is taken, and the archive can be rebuilt."""
    session = Session(tmp_path / "archive")
    album = release(tmp_path / "shelf", "Album", "", sounds[0])
    with (album / "LICENSE.txt").open("wb") as file:
        file.truncate(70_000_000)
    release(tmp_path / "shelf", "Beside", "", sounds[1])
    assert session.take(str(tmp_path / "shelf"))["outcomes"] == {"new": 2}
    assert rules(session, "Album") == {"R001": 1}
    assert "M002" in {one["code"] for one in session.ask("show", ident(session, "Album"))["findings"]}
    assert session.ask("rebuild") == {"releases": 2}
    assert session.ask("verify")["whole"]
