"""One damaged object stops nothing: what can be read is decided, rebuilt and published; the rest is named, exit 4."""

import shutil
from pathlib import Path

import pytest

from tests.scenarios.session import Session


@pytest.fixture
def session(tmp_path: Path, corpus: Path) -> Session:
    """Two published releases, one of which is damaged afterwards."""
    shelf = tmp_path / "shelf"
    for name, pattern in (("Beeps", "sonic-pi-samples/*.flac"), ("Voices", "alsa-speaker-test/*.wav")):
        folder = shelf / f"Maker - {name}"
        folder.mkdir(parents=True)
        source = min(corpus.glob(pattern), key=lambda path: path.stat().st_size)
        shutil.copyfile(source, folder / f"01 {name}{source.suffix}")
        (folder / "rights.json").write_text('{"license": "CC0-1.0"}')
    session = Session(tmp_path / "archive")
    session.take(str(shelf), "--trust-manifest")
    return session


def release_of(session: Session, word: str) -> str:
    """The release called so."""
    return str(next(hit["id"] for hit in session.ask("search", word)["hits"] if hit["kind"] == "release"))


def damage(session: Session, release: str) -> None:
    """Its description is not what was kept."""
    for path in (session.folder / "store").rglob("release.json"):
        if release.encode() in path.read_bytes():
            path.write_bytes(b"{}")


def files(session: Session) -> int:
    """How many files are in the swarm."""
    return sum(one["files"] for one in session.ask("volumes")["volumes"])


def test_rebuild_tells_what_it_left_out_and_does_the_rest(session: Session) -> None:
    whole, hurt = release_of(session, "beeps"), release_of(session, "voices")
    damage(session, hurt)
    told = session.ask("rebuild", code=4)
    assert told["error"]["code"] == "damaged-releases"
    assert session.ask("show", whole)["release"]["id"] == whole
    session.ask("show", hurt, code=3)


def test_a_withdrawal_counts_though_the_object_cannot_be_read(session: Session) -> None:
    whole, hurt = release_of(session, "beeps"), release_of(session, "voices")
    before = files(session)
    damage(session, hurt)
    session.ask("withdraw", hurt, whole, "--reason", "asked", code=4)
    assert (before, files(session)) == (10, 0)
    assert not list((session.folder / "torrents").glob("*.seed.json"))
    assert "S902" not in {one["code"] for one in session.ask("verify", code=4)["findings"]}


def test_an_audit_goes_on(session: Session) -> None:
    damage(session, release_of(session, "voices"))
    (session.folder / "sonoteca.toml").write_text('reserve_bytes = 0\npublish_channels = ["stream"]\n')
    session.ask("rights", "audit", code=4)
    told = session.ask("status")["publishable"]
    assert told["stream"] == 2
    assert told["swarm"] == 1
