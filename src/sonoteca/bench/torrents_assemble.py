"""Assembling: torrents over 25,000 files of 4 MB, from stored hashes, of which the audio is not even there.

Takes  the bench.   Gives  torrents.assemble_25k_…, in seconds of processor time (one thread, so wall time on an idle
       machine), and torrents.assemble_vs_rehash.

    assemble_25k_<flavour>_s           names verified, hashes from packs, .torrent in memory; opening the packs included
    assemble_25k_<flavour>_objects_s   the same from the objects: inventories and .pieces files, each against its digest
    assemble_25k_hybrid_volumes_s      what publishing does: also where each file lies, and the seed lists; from packs
    assemble_25k_peak_mb               the most memory of a process of its own, the interpreter in it, from objects and
                                       from packs
    assemble_vs_rehash                 libtorrent's hashing of as many bytes (measured on less, scaled) ÷ hybrid from
                                       packs

25,000 files are five volumes of 5,000: one torrent of 25,000 is beyond what stock clients open (8,000 files, 10 MB),
and limits.py refuses it. What it verifies is in the figures.
"""

import os
import sys
from collections.abc import Iterator
from functools import partial

import numpy as np

from sonoteca.bench.figures import Figure, Skipped, Spent, flush, median, spend
from sonoteca.bench.leech import lt
from sonoteca.bench.processes import peak_bytes
from sonoteca.bench.store import Bench
from sonoteca.bench.torrent_shelf import FILES, TOTAL_BYTES, VOLUMES, build, volumes
from sonoteca.model.files import PIECE_BYTES
from sonoteca.model.torrent import Flavour, Outside, Volume
from sonoteca.pipeline.archive import open_archive
from sonoteca.pipeline.torrents import assembled
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.preserve.packed import PackedHashes, forget
from sonoteca.preserve.shelf import Shelf
from sonoteca.torrents.assemble import assemble

REHASHED_FILES, REHASHED_BYTES = 500, 4_000_000
_ALONE = "import sys; from sonoteca.bench.torrents_assemble import alone; alone(*sys.argv[1:])"


def assembling(bench: Bench) -> Iterator[Figure | Skipped]:
    """From packs, from objects, as publishing does it; then memory, and libtorrent beside it."""
    archive = bench.new_archive("views")
    build(bench.scratch, "views")
    disk = LocalDisk(archive)
    fill(disk)
    told = f"{FILES:,} files of 4 MB in {len(VOLUMES)} volumes, CPU"
    made = {}
    for packed, how in ((True, "packs"), (False, "the objects")):
        for flavour in Flavour:
            deed = partial(_assembled, disk, flavour, packed=packed)
            name = f"assemble_25k_{flavour}_{'s' if packed else 'objects_s'}"
            made[name] = _figure(name, [spend(deed) for _ in range(bench.runs)], f"from {how}; {told}")
            yield made[name]
    spent = [spend(lambda: _published(archive)) for _ in range(bench.runs)]
    yield _figure("assemble_25k_hybrid_volumes_s", spent, f"with places and seed lists; {told}")
    yield from _memory(archive)
    bench.scratch.remove("views")
    yield from _beside_rehash(bench, made["assemble_25k_hybrid_s"].value)


def fill(disk: LocalDisk) -> None:
    """The packs, as the first assembly leaves them."""
    forget(disk)
    for volume in volumes():
        with PackedHashes(disk) as packs:
            shelf = _shelf(disk, volume, None)
            packs.keep([shelf.hashes(one.digest) for one in volume.members])


def _shelf(disk: LocalDisk, volume: Volume, packs: PackedHashes | None) -> Shelf:
    return Shelf(disk, {slot.digest: slot.release for slot in volume.slots}, packs)


def _assembled(disk: LocalDisk, flavour: Flavour, *, packed: bool) -> None:
    for volume in volumes():
        if packed:
            with PackedHashes(disk) as packs:
                hashes = _shelf(disk, volume, packs).hashes
                assemble(volume.name, volume.members, hashes, flavour, Outside())
        else:
            assemble(volume.name, volume.members, _shelf(disk, volume, None).hashes, flavour, Outside())


def _published(root: str) -> None:
    archive = open_archive(root)
    for volume in volumes():
        assembled(archive, volume)
    archive.close()


def alone(root: str, how: str) -> None:
    """For a process of its own: hybrid, from "packs" or "objects"."""
    _assembled(LocalDisk(root), Flavour.HYBRID, packed=how == "packs")


def _figure(name: str, spent: list[Spent], against: str) -> Figure:
    wall = median(one.wall_s for one in spent)
    value = median(one.cpu_s for one in spent)
    against = f"{against} (wall {wall:.2f} s)"
    return Figure(figure=f"torrents.{name}", value=value, unit="s", against=against, runs=len(spent))


def _memory(root: str) -> Iterator[Figure]:
    for how in ("objects", "packs"):
        peak = peak_bytes([sys.executable, "-c", _ALONE, root, how])
        told = f"hybrid from {how}, a process of its own, VmHWM"
        value = round(peak / 1e6, 1)
        yield Figure(figure=f"torrents.assemble_25k_peak_mb_{how}", value=value, unit="MB", against=told, runs=1)


def _beside_rehash(bench: Bench, hybrid_s: float) -> Iterator[Figure | Skipped]:
    name = "torrents.assemble_vs_rehash"
    if not lt:
        yield Skipped(figure=name, why="libtorrent is not installed")
        return
    chance = np.random.default_rng(3)
    for number in range(REHASHED_FILES):
        bench.scratch.write(f"rehashed/{number:04}.opus", chance.bytes(REHASHED_BYTES))
    flush()
    folder = os.path.join(bench.scratch.root, "rehashed")
    spent = spend(lambda: _rehashed(folder)).cpu_s
    bench.scratch.remove("rehashed")
    scaled = spent * TOTAL_BYTES / (REHASHED_FILES * REHASHED_BYTES)
    told = f"libtorrent {lt.__version__}, hybrid, page cache: {spent:.2f} s for 2 GB, {scaled:.0f} s for as much; CPU"
    yield Figure(figure=name, value=median([scaled / hybrid_s]), unit="ratio", against=told, runs=1)


def _rehashed(folder: str) -> None:
    torrent = lt.create_torrent(lt.list_files(folder), PIECE_BYTES, 0)
    lt.set_piece_hashes(torrent, os.path.dirname(folder))
