"""Index: a million recordings that nobody recorded, and how fast one of them is found among them.

    audio.index_1m_p99_ms         99 of 100 questions are answered within, warm (wall): half of them whole recordings of
                                  3.5 minutes, half excerpts of 15 seconds with their neighbours (what `identify` asks)
    audio.index_1m_p99_cpu_ms     the same in CPU, for a machine that does other work
    audio.index_1m_found          share of the questions whose recording is among the candidates that would be compared
    audio.index_1m_disk_mb        segments on disk
    audio.index_1m_anonymous_mb   memory that is not the page cache's, what building and asking left of it
    audio.index_1m_build_s        recordings a second that are added in thousands (CPU): making them up, choosing their
                                  codes and merging included
    audio.index_86m_disk_gb       the same for 86 million: it grows by the recording

Recordings are RECORDING sub-fingerprints of chance; so that codes are shared as often as in real music (of 3,741 pairs
of the corpus' longer recordings 6 share one without being alike), HOT_SHARE of them come from a pool of HOT. Excerpts
have one sub-fingerprint in three changed by one bit, as transcodes out of step with the frames have.
"""

import os
import statistics
import time
from collections.abc import Iterator

import numpy

from sonoteca.bench.figures import Figure, Skipped, load, spend
from sonoteca.bench.store import Bench
from sonoteca.catalogue.sameness import DENSITY, MIN_SPAN, codes_of, mixed
from sonoteca.formats.fingerprint import Raw
from sonoteca.ports.sameness_index import Entry, SegmentIndex

MILLION = 1_000_000
RECORDING = 1_697  # sub-fingerprints of 3.5 minutes
BATCH = 1_000
HOT, HOT_SHARE = 32_768, 0.08
QUESTIONS = 1_000
COMPARED = 100
ALL_MUSIC = 86


def index(bench: Bench) -> Iterator[Figure | Skipped]:
    """The figures of this group. `bench.releases` below the usual number makes a smaller one, for tests."""
    count = MILLION if bench.releases >= 20_000 else bench.releases
    made = SegmentIndex(os.path.join(bench.scratch.root, "index-1m"))
    before = anonymous_bytes()
    spent = spend(lambda: _build(made, count))
    yield _figure("build_s", count / spent.cpu_s, "1/s", f"{count} recordings, {made.words} postings, merged", 1)
    size = made.bytes
    yield _figure("disk_mb", size / 1e6, "MB", f"density 1/{DENSITY}, 8 bytes a posting, {count} recordings", 1)
    yield Figure(
        figure="audio.index_86m_disk_gb",
        value=round(size / count * ALL_MUSIC / 1000, 1),
        unit="GB",
        against="extrapolated: 86 million of the same",
        runs=1,
    )
    yield from _asked(made, count)
    now = anonymous_bytes()
    against = f"RssAnon after building and asking, less what it was before; all of the process {now / 1e6:.0f} MB"
    yield _figure("anonymous_mb", max(0, now - before) / 1e6, "MB", against, 1)
    bench.scratch.remove("index-1m")


def _asked(made: SegmentIndex, count: int) -> Iterator[Figure]:
    random = numpy.random.default_rng(1)
    keys = [int(key) for key in random.integers(0, count, QUESTIONS)]
    questions = [_question(key, is_part=bool(number % 2)) for number, key in enumerate(keys)]
    for codes in questions:
        made.find(codes, COMPARED)
    took, worked, hits = list[float](), list[float](), 0
    for key, codes in zip(keys, questions, strict=True):
        since, cpu = time.perf_counter(), time.thread_time()
        found = made.find(codes, COMPARED)
        worked.append(1000 * (time.thread_time() - cpu))
        took.append(1000 * (time.perf_counter() - since))
        hits += any(one == key for one, _ in found)
    for name, each, why in (("p99_ms", took, load()), ("p99_cpu_ms", worked, "CPU of the thread")):
        each.sort()
        what = f"half whole, half of 15 s with neighbours; median {statistics.median(each):.2f} ms; {why}"
        yield _figure(name, each[int(0.99 * len(each))], "ms", what, QUESTIONS)
    yield _figure("found", hits / QUESTIONS, "share", f"among the {COMPARED} likeliest", QUESTIONS)


def _build(made: SegmentIndex, count: int) -> None:
    for start in range(0, count, BATCH):
        recordings = _recordings(start)[: count - start]
        chosen = mixed(recordings) % DENSITY == 0
        made.add(
            [
                Entry(start + at, numpy.unique(one[mine]))
                for at, (one, mine) in enumerate(zip(recordings, chosen, strict=True))
            ]
        )
    made.merge()


def _recordings(start: int) -> Raw:
    """(BATCH, RECORDING): the sub-fingerprints of the recordings from this one on."""
    random = numpy.random.Generator(numpy.random.PCG64(start))
    raw = random.integers(0, 2**32, (BATCH, RECORDING), dtype=numpy.uint32)
    hot = random.random(raw.shape, dtype=numpy.float32) < HOT_SHARE
    raw[hot] = mixed(raw[hot] % HOT)
    return raw


def _question(key: int, *, is_part: bool) -> Raw:
    random = numpy.random.default_rng(key)
    start = int(random.integers(0, RECORDING - MIN_SPAN)) if is_part else 0
    recording = _recordings(key - key % BATCH)[key % BATCH]
    heard = recording[start : start + (MIN_SPAN if is_part else RECORDING)].copy()
    other = random.random(len(heard)) < 2 / 3
    heard[other] ^= numpy.uint32(1) << random.integers(0, 32, int(other.sum()), dtype=numpy.uint32)
    return codes_of(heard, widely=is_part)


def anonymous_bytes() -> int:
    """Memory of this process that no file stands behind (proc(5): RssAnon)."""
    with open("/proc/self/status", encoding="ascii") as file:
        said = next((line for line in file if line.startswith("RssAnon:")), "RssAnon: 0 kB")
    return int(said.split()[1]) * 1024


def _figure(name: str, value: float, unit: str, against: str, runs: int) -> Figure:
    return Figure(figure=f"audio.index_1m_{name}", value=float(f"{value:.4g}"), unit=unit, against=against, runs=runs)
