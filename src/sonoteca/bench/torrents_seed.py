"""Seeding: tens of thousands of torrents in one seeder, what they cost when nobody asks, and how fast it gives.

Takes  the bench.   Gives  the figures of the seeder, `sonoteca seed` as a process of its own.

    seed_20k_add_s             20,000 torrents of 4 files (80,000 on disk), until all are seeded: CPU of the seeder
    seed_20k_kb_each           anonymous memory for each of them, the seeder's own part in it
    seed_20k_idle_share        processor time of the seeder while nobody asks ÷ wall time
    seed_20k_complete_s        one of them, 16 MB, drawn at random, complete at a peer on this machine (wall)
    seed_2000_kb_per_file      anonymous memory for each file of torrents of 2,000
    seed_vs_libtorrent         2,000 files in as many folders given to one peer ÷ plain libtorrent giving one folder of
                               the same bytes: in turns, wall and caches warm; `…_cold` with caches dropped, where the
                               system lets us; ours loaded with all of the above

80,000 files are right to the last bit and mostly holes (torrents_files.py); those that are timed for their rate are
noise. `torrents` and `volumes` of the bench say how many; the figures name them.
"""

import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sonoteca.bench.figures import Figure, Skipped, load, median
from sonoteca.bench.leech import download, lt
from sonoteca.bench.processes import command, cpu_s, running
from sonoteca.bench.store import Bench
from sonoteca.bench.torrents_files import Made, make, put
from sonoteca.bench.torrents_rates import rates
from sonoteca.pipeline.seeding import ask
from sonoteca.ports.process_memory import memory_bytes

FILES_EACH, FILE_BYTES = 4, 4_000_000
LARGE_FILES = 2000
IDLE_S, RANDOM_ONES = 20.0, 5
DEADLINE_S = 900.0
NAMES = ("seed_20k_add_s", "seed_20k_kb_each", "seed_20k_idle_share", "seed_20k_complete_s", "seed_2000_kb_per_file")
LISTEN = ("seed", "--listen", "127.0.0.1:0", "--json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A seeder before and after torrents came: processor seconds, and memory in bytes."""

    cpu_s: float
    bytes: int


def seeding(bench: Bench) -> Iterator[Figure | Skipped]:
    """Small torrents, then large ones beside them, then the rates with all of that loaded."""
    if lt is None:
        yield from (Skipped(figure=f"torrents.{name}", why="libtorrent is not installed") for name in NAMES)
        return
    root = bench.new_archive("seeding")
    small = [_put(bench, f"small-{number:05}", FILES_EACH) for number in range(bench.torrents)]
    with running(command(root, *LISTEN)) as process:
        wait_settled(root, len(small))
        yield from _small(bench, root, process.pid, small)
        yield from _large(bench, root, process.pid, len(small))
        yield from rates(bench, root)
    bench.scratch.remove("seeding")


def _put(bench: Bench, name: str, files: int) -> Made:
    made = make(name, files, FILE_BYTES)
    put(bench.scratch, "seeding", made)
    return made


def wait_settled(root: str, torrents: int) -> None:
    """Until a seeder has all of them; RuntimeError when it does not in time."""
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        told = ask(root, "sync", about="brief")
        if told is not None and told["seeding"] >= torrents:
            return
        time.sleep(0.1)
    raise RuntimeError(f"the seeder does not serve {torrents} torrents after {DEADLINE_S:g} s")


def _small(bench: Bench, root: str, pid: int, small: Sequence[Made]) -> Iterator[Figure]:
    told = f"{len(small):,} torrents of {FILES_EACH} files of 4 MB, sonoteca seed"
    empty = _empty(bench)
    grown = Grown(cpu_s=cpu_s(pid) - empty.cpu_s, bytes=memory_bytes(pid) - empty.bytes)
    yield _figure("seed_20k_add_s", grown.cpu_s, "s", f"{told}; CPU, seed lists read and sizes looked at")
    yield _figure("seed_20k_kb_each", grown.bytes / 1000 / len(small), "KB", f"{told}; RssAnon without an empty one's")
    before, start = cpu_s(pid), time.perf_counter()
    time.sleep(IDLE_S)
    share = (cpu_s(pid) - before) / (time.perf_counter() - start)
    yield _figure("seed_20k_idle_share", share, "ratio", f"{told}; CPU over {IDLE_S:g} s")
    chosen = random.Random(1).sample(list(small), min(RANDOM_ONES, len(small)))
    address = str((ask(root, "status", about="brief") or {})["addresses"][0])
    spent = [_fetch_s(bench, root, one, address) for one in chosen]
    against = f"{told}; wall, the middle of {len(spent)}; {load()}"
    yield _figure("seed_20k_complete_s", median(spent), "s", against, len(spent))


def _fetch_s(bench: Bench, root: str, one: Made, address: str) -> float:
    """A new libtorrent client that hashes and writes what comes, its own start in it."""
    start = time.perf_counter()
    download([os.path.join(root, one.seed.torrent)], address, os.path.join(bench.scratch.root, "got"))
    spent = time.perf_counter() - start
    bench.scratch.remove("got")
    return spent


def _empty(bench: Bench) -> Grown:
    """A seeder with nothing to seed."""
    root = bench.new_archive("nothing")
    bench.scratch.write("nothing/torrents/.keep", b"")
    with running(command(root, *LISTEN)) as process:
        wait_settled(root, 0)
        found = Grown(cpu_s=cpu_s(process.pid), bytes=memory_bytes(process.pid))
    bench.scratch.remove("nothing")
    return found


def _large(bench: Bench, root: str, pid: int, already: int) -> Iterator[Figure]:
    before = memory_bytes(pid)
    for number in range(bench.volumes):
        _put(bench, f"large-{number:04}", LARGE_FILES)
    wait_settled(root, already + bench.volumes)
    each = (memory_bytes(pid) - before) / bench.volumes / LARGE_FILES
    told = f"{bench.volumes} torrents of {LARGE_FILES:,} files of 4 MB beside them; RssAnon"
    yield _figure("seed_2000_kb_per_file", each / 1000, "KB", told)


def _figure(name: str, value: float, unit: str, against: str, runs: int = 1) -> Figure:
    return Figure(figure=f"torrents.{name}", value=float(f"{value:.4g}"), unit=unit, against=against, runs=runs)
