"""A folder that changes between two visits: exactly that change, and nothing of the rest."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from mutagen.flac import FLAC

from tests.faults.snapshot import digest, snapshot
from tests.scenarios.session import Session

FILES = ("bass_drop_c.flac", "bd_808.flac", "elec_beep.flac")


@pytest.fixture
def album(tmp_path: Path, corpus: Path) -> Path:
    """Three recordings and a manifest that a stranger wrote."""
    found = sorted((corpus / "sonic-pi-samples").glob("*.flac"), key=lambda path: path.stat().st_size)[:3]
    folder = tmp_path / "shelf" / "Maker - 2001 - Samples"
    folder.mkdir(parents=True)
    for number, path in enumerate(found, 1):
        shutil.copyfile(path, folder / f"{number:02} - {path.name}")
    (folder / "rights.json").write_text('{"license": "CC0-1.0"}')
    return folder


@pytest.fixture
def session(tmp_path: Path, album: Path) -> Session:
    """An archive that has it."""
    session = Session(tmp_path / "archive")
    assert session.take(str(album.parent))["outcomes"] == {"new": 1}
    return session


def only_release(session: Session) -> dict[str, Any]:
    """The one release."""
    hits = session.ask("search", "samples")["hits"]
    return dict(session.ask("show", next(hit["id"] for hit in hits if hit["kind"] == "release")))


def stored(session: Session) -> set[str]:
    """Digests of all content files."""
    return {digest(path) for path in (session.folder / "store").rglob("v*/content/**/*") if path.is_file()}


def test_a_strangers_cc0_is_a_claim_and_held(session: Session) -> None:
    """rights.json inside a source is a claim like a tag."""
    told = only_release(session)["rights"]
    assert {one["decision"] for one in told["verdicts"]} == {"hold"}
    assert all("sonoteca " in one["cure"] for one in told["verdicts"])
    assert set(session.ask("status")["publishable"].values()) == {0}


def test_trusting_it_later_publishes(session: Session, album: Path) -> None:
    """The same folder, now with the operator behind it: no new version, new verdicts."""
    version = only_release(session)["version"]
    session.take(str(album.parent), "--trust-manifest")
    told = only_release(session)
    assert told["version"] == version + 1  # what was made of it; the originals are where they were
    assert not list((session.folder / "store").rglob("v2/content/masters/*"))
    assert "publish" in {one["decision"] for one in told["rights"]["verdicts"]}


def test_a_collection_is_trusted_and_no_longer(tmp_path: Path, album: Path) -> None:
    """The operator's word about a collection counts for what is added to it, and is taken back by another."""
    session = Session(tmp_path / "collected")
    session.take(str(album.parent), "--collection", "netlabel")
    assert session.ask("status")["publishable"]["download"] == 0
    assert session.ask("rights", "trust", "--collection", "netlabel")["publishable"]["download"] == 3
    assert session.ask("rights", "trust", "--collection", "netlabel", "--withdraw")["publishable"]["download"] == 0
    before = snapshot(session.folder)
    session.words("rebuild")
    assert snapshot(session.folder) == before
    assert session.ask("ledger", "verify")["findings"] == []


def test_renamed(session: Session, album: Path) -> None:
    """A new version with the new name, and not one byte of audio more."""
    before = set((session.folder / "store").rglob("v1/content/masters/*"))
    next(album.glob("01*")).rename(album / "01 - Renamed.flac")
    assert session.take(str(album.parent))["outcomes"] == {"changed": 1}
    told = only_release(session)
    assert told["version"] == 2
    assert told["release"]["masters"][0]["path"] == "masters/01 - Renamed.flac"
    assert not list((session.folder / "store").rglob("v2/content/masters/*"))
    assert before == set((session.folder / "store").rglob("v1/content/masters/*"))
    assert session.ask("verify", "--reference")["whole"] is True


def test_retagged(session: Session, album: Path) -> None:
    """The retagged file is a new recording; the old bytes stay in the old version."""
    path = sorted(album.glob("02*"))[0]
    old = digest(path)
    tags = FLAC(path)
    tags["title"] = "A better title"
    tags.save()
    assert session.take(str(album.parent))["outcomes"] == {"changed": 1}
    told = only_release(session)
    assert [track["title"]["text"] for track in told["release"]["tracks"]][1] == "A better title"
    assert {old, digest(path)} <= stored(session)
    assert len(list((session.folder / "store").rglob("v2/content/masters/*"))) == 1


def test_replaced(session: Session, album: Path, corpus: Path) -> None:
    """One other recording under the same name."""
    other = max((corpus / "sonic-pi-samples").glob("*.flac"), key=lambda path: path.stat().st_size)
    target = sorted(album.glob("03*"))[0]
    shutil.copyfile(other, target)
    assert session.take(str(album.parent))["outcomes"] == {"changed": 1}
    digests = [master["digest"] for master in only_release(session)["release"]["masters"]]
    assert digest(other) in digests and len(digests) == 3
    assert session.ask("verify", "--reference")["whole"] is True


def test_known_elsewhere(session: Session, album: Path, tmp_path: Path) -> None:
    """The same recordings from another drive: nothing happens."""
    before = snapshot(session.folder)
    shutil.copytree(album, tmp_path / "other drive" / album.name)
    assert session.take(str(tmp_path / "other drive"))["outcomes"] == {"known": 1}
    assert snapshot(session.folder) == before


def test_moved(tmp_path: Path, album: Path) -> None:
    """--move: originals leave once they are safe; a refused file stays."""
    (album / "junk.mid").write_bytes(b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0")
    kept = {digest(path) for path in album.iterdir() if path.suffix != ".mid"}
    session = Session(tmp_path / "moved")
    session.take(str(album.parent), "--move")
    assert [path.name for path in album.iterdir()] == ["junk.mid"]
    assert kept <= stored(session)


def test_held_by_hand_and_lifted(session: Session, album: Path) -> None:
    """A hold stands above every grant; lifting it gives back what was."""
    ident = only_release(session)["release"]["id"]
    session.ask("rights", "grant", ident, "--licence", "CC-BY-4.0")
    public = session.ask("status")["publishable"]["download"]
    assert public == 3
    session.ask("rights", "hold", ident, "--reason", "the maker asked for time")
    assert session.ask("status")["publishable"]["download"] == 0
    session.ask("rights", "hold", ident, "--lift")
    assert session.ask("status")["publishable"]["download"] == public


def test_dry_run_changes_nothing(tmp_path: Path, album: Path) -> None:
    """It lists releases, space, time and what would be held."""
    session = Session(tmp_path / "dry")
    before = snapshot(session.folder)
    told = session.ask("add", str(album.parent), "--dry-run")
    assert [one["recordings"] for one in told["releases"]] == [3]
    assert told["held"] and told["fits"] and told["bytes"] > 0
    trusted = session.ask("add", str(album.parent), "--dry-run", "--trust-manifest")
    assert [one["public"] for one in trusted["releases"]] == [3]
    assert snapshot(session.folder) == before


def test_errors_are_three_lines(tmp_path: Path) -> None:
    """What happened, where, what to do; the code says who is to blame."""
    session = Session(tmp_path / "errors")
    told = json.loads(session.words("add", str(tmp_path / "nowhere"), "--json", code=5))
    assert set(told["error"]) == {"code", "what", "where", "cure", "exit"}
    session.words("show", "urn:uuid:00000000", code=3)
    session.words("nonsense", code=2)


def test_space_is_checked_first(session: Session, tmp_path: Path, album: Path) -> None:
    """With a reserve above what is free, run stops cleanly and goes on when there is room."""
    (album / "04 - more.wav").write_bytes((album / sorted(path.name for path in album.glob("01*"))[0]).read_bytes())
    (session.folder / "sonoteca.toml").write_text(f"reserve_bytes = {1 << 49}\n")
    session.words("add", str(album.parent))
    session.words("run", code=5)
    (session.folder / "sonoteca.toml").write_text("reserve_bytes = 0\n")
    assert session.ask("run")["outcomes"] == {"changed": 1}
