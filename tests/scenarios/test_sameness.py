"""The same sound in several forms: found when it comes in, shown, and found again by a rebuild; nothing is dropped."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from sonoteca.model.ids import Digest, recording_id, track_id
from sonoteca.web.app import close
from tests.faults.snapshot import snapshot
from tests.scenarios.session import Session
from tests.web.asking import Visitor
from tests.web.conftest import application
from tests.web.reading import offences

SHELF = {
    "Other": "wesnoth/sad.ogg",
    "First": "wesnoth/elf-land.ogg",
    "Copy": "formats/a_cbr320_ape.mp3",
    "Part": "formats/a_adts.aac",
    "Lossless": "formats/a_16bit.flac",
    "Again": "formats/a_oggflac.oga",
}
RIGHTS = 'licence = "CC0-1.0"\n'


@pytest.fixture(scope="module")
def session(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """One recording as it came, cut and transcoded, and a stranger; each in a folder of its own, one by one."""
    folder = tmp_path_factory.mktemp("sameness")
    made, came = Session(folder / "archive"), dict[str, Any]()
    for name, file in SHELF.items():
        place = folder / "shelf" / name
        place.mkdir(parents=True)
        shutil.copyfile(corpus / file, place / Path(file).name)
        (place / "rights.toml").write_text(RIGHTS)
        came[name] = made.take(str(place), "--trust-manifest")["same"]
    assert {name: sorted(one["code"] for one in same) for name, same in came.items()} == {
        "Other": [],
        "First": [],
        "Copy": ["D002"],
        "Part": ["D003", "D003"],
        "Lossless": ["D002", "D002", "D003"],
        "Again": ["D001", "D002", "D002", "D003"],
    }
    return made


def ids(corpus: Path) -> dict[str, str]:
    """Folder to track: a track's id follows from its bytes."""
    digests = {name: hashlib.sha256((corpus / file).read_bytes()).hexdigest() for name, file in SHELF.items()}
    return {name: track_id(recording_id(Digest(digest))) for name, digest in digests.items()}


def like(session: Session, track: str) -> dict[str, Any]:
    """What `show` says of a track: other track to what they have in common."""
    return {one["track"]: one for one in session.ask("show", track)["like"]}


def test_each_is_like_the_others(session: Session, corpus: Path) -> None:
    tracks = ids(corpus)
    first = like(session, tracks["First"])
    assert {other: one["likeness"] for other, one in first.items()} == {
        tracks["Copy"]: "same recording",
        tracks["Lossless"]: "same recording",
        tracks["Again"]: "same recording",
        tracks["Part"]: "part",
    }
    assert like(session, tracks["Other"]) == {}
    assert like(session, tracks["Lossless"])[tracks["Again"]]["likeness"] == "same samples"
    part = like(session, tracks["Part"])[tracks["First"]]
    assert part["span_s"] == pytest.approx(15, abs=0.5)
    assert part["error"] < 0.05
    assert first[tracks["Part"]]["offset_s"] == -part["offset_s"]


def test_a_recording_tells_it_too(session: Session, corpus: Path) -> None:
    tracks = ids(corpus)
    recording = recording_id(Digest(hashlib.sha256((corpus / SHELF["First"]).read_bytes()).hexdigest()))
    told = session.ask("show", recording)["like"]
    assert [{key: one[key] for key in one if key != "of"} for one in told] == list(
        like(session, tracks["First"]).values()
    )
    assert {one["of"] for one in told} == {tracks["First"]}
    assert "Identical and similar recordings" in session.words("show", recording)


def test_a_damaged_index_stops_no_release(corpus: Path, tmp_path: Path) -> None:
    """It is told by the run and by verify; a rebuild finds what was not found. So is what the index lacks."""
    session = Session(tmp_path / "archive")
    names = ("First", "Copy")
    for name in names:
        place = tmp_path / "shelf" / name
        place.mkdir(parents=True)
        shutil.copyfile(corpus / SHELF[name], place / Path(SHELF[name]).name)
        (place / "rights.toml").write_text(RIGHTS)
    session.take(str(tmp_path / "shelf" / "First"), "--trust-manifest")
    session.words("verify")
    (segment,) = (session.folder / "index" / "sameness").glob("*.seg")
    segment.write_bytes(segment.read_bytes()[:-1])
    came = session.take(str(tmp_path / "shelf" / "Copy"), "--trust-manifest")
    assert (came["rendered"], came["failed"], [one["code"] for one in came["same"]]) == (1, [], ["S093"])
    assert [one["code"] for one in session.ask("verify", code=4)["findings"]] == ["S093"]
    session.words("identify", str(corpus / SHELF["First"]), code=4)
    session.ask("rebuild")
    session.words("verify")
    tracks = ids(corpus)
    assert like(session, tracks["First"]).keys() == {tracks["Copy"]}
    shutil.rmtree(*(session.folder / "index").iterdir())
    lacking = session.ask("verify", code=4)["findings"]
    assert {(one["code"], one["where"]) for one in lacking} == {("S093", tracks[name]) for name in names}


def test_a_rebuild_finds_the_same(session: Session) -> None:
    before = snapshot(session.folder)
    assert before["rows"]["likenesses"]
    session.ask("rebuild")
    assert snapshot(session.folder) == before


def test_a_file_is_identified(session: Session, corpus: Path) -> None:
    tracks = ids(corpus)
    told = session.ask("identify", str(corpus / "formats" / "a_q2.ogg"))
    assert {one["track"] for one in told["found"]} == {tracks[one] for one in tracks} - {tracks["Other"]}
    best = told["found"][0]
    assert best["likeness"] == "same recording"
    assert best["places"][0]["release"].startswith("urn:uuid:")
    told = session.ask("identify", str(corpus / "formats" / "a_16bit.flac"))
    assert [one["likeness"] for one in told["found"]][:2] == ["same bytes", "same samples"]
    assert told["found"][0]["track"] == tracks["Lossless"]
    told = session.ask("identify", str(corpus / "wesnoth" / "revelation.ogg"))
    assert told["found"] == []


def test_what_is_no_recording_is_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_bytes(b"no sound" * 100)
    session.words("identify", str(tmp_path / "x.mp3"), code=3)
    session.words("identify", str(tmp_path / "absent.mp3"), code=5)
    (tmp_path / "link.mp3").symlink_to(tmp_path / "x.mp3")
    session.words("identify", str(tmp_path / "link.mp3"), code=3)


def test_the_page_shows_what_is_public_of_them(session: Session, corpus: Path, tmp_path: Path) -> None:
    """What was withdrawn is not hinted at, from that moment on; and is back when it is reinstated."""
    shutil.copytree(session.folder, tmp_path / "archive", symlinks=True)
    own, tracks = Session(tmp_path / "archive"), ids(corpus)
    app = application(own.folder)
    visitor = Visitor(app)
    try:
        page = visitor.get(f"/track/{tracks['First']}")
        assert page.status == 200
        assert offences(page.text) == []
        for name in ("Copy", "Part", "Lossless", "Again"):
            assert f"/track/{tracks[name]}" in page.text
        assert tracks["Other"] not in page.text
        own.words("withdraw", tracks["Copy"], "--reason", "asked to")
        page = visitor.get(f"/track/{tracks['First']}")
        assert tracks["Copy"] not in page.text
        assert tracks["Part"] in page.text
        assert tracks["Copy"] in {one["track"] for one in own.ask("show", tracks["First"])["like"]}
        own.words("reinstate", tracks["Copy"])
        own.words("run")
        assert tracks["Copy"] in visitor.get(f"/track/{tracks['First']}").text
    finally:
        close(app)
