"""The network, the tracker and the running clients of a module: each is started when a test first asks for it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sonoteca.model.torrent import SeedStatus
from sonoteca.ports.libtorrent_swarm import LibtorrentSwarm
from sonoteca.ports.swarm import SEEDING, SwarmSettings
from tests.clients.aria2 import Aria2
from tests.clients.binding import require_libtorrent
from tests.clients.face import Client, Place
from tests.clients.network import Network, free_port, own_network
from tests.clients.qbittorrent import QBittorrent
from tests.clients.required import require_client
from tests.clients.rtorrent import RTorrent
from tests.clients.shelf import Published, Shelf, forget
from tests.clients.tracker import Tracker
from tests.clients.transmission import Transmission
from tests.clients.waiting import until

CLIENTS: dict[str, type[Client]] = {one.NAME: one for one in (QBittorrent, RTorrent, Transmission, Aria2)}
Start = Callable[[str], Client]


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """A namespace of its own, or loopback."""
    require_libtorrent()
    with own_network() as one:
        yield one


@pytest.fixture(scope="module")
def tracker(network: Network) -> Iterator[Tracker]:
    """It answers nothing until a test names peers."""
    with Tracker(network.new_address()).running() as one:
        yield one


@pytest.fixture(scope="module")
def start(network: Network, tracker: Tracker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """start("rTorrent") gives the running client, the same one all through the module."""
    running: dict[str, Client] = {}

    with ExitStack() as ends:

        def started(name: str) -> Client:
            if name not in running:
                require_client(name)
                folder = tmp_path_factory.mktemp(name)
                place = Place(folder=folder, network=network, tracker=tracker, address=network.new_address())
                running[name] = CLIENTS[name](place)
                ends.callback(running[name].close)
            return running[name]

        yield started


class Seeder:
    """Our own client, in this process, listening where the tracker says."""

    def __init__(self, shelf: Shelf, address: str) -> None:
        self.shelf = shelf
        self.endpoint = (address, free_port(address))
        self._swarm = LibtorrentSwarm(SwarmSettings(listen=(f"{address}:{self.endpoint[1]}",)))

    def add(self, published: Published) -> None:
        """Returns when it is seeded."""
        self._swarm.add(published.seed, published.torrent.read_bytes(), str(self.shelf.root))
        until(lambda: self.status(published).state == SEEDING, "our seeder", told=lambda: self.status(published))

    def remove(self, published: Published) -> None:
        """Returns when it is not served any more."""
        self._swarm.remove(published.hashes)

    def status(self, published: Published) -> SeedStatus:
        """What the seeder says of it."""
        self._swarm.drain()
        return next(one for one in self._swarm.status() if one.hashes == published.hashes)

    def close(self) -> None:
        self._swarm.close()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Empty at first."""
    return Shelf(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def seeder(shelf: Shelf, network: Network, tracker: Tracker) -> Iterator[Seeder]:
    """Our seeder over the shelf; the tracker names it."""
    one = Seeder(shelf, network.new_address())
    tracker.peers = [one.endpoint]
    yield one
    one.close()


@pytest.fixture
def got(tmp_path: Path) -> Iterator[Path]:
    """Where a client downloads to."""
    yield tmp_path / "got"
    forget(tmp_path / "got")
