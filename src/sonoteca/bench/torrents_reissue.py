"""Re-issue: one file leaves a volume of 2,000 that is being seeded, and its successor takes over.

Takes  the bench.   Gives  torrents.reissue_…_ms, wall time from the decision on, seeder and disk included.

    reissue_stop_ms   until no peer is given anything of the former torrent, as the seeder answers
    reissue_feed_ms   until record, ledger entry, rows, .torrent and seed list are durable: the feeds read the rows
    reissue_seed_ms   until the successor is seeded

The files are 4 MB each and right (torrents_files.py), the object store is as deposit leaves it, the seeder is
`sonoteca seed`. What comes before (judging the release again) is not in it: pipeline/volumes.issue is.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import replace

from sonoteca.bench.figures import Figure, Skipped, load, median
from sonoteca.bench.leech import lt
from sonoteca.bench.processes import command, running, wait_for_seeder
from sonoteca.bench.store import Bench
from sonoteca.bench.torrents_store import FILES, NAME, build, volume
from sonoteca.model.torrent import Volume
from sonoteca.pipeline.archive import Archive, open_archive
from sonoteca.pipeline.torrents import load_volume
from sonoteca.pipeline.volumes import PUBLISHED, SEEDED, STOPPED, issue

STEPS = {"reissue_stop_ms": STOPPED, "reissue_feed_ms": PUBLISHED, "reissue_seed_ms": SEEDED}
LISTEN = ("seed", "--listen", "127.0.0.1:0", "--json")


def reissuing(bench: Bench) -> Iterator[Figure | Skipped]:
    """A file leaves, as often as the bench repeats; the middle of each step."""
    if lt is None:
        yield from (Skipped(figure=f"torrents.{name}", why="libtorrent is not installed") for name in STEPS)
        return
    root = bench.new_archive("reissue")
    build(bench.scratch, "reissue")
    archive = open_archive(root)
    try:
        issue(archive, [(None, volume())])
        with running(command(root, *LISTEN)):
            wait_for_seeder(root, 1)
            seen = [_reissued(archive, number) for number in range(max(3, bench.runs))]
    finally:
        archive.close()
    bench.scratch.remove("reissue")
    against = f"one file out of {FILES:,}, wall, sonoteca seed running; {load()}"
    for name, step in STEPS.items():
        value = median([times[step] * 1000 for times in seen])
        yield Figure(figure=f"torrents.{name}", value=value, unit="ms", against=against, runs=len(seen))


def _reissued(archive: Archive, number: int) -> dict[str, float]:
    before = load_volume(archive, NAME)
    if before is None:
        raise RuntimeError("the volume is not in the records")
    os.sync()
    times, start = dict[str, float](), time.perf_counter()
    issue(archive, [(before, _without(before, 7 + 13 * number))], lambda step: times.update({step: _since(start)}))
    return times


def _since(start: float) -> float:
    return time.perf_counter() - start


def _without(before: Volume, number: int) -> Volume:
    slots = list(before.slots)
    slots[number] = replace(slots[number], present=False)
    return replace(before, slots=tuple(slots))
