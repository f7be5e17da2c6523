"""Room: releases published in this process, with an account of where the processor time went.

Takes  a folder of releases.   Gives  an archive that holds them, unpublished; then an Account of publishing them.

What is counted where:
    total     this process with its threads, the steward and every limited process (getrusage of this process and of
              its children, all of which have ended): planning, starting processes, decoding, sealing, deposit, verdicts
              and rows, volumes, records, ledger, torrents, and every wait that costs time of the processor
    native    by the answers' `cpu_s` (thread time around each piece of work in the limited process, the few lines of
              Python that call it included): decode, encode with the resampling that is part of it, EBU R 128, true
              peak, the MD5 of the samples; and in this process FileMeter.update while what was made is sealed
    the rest  everything else: numpy's floats, waveform and quality checks too
"""

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock
from time import thread_time

from sonoteca.bench.figures import Spent, flush, spend
from sonoteca.formats.pieces import FileMeter
from sonoteca.pipeline import intake, publish, work
from sonoteca.pipeline.archive import coordinator, open_archive
from sonoteca.pipeline.intake import Wish
from sonoteca.pipeline.publish import Published
from sonoteca.pipeline.volumes import Issued
from sonoteca.ports.copying import look
from sonoteca.ports.disk import Meter
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.workshop_processes import ProcessWorkshop

NATIVE = ("decode", "opus", "flac", "loudness", "true-peak", "samples")
HASHING = "hashing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What publishing spent. `named_s` are seconds of processor time by the name of the work; `audio_s` seconds of
    sound decoded; `worker_bytes` the most resident memory of a limited process."""

    spent: Spent
    named_s: Mapping[str, float]
    audio_s: float
    worker_bytes: int

    @property
    def native_s(self) -> float:
        """Codecs, resampling, levels and sums."""
        return sum(self.named_s.get(name, 0.0) for name in (*NATIVE, HASHING))

    @property
    def rest_share(self) -> float:
        """The part of the whole that is none of these."""
        return 1 - self.native_s / self.spent.cpu_s


class TimedDisk(LocalDisk):
    """The disk, with the time that hashing takes while files are sealed."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self._lock = Lock()
        self.hashing_s = 0.0

    def seal(self, path: str, meter: Meter) -> int:
        """See Disk.seal."""
        timed = _Timed(meter)
        count = super().seal(path, timed)
        with self._lock:
            self.hashing_s += timed.seconds
        return count


class _Timed:
    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self.seconds = 0.0

    def update(self, block: memoryview) -> None:
        since = thread_time()
        self._meter.update(block)
        self.seconds += thread_time() - since


def take_in(root: str, folder: str) -> None:
    """The folder's releases are in the archive, free for every channel, and nothing is made of them yet."""
    archive = open_archive(root)
    with coordinator(archive):
        deque(intake.enqueue(archive, Wish(paths=(folder,), trusts_manifest=True)), maxlen=0)
        outcomes = [outcome for _, outcome in work.run(archive, archive.settings.jobs, lambda count, name: None)]
    archive.close()
    if not outcomes or any(one.word != "new" for one in outcomes):
        raise RuntimeError(f"the bench's own recordings were not taken: {outcomes}")


def publish_all(root: str, jobs: int) -> Account:
    """Publishes what waits, in so many processes at once."""
    came: list[Published | Issued] = []
    disk = TimedDisk(root)
    studio = ProcessWorkshop([disk.full_path("store")])
    archive = replace(open_archive(root), disk=disk, studio=studio)

    def deed() -> None:
        with coordinator(archive):
            came.extend(publish.publish(archive, jobs, lambda seconds, name: None))
        archive.close()

    flush()
    spent = spend(deed)
    return _account(came, spent, disk.hashing_s, studio.usage.rss_bytes)


def _account(came: list[Published | Issued], spent: Spent, hashing_s: float, worker_bytes: int) -> Account:
    named, audio_s = {HASHING: hashing_s}, 0.0
    for one in came:
        if isinstance(one, Issued):
            if one.troubles:
                raise RuntimeError(f"the bench's own volumes could not be issued: {one.troubles}")
            continue
        if one.word != "rendered":
            raise RuntimeError(f"the bench's own release was not rendered: {one}")
        audio_s += one.seconds
        for name, seconds in one.cpu_s:
            named[name] = named.get(name, 0.0) + seconds
    return Account(spent=spent, named_s=named, audio_s=audio_s, worker_bytes=worker_bytes)


def hash_files(paths: list[str]) -> Spent:
    """What intake spent on digests and hash layers of these files: one read of each through FileMeter."""

    def deed() -> None:
        for path in paths:
            meter = FileMeter()
            with open(path, "rb", buffering=0) as file:
                look(file, meter)
            meter.finish()

    return spend(deed)


def files_below(folder: str) -> list[str]:
    """Every file's path, sorted."""
    return sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)
