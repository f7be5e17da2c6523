"""Rates: how fast our seeder gives a volume whose files lie all over a store, beside plain libtorrent and one folder.

Takes  the bench, an archive whose seeder runs, with whatever it has loaded.
Gives  torrents.seed_vs_libtorrent, caches warm, and …_cold, caches dropped before each turn.

The peer is a socket that asks for every block once, 250 ahead, and throws away what comes: it neither hashes nor
writes, so that the seeders are measured and not it. The plain folder has the same files (hard links) under the names
that the torrent says. Turns alternate.
"""

import hashlib
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sonoteca.bench.figures import Figure, Skipped, load, median
from sonoteca.bench.leech import lt
from sonoteca.bench.processes import environment
from sonoteca.bench.store import Bench
from sonoteca.formats.pieces import FileMeter
from sonoteca.model.files import BLOCK_BYTES, PIECE_BYTES, Layers
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Flavour, Member, Outside, Seed
from sonoteca.pipeline.seeding import ask
from sonoteca.ports.bench_folder import drop_caches
from sonoteca.swarm.seeds import format_seed
from sonoteca.torrents.assemble import assemble

FILES, FILE_BYTES, NAME = 2000, 2 * PIECE_BYTES, "rates"
AHEAD, DEADLINE_S = 250, 300.0
_PLAIN = "import sys; from sonoteca.bench.torrents_rates import plain; plain(*sys.argv[1:])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is asked for: an infohash, and how many pieces."""

    short: bytes
    pieces: int


def rates(bench: Bench, root: str) -> Iterator[Figure | Skipped]:
    """In turns, warm and then cold."""
    course = _lay_out(bench, root)
    ask(root, "sync", about="brief")
    told = ask(root, "status", about=course.short.hex()) or {}
    ours = str(told["addresses"][0])
    what = f"{FILES:,} files of {FILE_BYTES // 1024} KiB, {told['seeding']:,} torrents loaded"
    with _plain_seeder(bench) as theirs:
        for name, is_cold in (("seed_vs_libtorrent", False), ("seed_vs_libtorrent_cold", True)):
            if is_cold and not drop_caches():
                yield Skipped(figure=f"torrents.{name}", why="only root can drop the kernel's caches")
                continue
            yield _figure(name, what, [_turn(ours, theirs, course, is_cold=is_cold) for _ in range(bench.runs)])


def _figure(name: str, what: str, turns: list[tuple[float, float]]) -> Figure:
    mine, other = (median([turn[at] / 1e6 for turn in turns]) for at in (0, 1))
    against = f"libtorrent {lt.__version__} and one folder, {other:.0f} MB/s; ours {mine:.0f} MB/s; {what}; {load()}"
    ratio = median([turn[0] / turn[1] for turn in turns])
    return Figure(figure=f"torrents.{name}", value=ratio, unit="ratio", against=against, runs=len(turns))


def _turn(ours: str, theirs: str, course: Course, *, is_cold: bool) -> tuple[float, float]:
    found = []
    for address in (ours, theirs):
        _ = drop_caches() if is_cold else take(address, course)  # once before it counts: what is hashed first
        found.append(take(address, course))
    return found[0], found[1]


def _lay_out(bench: Bench, root: str) -> Course:
    """Noise in a store and, by hard links, in one folder; the torrent over both."""
    layers: dict[Digest, Layers] = {}
    members, places = [], dict[Digest, str]()
    for number in range(FILES):
        content = hashlib.shake_128(b"rates %d" % number).digest(FILE_BYTES)
        meter = FileMeter()
        meter.update(memoryview(content))
        found = meter.finish()
        if found.layers is None:
            raise RuntimeError("the meter gives no layers")
        path = f"An Album {number // 20}/{number:04} A title of a usual length.opus"
        layers[found.digest] = found.layers
        members.append(Member(path=path, digest=found.digest, bytes=FILE_BYTES))
        places[found.digest] = f"store/{found.digest[:2]}/{found.digest[2:4]}/{found.digest}/v2/content/access/{number}"
        bench.scratch.write(f"seeding/{places[found.digest]}", content)
        bench.scratch.link(f"seeding/{places[found.digest]}", f"plain/{NAME}/{path}")
    made = assemble(NAME, members, layers.__getitem__, Flavour.HYBRID, Outside())
    bench.scratch.write("plain.torrent", made.torrent)
    bench.scratch.write(f"seeding/torrents/{NAME}.torrent", made.torrent)
    files = tuple(places[one.digest] for one in made.members)
    seed = Seed(name=NAME, torrent=f"torrents/{NAME}.torrent", hashes=made.hashes, files=files)
    bench.scratch.write(f"seeding/torrents/{NAME}.seed.json", format_seed(seed))
    return Course(short=bytes.fromhex(made.hashes.v1), pieces=FILES * FILE_BYTES // PIECE_BYTES)


# ── plain libtorrent ──────────────────────────────────────────────────────────────────────────────────────────────────


def plain(torrent: str, folder: str) -> None:
    """Seeds one folder with libtorrent's own settings, but for the network; says where, until its input ends."""
    quiet = dict.fromkeys(("enable_dht", "enable_lsd", "enable_upnp", "enable_natpmp"), False)
    session = lt.session({**quiet, "listen_interfaces": "127.0.0.1:0", "webtorrent_stun_server": ""})
    wanted = lt.add_torrent_params()
    wanted.ti, wanted.save_path = lt.torrent_info(torrent), folder
    wanted.flags = lt.torrent_flags.seed_mode
    handle = session.add_torrent(wanted)
    while not handle.status().is_seeding:
        time.sleep(0.02)
    sys.stdout.write(f"127.0.0.1:{session.listen_port()}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


@contextmanager
def _plain_seeder(bench: Bench) -> Iterator[str]:
    root = bench.scratch.root
    words = [sys.executable, "-c", _PLAIN, os.path.join(root, "plain.torrent"), os.path.join(root, "plain")]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, env=environment(), text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("started without pipes")
        yield process.stdout.readline().strip()
        process.stdin.close()


# ── the peer ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def take(address: str, course: Course) -> float:
    """Every block once; bytes a second, from the first request to the last block."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30.0) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        channel.sendall(b"\x13BitTorrent protocol" + bytes(8) + course.short + b"-XX0000-" + os.urandom(12))
        wire = _Wire(channel)
        wire.exactly(68)
        channel.sendall(struct.pack(">IB", 1, 2))  # interested
        while wire.message() != 1:  # until it unchokes
            pass
        return _blocks(channel, wire, course)


def _blocks(channel: socket.socket, wire: "_Wire", course: Course) -> float:
    each = PIECE_BYTES // BLOCK_BYTES
    total, asked, come = course.pieces * each, 0, 0
    start = time.perf_counter()
    while come < total:
        if asked < total and asked - come < AHEAD:
            some = range(asked, min(total, asked + AHEAD // 2))
            channel.sendall(b"".join(_request(at, each) for at in some))
            asked += len(some)
        come += wire.message() == 7
        if time.perf_counter() - start > DEADLINE_S:
            raise RuntimeError("the seeder does not give what it was asked for")
    return total * BLOCK_BYTES / (time.perf_counter() - start)


def _request(at: int, each: int) -> bytes:
    return struct.pack(">IBIII", 13, 6, at // each, at % each * BLOCK_BYTES, BLOCK_BYTES)


class _Wire:
    """What comes, message by message; bodies are thrown away."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._found = bytearray(1 << 20)
        self._view = memoryview(self._found)
        self._start = self._end = 0

    def exactly(self, count: int) -> int:
        """Where so many bytes begin, which are here now."""
        if self._start + count > len(self._found):
            rest = bytes(self._view[self._start : self._end])
            self._view[: len(rest)] = rest
            self._start, self._end = 0, len(rest)
        while self._end - self._start < count:
            if not select.select([self._channel], [], [], 30.0)[0]:
                raise RuntimeError("the seeder is silent")
            part = self._channel.recv_into(self._view[self._end :])
            if not part:
                raise RuntimeError("the seeder closed the connection")
            self._end += part
        start, self._start = self._start, self._start + count
        return start

    def message(self) -> int:
        """The kind of the next message; -1 for one without."""
        at = self.exactly(4)
        length = int.from_bytes(self._view[at : at + 4], "big")
        if not length:
            return -1
        at = self.exactly(length)
        return self._found[at]
