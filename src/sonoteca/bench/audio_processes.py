"""Processes of the audio room: two at once beside one, and the memory of one at a recording of hours.

Takes  the bench.   Gives  audio.two_workers_speedup, audio.worker_rss_mb.
"""

import os
from collections.abc import Iterator

from sonoteca.bench.albums import PIECES, album, sounds_of
from sonoteca.bench.audio_decoded import through_room
from sonoteca.bench.figures import Figure, Skipped, busy_s, load, median
from sonoteca.bench.processes import two_cores
from sonoteca.bench.room import Account
from sonoteca.bench.store import Bench

SPEEDUP, MEMORY = "audio.two_workers_speedup", "audio.worker_rss_mb"
LONG = 36  # times bench.sound_s: six hours as it comes
MOST_S = 6 * 3600.0


def workers(bench: Bench) -> Iterator[Figure | Skipped]:
    """The same recordings, one process at a time and two."""
    if (os.cpu_count() or 1) < 2:
        yield Skipped(figure=SPEEDUP, why="this machine has one core")
        return
    album(bench, "many", "flac", 3 * PIECES, bench.sound_s / PIECES / 2)
    files = sounds_of(os.path.join(bench.scratch.root, "many"))
    ratios, others, ceilings = list[float](), list[float](), list[float]()
    for _ in range(bench.runs):
        ceilings.append(two_cores())
        one, foreign_one = _watched(bench, files, 1)
        two, foreign_two = _watched(bench, files, 2)
        ratios.append(one.spent.wall_s / two.spent.wall_s)
        others += [foreign_one, foreign_two]
    bench.scratch.remove("many")
    noise = f"{load()}; other programs used {max(others):.2f} cores at most meanwhile"
    against = (
        f"one process, wall, {len(files)} recordings of FLAC, {two.audio_s:.0f} s; {noise}; two processes of numpy's "
        f"FFTs gained {median(ceilings):.3g} between those runs"
    )
    yield Figure(figure=SPEEDUP, value=median(ratios), unit="ratio", against=against, runs=bench.runs)


def _watched(bench: Bench, files: list[str], jobs: int) -> tuple[Account, float]:
    """The account, and how many cores other programs used meanwhile."""
    before = busy_s()
    account = through_room(bench, files, jobs)
    foreign = (busy_s() - before - account.spent.cpu_s) / account.spent.wall_s
    return account, max(0.0, foreign)


def memory(bench: Bench) -> Iterator[Figure | Skipped]:
    """One recording of hours, and one of minutes to compare."""
    sizes = dict[str, float]()
    long_s = min(MOST_S, LONG * bench.sound_s)
    for name, seconds in (("short", bench.sound_s / 2), ("long", long_s)):
        album(bench, name, "flac", 1, seconds)
        files = sounds_of(os.path.join(bench.scratch.root, name))
        sizes[name] = through_room(bench, files).worker_bytes / 1e6
        bench.scratch.remove(name)
    against = (
        f"the limited process, ru_maxrss, what it shares with the steward included; FLAC of {long_s:.0f} s; "
        f"{sizes['short']:.1f} for {bench.sound_s / 2:.0f} s"
    )
    yield Figure(figure=MEMORY, value=round(sizes["long"], 1), unit="MB", against=against, runs=1)
