"""The seeder as people run it: a process that follows torrents/, serves stock clients, and cannot write."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from sonoteca.config import Settings
from sonoteca.model.errors import Refused
from sonoteca.pipeline import seeding as pipeline
from sonoteca.ports import workshop_walls
from sonoteca.swarm.shards import shard_of
from tests import mounts, tools
from tests.swarms import (
    DEADLINE_S,
    Client,
    Seeder,
    Volume,
    Wire,
    first_line,
    make_archive,
    make_volume,
    publish,
    seeding,
    snapshot,
    until,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "archive")


def ask(root: Path, command: str) -> Any:
    return pipeline.ask(os.fspath(root), command)


def states(told: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["state"] for one in told["torrents"]}


# ── add and remove live ──────────────────────────────────────────────────────────────────────────────────────────────


def test_volumes_come_and_go_while_clients_are_connected(root: Path, tmp_path: Path) -> None:
    one, two = make_volume(root, "one", (1_000_000,)), make_volume(root, "two")
    (content,) = one.contents.values()
    publish(root, one)
    with seeding(root) as seeder:
        assert states(seeder.ask("sync")) == {"one": "seeding"}
        before = snapshot(root)
        connected = Wire(seeder.port, one)
        assert connected.block(0) == content[:16_384]
        publish(root, two)
        assert states(seeder.ask("sync")) == {"one": "seeding", "two": "seeding"}
        assert Client(tmp_path / "first").fetch(two, seeder.port) == two.contents
        assert connected.block(1) == content[262_144:][:16_384]
        withdraw(root, one)
        assert states(seeder.ask("sync")) == {"two": "seeding"}
        assert connected.block(2) == b""
        assert not Wire(seeder.port, one).is_open
        assert Client(tmp_path / "second").fetch(two, seeder.port) == two.contents
        publish(root, one)
        seeder.ask("sync")
        assert Client(tmp_path / "third").fetch(one, seeder.port) == one.contents
        told = seeder.ask("status")
        assert told["downloaded_bytes"] == 0
        assert told["uploaded_bytes"] >= 1_000_000
    assert set(snapshot(root)) - set(before) == {os.fspath(root / path) for path in (two.file, two.seed.torrent)}


def withdraw(root: Path, volume: Volume) -> None:
    (root / volume.file).unlink()


def test_a_recall_waits_for_nothing_else(root: Path) -> None:
    one, two = make_volume(root, "one"), make_volume(root, "two")
    publish(root, one)
    with seeding(root) as seeder:
        seeder.ask("sync")
        connected = Wire(seeder.port, one)
        assert connected.block(0)
        publish(root, two)
        withdraw(root, one)
        assert seeder.ask("recall") == {"recalled": True}
        assert connected.block(1) == b""
        assert states(seeder.ask("sync")) == {"two": "seeding"}


def test_within_a_second_or_so_nobody_needs_to_ask(root: Path) -> None:
    volume = make_volume(root, "one")
    with seeding(root) as seeder:
        publish(root, volume)
        until(lambda: states(seeder.ask("status")) == {"one": "seeding"}, "taken up")
        withdraw(root, volume)
        until(lambda: states(seeder.ask("status")) == {}, "dropped")


def test_what_is_bad_is_told_and_stops_nobody(root: Path, tmp_path: Path) -> None:
    good, gone, spoilt = (make_volume(root, name, (len(name) * 100_000,)) for name in ("good", "gone", "spoilt"))
    for volume in (good, gone, spoilt):
        publish(root, volume)
    (root / gone.seed.files[0]).unlink()
    (root / spoilt.file).write_bytes(b"{}")
    (root / "torrents" / "orphan.seed.json").write_bytes((root / good.file).read_bytes().replace(b"good", b"orphan"))
    with seeding(root) as seeder:
        told = seeder.ask("sync")
        assert states(told) == {"good": "seeding", "gone": "error", "orphan": "error", "spoilt": "error"}
        assert (told["seeding"], told["failed"], told["synced"]) == (1, 3, True)
        assert Client(tmp_path / "client").fetch(good, seeder.port) == good.contents
        (root / gone.seed.files[0]).write_bytes(next(iter(gone.contents.values())))
        assert states(seeder.ask("sync"))["gone"] == "seeding"


def test_an_unknown_command_is_refused(root: Path) -> None:
    with seeding(root), pytest.raises(Refused, match="and stop are the commands"):
        ask(root, "delete")


# ── ends and beginnings ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.faults
def test_killed_and_started_again_it_is_the_same(root: Path, tmp_path: Path) -> None:
    volumes = [make_volume(root, name) for name in ("one", "two", "three")]
    for volume in volumes:
        publish(root, volume)
    with seeding(root) as seeder:
        before = seeder.ask("sync")["torrents"]
        kept = snapshot(root)
        seeder.kill()
        assert ask(root, "sync") is None
    withdraw(root, volumes[1])
    with seeding(root) as seeder:
        after = seeder.ask("sync")["torrents"]
        assert after == [one for one in before if one["name"] != "two"]
        assert Client(tmp_path / "client").fetch(volumes[0], seeder.port) == volumes[0].contents
    assert set(kept) - set(snapshot(root)) == {os.fspath(root / volumes[1].file)}


def test_a_second_seeder_is_refused_and_the_first_goes_on(root: Path) -> None:
    with seeding(root) as seeder:
        second = run_cli(root, "seed", "--listen", "127.0.0.1:0")
        assert second.returncode == 6
        assert "this archive has a seeder" in second.stderr
        assert seeder.ask("status")["pid"] == seeder.process.pid


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(root: Path, number: signal.Signals) -> None:
    publish(root, make_volume(root, "one"))
    with seeding(root) as seeder:
        seeder.ask("sync")
        assert seeder.end(number) == 0
        assert seeder.process.stdout is not None
        assert seeder.process.stdout.read().rstrip().endswith("Stopped: nothing is served any more.")
    assert ask(root, "status") is None


def run_cli(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sonoteca", "--archive", os.fspath(root), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


def test_the_command_line_tells_and_stops(root: Path) -> None:
    publish(root, make_volume(root, "one"))
    with seeding(root) as seeder:
        seeder.ask("sync")
        told = run_cli(root, "seed", "--status")
        assert told.returncode == 0
        assert "Seeding on 127.0.0.1:" in told.stdout and "1 seeding" in told.stdout and "one" in told.stdout
        assert json.loads(run_cli(root, "seed", "--status", "--json").stdout)["seeding"] == 1
        assert run_cli(root, "seed", "--stop").returncode == 0
        assert seeder.process.wait(DEADLINE_S) == 0
    none = run_cli(root, "seed", "--status")
    assert (none.returncode, "nothing seeds this archive" in none.stderr) == (3, True)


def test_what_it_says_in_a_pipe(root: Path) -> None:
    with seeding(root) as seeder:
        seeder.end()
        assert seeder.process.stdout is not None
        said = seeder.process.stdout.read()
    assert "only this machine can connect" in said
    assert "nobody is told where it is" in said
    assert "Nothing is published yet" in said


def test_with_json_it_says_one_object_a_line(root: Path) -> None:
    publish(root, make_volume(root, "one"))
    with seeding(root, "--json") as seeder:
        seeder.ask("sync")
        seeder.end()


@pytest.mark.parametrize("address", ["nonsense", "localhost:6881", "1.2.3.4", "1.2.3.4:65536", "[::1:6881", "::1:6881"])
def test_an_address_that_is_none_is_refused(root: Path, address: str) -> None:
    refused = run_cli(root, "seed", "--listen", address)
    assert (refused.returncode, "seed_listen" in refused.stderr) == (3, True)


# ── what it cannot do ────────────────────────────────────────────────────────────────────────────────────────────────

TRIES = {
    "make a file in torrents": "open(root + '/torrents/new', 'w')",
    "make a file in store": "open(root + '/store/new', 'w')",
    "write to a file of the store": "open(root + '/store/kept', 'r+b')",
    "append to a file of the store": "open(root + '/store/kept', 'ab')",
    "cut a file of the store": "os.truncate(root + '/store/kept', 0)",
    "remove a file of the store": "os.unlink(root + '/store/kept')",
    "rename a file of the store": "os.rename(root + '/store/kept', root + '/store/other')",
    "link a file of the store": "os.link(root + '/store/kept', root + '/store/other')",
    "make a folder": "os.mkdir(root + '/store/folder')",
    "remove its own socket": "os.unlink(root + '/torrents/seeder.sock')",
    "make a file elsewhere": "open('/tmp/sonoteca-must-not-be', 'w')",
    "read the settings": "open(root + '/sonoteca.toml')",
    "read the keys": "open(root + '/keys/archive.key')",
    "list the archive": "os.listdir(root)",
    "run a program": "subprocess.run(['/bin/true'])",
}
TRYING = """
import json, os, subprocess, sys, threading
from sonoteca.config import Settings
from sonoteca.pipeline.seeding import ask, serve

root, tries = sys.argv[1], json.loads(sys.argv[2])

def attempt():
    found = {}
    for name, code in tries.items():
        try:
            eval(code)
            found[name] = "done"
        except OSError as error:
            found[name] = error.strerror
    with open(root + "/store/kept") as file:
        found["read a file of the store"] = file.read()
    return found

def note(told):
    if told["seeding"]:
        both = [attempt()]
        late = threading.Thread(target=lambda: both.append(attempt()))
        late.start()
        late.join()
        print(json.dumps({"walls": told["walls"], "found": both}), flush=True)
        os.kill(os.getpid(), 15)

serve(root, Settings(seed_listen="127.0.0.1:0"), note)
"""


def test_the_seeder_itself_can_write_nothing_anywhere(root: Path) -> None:
    """From within: what the process tries while it seeds, in its first thread and in one started later."""
    if not workshop_walls.find_landlock_abi():
        tools.missing("this kernel has no Landlock")
    publish(root, make_volume(root, "one"))
    (root / "keys").mkdir()
    for path in ("keys/archive.key", "store/kept"):
        (root / path).write_bytes(b"kept")
    before = snapshot(root)
    command = [sys.executable, "-c", TRYING, os.fspath(root), json.dumps(TRIES)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    expected = {**dict.fromkeys(TRIES, "Permission denied"), "read a file of the store": "kept"}
    assert told["walls"] is True
    # link(2) across folders is told as EXDEV.
    assert [{**one, "link a file of the store": "Permission denied"} for one in told["found"]] == [expected] * 2
    assert {one["link a file of the store"] for one in told["found"]} <= {
        "Permission denied",
        "Invalid cross-device link",
    }
    assert snapshot(root) == before


def test_walls_are_not_put_up_beside_a_thread(root: Path) -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="before the first thread"):
            pipeline.serve(os.fspath(root), Settings(seed_listen="127.0.0.1:0"), lambda told: None)
    finally:
        ended.set()
        thread.join()


@pytest.mark.needs_root
def test_on_a_read_only_mount_it_serves_and_is_found(root: Path, tmp_path: Path) -> None:
    """The seeder sees the archive read-only, at another path; whoever writes to it finds the seeder all the same."""
    one, two = make_volume(root, "one"), make_volume(root, "two")
    publish(root, one)
    with mounts.read_only(root, tmp_path / "seen") as seen, seeding(seen) as seeder:
        where = ask(root, "status")["socket"]
        try:
            assert not where.startswith(os.fspath(tmp_path))
            assert Client(tmp_path / "client").fetch(one, seeder.port) == one.contents
            publish(root, two)
            assert states(ask(root, "sync")) == {"one": "seeding", "two": "seeding"}
            withdraw(root, one)
            assert states(ask(root, "sync")) == {"two": "seeding"}
            assert run_cli(root, "seed").returncode == 6
        finally:
            os.unlink(where)


@pytest.mark.needs_root
@pytest.mark.parametrize("is_read_only", [True, False], ids=["read-only", "writable"])
def test_what_was_withdrawn_never_comes_back(root: Path, tmp_path: Path, is_read_only: bool) -> None:
    """A client keeps a file that the store has no more; another wants it; the seeder is still told to seed it."""
    volume = make_volume(root, "one", (900_000, 600_000))
    publish(root, volume)
    keeper, wanting = Client(tmp_path / "keeper"), Client(tmp_path / "wanting")
    with mounts.read_only(root, tmp_path / "seen", writable=not is_read_only) as seen, seeding(seen) as seeder:
        where = seeder.ask("sync")["socket"]
        keeper.fetch(volume, seeder.port)
        (root / volume.seed.files[0]).unlink()
        before = snapshot(root)
        handle = wanting.add(volume)
        for port in (seeder.port, keeper.port):
            handle.connect_peer(("127.0.0.1", port))
        until(lambda: handle.status().is_seeding, "all of it, from the keeper")
        assert seeder.ask("status")["downloaded_bytes"] == 0
        seeder.kill()
        if is_read_only:
            os.unlink(where)
        with seeding(seen) as again:
            assert states(again.ask("sync")) == {"one": "error"}
            assert again.ask("status")["downloaded_bytes"] == 0
            if is_read_only:
                os.unlink(where)
        assert snapshot(root) == before


# ── quiet ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def sockets_of(seeder: Seeder) -> dict[str, list[str]]:
    """The local addresses of the process's sockets: {"tcp": ["0100007F:1AE1"], …}."""
    folder = Path(f"/proc/{seeder.process.pid}")
    links = [os.readlink(path) for path in (folder / "fd").iterdir()]
    inodes = {match[1] for link in links if (match := re.fullmatch(r"socket:\[(\d+)\]", link))}
    found = {}
    for kind in ("tcp", "udp", "tcp6", "udp6", "raw", "packet"):
        rows = [line.split() for line in (folder / "net" / kind).read_text().splitlines()[1:]]
        if own := [row[1] for row in rows if inodes & set(row)]:
            found[kind] = own
    return found


def test_it_is_quiet_by_default(root: Path, tmp_path: Path) -> None:
    """Two sockets, on the one port of this machine; no group of a network joined; nobody outside spoken to."""
    volume = make_volume(root, "one")
    publish(root, volume)
    groups = joined_groups()
    with seeding(root) as seeder:
        seeder.ask("sync")
        Client(tmp_path / "client").fetch(volume, seeder.port)
        port = f"0100007F:{seeder.port:04X}"
        found = sockets_of(seeder)
        assert set(found) == {"tcp", "udp"}
        assert found["udp"] == [port]
        assert set(found["tcp"]) == {port}
        assert joined_groups() == groups


def joined_groups() -> list[str]:
    """The multicast groups that this machine is in."""
    tables = [Path("/proc/net/igmp"), Path("/proc/net/igmp6")]
    return [table.read_text() for table in tables if table.exists()]


def test_a_tracker_is_found_by_its_name_from_behind_the_walls(root: Path) -> None:
    publish(root, make_volume(root, "one"))
    with socket.create_server(("127.0.0.1", 0)) as tracker:
        tracker.settimeout(DEADLINE_S)
        url = f"http://localhost:{tracker.getsockname()[1]}/announce"
        (root / "sonoteca.toml").write_text(f'seed_trackers = ["{url}"]\n', encoding="utf-8")
        with seeding(root) as seeder:
            channel, _ = tracker.accept()
            with channel:
                assert b"GET /announce?info_hash=" in channel.recv(4096)
            assert seeder.ask("status")["reachable_by"] == [f"trackers: {url}"]


TRACED = re.compile(
    r"(?:connect|sendto|sendmsg|bind)\(\d+, .*?"
    r"(?:sin_addr=inet_addr\(\"([^\"]+)\"\)|inet_pton\(AF_INET6, \"([^\"]+)\")"
)


def test_no_packet_leaves_this_machine(root: Path, tmp_path: Path) -> None:
    strace = tools.require_tool("strace")
    volume = make_volume(root, "one")
    publish(root, volume)
    log = tmp_path / "trace"
    command = [strace, "-f", "-qq", "-e", "trace=network", "-o", os.fspath(log), sys.executable, "-m", "sonoteca"]
    command += ["--archive", os.fspath(root), "seed", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            first_line(process, "Seeding on")
            seeder = Seeder(root, process)
            seeder.ask("sync")
            Client(tmp_path / "client").fetch(volume, seeder.port)
        finally:
            ask(root, "stop")
            process.communicate(timeout=DEADLINE_S)
    traced = log.read_text()
    assert "listen(" in traced
    assert {four or six for four, six in TRACED.findall(traced)} == {"127.0.0.1"}
    assert "IP_ADD_MEMBERSHIP" not in traced and "MCAST_JOIN" not in traced and "IPV6_ADD_MEMBERSHIP" not in traced


# ── several seeders ──────────────────────────────────────────────────────────────────────────────────────────────────

SHARDS = 3


@pytest.fixture
def sharded(root: Path) -> Path:
    (root / "sonoteca.toml").write_text(f"seed_shards = {SHARDS}\n", encoding="utf-8")
    return root


def many(root: Path, count: int = 9) -> list[Volume]:
    """Volumes of which every shard has some."""
    found = [make_volume(root, f"vol{number}", (300_000,)) for number in range(count)]
    assert {shard_of(one.seed.hashes, SHARDS) for one in found} == set(range(SHARDS))
    return found


def port_of(told: dict[str, Any], volume: Volume) -> int:
    address = told["shards"][shard_of(volume.seed.hashes, SHARDS)]["addresses"][0]
    return int(address.rpartition(":")[2])


def test_several_seeders_are_one(sharded: Path, tmp_path: Path) -> None:
    volumes = many(sharded)
    for volume in volumes:
        publish(sharded, volume)
    with seeding(sharded) as seeder:
        told = seeder.ask("sync")
        assert states(told) == {one.seed.name: "seeding" for one in volumes}
        assert told["synced"] and (told["seeding"], told["walls"]) == (len(volumes), True)
        assert len({one["pid"] for one in told["shards"]} | {told["pid"]}) == SHARDS + 1
        client = Client(tmp_path / "client")
        for volume in volumes:
            assert client.fetch(volume, port_of(told, volume)) == volume.contents
        assert seeder.ask("metrics")["numbers"]["up"] == SHARDS
        assert "sonoteca_seeder_torrents_seeding 9\n" in seeder.ask("metrics")["text"]
        drawn = run_cli(sharded, "seed", "--status")
        assert (drawn.returncode, "9 seeding" in drawn.stdout) == (0, True)
        assert run_cli(sharded, "seed").returncode == 6
        assert run_cli(sharded, "seed", "--stop").returncode == 0
        assert seeder.process.wait(DEADLINE_S) == 0
    assert ask(sharded, "status") is None


def test_a_recall_reaches_every_shard_before_it_returns(sharded: Path) -> None:
    volumes = many(sharded)
    for volume in volumes:
        publish(sharded, volume)
    with seeding(sharded) as seeder:
        told = seeder.ask("sync")
        connected = [Wire(port_of(told, volume), volume) for volume in volumes]
        assert all(one.block(0) for one in connected)
        for volume in volumes[1:]:
            withdraw(sharded, volume)
        assert seeder.ask("recall") == {"recalled": True}
        assert [bool(one.block(1)) for one in connected] == [True] + [False] * (len(volumes) - 1)
        assert not any(Wire(port_of(told, volume), volume).is_open for volume in volumes[1:])
        connected[0].close()


@pytest.mark.faults
def test_a_shard_that_is_killed_comes_again_and_recalls_hold(sharded: Path) -> None:
    volumes = many(sharded)
    for volume in volumes:
        publish(sharded, volume)
    with seeding(sharded) as seeder:
        told = seeder.ask("sync")
        os.kill(told["shards"][0]["pid"], signal.SIGKILL)
        gone = next(one for one in volumes if shard_of(one.seed.hashes, SHARDS) == 0)
        withdraw(sharded, gone)
        assert seeder.ask("recall") == {"recalled": True}
        after = seeder.ask("sync")
        assert states(after) == {one.seed.name: "seeding" for one in volumes if one is not gone}
        assert after["shards"][0]["pid"] != told["shards"][0]["pid"]


@pytest.mark.faults
def test_a_front_that_is_killed_leaves_nothing_behind(sharded: Path) -> None:
    """Its shards die with it, and until they are gone nobody takes the archive for one that nobody seeds."""
    for volume in many(sharded):
        publish(sharded, volume)
    with seeding(sharded) as seeder:
        pids = [one["pid"] for one in seeder.ask("sync")["shards"]]
        seeder.kill()
        until(lambda: not any(Path(f"/proc/{pid}/fd/0").exists() for pid in pids), "the shards' ends")
        assert ask(sharded, "recall") is None
    with seeding(sharded) as again:
        assert again.ask("sync")["seeding"] == 9


@pytest.mark.parametrize("setting", ['seed_hours = ["8-9 5"]', "seed_shards = 0", "seed_announces_s = 0"])
def test_settings_that_cannot_be_are_refused(root: Path, setting: str) -> None:
    (root / "sonoteca.toml").write_text(setting + "\n", encoding="utf-8")
    refused = run_cli(root, "seed", "--listen", "127.0.0.1:0")
    assert (refused.returncode, setting.partition(" ")[0] in refused.stderr) == (3, True)


@pytest.mark.faults
def test_of_several_seeders_none_takes_back_what_was_withdrawn(sharded: Path, tmp_path: Path) -> None:
    """A client keeps a file that the store has no more, and offers it to the shard that is still told to seed it."""
    volume = make_volume(sharded, "one", (900_000, 600_000))
    publish(sharded, volume)
    keeper, wanting = Client(tmp_path / "keeper"), Client(tmp_path / "wanting")
    with seeding(sharded) as seeder:
        port = port_of(seeder.ask("sync"), volume)
        keeper.fetch(volume, port)
        (sharded / volume.seed.files[0]).unlink()
        before = snapshot(sharded)
        handle = wanting.add(volume)
        for each in (port, keeper.port):
            handle.connect_peer(("127.0.0.1", each))
        until(lambda: handle.status().is_seeding, "all of it, from the keeper")
        withdraw(sharded, volume)
        assert seeder.ask("recall") == {"recalled": True}
        assert not Wire(port, volume).is_open
        del before[os.fspath(sharded / volume.file)]
        assert snapshot(sharded) == before
        assert seeder.ask("status")["downloaded_bytes"] == 0
