"""The network, the tracker and the running clients of a module: each is started when a test first asks for it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.clients.aria2 import Aria2
from tests.clients.face import Client, Place
from tests.clients.network import Network, own_network
from tests.clients.qbittorrent import QBittorrent
from tests.clients.required import require_client
from tests.clients.rtorrent import RTorrent
from tests.clients.tracker import Tracker
from tests.clients.transmission import Transmission

CLIENTS: dict[str, type[Client]] = {one.NAME: one for one in (QBittorrent, RTorrent, Transmission, Aria2)}
Start = Callable[[str], Client]


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """A namespace of its own, or loopback."""
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
