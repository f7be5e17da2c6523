"""Hashing: all hashes of a file in one pass, beside what the processor can do, and beside other makers of torrents.

Takes  the bench.   Gives  torrents.hash_…: processor time of the other ÷ ours, the same bytes in the same run; above 1
       ours is cheaper. The same in MB/s of processor time.

    hash_vs_limit             2 × sha256 + sha1 of the bytes in memory, nothing else ÷ FileMeter (whole file, leaves,
                              pieces, trees) over the same memory
    hash_vs_…                 the other's whole work on a folder of files ÷ reading it through LayerMeter (v1 and v2)

Files are read from the page cache by everybody; starting a program is counted where the maker is one.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sonoteca.bench.figures import Figure, Skipped, flush, median, spend
from sonoteca.bench.leech import lt
from sonoteca.bench.store import Bench
from sonoteca.formats.pieces import FileMeter, LayerMeter
from sonoteca.model.files import PIECE_BYTES
from sonoteca.model.ids import Digest
from sonoteca.ports.copying import BLOCK_BYTES, look

FILES, FILE_BYTES = 128, 4_000_000
FOLDER = "hashed"
Deed = Callable[[str], object]


def hashing(bench: Bench) -> Iterator[Figure | Skipped]:
    """The limit first, then the makers."""
    yield from _beside_limit(bench.runs)
    chance = np.random.default_rng(1)
    for number in range(FILES):
        bench.scratch.write(f"{FOLDER}/{number:03}.opus", chance.bytes(FILE_BYTES))
    bench.scratch.write(f"{FOLDER}-made/place", b"")  # where mktorrent writes
    flush()
    folder = os.path.join(bench.scratch.root, FOLDER)
    yield _rate("hash_layers_mb_s", [_cpu_s(_ours, folder) for _ in range(bench.runs)], "LayerMeter alone, v1 and v2")
    for name, (what, deed, why) in _makers().items():
        if why:
            yield Skipped(figure=f"torrents.{name}", why=why)
        else:
            deed(folder)  # what it imports is not counted
            yield from _beside_maker(bench.runs, folder, (name, what), deed)
    bench.scratch.remove(FOLDER)
    bench.scratch.remove(f"{FOLDER}-made")


def _cpu_s(deed: Deed, folder: str) -> float:
    return spend(lambda: deed(folder)).cpu_s


def _rate(name: str, seconds: list[float], against: str) -> Figure:
    rate = median(FILES * FILE_BYTES / 1e6 / one for one in seconds)
    told = f"{against}; CPU, {FILES} files of {FILE_BYTES / 1e6:g} MB"
    return Figure(figure=f"torrents.{name}", value=rate, unit="MB/s", against=told, runs=len(seconds))


# ── what the processor can do ────────────────────────────────────────────────────────────────────────────────────────


def _beside_limit(runs: int) -> Iterator[Figure]:
    file = memoryview(np.random.default_rng(2).bytes(FILE_BYTES))
    limits, ours = list[float](), list[float]()
    for _ in range(runs):
        limits.append(_times_s(_plain, file))
        ours.append(_times_s(_metered, file))
    ratio = median(limit / own for limit, own in zip(limits, ours, strict=True))
    against = f"2 × sha256 + sha1 of the same memory (hashlib), CPU, {FILES} files of {FILE_BYTES / 1e6:g} MB"
    yield Figure(figure="torrents.hash_vs_limit", value=ratio, unit="ratio", against=against, runs=runs)
    yield _rate("hash_limit_mb_s", limits, "that limit alone")
    yield _rate("hash_mb_s", ours, "FileMeter alone: digest of the whole, v1 and v2")


def _times_s(deed: Callable[[memoryview], None], file: memoryview) -> float:
    def often() -> None:
        for _ in range(FILES):
            deed(file)

    return spend(often).cpu_s


def _plain(file: memoryview) -> None:
    hashlib.sha256(file).digest()
    hashlib.sha256(file).digest()
    hashlib.sha1(file, usedforsecurity=False).digest()


def _metered(file: memoryview) -> None:
    meter = FileMeter()
    for start in range(0, len(file), BLOCK_BYTES):
        meter.update(file[start : start + BLOCK_BYTES])
    meter.finish()


# ── other makers ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _beside_maker(runs: int, folder: str, words: tuple[str, str], deed: Deed) -> Iterator[Figure]:
    name, what = words
    theirs, ours = list[float](), list[float]()
    for _ in range(runs):
        theirs.append(_cpu_s(deed, folder))
        ours.append(_cpu_s(_ours, folder))
    ratio = median(their / own for their, own in zip(theirs, ours, strict=True))
    against = f"{what} ÷ v1 and v2 by LayerMeter, files read, CPU"
    yield Figure(figure=f"torrents.{name}", value=ratio, unit="ratio", against=against, runs=runs)
    yield _rate(name.replace("hash_vs_", "hash_mb_s_"), theirs, f"{what} alone")


def _ours(folder: str) -> None:
    for name in sorted(os.listdir(folder)):
        meter = LayerMeter()
        with open(os.path.join(folder, name), "rb", buffering=0) as file:
            look(file, meter)
        meter.finish(Digest(""))


def _makers() -> dict[str, tuple[str, Deed, str]]:
    """By figure: the maker with its version, what it does, and why it cannot."""
    mktorrent = shutil.which("mktorrent")
    return {
        "hash_vs_libtorrent_hybrid": (
            f"libtorrent {_version('libtorrent')}, hybrid",
            _libtorrent,
            _lacking("libtorrent"),
        ),
        "hash_vs_torrent_models_hybrid": (
            f"torrent-models {_version('torrent-models')}, hybrid, one process",
            _torrent_models,
            _lacking("torrent_models"),
        ),
        "hash_vs_mktorrent_v1": (
            f"mktorrent {_mktorrent_version() if mktorrent else ''}, v1 only, one thread",
            _mktorrent,
            "" if mktorrent else "not installed: mktorrent",
        ),
        "hash_vs_torf_v1": (f"torf {_version('torf')}, v1 only, one thread", _torf, _lacking("torf")),
    }


def _lacking(module: str) -> str:
    return "" if find_spec(module) else f"not installed: {module}"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _mktorrent_version() -> str:
    told = subprocess.run(["mktorrent", "-h"], check=False, capture_output=True, text=True)
    found = re.search(r"mktorrent ([\w.]+)", told.stdout + told.stderr)
    return found[1] if found else "?"


def _libtorrent(folder: str) -> None:
    torrent = lt.create_torrent(lt.list_files(folder), PIECE_BYTES, 0)
    lt.set_piece_hashes(torrent, os.path.dirname(folder))


def _torrent_models(folder: str) -> None:
    paths = [Path(name) for name in sorted(os.listdir(folder))]
    # A judge of the tests: an installed archive does not have it, and it brings half a second of imports.
    maker = import_module("torrent_models").TorrentCreate
    maker(path_root=Path(folder), paths=paths, piece_length=PIECE_BYTES).generate("hybrid")


def _mktorrent(folder: str) -> None:
    made = f"{folder}-made/{len(os.listdir(f'{folder}-made'))}.torrent"  # it writes over none
    command = ["mktorrent", "-l", str(PIECE_BYTES.bit_length() - 1), "-t", "1", "-o", made, folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _torf(folder: str) -> None:
    import_module("torf").Torrent(path=folder, piece_size=PIECE_BYTES).generate(threads=1)
