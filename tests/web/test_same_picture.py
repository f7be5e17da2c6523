"""A hold on artwork reaches what has the same picture inside, however large it is and whatever it shows there; also in
a catalogue from before that was known."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from mutagen.flac import FLAC, Picture

from tests.scenarios.session import Session
from tests.web.asking import Visitor
from tests.web.conftest import application, close
from tests.web.test_artwork import CC, LARGE, OWN, SMALL, rebuilt_is_the_same, release, shared

BACK, FRONT = 4, 3


def master(corpus: Path, place: Path, *pictures: tuple[int, bytes], title: str) -> None:
    """A recording of its own with these pictures inside."""
    shutil.copyfile(corpus / "formats/b_24bit_96k.flac", place)
    tagged = FLAC(place)
    tagged.delete()
    tagged.clear_pictures()
    for kind, raw in pictures:
        one = Picture()
        one.type, one.data, one.mime = kind, raw, "image/png" if raw.startswith(b"\x89PNG") else "image/jpeg"
        tagged.add_picture(one)
    tagged["title"] = title
    tagged.save()


@pytest.fixture(scope="module")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Not to be changed."""
    shelf, cover = tmp_path_factory.mktemp("shelf"), (corpus / "formats/cover.jpg").read_bytes()
    folders = {word: shelf / f"Maker - 200{at} - {word}" for at, word in enumerate(("Shown", "Behind", "Big", "Again"))}
    reserved = shelf / "Maker - 2009 - Kept"
    for folder in (*folders.values(), reserved):
        folder.mkdir()
        (folder / "rights.json").write_text(CC)
    shutil.copyfile(corpus / "alsa-speaker-test/Front_Left.wav", folders["Shown"] / "01 - Voice.wav")
    (folders["Shown"] / "cover.jpg").write_bytes(cover)
    master(corpus, folders["Behind"] / "01 - Behind.flac", (FRONT, SMALL), (BACK, cover), title="Behind")
    master(corpus, folders["Big"] / "01 - Big.flac", (FRONT, LARGE), title="Big")
    shutil.copyfile(folders["Big"] / "01 - Big.flac", folders["Again"] / "01 - Big.flac")
    shutil.copyfile(corpus / "alsa-speaker-test/Rear_Left.wav", folders["Again"] / "02 - Voice.wav")
    master(corpus, reserved / "01 - Kept.flac", (FRONT, LARGE), title="Kept")
    (reserved / "rights.json").unlink()
    (reserved / "rights.toml").write_text(OWN.format("All rights reserved"))
    session = Session(tmp_path_factory.mktemp("archives") / "one")
    told = session.take(str(shelf), "--trust-manifest")
    assert (told["outcomes"], told["failed"]) == ({"new": 5}, [])
    return session


@pytest.fixture
def session(made: Session, tmp_path: Path) -> Session:
    """The same archive, to be changed."""
    shutil.copytree(made.folder, tmp_path / "archive", symlinks=True)
    return Session(tmp_path / "archive")


@pytest.fixture
def visitor(session: Session) -> Iterator[Visitor]:
    app = application(session.folder)
    yield Visitor(app)
    close(app)


def test_a_picture_that_is_no_front_inside_is_the_same_picture(session: Session, tmp_path: Path) -> None:
    assert "flac" in shared(session, "Behind")
    session.ask("rights", "hold", release(session, "Shown"), "--artwork", "--reason", "asked")
    assert "flac" not in shared(session, "Behind")
    rebuilt_is_the_same(session, tmp_path / "rebuilt")
    session.ask("rights", "hold", release(session, "Shown"), "--artwork", "--lift")
    session.ask("run")
    assert "flac" in shared(session, "Behind")


def test_the_same_master_in_another_release_has_the_same_picture(
    session: Session, visitor: Visitor, tmp_path: Path
) -> None:
    """Its bytes are those that were held: they must not leave by another release's name."""
    raw = next((session.folder / "store").rglob("masters/01 - Big.flac")).read_bytes()
    place = f"/file/{hashlib.sha256(raw).hexdigest()}/x"
    assert visitor.get(place).status == 200 and shared(session, "01 - Big") == {"flac"}
    session.ask("rights", "hold", release(session, "Big"), "--artwork", "--reason", "asked")
    assert visitor.get(place).status != 200
    assert shared(session, "01 - Big") == set()
    rebuilt_is_the_same(session, tmp_path / "rebuilt")


def test_a_catalogue_from_before_takes_back_what_is_reserved(session: Session, tmp_path: Path) -> None:
    """At 0005 an original left with a picture inside whose rights are reserved."""
    raw = next((session.folder / "store").rglob("masters/01 - Kept.flac")).read_bytes()
    place = f"/file/{hashlib.sha256(raw).hexdigest()}/x"
    copy = Session(shutil.copytree(session.folder, tmp_path / "old", symlinks=True))
    with sqlite3.connect(copy.folder / "catalogue.sqlite") as old:
        kept = old.execute("SELECT release, digest FROM inside ORDER BY 1, 2").fetchall()
        old.execute("DROP TABLE inside")
        old.execute("ALTER TABLE masters DROP COLUMN pictures")
        old.execute("ALTER TABLE masters DROP COLUMN picture")
        old.execute("ALTER TABLE renditions DROP COLUMN cover")
        old.execute("UPDATE alembic_version SET version_num = '0005'")
    old.close()
    copy.ask("run")
    app = application(copy.folder)
    assert Visitor(app).get(place).status != 200
    close(app)
    copy.ask("rights", "audit")
    with sqlite3.connect(copy.folder / "catalogue.sqlite") as now:
        assert now.execute("SELECT release, digest FROM inside ORDER BY 1, 2").fetchall() == kept
    now.close()
