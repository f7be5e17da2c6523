"""Watched: publishing and seeding with an eye on what is read, how long it takes in two processes, and on memory.

Takes  the bench.   Gives  publish.extra_reads_bytes, the figures in wall time, publish.peak_rss_mb_….
"""

import os
from collections.abc import Iterator

from sonoteca.bench import strace
from sonoteca.bench.albums import PIECES, album
from sonoteca.bench.figures import Figure, Skipped, busy_s, load, median
from sonoteca.bench.leech import download, lt
from sonoteca.bench.processes import command, peak_bytes, resident_bytes, running, two_cores, wait_for_seeder
from sonoteca.bench.room import Account, publish_all, take_in
from sonoteca.bench.store import Bench
from sonoteca.bench.traced import traced, traced_seeder

SPEEDUP, WALL = "publish.two_workers_speedup", "publish.wall_per_audio_hour_s"
CEILING = "publish.two_cores_speedup"


def extra_reads(bench: Bench) -> Iterator[Figure | Skipped]:
    """`sonoteca run` publishes and `sonoteca seed` loads under strace."""
    name = "publish.extra_reads_bytes"
    if strace.find_strace() is None:
        yield Skipped(figure=name, why="not installed: strace")
        return
    album(bench, "traced", "wav", PIECES, bench.sound_s / 20)
    archive, folder = bench.new_archive("kept"), os.path.join(bench.scratch.root, "traced")
    take_in(archive, folder)
    published = traced(folder, archive, "run", "--json")
    loaded = traced_seeder(folder, archive) if lt else strace.Reads()
    for used in ("kept", "traced"):
        bench.scratch.remove(used)
    against = (
        f"strace {strace.version()}: run opened {published.opened} files, read {published.bytes} bytes after deposit "
        f"({published.making_bytes} while making, masters decoded); seed opened {loaded.opened}, read {loaded.bytes}"
        f"{'' if lt else ' (not run: no libtorrent)'}"
    )
    yield Figure(figure=name, value=published.bytes + loaded.bytes, unit="bytes", against=against, runs=1)


# ── two at once ───────────────────────────────────────────────────────────────────────────────────────────────────────


def workers(bench: Bench) -> Iterator[Figure | Skipped]:
    """The same recordings, one process at a time and two."""
    cores = os.cpu_count() or 1
    if cores < 2:
        yield Skipped(figure=SPEEDUP, why="this machine has one core")
        return
    album(bench, "many", "flac", 3 * PIECES, bench.sound_s / PIECES / 2)
    ratios, hours, others, ceilings = list[float](), list[float](), list[float](), list[float]()
    for _ in range(bench.runs):
        ceilings.append(two_cores())
        one, foreign_one = _published(bench, "many", 1)
        two, foreign_two = _published(bench, "many", 2)
        ratios.append(one.spent.wall_s / two.spent.wall_s)
        hours.append(two.spent.wall_s / two.audio_s * 3600)
        others += [foreign_one, foreign_two]
    bench.scratch.remove("many")
    noise = f"{load()}; other programs used {max(others):.2f} cores at most meanwhile"
    against = f"--jobs 1, wall, {3 * PIECES} recordings of FLAC, {two.audio_s:.0f} s; {noise}"
    yield Figure(figure=SPEEDUP, value=median(ratios), unit="ratio", against=against, runs=bench.runs)
    against = "two processes of numpy's FFTs, one after the other ÷ at once, wall, taken between those runs"
    yield Figure(figure=CEILING, value=median(ceilings), unit="ratio", against=against, runs=bench.runs)
    yield Figure(figure=WALL, value=median(hours), unit="s", against=f"two processes; {noise}", runs=bench.runs)


def _published(bench: Bench, folder: str, jobs: int) -> tuple[Account, float]:
    """The account, and how many cores other programs used meanwhile."""
    archive = bench.new_archive("room")
    take_in(archive, os.path.join(bench.scratch.root, folder))
    before = busy_s()
    account = publish_all(archive, jobs)
    foreign = (busy_s() - before - account.spent.cpu_s) / account.spent.wall_s
    bench.scratch.remove("room")
    return account, max(0.0, foreign)


# ── memory ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def memory(bench: Bench) -> Iterator[Figure | Skipped]:
    """The coordinator and the seeder as programs of their own; the limited processes as they were reaped."""
    seconds = 2 * bench.sound_s
    album(bench, "long", "wav", 1, seconds)
    archive = bench.new_archive("kept")
    take_in(archive, os.path.join(bench.scratch.root, "long"))
    worker = _published(bench, "long", 1)[0].worker_bytes
    coordinator = peak_bytes(command(archive, "run", "--jobs", "1"))
    told = [
        ("coordinator", coordinator, "sonoteca run --jobs 1, its own process, VmHWM"),
        ("worker", worker, "the limited process that decodes, ru_maxrss, pages shared with the steward included"),
        *(_seeder(bench, archive) if lt else ()),
    ]
    bench.scratch.remove("kept")
    bench.scratch.remove("long")
    for name, size, how in told:
        against = f"{how}; a recording of {seconds:.0f} s"
        figure = f"publish.peak_rss_mb_{name}"
        yield Figure(figure=figure, value=round(size / 1e6, 1), unit="MB", against=against, runs=1)
    if not lt:
        yield Skipped(figure="publish.peak_rss_mb_seeder", why="libtorrent is not installed")


def _seeder(bench: Bench, archive: str) -> Iterator[tuple[str, int, str]]:
    """A seeder at rest, and after a client has downloaded everything; (name, bytes, how)."""
    folder = os.path.join(archive, "torrents")
    torrents = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".torrent")]
    with running(command(archive, "seed", "--listen", "127.0.0.1:0")):
        told = wait_for_seeder(archive, len(torrents))
        at_rest, pages = resident_bytes(told["pid"]), "pages of mapped files included"
        yield "seeder", at_rest, "sonoteca seed with every volume loaded and nobody downloading, VmHWM"
        came = download(torrents, told["addresses"][0], os.path.join(bench.scratch.root, "downloaded"))
        how = f"the same after a client has downloaded all {came / 1e6:.0f} MB, {pages}"
        yield "seeder_serving", resident_bytes(told["pid"]), how
    bench.scratch.remove("downloaded")
