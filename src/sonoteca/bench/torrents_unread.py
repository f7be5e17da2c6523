"""Unread: how much audio is read for torrents that are published, taken back, given out again and made anew.

Takes  the bench.
Gives  torrents.extra_reads_bytes: by strace, what `run`, `withdraw`, `reinstate`, `rebuild`, `volumes lint` and `seed`
       read of masters and copies in the store, once each is there.
Never  trusts a counter of ours (strace.py).
"""

import os
from collections.abc import Iterator

from sonoteca.bench import strace
from sonoteca.bench.albums import PIECES, album
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.leech import lt
from sonoteca.bench.room import take_in
from sonoteca.bench.store import Bench
from sonoteca.bench.traced import traced, traced_seeder
from sonoteca.catalogue import volumes as rows
from sonoteca.pipeline.archive import open_archive

NAME = "torrents.extra_reads_bytes"
PLACE = "unread"


def unread(bench: Bench) -> Iterator[Figure | Skipped]:
    """One release, through everything that issues torrents."""
    if strace.find_strace() is None:
        yield Skipped(figure=NAME, why="not installed: strace")
        return
    album(bench, PLACE, "wav", PIECES, bench.sound_s / 20)
    archive, folder = bench.new_archive("kept"), os.path.join(bench.scratch.root, PLACE)
    take_in(archive, folder)
    reads = {"run": traced(folder, archive, "run", "--json")}
    track = _a_track(archive)
    for words in (("withdraw", track, "--reason", "bench"), ("reinstate", track), ("rebuild",), ("volumes", "lint")):
        reads[words[0]] = traced(folder, archive, *words, "--json")
    if lt:
        reads["seed"] = traced_seeder(folder, archive)
    for used in ("kept", PLACE):
        bench.scratch.remove(used)
    told = ", ".join(f"{name} {one.opened}" for name, one in reads.items())
    decoded = f"{reads['run'].making_bytes} bytes read while copies were made"
    against = f"strace {strace.version()}, files of audio opened: {told}; {decoded}"
    yield Figure(figure=NAME, value=sum(one.bytes for one in reads.values()), unit="bytes", against=against, runs=1)


def _a_track(root: str) -> str:
    """One that is in a volume."""
    archive = open_archive(root)
    with archive.database.read() as tx:
        names = [one.name for one in rows.listed(tx) if one.files]
        found = next(slot.track for slot in rows.slots_of(tx, names[0]))
    archive.close()
    return found
