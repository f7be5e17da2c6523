"""What was withdrawn does not come back: peers that still have it offer it, and our store stays as it is.

The seeder runs in this process, without walls: nothing but its own manners keeps it from writing here. With walls and
from the command line: tests/scenarios.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from sonoteca.model.errors import Damaged
from tests import tools
from tests.clients.conftest import Seeder
from tests.clients.network import Network
from tests.clients.shelf import Published, Shelf, files_below, forget
from tests.clients.swarming import Peer, peer
from tests.clients.waiting import until

NAME = "sonoteca-trial-access-cc0-0003"
SIZES = {"A/01.opus": 600_000, "A/01.opus.credits.txt": 700, "B/02.opus": 700_000, "B/02.opus.credits.txt": 701}
WITHDRAWN = ("A/01.opus", "A/01.opus.credits.txt")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody writes below it, whatever the client does."""
    mount, umount = tools.require_tool("mount"), tools.require_tool("umount")
    try:
        subprocess.run([mount, "--bind", str(folder), str(folder)], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        tools.missing(f"cannot mount here: {error.stderr.decode().strip()}")
    try:
        subprocess.run([mount, "-o", "remount,bind,ro", str(folder)], check=True, capture_output=True)
        yield
    finally:
        subprocess.run([umount, "--lazy", str(folder)], check=True, capture_output=True)


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """As it is."""
    assert folder.is_dir()
    yield


Mounted = Callable[[Path], AbstractContextManager[None]]
MOUNTS = [pytest.param(writable, id="writable"), pytest.param(read_only, id="read-only", marks=pytest.mark.needs_root)]


class Play:
    """An archive that publishes a volume, a keeper who has all of it, and somebody who wants it."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.shelf = Shelf(folder / "archive")
        self.shelf.fill(SIZES)
        self.first = self.shelf.publish(NAME)
        self.second = self.shelf.publish(NAME, without=WITHDRAWN)
        self.withdrawn = [self.shelf.members[path].digest for path in WITHDRAWN]
        self.copies = folder / "copies"
        for path, digest in self.first.files.items():
            (self.copies / path).parent.mkdir(parents=True, exist_ok=True)
            (self.copies / path).write_bytes(self.shelf.place(digest).read_bytes())
        self.wanted = folder / "wanted"
        self.network = network

    def delete(self) -> None:
        """From the store."""
        for digest in self.withdrawn:
            self.shelf.place(digest).unlink()

    def overwrite(self) -> None:
        """With zeros, as many."""
        for digest in self.withdrawn:
            self.shelf.place(digest).write_bytes(bytes(self.shelf.place(digest).stat().st_size))

    def get(self, published: Published, keeper: Peer, seeder: Seeder, first: Callable[[], None] = lambda: None) -> None:
        """Somebody downloads from whoever gives; the keeper stays connected to our seeder all the time. `first` waits
        for what has to be seen of our seeder before the keeper gives too."""
        kept = keeper.seed(published.torrent, self.copies)
        until(lambda: kept.status().is_seeding, "the keeper to have it")
        kept.connect_peer(seeder.endpoint)
        with peer(self.network.new_address()) as somebody:
            forget(self.wanted)
            folder = self.wanted / published.hashes.short
            handle = somebody.fetch(published.torrent, folder, seeder.endpoint)
            first()
            handle.connect_peer(keeper.endpoint)
            until(lambda: handle.status().is_seeding, "somebody to have it", told=lambda: handle.status().state)
            # What a client has may still be on its way to the disk.
            until(lambda: files_below(folder) == published.files, "all of it on somebody's disk")


@pytest.fixture
def play(tmp_path: Path, network: Network) -> Iterator[Play]:
    yield Play(tmp_path, network)
    forget(tmp_path / "wanted")


@pytest.fixture
def keeper(network: Network) -> Iterator[Peer]:
    """Has what was withdrawn, and calls our seeder."""
    with peer(network.new_address(), close_redundant_connections=False) as one:
        yield one


@pytest.fixture
def archive_seeder(play: Play, network: Network) -> Iterator[Seeder]:
    """Ours."""
    one = Seeder(play.shelf, network.new_address())
    yield one
    one.close()


@pytest.mark.parametrize("mounted", MOUNTS)
@pytest.mark.parametrize("lose", [Play.delete, Play.overwrite], ids=["deleted", "overwritten"])
def test_lost_under_a_seeder_that_was_not_told(
    lose: Callable[[Play], None], mounted: Mounted, play: Play, keeper: Peer, archive_seeder: Seeder
) -> None:
    """The worst order: it believes that it has the file, is asked for it, and has a peer that would give it. Without
    upload_mode it fetches what was overwritten, as soon as it has seen that the bytes are others."""
    archive_seeder.add(play.first)
    lose(play)
    before = play.shelf.state()
    with mounted(play.shelf.root / "store"):
        # From the keeper alone somebody could have all of it before our seeder is asked.
        play.get(
            play.first,
            keeper,
            archive_seeder,
            lambda: until(lambda: archive_seeder.status(play.first).error, "the seeder to see that it has lost it"),
        )
        play.get(play.first, keeper, archive_seeder)
        status = archive_seeder.status(play.first)
        archive_seeder.remove(play.first)
    assert status.downloaded_bytes == 0
    assert play.shelf.state() == before


@pytest.mark.parametrize("mounted", MOUNTS)
def test_replaced_by_its_successor(mounted: Mounted, play: Play, keeper: Peer, archive_seeder: Seeder) -> None:
    """The right order: the former revision is not served any more, whoever calls for it; the next one is."""
    archive_seeder.add(play.first)
    play.get(play.first, keeper, archive_seeder)
    archive_seeder.remove(play.first)
    play.delete()
    before = play.shelf.state()
    with mounted(play.shelf.root / "store"):
        archive_seeder.add(play.second)
        play.get(play.second, keeper, archive_seeder)
        play.get(play.first, keeper, archive_seeder)
        status = archive_seeder.status(play.second)
        archive_seeder.remove(play.second)
    assert status.downloaded_bytes == 0 and status.uploaded_bytes > 0 and status.error == ""
    assert play.shelf.state() == before


def test_is_not_seeded_where_it_is_missing(play: Play, archive_seeder: Seeder) -> None:
    """Told to seed the former revision once more, it refuses."""
    play.delete()
    with pytest.raises(Damaged, match="missing"):
        archive_seeder.add(play.first)
