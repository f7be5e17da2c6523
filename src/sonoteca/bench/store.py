"""Bench "store": what intake, fixity and the catalogue cost beside plain tools, in one run.

Takes  a scratch folder and the corpus.   Gives  the figures, one after the other.
Never  leaves anything in the scratch folder but what was there.

    store.second_add_ratio    add + run of the unchanged corpus, contents read again ÷ the first time (CPU)
    store.add_vs_copy         add + run of large FLAC files ÷ copy + 2 × sha256 + sha1 of the same bytes (CPU)
    store.verify_vs_sha256    raw sha256 of all bytes, all cores ÷ the same bytes verified (wall time, cache warm)
    store.rebuild_releases_s  releases a second, from 1,000 small ones
    store.objects_ms          an object of 10 files deposited with full sync (wall time); beside it ocfl-py without any
    store.scale_ratio         CPU per release while the archive grows from 19,000 to 20,000 ÷ while it grows to 1,000
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata

from sonoteca.bench.figures import Figure, Spent, flush, median, spend, spend_command
from sonoteca.bench.objects import ours_ms, peer_ms
from sonoteca.bench.synthetic import lossless_album, small_releases
from sonoteca.pipeline import intake, work
from sonoteca.pipeline.archive import coordinator, create, open_archive
from sonoteca.pipeline.intake import Wish
from sonoteca.pipeline.rebuild import rebuild
from sonoteca.pipeline.verify import Checks, verify
from sonoteca.ports.bench_folder import BenchFolder

READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where to work, how often to repeat, and how large: `releases` for scale_ratio, `albums` of about 250 MB,
    `sound_s` seconds of sound for what publishes, `torrents` of 4 files and `volumes` of 2,000 for the seeder. `only`
    is one group of figures, "" for all."""

    scratch: BenchFolder
    corpus: str
    runs: int = 3
    releases: int = 20_000
    albums: int = 8
    sound_s: float = 600.0
    torrents: int = 20_000
    volumes: int = 25
    only: str = ""

    def new_archive(self, name: str) -> str:
        """An empty archive without a reserve."""
        root = os.path.join(self.scratch.root, name)
        self.scratch.remove(name)
        create(root)
        self.scratch.write(f"{name}/sonoteca.toml", b"reserve_bytes = 0\n")
        return root


def _figure(name: str, value: float, unit: str, against: str, runs: int) -> Figure:
    return Figure(figure=name, value=value, unit=unit, against=against, runs=runs)


def measure(bench: Bench) -> Iterator[Figure]:
    """All figures of this bench."""
    for name, figures in GROUPS.items():
        if bench.only in ("", name):
            yield from figures(bench)


def add_and_run(root: str, folder: str) -> Spent:
    """What adding a folder and working the queue spends, limited processes included, in this process."""
    flush()

    def both() -> None:
        archive = open_archive(root)
        with coordinator(archive):
            deque(intake.enqueue(archive, Wish(paths=(folder,))), maxlen=0)
            deque(work.run(archive, archive.settings.jobs, lambda count, name: None), maxlen=0)
        archive.close()

    return spend(both)


def second_add_ratio(bench: Bench) -> Iterator[Figure]:
    """The unchanged corpus again."""
    ratios, walls, commands = [], [], []
    for turn in range(bench.runs):
        name = f"again-{turn}"
        archive = bench.new_archive(name)
        first, second = add_and_run(archive, bench.corpus), add_and_run(archive, bench.corpus)
        ratios.append(second.cpu_s / first.cpu_s)
        walls.append(second.wall_s / first.wall_s)
        whole = [spend_command("--archive", archive, *words) for words in (("add", bench.corpus), ("run",))]
        commands.append(sum(one.cpu_s for one in whole))
        bench.scratch.remove(name)
    yield _figure("store.second_add_ratio", median(ratios), "ratio", "the first add and run, CPU", bench.runs)
    yield _figure("store.second_add_wall_ratio", median(walls), "ratio", "the first, wall time", bench.runs)
    yield _figure(
        "store.second_add_commands_s", median(commands), "s", "both commands, their start included", bench.runs
    )


def add_vs_copy(bench: Bench) -> Iterator[Figure]:
    """Large lossless files, and fixity of them."""
    for number in range(bench.albums):
        lossless_album(bench.scratch, f"shelf/Album {number}", tracks=8, seconds=300)
    shelf = os.path.join(bench.scratch.root, "shelf")
    ratios, fixity = [], []
    for _ in range(bench.runs):
        archive = bench.new_archive("kept")
        flush()
        plain = spend(lambda: _copy_and_hash(bench, shelf))
        bench.scratch.remove("copied")
        ratios.append(add_and_run(archive, shelf).cpu_s / plain.cpu_s)
        fixity.append(_verify_share(archive))
    bench.scratch.remove("kept")
    bench.scratch.remove("shelf")
    against = f"copy_file_range + 2 × sha256 + sha1 (hashlib), {bench.albums} albums, CPU"
    yield _figure("store.add_vs_copy", median(ratios), "ratio", against, bench.runs)
    peer = "raw sha256 (hashlib) of the same files, same threads, wall"
    yield _figure("store.verify_vs_sha256", median(fixity), "ratio", peer, bench.runs)


def _copy_and_hash(bench: Bench, folder: str) -> None:
    for path in _files(folder):
        bench.scratch.copy(path, f"copied/{os.path.relpath(path, folder)}")
        _hash(path, hashlib.sha256, hashlib.sha256, hashlib.sha1)


def _files(folder: str) -> list[str]:
    return sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)


def _hash(path: str, *kinds: Callable[[], "hashlib._Hash"]) -> None:
    states = [kind() for kind in kinds]
    buffer = memoryview(bytearray(READ_BYTES))
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            for state in states:
                state.update(buffer[:count])


def _verify_share(root: str) -> float:
    """Raw sha256 time over verify time, the same bytes, cores and cache."""
    paths = _files(os.path.join(root, "store"))
    threads = os.cpu_count() or 1

    def raw() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda path: _hash(path, hashlib.sha256), paths))

    def ours() -> None:
        archive = open_archive(root)
        findings = list(verify(archive, Checks(), lambda count, name: None))
        archive.close()
        if findings:
            raise RuntimeError(f"the bench's own archive is damaged: {findings[:3]}")

    raw()  # The page cache is warm for both.
    return spend(raw).wall_s / spend(ours).wall_s


def objects_ms(bench: Bench) -> Iterator[Figure]:
    """One object of ten files."""
    yield _figure("store.objects_ms", ours_ms(bench.scratch), "ms", "wall time, full sync", 100)
    peer = peer_ms(bench.scratch)
    if peer is not None:
        against = f"ocfl-py {metadata.version('ocfl-py')}, no sync, wall time"
        yield _figure("store.objects_peer_ms", peer, "ms", against, 100)


def rebuild_and_scale(bench: Bench) -> Iterator[Figure]:
    """Thousands of small releases."""
    archive = bench.new_archive("scale")
    folder = os.path.join(bench.scratch.root, "many")
    step = min(1000, bench.releases)
    costs = []
    for first in range(0, bench.releases, step):
        bench.scratch.remove("many")
        small_releases(bench.scratch.below("many"), first, step)
        costs.append(add_and_run(archive, folder).cpu_s / step)
        if first == 0:
            rate = median([step / _rebuilt(archive).wall_s])
            yield _figure("store.rebuild_releases_s", rate, "releases/s", f"{step} small releases, wall", 1)
    early, late = costs[0] * 1000, costs[-1] * 1000
    against = f"CPU a release: {early:.1f} ms in the first {step}, {late:.1f} ms in the last of {bench.releases}"
    yield _figure("store.scale_ratio", median([late / early]), "ratio", against, 1)
    bench.scratch.remove("scale")
    bench.scratch.remove("many")


def _rebuilt(root: str) -> Spent:
    def again() -> None:
        archive = open_archive(root)
        with coordinator(archive):
            rebuild(archive, lambda count: None)
        archive.close()

    return spend(again)


GROUPS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "second-add": second_add_ratio,
    "copy": add_vs_copy,
    "objects": objects_ms,
    "scale": rebuild_and_scale,
}
