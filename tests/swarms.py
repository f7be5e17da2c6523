"""Swarms for tests: volumes made by libtorrent's own creator, stock clients on this machine, the seeder as a process.

Nothing here sleeps: `until` waits for what should come, and says what did not.
"""

import hashlib
import os
import random
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sonoteca.model.torrent import InfoHashes, Seed
from sonoteca.pipeline.seeding import ask
from sonoteca.ports import libtorrent_swarm
from sonoteca.swarm.seeds import format_seed
from tests import tools

DEADLINE_S = 30.0
PIECE_BYTES = 256 * 1024
HYBRID, V1, V2 = 0, 64, 32  # libtorrent's create_torrent flags: hybrid is its default, v1_only, v2_only


def libtorrent() -> Any:
    """The library, as a client of ours and as the creator of torrents; ends the test where there is none."""
    return libtorrent_swarm.lt or tools.missing("needs libtorrent, which has no wheel for this Python")


def until(has_come: Callable[[], Any], what: str) -> Any:
    """What `has_come` gives, as soon as that is true."""
    end, pause = time.monotonic() + DEADLINE_S, threading.Event()
    while not (found := has_come()):
        if time.monotonic() > end:
            raise AssertionError(f"did not come in {DEADLINE_S:.0f} s: {what}")
        pause.wait(0.01)
    return found


# ── volumes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Volume:
    """A torrent, the seed that stands for it, and what is in its files, by their path in the torrent."""

    torrent: bytes
    seed: Seed
    contents: dict[str, bytes]

    @property
    def file(self) -> str:
        return f"torrents/{self.seed.name}.seed.json"


def make_volume(root: Path, name: str, sizes: Sequence[int] = (700_000, 300_000, 5), flags: int = HYBRID) -> Volume:
    """Random files in store/ under names that say nothing, and a torrent over them, not yet in torrents/."""
    chance = random.Random(name)
    return make_volume_of(root, name, [chance.randbytes(size) for size in sizes], flags)


def make_volume_of(root: Path, name: str, files: Sequence[bytes], flags: int = HYBRID) -> Volume:
    """A volume of these files."""
    lt = libtorrent()
    contents = {f"Artist - Title/{number:02}.bin": content for number, content in enumerate(files, 1)}
    source = root.parent / f"{root.name}-source" / name
    places = {}
    for path, content in contents.items():
        write(source / path, content)
        digest = hashlib.sha256(content).hexdigest()
        places[f"{name}/{path}"] = f"store/{digest[:2]}/{digest}"
        write(root / places[f"{name}/{path}"], content)
    created = lt.create_torrent(lt.list_files(os.fspath(source)), PIECE_BYTES, flags)
    lt.set_piece_hashes(created, os.fspath(source.parent))
    torrent = lt.bencode(created.generate())
    loaded = lt.load_torrent_buffer(torrent)
    layout = loaded.ti.layout()
    paths = [
        layout.file_path(index)
        for index in range(layout.num_files())
        if not layout.file_flags(index) & lt.file_flags_t.flag_pad_file
    ]
    hashes = InfoHashes(
        v1=str(loaded.info_hashes.v1) if loaded.info_hashes.has_v1() else "",
        v2=str(loaded.info_hashes.v2) if loaded.info_hashes.has_v2() else "",
    )
    files = tuple(places[path] for path in paths)
    seed = Seed(name=name, torrent=f"torrents/{name}.torrent", hashes=hashes, files=files)
    return Volume(torrent, seed, {f"{name}/{path}": content for path, content in contents.items()})


def publish(root: Path, volume: Volume) -> None:
    """Into torrents/, the seed file last and whole."""
    write(root / volume.seed.torrent, volume.torrent)
    write(root / (volume.file + ".half"), format_seed(volume.seed))
    (root / (volume.file + ".half")).rename(root / volume.file)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def snapshot(*folders: Path) -> dict[str, tuple[int, int, int]]:
    """Names, sizes, times and modes of everything below, but for the seeder's socket."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            seen = path.lstat()
            if path.name != "seeder.sock":
                size = 0 if path.is_dir() else seen.st_size
                # The socket leaves its mark on its folder's time.
                found[os.fspath(path)] = (size, 0 if path.name == "torrents" else seen.st_mtime_ns, seen.st_mode)
    return found


# ── clients ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Client:
    """A stock client: libtorrent as it comes, on this machine alone."""

    def __init__(self, folder: Path, address: str = "127.0.0.1") -> None:
        self.lt = libtorrent()
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        quiet = ("enable_dht", "enable_lsd", "enable_upnp", "enable_natpmp")
        self.session = self.lt.session(
            {
                **dict.fromkeys(quiet, False),
                "listen_interfaces": f"{address}:0",
                "webtorrent_stun_server": "",
                "allow_multiple_connections_per_ip": True,
                "alert_mask": self.lt.alert.category_t.storage_notification,
                "tick_interval": 100,
                "min_reconnect_time": 1,
            }
        )

    def add(self, volume: Volume) -> Any:
        """Its handle; what of it is in the folder counts as there after a check."""
        wanted = self.lt.load_torrent_buffer(volume.torrent)
        wanted.save_path = os.fspath(self.folder)
        wanted.flags &= ~(self.lt.torrent_flags.auto_managed | self.lt.torrent_flags.paused)
        return self.session.add_torrent(wanted)

    def fetch(self, volume: Volume, port: int) -> dict[str, bytes]:
        """All of it from the peer at this port."""
        handle = self.add(volume)
        handle.connect_peer(("127.0.0.1", port))
        until(lambda: handle.status().is_seeding, f"all of {volume.seed.name}")
        return self.contents(volume, handle)

    def contents(self, volume: Volume, handle: Any) -> dict[str, bytes]:
        """What it has on its disk: pieces that it has may still be on their way there."""
        self.session.pop_alerts()
        handle.flush_cache()
        flushed = self.lt.cache_flushed_alert
        until(lambda: any(isinstance(one, flushed) for one in self.session.pop_alerts()), "all of it on its disk")
        return {path: (self.folder / path).read_bytes() for path in volume.contents}

    @property
    def port(self) -> int:
        return int(self.session.listen_port())


class Wire:
    """A client that asks for one block at a time, over TCP (BEP 3), so that it is known what was given and when."""

    def __init__(self, port: int, volume: Volume) -> None:
        self._channel = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        short = bytes.fromhex(volume.seed.hashes.short)
        self._channel.sendall(b"\x13BitTorrent protocol" + bytes(8) + short + b"-XX0000-" + os.urandom(12))
        self.is_open = True
        self._read(68)
        if self.is_open:
            self._send(2)  # interested
        while self.is_open and self._message()[:1] != b"\x01":  # unchoke
            pass

    def block(self, piece: int, begin: int = 0, length: int = 16_384) -> bytes:
        """These bytes of a piece; b"" when the connection is at its end."""
        head = struct.pack(">II", piece, begin)
        if self.is_open:
            self._send(6, head + struct.pack(">I", length))
        while self.is_open:
            message = self._message()
            if message[:9] == b"\x07" + head:
                return message[9:]
        return b""

    def close(self) -> None:
        self.is_open = False
        self._channel.close()

    def _send(self, kind: int, body: bytes = b"") -> None:
        try:
            self._channel.sendall(struct.pack(">IB", 1 + len(body), kind) + body)
        except ConnectionError:
            self.close()

    def _message(self) -> bytes:
        head = self._read(4)
        return self._read(int.from_bytes(head, "big")) if len(head) == 4 else b""

    def _read(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            try:
                part = self._channel.recv(count - len(found))
            except ConnectionError:
                part = b""
            if not part:
                self.close()
                break
            found += part
        return found


# ── the seeder as a process ──────────────────────────────────────────────────────────────────────────────────────────


class Seeder:
    """`sonoteca seed` on an archive's folder."""

    def __init__(self, root: Path, process: "subprocess.Popen[str]") -> None:
        self.root, self.process = root, process

    def ask(self, command: str) -> dict[str, Any]:
        answer = ask(os.fspath(self.root), command)
        assert answer is not None, "no seeder answers"
        return answer

    @property
    def port(self) -> int:
        return int(self.ask("status")["addresses"][0].rpartition(":")[2])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_S)

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)


@contextmanager
def seeding(root: Path, *options: str) -> Iterator[Seeder]:
    """The seeder, listening somewhere on this machine; ended at the end."""
    libtorrent()
    words = ["--archive", os.fspath(root), "seed", "--listen", "127.0.0.1:0", *options]
    command = [sys.executable, "-m", "sonoteca", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        seeder = Seeder(root, process)
        try:
            first_line(process, r"Seeding on|\{")
            yield seeder
        finally:
            seeder.end()


def first_line(process: "subprocess.Popen[str]", form: str) -> str:
    """The first line, which must be of this form."""
    if process.stdout is None:
        raise RuntimeError("started without a pipe")
    ready, _, _ = select.select([process.stdout], [], [], DEADLINE_S)
    line = process.stdout.readline() if ready else ""
    assert re.match(form, line), line + (process.stdout.read() if ready and process.wait(DEADLINE_S) else "")
    return line


def make_archive(folder: Path) -> Path:
    """The part of an archive that the seeder sees."""
    for name in ("store", "torrents"):
        (folder / name).mkdir(parents=True)
    (folder / "sonoteca.toml").write_bytes(b"")
    return folder
