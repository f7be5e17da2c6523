"""Peers as they come: those that lie, stall, send garbage and hold connections; over IPv6; after a kill; and whom the
seeder tells of what it has.
"""

import http.server
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import tools
from tests.swarms import (
    DEADLINE_S,
    V1,
    Client,
    Seeder,
    Volume,
    Wire,
    first_line,
    libtorrent,
    make_archive,
    make_volume,
    publish,
    seeding,
    snapshot,
    until,
)

CONNECTIONS = 60


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "archive")


# ── those that mean no good ──────────────────────────────────────────────────────────────────────────────────────────


def handshake(volume: Volume, reserved: bytes = bytes(8)) -> bytes:
    short = bytes.fromhex(volume.seed.hashes.short)
    return b"\x13BitTorrent protocol" + reserved + short + b"-XX0000-" + os.urandom(12)


def message(kind: int, body: bytes = b"") -> bytes:
    return struct.pack(">IB", 1 + len(body), kind) + body


def request(piece: int, begin: int = 0, length: int = 16_384) -> bytes:
    return message(6, struct.pack(">III", piece, begin, length))


Attack = Callable[[Volume], bytes]
ATTACKS: dict[str, Attack] = {
    "nothing": lambda volume: b"",
    "garbage": lambda volume: os.urandom(100_000),
    "a web page asked for": lambda volume: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "half a handshake": lambda volume: handshake(volume)[:30],
    "a torrent that nobody has": lambda volume: handshake(volume)[:28] + bytes(20) + b"-XX0000-123456789012",
    "a message of four gigabytes": lambda volume: handshake(volume) + b"\xff\xff\xff\xff\x07",
    "a message without end": lambda volume: handshake(volume) + struct.pack(">IB", 900_000, 20) + b"d" * 1000,
    "garbage as messages": lambda volume: handshake(volume) + os.urandom(50_000),
    "pieces that are not there": lambda volume: (
        handshake(volume) + message(2) + b"".join(request(1 << 30) + request(0, 1 << 31, 1 << 20) for _ in range(200))
    ),
    "a flood of requests, and nothing read": lambda volume: (
        handshake(volume) + message(2) + b"".join(request(number % 4) for number in range(5_000))
    ),
    "that it has all, and pieces nobody asked for": lambda volume: (
        handshake(volume)
        + message(5, b"\xff")
        + b"".join(message(7, struct.pack(">II", piece, 0) + bytes(16_384)) for piece in range(4))
    ),
    "a bomb of an extension": lambda volume: (
        handshake(volume, bytes(5) + b"\x10" + bytes(2)) + message(20, b"\0" + b"l" * 50_000)
    ),
}


def attack(port: int, raw: bytes, stack: ExitStack) -> None:
    """Sends as much as it takes, and holds the connection."""
    channel = stack.enter_context(socket.create_connection(("127.0.0.1", port), DEADLINE_S))
    channel.setblocking(False)
    with_suppressed(channel, raw)


def with_suppressed(channel: socket.socket, raw: bytes) -> None:
    try:
        while raw:
            raw = raw[channel.send(raw) :]
    except (BlockingIOError, ConnectionError):
        return


def test_whatever_peers_send_the_others_are_served(root: Path, tmp_path: Path) -> None:
    volume = make_volume(root, "one", (900_000,))
    publish(root, volume)
    with seeding(root) as seeder, ExitStack() as held:
        seeder.ask("sync")
        before = snapshot(root / "store")
        for number in range(CONNECTIONS):
            name = sorted(ATTACKS)[number % len(ATTACKS)]
            attack(seeder.port, ATTACKS[name](volume), held)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
            for size in (0, 1, 20, 100, 1400):
                packets.sendto(os.urandom(size), ("127.0.0.1", seeder.port))
        assert Client(tmp_path / "client").fetch(volume, seeder.port) == volume.contents
        told = seeder.ask("status")
        assert (told["seeding"], told["failed"]) == (1, 0)
        assert told["pid"] == seeder.process.pid
        assert seeder.ask("recall") == {"recalled": True}
        assert snapshot(root / "store") == before
        assert seeder.ask("metrics")["numbers"]["connections_taken_total"] >= CONNECTIONS


def test_over_ipv6(root: Path, tmp_path: Path) -> None:
    if not has_ipv6():
        tools.missing("no IPv6 on this machine")
    volume = make_volume(root, "one", (300_000,))
    publish(root, volume)
    lt = libtorrent()
    with seeding(root, "--listen", "[::1]:0") as seeder:
        seeder.ask("sync")
        (address,) = seeder.ask("status")["addresses"]
        assert address.startswith("[::1]:")
        client = Client(tmp_path / "client")
        client.session.apply_settings({"listen_interfaces": "[::1]:0"})
        handle = client.add(volume)
        handle.connect_peer(("::1", seeder.port))
        until(lambda: handle.status().is_seeding, "all of it over IPv6")
        assert client.contents(volume, handle) == volume.contents
        assert lt.__version__


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as trial:
            trial.bind(("::1", 0))
    except OSError:
        return False
    return True


# ── after a kill ─────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def traced(root: Path, log: Path) -> Iterator[Seeder]:
    """The seeder under strace, as the direct child of this process."""
    strace = tools.require_tool("strace")
    words = [strace, "-D", "-f", "-qq", "-e", "trace=open,openat,openat2", "-o", os.fspath(log), sys.executable]
    words += ["-m", "sonoteca", "--archive", os.fspath(root), "seed", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        seeder = Seeder(root, process)
        try:
            first_line(process, r"Seeding on|\{")
            yield seeder
        finally:
            seeder.end()


@pytest.mark.faults
def test_after_a_kill_it_goes_on_without_reading_anything(root: Path, tmp_path: Path) -> None:
    """No file of the store is opened until a peer asks for some of it: nothing is hashed again."""
    tools.require_tool("strace")
    volumes = [make_volume(root, name) for name in ("one", "two", "three")]
    for volume in volumes:
        publish(root, volume)
    with seeding(root) as seeder:
        seeder.ask("sync")
        Client(tmp_path / "first").fetch(volumes[0], seeder.port)
        seeder.kill()
    log = tmp_path / "opened"
    with traced(root, log) as seeder:
        assert seeder.ask("sync")["seeding"] == 3
        assert opened(log) == set()
        with Wired(seeder.port, volumes[1]) as wire:
            assert wire.block(0)
        until(lambda: opened(log), "a file opened for the peer")
    assert len(opened(log)) == 1


class Wired(Wire):
    """Closed at the end."""

    def __enter__(self) -> "Wired":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def opened(log: Path) -> set[str]:
    """The files of the store that were opened."""
    return set(re.findall(r'"[^"]*/store/([0-9a-f]{2}/[0-9a-f]{64})"', log.read_text(errors="replace")))


# ── who is told ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Tracker:
    """Counts who announces what; answers with nobody, or refuses."""

    def __init__(self, refusal: bytes = b"") -> None:
        self.told: list[bytes] = []
        tracker = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = urllib.parse.urlsplit(self.path).query
                found = re.search("info_hash=([^&]*)", query)
                tracker.told.append(urllib.parse.unquote_to_bytes(found[1]) if found else b"")
                body = b"d14:failure reason%d:%se" % (len(refusal), refusal)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body if refusal else b"d8:intervali1800e5:peers0:e")

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/announce"


@contextmanager
def tracking(refusal: bytes = b"") -> Iterator[Tracker]:
    tracker = Tracker(refusal)
    thread = threading.Thread(target=tracker.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield tracker
    finally:
        tracker.server.shutdown()
        thread.join(DEADLINE_S)
        tracker.server.server_close()


def ways(seeder: Seeder) -> dict[str, dict[str, dict[str, str]]]:
    """By torrent, by way: what was said."""
    torrents: list[dict[str, Any]] = seeder.ask("status")["torrents"]
    return {one["name"]: {way["way"]: way for way in one["announced"]} for one in torrents}


def test_each_of_many_is_told_to_every_tracker_and_it_is_said_when(root: Path) -> None:
    """More than the 88 and the 50 beyond which libtorrent keeps silent or waits."""
    volumes = [make_volume(root, f"vol{number:03}", (1_000,), V1) for number in range(110)]
    for volume in volumes:
        publish(root, volume)
    with tracking() as good, tracking(b"not on the list") as bad:
        settings = f'seed_trackers = ["{good.url}", "{bad.url}"]\nseed_announces_s = 200\n'
        (root / "sonoteca.toml").write_text(settings, encoding="utf-8")
        with seeding(root) as seeder:
            seeder.ask("sync")
            wanted = {bytes.fromhex(one.seed.hashes.v1) for one in volumes}
            until(lambda: wanted <= set(good.told) and wanted <= set(bad.told), "all of them told to both")
            until(lambda: all(len(said) == 2 for said in ways(seeder).values()), "both ways in every status")
            for said in ways(seeder).values():
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said[good.url]["at"])
                assert (said[good.url]["trouble"], said[bad.url]["at"]) == ("", "")
                assert "not on the list" in said[bad.url]["trouble"]
            told = seeder.ask("status")
            assert (told["announces_waiting"], told["announce_round_s"]) == (0, 110 / 200)


def test_announces_are_spread(root: Path) -> None:
    """One a second, and who waits is said: nothing is told all at once, nothing is dropped."""
    for number in range(5):
        publish(root, make_volume(root, f"vol{number}", (1_000,), V1))
    with tracking() as tracker:
        settings = f'seed_trackers = ["{tracker.url}"]\nseed_announces_s = 1\n'
        (root / "sonoteca.toml").write_text(settings, encoding="utf-8")
        with seeding(root) as seeder:
            told = seeder.ask("sync")
            assert told["announce_round_s"] in (0.0, 5.0)
            until(lambda: tracker.told, "the first")
            assert seeder.ask("status")["announces_waiting"] >= 1
            until(lambda: len(set(tracker.told)) == 5, "all of them")
            until(lambda: seeder.ask("status")["announces_waiting"] == 0, "nobody waiting")


def test_the_table_is_told_and_others_find_it_there(root: Path) -> None:
    lt = libtorrent()
    volume = make_volume(root, "one")
    publish(root, volume)
    open_to_all = dict.fromkeys(
        ("dht_restrict_routing_ips", "dht_restrict_search_ips", "dht_ignore_dark_internet"), False
    )
    quiet = dict.fromkeys(("enable_lsd", "enable_upnp", "enable_natpmp", "dht_enforce_node_id"), False)
    settings = {**quiet, **open_to_all, "enable_dht": True, "listen_interfaces": "127.0.0.1:0"}
    mask = lt.alert.category_t.dht_notification | lt.alert.category_t.dht_operation_notification
    node = lt.session({**settings, "dht_bootstrap_nodes": "", "webtorrent_stun_server": "", "alert_mask": mask})
    until(lambda: node.listen_port(), "a node")
    words = f'seed_dht = true\nseed_dht_nodes = ["127.0.0.1:{node.listen_port()}"]\n'
    (root / "sonoteca.toml").write_text(words, encoding="utf-8")
    with seeding(root) as seeder:
        seeder.ask("sync")
        until(lambda: "dht" in ways(seeder)["one"], "the table told")

        def found() -> bool:
            node.dht_get_peers(lt.sha1_hash(bytes.fromhex(volume.seed.hashes.v1)))
            alerts = [one for one in node.pop_alerts() if isinstance(one, lt.dht_announce_alert)]
            return any(str(one.info_hash) == volume.seed.hashes.v1 for one in alerts)

        until(found, "its announce at the node")
