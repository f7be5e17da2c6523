"""From folders to other people's clients: the corpus goes in, and what may leave arrives by swarm, whole and with its
credits, in every stock client that we promise.

What we do is the command line, what the clients do is their own. An excerpt in `make test`, all of it in `make soak`.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sonoteca.pipeline import seeding
from tests.clients import conftest as clients
from tests.clients.binding import libtorrent
from tests.clients.conftest import Start
from tests.clients.network import Network, free_port
from tests.clients.programs import Program
from tests.clients.shelf import files_below, forget, pads_in, sha256_of
from tests.clients.tracker import Tracker
from tests.clients.waiting import until
from tests.scenarios.excerpt import excerpt, rows_of
from tests.scenarios.session import COMMAND, Session, environment

CREDITS = ".credits.txt"
DEADLINE_S = 240

network, tracker, start = clients.network, clients.tracker, clients.start


@dataclass(frozen=True, kw_only=True)
class Case:
    """An archive that has published, the rows of index.csv that went into it, and the volumes that came of them."""

    session: Session
    rows: list[dict[str, str]]
    endpoint: tuple[str, int]
    volumes: list[dict[str, Any]]

    def volume(self, name: str) -> dict[str, Any]:
        """As it is now."""
        return next(one for one in self.session.ask("volumes")["volumes"] if one["name"] == name)

    def torrent(self, volume: str, flavour: str = "") -> Path:
        """As it is now."""
        return self.session.folder / "torrents" / f"{volume}{flavour}.torrent"

    def status(self) -> dict[str, Any]:
        """What our seeder says; {} while it does not."""
        return seeding.ask(str(self.session.folder), "status") or {}


@pytest.fixture(scope="module", params=["excerpt", pytest.param("all", marks=pytest.mark.soak)])
def case(
    request: pytest.FixtureRequest, corpus: Path, tmp_path_factory: pytest.TempPathFactory, network: Network
) -> Iterator[Case]:
    """Recordings in, everything published."""
    folder = tmp_path_factory.mktemp("publish")
    whole = request.param == "all"
    rows = rows_of(corpus) if whole else excerpt(corpus, folder / "in")
    session = Session(folder / "archive")
    address = network.new_address()
    endpoint = (address, free_port(address))
    settings = f'reserve_bytes = 0\nflavours = ["hybrid", "v1"]\nseed_listen = "{address}:{endpoint[1]}"\n'
    (session.folder / "sonoteca.toml").write_text(settings)
    told = session.take(str(corpus if whole else folder / "in"), "--collection", "corpus", "--trust-manifest")
    assert told["volumes"]
    yield Case(session=session, rows=rows, endpoint=endpoint, volumes=session.ask("volumes")["volumes"])
    forget(folder)


@pytest.fixture(scope="module")
def seeded(case: Case, tracker: Tracker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """`sonoteca seed` gives them; clients are told of it and of nobody else."""
    with Program([*COMMAND, "seed"], tmp_path_factory.mktemp("seed"), environment(), case.session.folder) as seeder:
        wanted = 2 * len(case.volumes)
        until(lambda: case.status().get("seeding") == wanted, "sonoteca seed", 60, seeder.tail)
        tracker.peers = [case.endpoint]
        yield case


@pytest.fixture(scope="module")
def store(case: Case) -> dict[str, set[str]]:
    """Digests of what the store holds, by the kind of file ("masters", "access", "archive", "credits")."""
    found: dict[str, set[str]] = {}
    for path in (case.session.folder / "store").rglob("v*/content/*/**/*"):
        if path.is_file():
            kind = path.parts[path.parts.index("content") + 1]
            found.setdefault(kind, set()).add(sha256_of(path))
    return found


@pytest.fixture(scope="module")
def public_originals(case: Case) -> set[str]:
    """Digests of the masters of releases whose every original may be in a swarm, as `rights show` says."""
    found = set()
    for ident in releases(case.session):
        told = case.session.ask("show", ident)
        verdicts = [one for one in told["rights"]["verdicts"] if one["rendition"] == "original"]
        asked = [one for one in verdicts if "swarm" in one["channels"]]
        if asked and all(one["decision"] == "publish" for one in asked):
            found |= {one["digest"] for one in told["release"]["masters"]}
    went_in = {row["sha256"] for row in case.rows}
    assert found and found <= went_in
    return found


def releases(session: Session) -> list[str]:
    """Their ids."""
    rows = csv.DictReader(session.words("export", "csv").lstrip("\ufeff").splitlines())
    return list(dict.fromkeys(row["release_id"] for row in rows))


def test_everything_arrives(
    seeded: Case, store: dict[str, set[str]], public_originals: set[str], start: Start, tmp_path: Path
) -> None:
    """Every volume as it is offered, in the clients that open hybrids: each rendition, and each master that may leave.
    The volume with the most files in its v1 flavour, in those that do not. All at once, as in life."""
    hybrids = [seeded.torrent(one["name"]) for one in seeded.volumes]
    largest = max(seeded.volumes, key=lambda one: (one["files"], -one["bytes"]))
    wanted = {"Transmission": [seeded.torrent(largest["name"], ".v1")], "rTorrent": hybrids, "qBittorrent": hybrids}
    wanted["aria2"] = wanted["Transmission"]
    waiting = {
        name: [start(name).add(torrent, tmp_path / name) for torrent in torrents] for name, torrents in wanted.items()
    }
    for name, idents in waiting.items():
        for ident in idents:
            start(name).wait_done(ident, DEADLINE_S)
            start(name).remove(ident)
    for name, torrents in wanted.items():
        written = files_below(tmp_path / name)
        forget(tmp_path / name)
        arrived = {path: digest for path, digest in written.items() if path not in pads_in(written)}
        assert sorted(arrived) == sorted(path for torrent in torrents for path in names_in(torrent)), name
        compare(arrived, store)
        if torrents is hybrids:
            assert len(arrived) == sum(one["files"] for one in seeded.volumes)
            assert store["access"] | store["archive"] | public_originals <= set(arrived.values())


def compare(arrived: dict[str, str], store: dict[str, set[str]]) -> None:
    """Every file is as it is in the store, and has its credits beside it."""
    music = {path: digest for path, digest in arrived.items() if not path.endswith(CREDITS)}
    assert sorted(arrived) == sorted([*music, *(path + CREDITS for path in music)])
    assert set(music.values()) <= store["masters"] | store["access"] | store["archive"]
    assert set(arrived.values()) - set(music.values()) <= store["credits"]


def names_in(torrent: Path) -> list[str]:
    """What libtorrent reads in a .torrent, without pads."""
    found = libtorrent.load_torrent_file(str(torrent)).ti
    assert found is not None
    files, pad = found.layout(), libtorrent.file_flags_t.flag_pad_file
    return [files.file_path(index) for index in range(files.num_files()) if not files.file_flags(index) & pad]


def test_a_track_is_withdrawn_while_a_client_seeds_it(seeded: Case, start: Start, tmp_path: Path) -> None:
    """The client that has everything completes the successor with nothing downloaded; our seeder gets nothing back; and
    what is reinstated has its former infohash, and is complete in the client that kept it."""
    session, volume = seeded.session, min(seeded.volumes, key=lambda one: (one["tier"] != "original", one["bytes"]))
    client = start("qBittorrent")
    first = client.add(seeded.torrent(volume["name"]), tmp_path / "got")
    client.wait_done(first, DEADLINE_S)
    before = {path: path.stat().st_ino for path in (session.folder / "store").rglob("*")}
    track = session.ask("show", releases(session)[0])["release"]["tracks"][0]["id"]
    session.ask("withdraw", track, "--reason", "the taper asked for it")
    after = seeded.volume(volume["name"])
    assert (after["revision"], after["files"]) == (volume["revision"] + 1, volume["files"] - 2)
    assert volume["v1"] not in {one["v1"] for one in seeded.status()["torrents"]}
    # qBittorrent 4.5.2 crashes on a torrent that names one which it seeds (BEP 38).
    assert b"7:similar" not in seeded.torrent(volume["name"]).read_bytes()
    second = client.add(seeded.torrent(volume["name"]), tmp_path / "got")
    client.wait_done(second, DEADLINE_S)
    assert client.downloaded_bytes(second) == 0
    session.ask("reinstate", track)
    again = seeded.volume(volume["name"])
    assert (again["v1"], again["v2"]) == (volume["v1"], volume["v2"])
    told = until(lambda: told_when_seeding(seeded, volume["v1"]), "the former volume to be seeded again")
    assert (told["downloaded_bytes"], told["failed"]) == (0, 0)
    assert {path: path.stat().st_ino for path in (session.folder / "store").rglob("*")} == before
    client.remove(first)
    client.remove(second)
    forget(tmp_path / "got")


def told_when_seeding(case: Case, v1: str) -> dict[str, Any]:
    """The seeder's status once it seeds this."""
    told = case.status()
    is_there = any(one["v1"] == v1 and one["state"] == "seeding" for one in told.get("torrents", []))
    return told if is_there else {}
