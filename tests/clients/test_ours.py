"""Our torrents, from our seeder, in other people's clients: every byte and every name arrives as it was published."""

from pathlib import Path

import pytest

from sonoteca.model.files import BLOCK_BYTES, PIECE_BYTES
from sonoteca.model.torrent import Flavour, Outside
from sonoteca.torrents.assemble import magnet
from tests.clients.conftest import Seeder, Start
from tests.clients.qbittorrent import QBittorrent
from tests.clients.shelf import Published, Shelf, files_below, pads_in
from tests.clients.tracker import Tracker

NAME = "sonoteca-trial-access-cc0-0001"
BORDERS = (BLOCK_BYTES, PIECE_BYTES, 2 * PIECE_BYTES)
SIBLINGS = {
    # Whole paths in byte order would put "Foo - Live/" before "Foo/"; a tree has them the other way round.
    "Foo/01 Aria.opus": 300_000,
    "Foo/01 Aria.opus.credits.txt": 700,
    "Foo - Live/01 Aria.opus": 300_000,
    "Foo - Live/cd1/01 Aria.opus": 300_001,
    "Foo - Live/cd1.cue": 1_234,
    "Foo.opus": 17,
}
UNICODE = {
    "Björk/Jóga.opus": 120_000,
    "東京/海辺の歌.flac": 260_000,
    "Кино/Группа крови.opus": 90_001,
    "zebra & $HOME `x` 'q' #1 [a] {b} %41/ÿ 𝄞 100%.opus": 17,
}
SIZES = {
    **SIBLINGS,
    **UNICODE,
    **{f"Borders/{near + more:07}.bin": near + more for near in BORDERS for more in (-1, 0, 1)},
    "Borders/1.bin": 1,
    # Equal sizes have equal pads.
    **{f"Many/{number % 7}/{number:03}.credits.txt": 500 + number // 4 for number in range(200)},
}
# What a person finds beside the music, in the folder and in the client's list: pads are a convention that only newer
# clients know (BEP 47).
WRITES_PADS = {"qBittorrent": False, "rTorrent": True, "Transmission": True, "aria2": True}


@pytest.fixture(scope="module")
def filled(shelf: Shelf) -> Shelf:
    """Everything that makes a torrent awkward."""
    shelf.fill(SIZES)
    return shelf


@pytest.fixture(scope="module")
def hybrid(filled: Shelf, seeder: Seeder) -> Published:
    """What is offered by default."""
    published = filled.publish(NAME)
    seeder.add(published)
    return published


@pytest.fixture(scope="module")
def v1(filled: Shelf, seeder: Seeder) -> Published:
    """What is offered to clients that open no hybrid."""
    published = filled.publish(NAME, Flavour.V1)
    seeder.add(published)
    return published


def compare(name: str, published: Published, start: Start, got: Path) -> None:
    """Downloads, and compares names and bytes."""
    client = start(name)
    ident = client.add(published.torrent, got)
    client.wait_done(ident)
    shown = client.shown(ident)
    client.remove(ident)
    arrived = files_below(got)
    pads = pads_in(arrived)
    assert {path: digest for path, digest in arrived.items() if path not in pads} == published.files
    assert bool(pads) == any(".pad" in path.split("/") for path in shown) == WRITES_PADS[name]


@pytest.mark.parametrize("name", ["qBittorrent", "rTorrent"])
def test_hybrid_arrives(name: str, hybrid: Published, start: Start, got: Path) -> None:
    """In the clients that open hybrids."""
    compare(name, hybrid, start, got)


@pytest.mark.parametrize("name", ["Transmission", "aria2", "rTorrent"])
def test_v1_arrives(name: str, v1: Published, start: Start, got: Path) -> None:
    """In the clients that do not, and one that does."""
    compare(name, v1, start, got)


def test_v2_arrives(filled: Shelf, seeder: Seeder, start: Start, got: Path) -> None:
    """The newest form alone, in the client that opens it."""
    published = filled.publish(NAME, Flavour.V2)
    seeder.add(published)
    compare("qBittorrent", published, start, got)


def test_clients_name_the_hashes_that_we_name(hybrid: Published, start: Start, got: Path) -> None:
    """Both of a hybrid: it is in both swarms."""
    client = start("qBittorrent")
    assert isinstance(client, QBittorrent)
    ident = client.add(hybrid.torrent, got)
    assert client.hashes(ident) == (hybrid.hashes.v1, hybrid.hashes.v2)
    client.remove(ident)


@pytest.mark.parametrize("flavour", [Flavour.HYBRID, Flavour.V1])
def test_the_same_bytes_twice(flavour: Flavour, seeder: Seeder, start: Start, got: Path, tmp_path: Path) -> None:
    """Two releases have the same recording, of more than a piece: libtorrent 2.1.1 keeps the hashes of one only."""
    seeder.shelf.fill({"A/01.opus": 600_000, "A/02.opus": 10})
    seeder.shelf.put("B/01.opus", seeder.shelf.place(seeder.shelf.members["A/01.opus"].digest).read_bytes())
    published = seeder.shelf.publish("twice", flavour, without=SIZES)
    seeder.add(published)
    start("qBittorrent").fetch(published.torrent, got, deadline_s=20)
    assert files_below(got) == published.files
    assert seeder.status(published).error == ""


@pytest.mark.parametrize(("name", "is_told"), [("qBittorrent", False), ("qBittorrent", True), ("rTorrent", True)])
def test_a_link_is_enough(name: str, is_told: bool, seeder: Seeder, tracker: Tracker, start: Start, got: Path) -> None:
    """What is in the torrent comes from our seeder too: with a tracker in the link, or the peer alone (BEP 53), which
    rTorrent 0.9.8 does not read. Nor does it take a link with two `xt`."""
    shelf, sizes = seeder.shelf, {f"{name} {is_told}/01.opus": 400_000, f"{name} {is_told}/02.opus": 700}
    shelf.fill(sizes, seed=2)
    published = shelf.publish(f"linked {name} {is_told}", without=set(shelf.members) - set(sizes))
    seeder.add(published)
    outside = Outside(trackers=((tracker.url,),) if is_told else ())
    link = magnet(published.hashes, "linked", outside, "" if is_told else "{}:{}".format(*seeder.endpoint))
    client = start(name)
    ident = client.add_link(link, got)
    client.wait_done(ident)
    client.remove(ident)
    arrived = files_below(got)
    # rTorrent leaves the description that it fetched beside them.
    others = pads_in(arrived) | {path for path in arrived if path.endswith(".meta")}
    assert {path: digest for path, digest in arrived.items() if path not in others} == published.files
