"""Stock qBittorrent follows our feeds, and tools/volunteer.py keeps it to a plan: what comes is what was published,
and what is withdrawn leaves them."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.clients.archive import Living, Volume
from tests.clients.conftest import Start
from tests.clients.network import Network, free_port
from tests.clients.qbittorrent import QBittorrent
from tests.clients.shelf import files_below
from tests.clients.swarming import make_torrent
from tests.clients.tracker import Tracker
from tests.clients.waiting import until
from tests.tools import PROJECT
from tests.web.serving import Served, served


@pytest.fixture(scope="module")
def living(tracker: Tracker, tmp_path_factory: pytest.TempPathFactory) -> Living:
    """Tests take things out of it, each another one."""
    return Living(tmp_path_factory.mktemp("living"), (tracker.url,))


@pytest.fixture(scope="module")
def site(living: Living) -> Iterator[Served]:
    with served(living.root, "tests.clients.website") as one:
        yield one


@pytest.fixture
def seeded(living: Living, network: Network, tracker: Tracker) -> Iterator[None]:
    """Everything published at this moment has a seeder."""
    with living.seeding(network.new_address()) as endpoint:
        tracker.peers = [endpoint]
        yield


@pytest.fixture
def client(start: Start) -> QBittorrent:
    one = start("qBittorrent")
    assert isinstance(one, QBittorrent)
    return one


def arrived(client: QBittorrent, volumes: list[Volume], got: Path) -> dict[str, str]:
    """Waits for these volumes and nothing else; {v1: the client's name for it}."""
    wanted = {one.hashes[0] for one in volumes}
    until(lambda: wanted <= set(client.held()), "qBittorrent to take what is in the feed", told=client.articles)
    for v1 in wanted:
        client.wait_done(client.held()[v1])
    assert files_below(got) == {path: digest for one in volumes for path, digest in one.files.items()}
    return {v1: ident for v1, ident in client.held().items() if v1 in wanted}


def test_a_collection_is_followed(living: Living, site: Served, seeded: None, client: QBittorrent, got: Path) -> None:
    """Its RSS reader and a rule, no program of ours: everything of the collection comes, byte by byte; a new revision
    comes by itself and brings no byte of sound."""
    feed = f"{site.address}/volumes.rss?collection={quote('Early')}"
    client.follow(feed, got)
    early = [one for name, one in living.volumes().items() if "-early-" in name]
    assert len(early) == 2
    before = arrived(client, early, got)
    living.withdraw("Two")
    after = [one for name, one in living.volumes().items() if "-early-" in name]
    assert {one.hashes for one in after}.isdisjoint(one.hashes for one in early)
    client.refresh()
    until(lambda: {one.hashes[0] for one in after} <= set(client.held()), "the next revisions", told=client.articles)
    for one in after:
        ident = client.held()[one.hashes[0]]
        client.wait_done(ident)
        assert client.downloaded_bytes(ident) == 0
        client.remove(ident)
    client.unfollow(feed)
    for ident in before.values():
        client.remove(ident)


def test_what_was_drawn_is_followed(living: Living, site: Served, seeded: None, client: QBittorrent, got: Path) -> None:
    """The feed of a plan that has room for one volume."""
    volumes = living.volumes()
    smallest = min(volumes.values(), key=lambda one: one.bytes)
    with urllib.request.urlopen(f"{site.address}/plan.json?space={smallest.bytes}B&seed=x") as answer:
        drawn = json.load(answer)
    assert [one["name"] for one in drawn["torrents"]] == [smallest.name]
    with urllib.request.urlopen(f"{site.address}/plan?space={smallest.bytes}B&seed=x") as answer:
        page = answer.read().decode()
    feed = site.address + page.split('title="This plan" href="')[1].split('"')[0]
    client.follow(feed, got)
    for ident in arrived(client, [smallest], got).values():
        client.remove(ident)
    client.unfollow(feed)
    assert client.held() == {}


# ── the program for volunteers ───────────────────────────────────────────────────────────────────────────────────────


class Volunteer:
    """tools/volunteer.py as its user runs it, with stock qBittorrent."""

    def __init__(self, site: Served, client: QBittorrent, folder: Path) -> None:
        self._site, self._client, self._folder = site, client, folder
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, space: int, *more: str, code: int = 0, plan: str = "") -> str:
        """One pass; what it tells."""
        address = plan or f"{self._site.address}/plan?space={space}B&seed=v"
        words = ["--plan", address, "--qbittorrent", self._client.control, "--folder", str(self._folder), *more]
        env = {"PATH": os.environ.get("PATH", os.defpath), "no_proxy": "*", "PYTHONWARNINGS": "error"}
        command = [sys.executable, "-I", str(PROJECT / "tools" / "volunteer.py"), *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def volunteer(site: Served, client: QBittorrent, got: Path) -> Iterator[Volunteer]:
    """With nothing at first."""
    assert client.held() == {}
    yield Volunteer(site, client, got)
    for ident in client.held().values():
        client.remove(ident)


def test_a_volunteer_holds_what_fits_and_drops_what_is_recalled(
    living: Living, site: Served, seeded: None, client: QBittorrent, volunteer: Volunteer, got: Path
) -> None:
    before = living.volumes()
    everything = sum(one.bytes for one in before.values())
    # A stranger's torrent: ours, but not in the category. It is nobody's business.
    other = min(before.values(), key=lambda one: one.bytes)
    stranger = client.add(living.root / f"torrents/{other.name}.torrent", got.parent / "strange")
    client.wait_done(stranger)
    told = volunteer.run(everything - 1, "--dry-run")
    assert told.count("would add") == len(before) - 2 and set(client.held()) == {other.hashes[0]}
    client.remove(stranger)
    volunteer.run(everything - 1)
    until(lambda: len(client.held()) == len(before) - 1, "all but one of them", told=client.held)
    volunteer.run(everything)
    held = arrived(client, list(before.values()), got)
    assert {client.category(ident) for ident in held.values()} == {"sonoteca"}
    assert volunteer.run(everything).split() == ["hold", f"{everything}", "bytes:", "of", f"{everything}"]

    living.withdraw("Three")  # all of its collection
    living.withdraw("Four")  # beside others
    after = living.volumes()
    told = volunteer.run(everything, "--dry-run")
    assert told.count("would drop") == len(before) and files_below(got) == {
        path: digest for one in before.values() for path, digest in one.files.items()
    }
    volunteer.run(everything)
    # What left is gone from the disk with its folder; what stays was not fetched again.
    held = arrived(client, list(after.values()), got)
    assert set(client.held()) == {one.hashes[0] for one in after.values()}
    assert [client.downloaded_bytes(ident) for ident in held.values()] == [0] * len(after)
    assert {path.name for path in got.iterdir()} == set(after)
    assert "drop" not in volunteer.run(everything)


def test_a_volunteer_leaves_alone_what_it_does_not_know(
    site: Served, client: QBittorrent, volunteer: Volunteer, living: Living, network: Network, got: Path, tmp_path: Path
) -> None:
    """A torrent in the category that this archive never published; an address that is no plan; nobody there."""
    folder = tmp_path / "Mine"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"mine" * 1_000)
    (tmp_path / "mine.torrent").write_bytes(make_torrent(folder))
    ident = client.add(tmp_path / "mine.torrent", tmp_path)
    client.wait_done(ident)
    client.categorise(ident, "sonoteca")
    assert "leave Mine: not of this archive" in volunteer.run(1_000)
    assert client.held()
    assert (folder / "a.bin").read_bytes() == b"mine" * 1_000
    assert "has no seed" in volunteer.run(1, plan=f"{site.address}/plan?space=1TB", code=5)
    assert "no address of a plan" in volunteer.run(1, "--space", "1TB", plan=f"{site.address}/volumes", code=5)
    assert "is no size" in volunteer.run(1, "--space", "lots", code=5)
    nobody = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    assert "does not answer" in volunteer.run(1, plan=f"{nobody}/plan?space=1TB&seed=x", code=5)
