"""One suite for the swarm and its double; then what only a real client on a real network can promise."""

import dataclasses
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sonoteca.formats import json
from sonoteca.model.errors import Conflict, Damaged, Uncertain, Unreachable
from sonoteca.model.peers import PeerSeen
from sonoteca.model.torrent import InfoHashes, Seed, SeedStatus
from sonoteca.ports.libtorrent_settings import session_settings
from sonoteca.ports.libtorrent_swarm import LibtorrentSwarm
from sonoteca.ports.memory.swarm import MemorySwarm
from sonoteca.ports.swarm import MAX_TORRENT_BYTES, Swarm, SwarmSettings
from tests import swarms
from tests.swarms import Client, Volume, Wire, make_volume, snapshot, until

LOCAL = SwarmSettings(listen=("127.0.0.1:0",))
Make = Callable[[str], Volume]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return swarms.make_archive(tmp_path / "archive")


@pytest.fixture(params=["libtorrent", "double"])
def bench(request: pytest.FixtureRequest, root: Path) -> Iterator[tuple[Swarm, Make]]:
    """The door, and how to make a volume that it believes."""
    swarms.libtorrent()
    swarm: Swarm = LibtorrentSwarm(LOCAL) if request.param == "libtorrent" else MemorySwarm()
    yield swarm, (lambda name: make_volume(root, name) if request.param == "libtorrent" else told_volume(root, name))
    swarm.close()


def told_volume(root: Path, name: str) -> Volume:
    """For the double, who believes what it is told."""
    made = make_volume(root, name)
    told = {"hashes": dataclasses.asdict(made.seed.hashes), "sizes": [len(one) for one in made.contents.values()]}
    return dataclasses.replace(made, torrent=json.format(told))


def add(swarm: Swarm, volume: Volume, root: Path) -> SeedStatus:
    """Added, and no longer being opened."""
    swarm.add(volume.seed, volume.torrent, os.fspath(root))

    def settled() -> SeedStatus | None:
        swarm.drain()
        return next((one for one in swarm.status() if one.name == volume.seed.name and one.state != "adding"), None)

    found: SeedStatus = until(settled, f"{volume.seed.name} opened")
    return found


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_added_is_seeded_and_told_by_name(bench: tuple[Swarm, Make], root: Path) -> None:
    swarm, make = bench
    two, one = make("two"), make("one")
    add(swarm, two, root)
    add(swarm, one, root)
    expected = [SeedStatus(name=each.seed.name, hashes=each.seed.hashes, state="seeding") for each in (one, two)]
    assert list(swarm.status()) == expected
    assert swarm.addresses()


def test_what_is_removed_is_gone_and_may_come_back(bench: tuple[Swarm, Make], root: Path) -> None:
    swarm, make = bench
    volume = make("one")
    add(swarm, volume, root)
    swarm.remove(volume.seed.hashes)
    assert swarm.status() == ()
    swarm.remove(volume.seed.hashes)
    assert add(swarm, volume, root).state == "seeding"


def test_what_is_removed_at_once_is_gone(bench: tuple[Swarm, Make], root: Path) -> None:
    swarm, make = bench
    volume = make("one")
    swarm.add(volume.seed, volume.torrent, os.fspath(root))
    swarm.remove(volume.seed.hashes)
    assert swarm.status() == ()


def test_twice_is_a_conflict(bench: tuple[Swarm, Make], root: Path) -> None:
    swarm, make = bench
    volume = make("one")
    add(swarm, volume, root)
    with pytest.raises(Conflict, match="seeded already"):
        swarm.add(dataclasses.replace(volume.seed, name="other"), volume.torrent, os.fspath(root))


def test_nothing_is_written(bench: tuple[Swarm, Make], root: Path) -> None:
    swarm, make = bench
    volume = make("one")
    before = snapshot(root)
    add(swarm, volume, root)
    swarm.remove(volume.seed.hashes)
    assert snapshot(root) == before


def test_states_and_sums_without_asking_for_each(bench: tuple[Swarm, Make], root: Path) -> None:
    swarm, make = bench
    volume = make("one")
    assert (dict(swarm.states()), swarm.totals().uploaded_bytes) == ({}, 0)
    add(swarm, volume, root)
    assert dict(swarm.states()) == {volume.seed.hashes: "seeding"}
    swarm.limit(100_000)
    swarm.announce(volume.seed.hashes)
    swarm.remove(volume.seed.hashes)
    swarm.announce(volume.seed.hashes)
    assert dict(swarm.states()) == {}


def spoil_missing(path: Path) -> None:
    path.unlink()


def spoil_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def spoil_long(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"!")


def spoil_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def spoil_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("spoil", [spoil_missing, spoil_short, spoil_long, spoil_folder, spoil_link])
def test_a_file_that_is_not_as_it_was_is_told(
    bench: tuple[Swarm, Make], root: Path, spoil: Callable[[Path], None]
) -> None:
    swarm, make = bench
    volume = make("one")
    spoil(root / volume.seed.files[1])
    with pytest.raises(Damaged) as caught:
        swarm.add(volume.seed, volume.torrent, os.fspath(root))
    assert (caught.value.code, caught.value.where) == ("seed-file", volume.seed.files[1])
    assert swarm.status() == ()


@pytest.mark.parametrize("torrent", [b"", b"garbage", b"d4:infode", b"[" * 1000, b"l" * 1000, b"0" * (10**7 + 1)])
def test_what_is_no_torrent_is_told(bench: tuple[Swarm, Make], root: Path, torrent: bytes) -> None:
    swarm, make = bench
    with pytest.raises(Damaged) as caught:
        swarm.add(make("one").seed, torrent, os.fspath(root))
    assert caught.value.code == "bad-torrent"


def other_hashes(seed: Seed) -> Seed:
    return dataclasses.replace(seed, hashes=InfoHashes(v1="0" * 40, v2="0" * 64))


def fewer_files(seed: Seed) -> Seed:
    return dataclasses.replace(seed, files=seed.files[:-1])


@pytest.mark.parametrize("change", [other_hashes, fewer_files])
def test_a_seed_that_is_of_another_torrent_is_told(
    bench: tuple[Swarm, Make], root: Path, change: Callable[[Seed], Seed]
) -> None:
    swarm, make = bench
    volume = make("one")
    with pytest.raises(Damaged) as caught:
        swarm.add(change(volume.seed), volume.torrent, os.fspath(root))
    assert caught.value.code == "bad-torrent"


def test_closing_twice_is_closing_once(bench: tuple[Swarm, Make], root: Path) -> None:
    swarm, make = bench
    add(swarm, make("one"), root)
    swarm.close()
    swarm.close()


def test_the_double_says_what_it_was_asked_and_sticks_where_it_should(root: Path) -> None:
    swarm, volume = MemorySwarm(), told_volume(root, "one")
    swarm.stuck.add("one")
    swarm.add(volume.seed, volume.torrent, os.fspath(root))
    with pytest.raises(Uncertain):
        swarm.remove(volume.seed.hashes)
    assert swarm.deeds == [("add", "one"), ("remove", "one")]


# ── a real client ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def swarm() -> Iterator[LibtorrentSwarm]:
    swarms.libtorrent()
    made = LibtorrentSwarm(LOCAL)
    yield made
    made.close()


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path / "client")


def port_of(swarm: Swarm) -> int:
    return int(swarm.addresses()[0].rpartition(":")[2])


@pytest.mark.parametrize("flags", [swarms.HYBRID, swarms.V1, swarms.V2], ids=["hybrid", "v1", "v2"])
def test_a_client_gets_every_byte(swarm: LibtorrentSwarm, client: Client, root: Path, flags: int) -> None:
    volume = make_volume(root, "one", (3_000_000, 1, 262_144, 16_384), flags)
    add(swarm, volume, root)
    before = snapshot(root)
    assert client.fetch(volume, port_of(swarm)) == volume.contents
    (told,) = swarm.status()
    assert told.uploaded_bytes >= sum(map(len, volume.contents.values()))
    assert (told.state, told.downloaded_bytes) == ("seeding", 0)
    assert snapshot(root) == before


@pytest.mark.parametrize("flags", [swarms.HYBRID, swarms.V1, swarms.V2], ids=["hybrid", "v1", "v2"])
def test_equal_files_are_served_all(swarm: LibtorrentSwarm, client: Client, root: Path, flags: int) -> None:
    """libtorrent 2.1.1 keeps the v2 hashes of one of them, and would find every piece of the others wrong."""
    long, short, other = os.urandom(600_000), os.urandom(9_000), os.urandom(300_000)
    volume = swarms.make_volume_of(root, "one", [long, short, other, long, short, long, other[:-1]], flags)
    add(swarm, volume, root)
    assert client.fetch(volume, port_of(swarm)) == volume.contents
    swarm.drain()
    assert [one.state for one in swarm.status()] == ["seeding"]


def test_a_wrong_piece_is_not_served_and_the_others_are(swarm: LibtorrentSwarm, client: Client, root: Path) -> None:
    volume = make_volume(root, "one", (1_000_000, 300_000))
    wrong = root / volume.seed.files[0]
    spoilt = bytearray(wrong.read_bytes())
    spoilt[600_000] ^= 1
    wrong.write_bytes(spoilt)
    before = snapshot(root)
    add(swarm, volume, root)
    handle = client.add(volume)
    handle.connect_peer(("127.0.0.1", port_of(swarm)))

    def told() -> SeedStatus:
        swarm.drain()
        return swarm.status()[0]

    until(lambda: told().state == "error", "the wrong piece met")
    assert "hash" in told().error
    until(lambda: told().damaged == (volume.seed.files[0],), "the damaged file named")
    until(lambda: sum(handle.status().pieces) == 5, "the five right pieces")
    assert [bool(one) for one in handle.status().pieces] == [True, True, False, True, True, True]
    assert told().downloaded_bytes == 0
    assert snapshot(root) == before


def test_what_was_withdrawn_is_never_fetched_back(swarm: LibtorrentSwarm, tmp_path: Path, root: Path) -> None:
    """Its file is gone from the store, the torrent is still here, another peer has all of it and a third wants it."""
    volume = make_volume(root, "one", (900_000, 900_000))
    add(swarm, volume, root)
    keeper, wanting = Client(tmp_path / "keeper"), Client(tmp_path / "wanting")
    keeper.fetch(volume, port_of(swarm))
    (root / volume.seed.files[0]).unlink()
    # The seeder starts again, as after a crash, in seed_mode over what is no longer there.
    add_blindly(swarm, volume, root)
    before = snapshot(root)
    handle = wanting.add(volume)
    for peer in (port_of(swarm), keeper.port):
        handle.connect_peer(("127.0.0.1", peer))
    until(lambda: handle.status().is_seeding, "all of it, from the keeper")
    swarm.drain()
    assert [one.downloaded_bytes for one in swarm.status()] == [0]
    assert snapshot(root) == before


def test_a_file_that_goes_while_it_is_seeded_is_told(swarm: LibtorrentSwarm, client: Client, root: Path) -> None:
    volume = make_volume(root, "one", (900_000, 900_000))
    add(swarm, volume, root)
    (root / volume.seed.files[0]).unlink()
    before = snapshot(root)
    client.add(volume).connect_peer(("127.0.0.1", port_of(swarm)))

    def told() -> SeedStatus:
        swarm.drain()
        return swarm.status()[0]

    until(lambda: told().state == "error", "the missing file met")
    assert volume.seed.files[0] in told().error
    assert told().damaged == (volume.seed.files[0],)
    assert told().downloaded_bytes == 0
    assert snapshot(root) == before


def add_blindly(swarm: LibtorrentSwarm, volume: Volume, root: Path) -> None:
    """As `add`, with a file that is there while sizes are looked at, and gone before libtorrent opens it."""
    swarm.remove(volume.seed.hashes)
    gone = root / volume.seed.files[0]
    gone.write_bytes(volume.contents[next(iter(volume.contents))])
    swarm.add(volume.seed, volume.torrent, os.fspath(root))
    gone.unlink()


def test_after_removal_a_client_gets_nothing_more(swarm: LibtorrentSwarm, client: Client, root: Path) -> None:
    volume, other = make_volume(root, "one", (1_000_000,)), make_volume(root, "other", (100_000,))
    (content,) = volume.contents.values()
    for each in (volume, other):
        add(swarm, each, root)
    connected = Wire(port_of(swarm), volume)
    assert connected.block(1) == content[262_144:][:16_384]
    assert open_below(root / volume.seed.files[0])
    swarm.remove(volume.seed.hashes)
    assert not open_below(root / volume.seed.files[0])
    assert connected.block(2) == b""
    # The other torrent is served meanwhile, so the door is open: for this one it is not.
    assert client.fetch(other, port_of(swarm)) == other.contents
    assert not Wire(port_of(swarm), volume).is_open


def test_after_closing_a_client_gets_nothing_more(swarm: LibtorrentSwarm, root: Path) -> None:
    volume = make_volume(root, "one")
    add(swarm, volume, root)
    connected = Wire(port_of(swarm), volume)
    assert connected.block(0)
    swarm.hush()
    assert connected.block(1) == b""
    with pytest.raises(ConnectionRefusedError):
        Wire(port_of(swarm), volume)


def open_below(path: Path) -> list[str]:
    """The files that this process has open there."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            continue
    return [target for target in found if target.startswith(os.fspath(path))]


def test_files_shared_with_another_torrent_keep_nobody_waiting(swarm: LibtorrentSwarm, root: Path) -> None:
    hybrid, plain = make_volume(root, "one"), make_volume(root, "one", flags=swarms.V1)
    for each in (hybrid, plain):
        add(swarm, each, root)
    swarm.remove(hybrid.seed.hashes)
    assert [one.hashes for one in swarm.status()] == [plain.seed.hashes]


def test_a_torrent_over_the_limits_of_clients_is_none(swarm: LibtorrentSwarm, root: Path) -> None:
    volume = make_volume(root, "one")
    with pytest.raises(Damaged, match="bytes"):
        swarm.add(volume.seed, volume.torrent + b"0" * MAX_TORRENT_BYTES, os.fspath(root))


@pytest.mark.parametrize("address", ["[::1]:0", "127.0.0.1:0"])
def test_it_listens_where_it_is_told(address: str) -> None:
    swarms.libtorrent()
    if ":" in address[1:-3] and not has_ipv6():
        pytest.skip("no IPv6 on this machine")
    made = LibtorrentSwarm(SwarmSettings(listen=(address,)))
    assert [told.rpartition(":")[0] for told in made.addresses()] == [address.rpartition(":")[0]]
    made.close()


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as trial:
            trial.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_a_taken_port_is_a_conflict(swarm: LibtorrentSwarm) -> None:
    with pytest.raises(Conflict) as caught:
        LibtorrentSwarm(SwarmSettings(listen=swarm.addresses()))
    assert (caught.value.code, caught.value.where) == ("port-taken", swarm.addresses()[0])


def test_an_address_of_another_machine_is_unreachable() -> None:
    swarms.libtorrent()
    with pytest.raises(Unreachable) as caught:
        LibtorrentSwarm(SwarmSettings(listen=("192.0.2.1:0",)))
    assert caught.value.code == "cannot-listen"


# ── quiet ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def tracker() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def with_tracker(volume: Volume, tracker: socket.socket) -> Volume:
    """The same torrent, with a tracker, a web seed and a node in it."""
    lt = swarms.libtorrent()
    host, port = tracker.getsockname()
    told = lt.bdecode(volume.torrent)
    told[b"announce"] = f"http://{host}:{port}/announce".encode()
    told[b"url-list"] = [f"http://{host}:{port}/".encode()]
    told[b"nodes"] = [[host.encode(), port]]
    return dataclasses.replace(volume, torrent=lt.bencode(told))


def has_called(tracker: socket.socket) -> bytes:
    try:
        channel, _ = tracker.accept()
    except BlockingIOError:
        return b""
    with channel:
        channel.setblocking(True)
        channel.settimeout(swarms.DEADLINE_S)
        return channel.recv(4096)


def test_nobody_is_called_whom_the_settings_do_not_name(
    swarm: LibtorrentSwarm, client: Client, root: Path, tracker: socket.socket
) -> None:
    volume = make_volume(root, "one")
    add(swarm, with_tracker(volume, tracker), root)
    client.fetch(volume, port_of(swarm))
    swarm.remove(volume.seed.hashes)
    assert has_called(tracker) == b""


def test_a_tracker_that_the_settings_name_is_called(root: Path, tracker: socket.socket) -> None:
    swarms.libtorrent()
    host, port = tracker.getsockname()
    made = LibtorrentSwarm(SwarmSettings(listen=("127.0.0.1:0",), trackers=(f"http://{host}:{port}/announce",)))
    volume = make_volume(root, "one")
    add(made, volume, root)
    made.announce(volume.seed.hashes)
    asked = until(lambda: has_called(tracker), "an announce")
    assert b"GET /announce?info_hash=" in asked and b"User-Agent: Sonoteca/" in asked and b"peer_id=-SO" in asked
    assert f"port={port_of(made)}".encode() in asked
    made.close()


def test_the_settings_are_known_to_libtorrent() -> None:
    known = swarms.libtorrent().default_settings()
    chosen = session_settings(LOCAL, "-SO0100-", 0)
    assert [name for name in chosen if name not in known] == []
    assert [name for name, value in chosen.items() if type(known[name]) is not type(value)] == []


@pytest.mark.parametrize(
    ("dht", "lsd", "trackers", "calls"),
    [(False, False, (), False), (True, False, (), True), (False, True, (), True), (False, False, ("udp://t:1",), True)],
)
def test_only_what_is_named_is_on(dht: bool, lsd: bool, trackers: tuple[str, ...], calls: bool) -> None:
    chosen = SwarmSettings(listen=("127.0.0.1:0",), dht=dht, lsd=lsd, trackers=trackers)
    told = session_settings(chosen, "-SO0100-", 0)
    assert (told["enable_dht"], told["enable_lsd"], told["seeding_outgoing_connections"]) == (dht, lsd, calls)
    assert not (told["enable_upnp"] or told["enable_natpmp"] or told["webtorrent_stun_server"])


def test_who_is_connected_is_told(root: Path, tmp_path: Path) -> None:
    """As they say it themselves; where they listen is not known of those who came."""
    swarm, volume = LibtorrentSwarm(LOCAL), make_volume(root, "volume")
    add(swarm, volume, root)
    assert swarm.peers(volume.seed.hashes) == swarm.peers(InfoHashes(v1="0" * 40)) == ()
    client = Client(tmp_path / "client")
    handle = client.add(volume)
    handle.connect_peer(("127.0.0.1", int(swarm.addresses()[0].rpartition(":")[2])))
    found = until(lambda: [one for one in swarm.peers(volume.seed.hashes) if one.client], "a peer")
    assert [(one.host, one.port, one.client[:11]) for one in found] == [("127.0.0.1", 0, "libtorrent/")]
    swarm.close()


def test_the_double_tells_whom_it_was_told(root: Path) -> None:
    swarm, volume = MemorySwarm(), told_volume(root, "volume")
    who = (PeerSeen(host="192.0.2.7", port=6881, client="a", is_complete=True),)
    swarm.connected[volume.seed.hashes.short] = who
    assert swarm.peers(volume.seed.hashes) == ()
    add(swarm, volume, root)
    assert swarm.peers(volume.seed.hashes) == who
