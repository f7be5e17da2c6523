"""Whom an audit asks: those who were named, or whom trackers name; never us, or twice in a short time, or many."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonoteca.model.copies import Audited, Outcome, Place
from sonoteca.model.errors import Refused
from sonoteca.model.peers import Endpoint, PeerSeen
from sonoteca.pipeline.archive import Archive, create, open_archive
from sonoteca.pipeline.audit import Ask, Seeder, Wish, whom
from sonoteca.ports.memory.clock import FixedClock
from sonoteca.ports.memory.peer_wire import MemoryTrackers
from sonoteca.ports.memory.private import MemoryPrivate
from sonoteca.swarm.audit import Question
from sonoteca.swarm.audit_plan import Ground, Span

QUESTION = Question(
    volume="Folk",
    volume_hash="ab" * 20,
    name="Folk",
    info_hash=bytes(20),
    infohash="00" * 20,
    is_v2=False,
    ground=Ground(piece_bytes=1 << 18, pieces=1, spans=(Span(path="a", first_piece=0, bytes=5),)),
    blocks=30,
)
NEAR, FAR = "http://127.0.0.1:1/announce", "udp://192.0.2.1:6969/announce"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    create(str(tmp_path / "archive"))
    made = open_archive(str(tmp_path / "archive"))
    yield dataclasses.replace(made, private=MemoryPrivate(), clock=FixedClock())
    made.close()


def endpoints(*texts: str) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(host=text.rpartition(":")[0], port=int(text.rpartition(":")[2])) for text in texts)


def settled(archive: Archive, **settings: object) -> Archive:
    return dataclasses.replace(archive, settings=dataclasses.replace(archive.settings, **settings))  # type: ignore[arg-type]


def asked(
    archive: Archive, wish: Wish, named: dict[str, tuple[Endpoint, ...]] | None = None, seeder: Seeder | None = None
) -> Ask:
    return whom(archive, QUESTION, wish, MemoryTrackers(named or {}), seeder or Seeder())


def names(found: Ask) -> list[str]:
    return [str(one) for one in found.targets]


def test_those_who_are_named_and_no_others(archive: Archive) -> None:
    archive = settled(archive, seed_trackers=(FAR,))
    wish = Wish(peers=("192.0.2.7:6881", "[2001:db8::1]:1", "192.0.2.7:6881"), web_seeds=("https://mirror.example/a/",))
    found = asked(archive, wish, {FAR: endpoints("198.51.100.1:1")})
    assert names(found) == ["https://mirror.example/a/", "192.0.2.7:6881", "[2001:db8::1]:1"]


def test_whom_trackers_name(archive: Archive) -> None:
    archive = settled(archive, seed_trackers=(FAR, NEAR))
    found = asked(archive, Wish(), {NEAR: endpoints("127.0.0.9:5", "8.8.8.8:1")})
    assert names(found) == ["127.0.0.9:5", "8.8.8.8:1"]
    assert [address for address, _ in found.skipped] == [FAR]


def test_other_shards_of_ours_are_us_too(archive: Archive) -> None:
    archive = settled(archive, seed_address="archive.example:6881")
    seeder = Seeder(addresses=("0.0.0.0:6881", "0.0.0.0:6882"))
    wish = Wish(peers=("archive.example:6882", "archive.example:7000", "other.example:6882"))
    found = asked(archive, wish, seeder=seeder)
    assert found.skipped == (("archive.example:6882", "this is us"),)
    assert names(found) == ["archive.example:7000", "other.example:6882"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "::ffff:10.0.0.1"]
)
def test_a_far_tracker_names_nobody_in_here(archive: Archive, host: str) -> None:
    archive = settled(archive, seed_trackers=(FAR,))
    found = asked(archive, Wish(), {FAR: (Endpoint(host=host, port=80), *endpoints("8.8.8.8:1"))})
    assert names(found) == ["8.8.8.8:1"]


def test_one_holder_is_asked_a_few_times_at_most(archive: Archive) -> None:
    archive = settled(archive, seed_trackers=(FAR,))
    found = asked(archive, Wish(), {FAR: endpoints(*(f"8.8.8.8:{port}" for port in range(1, 9)), "9.9.9.9:1")})
    assert names(found) == ["8.8.8.8:1", "8.8.8.8:2", "8.8.8.8:3", "9.9.9.9:1"]


def test_so_many_and_no_more(archive: Archive) -> None:
    archive = settled(archive, audit_places=2)
    found = asked(archive, Wish(peers=("192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1")))
    assert names(found) == ["192.0.2.1:1", "192.0.2.2:1"]
    assert found.skipped == (("192.0.2.3:1", "more than 2: another time"),)


@pytest.mark.parametrize("address", ["127.0.0.1:6881", "localhost:6881", "[::1]:6881", "archive.example:51413"])
def test_we_are_not_asked(archive: Archive, address: str) -> None:
    archive = settled(archive, seed_address="archive.example:51413")
    assert asked(archive, Wish(peers=(address,))) == Ask(targets=(), skipped=((address, "this is us"),))


def test_whom_the_seeder_knows(archive: Archive) -> None:
    """Where they listen is known of those that it called."""
    who = (
        PeerSeen(host="10.0.0.7", port=6881, client="a", is_complete=True),
        PeerSeen(host="10.0.0.8", port=0, client="b", is_complete=True),
    )
    found = asked(archive, Wish(), seeder=Seeder(addresses=("0.0.0.0:7000",), who=who))
    assert names(found) == ["10.0.0.7:6881"]
    found = asked(archive, Wish(peers=("127.0.0.1:7000",)), seeder=Seeder(addresses=("0.0.0.0:7000",), who=who))
    assert found.skipped == (("127.0.0.1:7000", "this is us"),)


@pytest.mark.parametrize("address", ["https://archive.example/seed/", "http://127.0.0.1:8000/seed/"])
def test_our_own_web_seed_is_not_asked(archive: Archive, address: str) -> None:
    archive = settled(archive, web_address="https://archive.example")
    assert asked(archive, Wish(web_seeds=(address,))).targets == ()


def test_nobody_is_asked_twice_in_a_short_time(archive: Archive) -> None:
    clock = FixedClock()
    archive = dataclasses.replace(archive, clock=clock)
    before = Audited(
        at=clock.now(),
        volume="Jazz",
        volume_hash="cd" * 20,
        swarm_hash="cd" * 20,
        place=Place.PEER,
        host="192.0.2.7",
        address="192.0.2.7:6881",
        outcome=Outcome.SILENT,
    )
    archive.private.save([before])
    clock.move_on(3599)
    assert asked(archive, Wish(peers=("192.0.2.7:6881",))).targets == ()
    clock.move_on(1)
    assert names(asked(archive, Wish(peers=("192.0.2.7:6881",)))) == ["192.0.2.7:6881"]


@pytest.mark.parametrize("wish", [Wish(peers=("no port",)), Wish(web_seeds=("file:///etc/passwd",))])
def test_what_cannot_be_asked(archive: Archive, wish: Wish) -> None:
    with pytest.raises(Refused):
        asked(archive, wish)
