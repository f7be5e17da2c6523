"""Stock qBittorrent follows our feeds, and tools/volunteer.py keeps it to a plan: what comes is what was published,
and what is withdrawn leaves them."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.clients.archive import Living, Volume
from tests.clients.conftest import Start
from tests.clients.network import Network
from tests.clients.qbittorrent import QBittorrent
from tests.clients.shelf import files_below
from tests.clients.tracker import Tracker
from tests.clients.waiting import until
from tests.web.serving import Served, served


@pytest.fixture(scope="module")
def living(tracker: Tracker, tmp_path_factory: pytest.TempPathFactory) -> Living:
    """Tests take things out of it, each another one."""
    return Living(tmp_path_factory.mktemp("living"), (tracker.url,))


@pytest.fixture(scope="module")
def site(living: Living) -> Iterator[Served]:
    with served(living.root) as one:
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
