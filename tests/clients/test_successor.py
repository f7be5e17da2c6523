"""A file has left a volume: whoever has the former revision has the next one already, and takes nothing from anyone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sonoteca.model.torrent import Flavour, Outside
from tests.clients.conftest import Seeder, Start
from tests.clients.network import Network
from tests.clients.required import REQUIRED, find_version
from tests.clients.shelf import Published, files_below, pads_in
from tests.clients.swarming import Peer, peer
from tests.clients.waiting import until

NAME = "sonoteca-trial-access-cc0-0002"
SIZES = {
    "Foo/01 Aria.opus": 700_000,
    "Foo/01 Aria.opus.credits.txt": 700,
    "Foo/02 Bolero.opus": 300_001,
    "Foo/02 Bolero.opus.credits.txt": 701,
    "Foo - Live/01 Aria.opus": 262_144,
    "Foo - Live/01 Aria.opus.credits.txt": 702,
    "Zed/01 Coda.opus": 100_000,
    "Zed/01 Coda.opus.credits.txt": 703,
}
WITHDRAWN = ("Foo/02 Bolero.opus", "Foo/02 Bolero.opus.credits.txt")
# aria2 does not tell what came from what was there: of it the seeder alone is asked.
COUNTS = frozenset({"qBittorrent", "rTorrent", "Transmission"})


@pytest.fixture(scope="module")
def friend(network: Network) -> Iterator[Peer]:
    """A libtorrent of our own, as a client."""
    with peer(network.new_address()) as one:
        yield one


def revisions(seeder: Seeder, name: str, flavour: Flavour, similar: bool = False) -> tuple[Published, Published]:
    """The volume whole, and as it is afterwards; other bytes each time. With `similar` the second names the first."""
    shelf = seeder.shelf
    shelf.members.clear()
    shelf.fill(SIZES, seed=len(list((shelf.root / "store").iterdir())))
    first = shelf.publish(name, flavour)
    outside = Outside(similar=(first.hashes.short,) if similar else ())
    return first, shelf.publish(name, flavour, without=WITHDRAWN, outside=outside)


def replace(seeder: Seeder, first: Published, second: Published) -> None:
    """In the order in which it must be done: stop, delete, publish."""
    seeder.remove(first)
    for path in WITHDRAWN:
        seeder.shelf.place(first.files[f"{path_root(first)}/{path}"]).unlink()
    seeder.add(second)


def path_root(published: Published) -> str:
    """The volume's folder."""
    return next(iter(published.files)).split("/")[0]


# Which version opens which flavour (docs/clients.md): a client that is here is asked for all that it can.
OPENS: dict[str, dict[Flavour, tuple[int, ...]]] = {
    "qBittorrent": {Flavour.HYBRID: (), Flavour.V2: ()},
    "rTorrent": {Flavour.HYBRID: ()},
    "Transmission": {Flavour.V1: (), Flavour.HYBRID: (4, 0)},
    "aria2": {Flavour.V1: ()},
}


def opened_by(name: str, version: tuple[int, ...] | None) -> list[Flavour]:
    """What a client of this version is asked for. One that is not here is asked all the same, and says that it is
    missing."""
    return [flavour for flavour, since in OPENS[name].items() if version is None or version >= since]


HERE = {one.client: find_version(one) for one in REQUIRED}
ASKED = [(name, flavour) for name in OPENS for flavour in opened_by(name, HERE[name])]


def test_a_client_is_asked_for_what_its_version_opens() -> None:
    assert opened_by("Transmission", (3, 0)) == [Flavour.V1]
    assert opened_by("Transmission", (4, 0, 5)) == opened_by("Transmission", None) == [Flavour.V1, Flavour.HYBRID]
    assert OPENS.keys() == HERE.keys() == {name for name, _ in ASKED}


@pytest.mark.parametrize(("name", "flavour"), ASKED)
def test_nothing_is_downloaded_again(name: str, flavour: Flavour, seeder: Seeder, start: Start, got: Path) -> None:
    """The client drops the former revision, keeps the files, and adds the next one to the same folder."""
    first, second = revisions(seeder, f"{NAME} {name} {flavour}", flavour)
    seeder.add(first)
    client = start(name)
    client.fetch(first.torrent, got)
    replace(seeder, first, second)
    ident = client.add(second.torrent, got)
    client.wait_done(ident)
    if name in COUNTS:
        assert client.downloaded_bytes(ident) == 0
    client.remove(ident)
    assert seeder.status(second).uploaded_bytes == 0
    arrived = files_below(got)
    assert second.files.items() <= arrived.items()
    assert set(arrived) - pads_in(arrived) == set(first.files)


def test_nothing_is_downloaded_again_by_one_who_still_seeds(seeder: Seeder, start: Start, got: Path) -> None:
    """Both revisions at once in one client and one folder, and no `similar`: that crashes libtorrent 2.0.8."""
    first, second = revisions(seeder, f"{NAME} both", Flavour.HYBRID)
    seeder.add(first)
    client = start("qBittorrent")
    old = client.add(first.torrent, got)
    client.wait_done(old)
    replace(seeder, first, second)
    new = client.add(second.torrent, got)
    client.wait_done(new)
    assert client.downloaded_bytes(new) == 0
    assert seeder.status(second).uploaded_bytes == 0
    assert files_below(got) == first.files
    client.remove(new)
    client.remove(old)


@pytest.mark.parametrize("flavour", [Flavour.HYBRID, Flavour.V2])
def test_similar_links_from_the_former_revision(flavour: Flavour, seeder: Seeder, friend: Peer, got: Path) -> None:
    """BEP 38: even into another folder, libtorrent 2.1 takes over what it has."""
    first, second = revisions(seeder, f"{NAME} similar {flavour}", flavour, similar=True)
    seeder.add(first)
    old = friend.fetch(first.torrent, got / "old", seeder.endpoint)
    until(lambda: old.status().is_seeding, "libtorrent to finish", told=lambda: old.status().state)
    replace(seeder, first, second)
    new = friend.fetch(second.torrent, got / "new", seeder.endpoint)
    until(lambda: new.status().is_seeding, "libtorrent to finish", told=lambda: new.status().state)
    until(lambda: files_below(got / "new") == second.files, "all of it on the disk")
    assert seeder.status(second).uploaded_bytes == new.status().total_payload_download == 0
