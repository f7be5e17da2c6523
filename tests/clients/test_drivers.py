"""The judges themselves: what libtorrent made and seeds arrives whole in every client, and they count what came."""

import hashlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.conftest import Start
from tests.clients.network import Network
from tests.clients.swarming import V1_ONLY, Peer, make_torrent, peer
from tests.clients.tracker import Tracker

# Each leaves another remainder of a piece: libtorrent names a pad by its length, and rTorrent takes no name twice.
SIZES = {"a.bin": 1, "b/c é.bin": 300_000, "b/d.bin": 262_144, "e.bin": 700_001}
PIECE_BYTES = 256 * 1024


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few files of noise."""
    folder = tmp_path_factory.mktemp("source") / "Noise"
    noise = random.Random(1)
    for name, size in SIZES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(noise.randbytes(size))
    return folder


@pytest.fixture(scope="module")
def plain_seeder(network: Network, tracker: Tracker) -> Iterator[Peer]:
    """The tracker names it."""
    with peer(network.new_address()) as one:
        tracker.peers = [one.endpoint]
        yield one


def digests(folder: Path) -> dict[str, str]:
    """sha256 by path below the folder; pads left out."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".pad" not in path.parts
    }


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("qBittorrent", 0),
        ("qBittorrent", V1_ONLY),
        ("rTorrent", 0),
        ("rTorrent", V1_ONLY),
        ("Transmission", V1_ONLY),
        ("aria2", V1_ONLY),
    ],
)
def test_what_libtorrent_seeds_arrives(
    name: str, flags: int, start: Start, plain_seeder: Peer, folder: Path, tmp_path: Path
) -> None:
    torrent = tmp_path / "a.torrent"
    torrent.write_bytes(make_torrent(folder, flags))
    plain_seeder.seed(torrent, folder.parent)
    client = start(name)
    ident = client.add(torrent, tmp_path / "got")
    client.wait_done(ident)
    assert digests(tmp_path / "got" / "Noise") == digests(folder)
    assert client.downloaded_bytes(ident) >= sum(SIZES.values())
    client.remove(ident)


@pytest.mark.parametrize("name", ["qBittorrent", "rTorrent"])
def test_what_is_there_is_not_counted(
    name: str, start: Start, plain_seeder: Peer, folder: Path, tmp_path: Path
) -> None:
    """A client that holds everything checks it and says 0; one that holds all but a file says that file."""
    torrent = tmp_path / "a.torrent"
    torrent.write_bytes(make_torrent(folder, V1_ONLY))
    plain_seeder.seed(torrent, folder.parent)
    client = start(name)
    for absent, expected_bytes in [("", 0), ("e.bin", SIZES["e.bin"])]:
        there = tmp_path / f"without-{absent}-end"
        shutil.copytree(folder, there / "Noise", ignore=shutil.ignore_patterns(absent))
        ident = client.add(torrent, there)
        client.wait_done(ident)
        assert digests(there / "Noise") == digests(folder)
        assert expected_bytes <= client.downloaded_bytes(ident) <= expected_bytes + 2 * PIECE_BYTES
        assert (client.downloaded_bytes(ident) == 0) == (expected_bytes == 0)
        client.remove(ident)
