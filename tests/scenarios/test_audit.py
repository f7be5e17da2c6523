"""Who holds a volume, at the command line: a stock client proves its copy, others do not; and it is remembered."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sonoteca.formats import metainfo
from sonoteca.formats import peer_wire as wire
from sonoteca.formats.peer_wire import Kind
from sonoteca.ports.control import ask
from tests import swarms
from tests.peers import Peer, peer
from tests.scenarios.session import Session
from tests.swarms import seeding, until


@pytest.fixture(scope="module")
def session(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """An archive that has published a release of two recordings."""
    shelf = tmp_path_factory.mktemp("shelf") / "Maker - 2001 - Voices"
    shelf.mkdir()
    for number, path in enumerate(sorted(corpus.glob("alsa-speaker-test/*.wav"))[:2], 1):
        shutil.copyfile(path, shelf / f"{number:02} - {path.name}")
    (shelf / "rights.json").write_text('{"license": "CC-BY-4.0", "rights_holders": ["Maker"]}')
    session = Session(tmp_path_factory.mktemp("archives") / "first")
    assert session.take(str(shelf), "--trust-manifest")["failed"] == []
    return session


def volume(session: Session) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in session.ask("volumes")["volumes"] if one["tier"] == "original")
    return found


def contents(session: Session, name: str) -> dict[str, bytes]:
    """The volume's files, by their path in the torrent."""
    torrents = session.folder / "torrents"
    parsed = metainfo.parse((torrents / f"{name}.torrent").read_bytes())
    places = json.loads((torrents / f"{name}.seed.json").read_text())["files"]
    paths = [file.path for file in parsed.files if not file.is_pad]
    return {path: (session.folder / place).read_bytes() for path, place in zip(paths, places, strict=True)}


class StockClient:
    """libtorrent as it comes, with these bytes for a volume."""

    def __init__(self, folder: Path, session: Session, host: str, spoil: bytes = b"") -> None:
        self._host, name = host, volume(session)["name"]
        lt = swarms.libtorrent()
        self._client = swarms.Client(folder, host)
        files = contents(session, name)
        for path, raw in files.items():
            swarms.write(folder / name / path, raw)
        wanted = lt.load_torrent_buffer((session.folder / "torrents" / f"{name}.torrent").read_bytes())
        wanted.save_path = os.fspath(folder)
        wanted.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
        self.handle = self._client.session.add_torrent(wanted)
        until(lambda: self.handle.status().is_seeding, "a client that has all")
        for path, raw in files.items():
            swarms.write(folder / name / path, spoil * len(raw) if spoil else raw)

    @property
    def address(self) -> str:
        return f"{self._host}:{self._client.port}"


@pytest.fixture
def holder(session: Session, tmp_path: Path) -> Iterator[StockClient]:
    yield StockClient(tmp_path / "holder", session, "127.0.0.5")


def lacking_all(one: Peer) -> None:
    one.greet(one.theirs.info_hash)
    one.send(wire.format_message(Kind.HAVE_NONE), wire.format_message(Kind.UNCHOKE))
    one.read(1 << 20)


def of_another_torrent(one: Peer) -> None:
    one.greet(bytes(20))


def test_each_place_is_told_and_the_good_one_counts(session: Session, holder: StockClient, tmp_path: Path) -> None:
    found = volume(session)
    liar = StockClient(tmp_path / "liar", session, "127.0.0.6", spoil=b"x")
    with peer(lacking_all) as empty, peer(of_another_torrent) as stranger:
        places = [holder.address, liar.address, str(empty), str(stranger), "127.0.0.1:9"]
        words = [word for place in places for word in ("--peer", place)]
        told = session.ask("audit", found["name"], "--blocks", "10", *words, code=1)
    outcomes = {one["address"]: one["outcome"] for one in told["places"]}
    assert outcomes == dict(zip(places, ("proved", "failed", "partial", "garbage", "silent"), strict=True))
    proof = next(one for one in told["places"] if one["address"] == holder.address)
    assert proof["client"].startswith("libtorrent/2")
    assert (proof["asked"], proof["right"], proof["share"]) == (10, 10, 1.0)
    assert 0 < proof["median_ms"] <= proof["p99_ms"]
    assert proof["pieces_told"] == proof["pieces"]
    assert (told["blocks"], told["lacks"], told["failed"]) == (10, 0.1, 1)
    assert 0.65 < told["confidence"] < 1
    assert (told["copies"]["seen"], told["copies"]["proved"]) == (2, 1)
    verify_remembered(session, holder)


def verify_remembered(session: Session, holder: StockClient) -> None:
    """By the list of volumes, after a rebuild too; and nobody is asked again at once."""
    session.words("rebuild")
    copies = volume(session)["copies"]
    assert (copies["seen"], copies["proved"]) == (2, 1)
    told = session.words("audit", volume(session)["name"], "--peer", holder.address, code=5)
    assert told == ""
    with sqlite3.connect(session.folder / "private.sqlite") as private:
        assert private.execute("SELECT count(*) FROM audits").fetchone() == (5,)
    private.close()


def test_we_are_no_copy(session: Session) -> None:
    with seeding(session.folder) as seeder:
        told = ask(str(session.folder), "status", about=volume(session)["v1"])
        assert told is not None
        assert [one["who"] for one in told["torrents"]] == [[]]
        session.words("audit", volume(session)["name"], "--peer", f"127.0.0.1:{seeder.port}", code=5)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nothing",), 3),
        (("{name}", "--peer", "no port"), 3),
        (("{name}", "--web-seed", "file:///etc/passwd"), 3),
        (("{name}", "--flavour", "v1", "--peer", "127.0.0.1:9"), 3),
        (("{name}",), 5),
        (("{name}", "--blocks", "0"), 2),
    ],
)
def test_what_cannot_be_asked(session: Session, words: tuple[str, ...], code: int) -> None:
    name = volume(session)["name"]
    session.words("audit", *(word.format(name=name) for word in words), code=code)
