"""Bench "web", group "media": what handing out sound costs beside nginx, and how much memory a ZIP takes.

Takes  a scratch folder.   Gives  the figures, one after the other.
Never  lets either server do without what the other one does: both keep connections, write a line a request, and send
       the same file of the same page cache; they are asked in turns.

    web.range_vs_nginx        bytes a second of `sonoteca serve` ÷ those of nginx with sendfile, in ranges of 4 MiB at
                              places drawn by lot, four connections at once (wall time)
    web.range_cpu_vs_nginx    processor time a byte of nginx ÷ that of `sonoteca serve`, in the same rounds: what is
                              left of the comparison when the machine has other work
    web.zip_rss_mb            the most memory of `sonoteca serve`, all of it, after a release came as one ZIP
"""

import os
import random
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from sonoteca import holdings
from sonoteca.bench.albums import album
from sonoteca.bench.figures import Figure, Skipped, median
from sonoteca.bench.processes import resident_bytes, running
from sonoteca.bench.room import publish_all, take_in
from sonoteca.bench.served import Server, cpu_s, free_port, wait_for, website
from sonoteca.bench.store import Bench
from sonoteca.catalogue import read
from sonoteca.catalogue.tables import SCHEMA
from sonoteca.holdings import PublicFile
from sonoteca.ports.database import Database

# What a player takes that asks for all of a listening copy: five or six minutes of it.
RANGE_BYTES = 4 * 1024 * 1024
CONNECTIONS = 4
ROUND_S = 2.0
BLOCK_BYTES = 256 * 1024
NGINX = """worker_processes 1; daemon off; master_process off; pid {0}/pid; error_log {0}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log {0}/access.log; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=100;
  client_body_temp_path {0}/a; proxy_temp_path {0}/b; fastcgi_temp_path {0}/c; uwsgi_temp_path {0}/d;
  scgi_temp_path {0}/e;
  server {{ listen 127.0.0.1:{1}; root {2}; }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round gave: bytes a second, and processor seconds a byte of the server."""

    bytes_s: float
    cpu_s_byte: float


def media(bench: Bench) -> Iterator[Figure | Skipped]:
    """All of them, on one archive."""
    album(bench, "media", "wav", 4, bench.sound_s / 4)
    archive = bench.new_archive("media-archive")
    take_in(archive, os.path.join(bench.scratch.root, "media"))
    publish_all(archive, os.cpu_count() or 1)  # nothing leaves before it has its credits
    files = _originals(archive)
    yield from _zip(bench, archive, files)
    yield from _ranges(bench, archive, files[0])
    bench.scratch.remove("media-archive")
    bench.scratch.remove("media")


def _originals(archive: str) -> list[PublicFile]:
    database = Database(archive, SCHEMA)
    with database.read() as tx:
        found = [holdings.standing(tx, kept.release.id) for kept in read.all_releases(tx)]
    database.close()
    return [file for one in found if one for file in holdings.public_files(one) if file.tier == "original"]


# ── ranges ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ranges(bench: Bench, archive: str, file: PublicFile) -> Iterator[Figure | Skipped]:
    nginx = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if nginx is None:
        for name in ("web.range_vs_nginx", "web.range_cpu_vs_nginx"):
            yield Skipped(figure=name, why="nginx is not here: apt-get install nginx-light")
        return
    with website(archive, f"/file/{file.digest}/x") as ours, _peer(bench, nginx, file) as peer:
        for one in (ours, peer):
            _round(one, file.bytes)  # the page cache is warm for both
        rounds = [(_round(ours, file.bytes), _round(peer, file.bytes)) for _ in range(max(3, bench.runs))]
    version = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr.split("/")[-1].strip()
    speeds = [peer.bytes_s for _, peer in rounds]
    against = f"nginx {version}, sendfile, {median(speeds) / 1e6:.0f} MB/s (median), ranges of 4 MiB, wall time"
    yield Figure(
        figure="web.range_vs_nginx",
        value=median(ours.bytes_s / peer.bytes_s for ours, peer in rounds),
        unit="ratio",
        against=against,
        runs=len(rounds),
    )
    yield Figure(
        figure="web.range_cpu_vs_nginx",
        value=median(peer.cpu_s_byte / ours.cpu_s_byte for ours, peer in rounds),
        unit="ratio",
        against=f"nginx {version}, processor time of the servers in the same rounds",
        runs=len(rounds),
    )


def _round(server: Server, size: int) -> Round:
    """As much as comes in a round."""
    before, started = cpu_s(server.pid), time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        got = sum(pool.map(lambda number: _ask(server, size, number), range(CONNECTIONS)))
    return Round(
        bytes_s=got / (time.perf_counter() - started), cpu_s_byte=max(1e-12, (cpu_s(server.pid) - before) / got)
    )


def _ask(server: Server, size: int, seed: int) -> int:
    """One connection's ranges, one after the other; gives the bytes that came."""
    chance, buffer, got = random.Random(seed), memoryview(bytearray(BLOCK_BYTES)), 0
    until = time.perf_counter() + ROUND_S
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        while time.perf_counter() < until:
            start = chance.randrange(0, max(1, size - RANGE_BYTES))
            head = f"GET {server.path} HTTP/1.1\r\nHost: x\r\nRange: bytes={start}-{start + RANGE_BYTES - 1}\r\n\r\n"
            client.sendall(head.encode())
            got += _take(client, buffer)
    return got


def _take(client: socket.socket, buffer: memoryview) -> int:
    """One answer: its length, when it is a range."""
    head = b""
    while b"\r\n\r\n" not in head:
        count = client.recv_into(buffer)
        if not count:
            raise RuntimeError("the server closed the connection")
        head += bytes(buffer[:count])
    found = re.match(rb"HTTP/1\.1 206 .*?content-length: (\d+)", head, re.DOTALL | re.IGNORECASE)
    if found is None:
        raise RuntimeError(f"not a range: {head[:200]!r}")
    length = int(found[1])
    left = length - len(head.partition(b"\r\n\r\n")[2])
    while left:
        count = client.recv_into(buffer, min(left, BLOCK_BYTES))
        if not count:
            raise RuntimeError("the server closed the connection")
        left -= count
    return length


# ── memory of a ZIP ──────────────────────────────────────────────────────────────────────────────────────────────────


def _zip(bench: Bench, archive: str, files: list[PublicFile]) -> Iterator[Figure]:
    path = f"/zip/{files[0].release.removeprefix('urn:uuid:')}.zip"
    with website(archive, path) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            got = sum(iter(lambda: len(client.recv(BLOCK_BYTES)), 0))
        most = resident_bytes(server.pid)
    if got < sum(file.bytes for file in files):
        raise RuntimeError(f"the ZIP ended after {got} bytes")
    yield Figure(
        figure="web.zip_rss_mb",
        value=round(most / 1e6, 1),
        unit="MB",
        against=f"the whole server; a ZIP of {got / 1e6:.0f} MB",
        runs=1,
    )


# ── the peer ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _peer(bench: Bench, nginx: str, file: PublicFile) -> Iterator[Server]:
    port, folder = free_port(), os.path.join(bench.scratch.root, "nginx")
    original = os.path.join(bench.scratch.root, "media", "Bench - 2001 - Album", file.name)
    bench.scratch.copy(original, "nginx/served/x.wav")
    bench.scratch.write("nginx/nginx.conf", NGINX.format(folder, port, f"{folder}/served").encode())
    with running([nginx, "-p", folder, "-c", f"{folder}/nginx.conf"]) as process:
        wait_for(port, process.poll)
        yield Server(pid=process.pid, port=port, path="/x.wav")
    bench.scratch.remove("nginx")
