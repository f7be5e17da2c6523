"""Work: the queue, folder by folder, until it is empty or space runs out.

Takes  the archive, how many folders to take at once.   Gives  an Outcome for each job, as it ends.
Order  jobs are taken (read, copied, looked at) side by side in threads, and settled one after the other here,
       in queue order:
       one coordinator writes store, catalogue and ledger.
Never  lets one bad folder stop the rest: what goes wrong with one becomes its outcome; a full disk or a lost
       catalogue stops the run.
"""

import os
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event

from sqlalchemy import Connection

from sonoteca.acquire.reading import Known, Request, survey
from sonoteca.acquire.take import Taken, take
from sonoteca.catalogue import queue, read
from sonoteca.catalogue.queue import Job
from sonoteca.formats import json, plain
from sonoteca.model.errors import Conflict, SonotecaError, Uncertain, Unreachable
from sonoteca.model.lifecycle import JobState
from sonoteca.model.source import FolderPlan
from sonoteca.pipeline import facts
from sonoteca.pipeline.archive import Archive, verify_room
from sonoteca.pipeline.describe import settle_debts
from sonoteca.pipeline.expire import expire_permissions, expire_refused
from sonoteca.pipeline.move import close, move
from sonoteca.pipeline.recover import end_job, recover
from sonoteca.pipeline.settle import Outcome, settle, staging_of

Listing = Mapping[str, tuple[str, int]]
Progress = Callable[[int, str], None]
MAX_ATTEMPTS = 3  # what failed is tried again by the next run, so often; adding it again starts anew
DEBTS_EVERY = 64  # releases: what the verdicts of others owe the ledger, that were judged again because of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a thread gave back for one job: `taken` is None when nothing changed since it was taken last."""

    taken: Taken | None


@dataclass(slots=True, kw_only=True)
class _Crew:
    """The threads of one run, and the jobs that they are ahead with. `stopping` ends them between two files."""

    archive: Archive
    threads: ThreadPoolExecutor
    width: int
    progress: Progress
    ahead: deque[tuple[Job, Future[Prepared]]] = field(default_factory=deque)
    stopping: Event = field(default_factory=Event)

    def note(self, count: int, name: str) -> None:
        """Called in threads after each file."""
        if self.stopping.is_set():
            raise Conflict("stopped", "the run was stopped", where=name, cure="sonoteca run goes on")
        self.progress(count, name)


def run(archive: Archive, jobs: int, progress: Progress) -> Generator[tuple[Job, Outcome], None, None]:
    """Works the queue. Everything already done stays done however this ends; what was not finished waits again."""
    recover(archive)
    with archive.database.write() as tx:
        queue.retry_failed(tx, MAX_ATTEMPTS)
    expire_refused(archive)
    expire_permissions(archive)
    width = jobs or os.cpu_count() or 1
    with ThreadPoolExecutor(max_workers=width) as threads:
        crew = _Crew(archive=archive, threads=threads, width=width, progress=progress)
        try:
            yield from _rounds(crew)
        finally:
            crew.stopping.set()
            for _, future in crew.ahead:
                future.cancel()
    settle_debts(archive)


def _rounds(crew: _Crew) -> Iterator[tuple[Job, Outcome]]:
    done = 0
    while True:
        with crew.archive.database.write() as tx:
            claimed = queue.claim(tx, crew.width + 1 - len(crew.ahead))
            listings = [listing_of(tx, job) for job in claimed]
        for job, held in zip(claimed, listings, strict=True):
            crew.ahead.append((job, crew.threads.submit(_prepare, crew.archive, job, held, crew.note)))
        if not crew.ahead:
            return
        job, future = crew.ahead.popleft()
        yield job, _end(crew.archive, job, future)
        done += 1
        if done % DEBTS_EVERY == 0:
            settle_debts(crew.archive)


def waiting_bytes(archive: Archive) -> int:
    """How much the queue holds."""
    with archive.database.read() as tx:
        return queue.waiting_bytes(tx)


def listing_of(tx: Connection, job: Job) -> tuple[str, Listing]:
    """The release made of this source ("" if none), and every file that was read there, from the catalogue."""
    held = read.by_source_key(tx, job.source_key)
    if held is None:
        return "", {}
    return held.release or "", {original: told for original, told in held.listing.items() if told[0]}


def known_of(archive: Archive, release: str) -> Known:
    """What the object of a release holds, so that nothing of it is copied or looked into again."""
    if not release:
        return Known()
    loaded = facts.load_facts(archive.disk, release)
    reports = {
        str(one.digest): loaded.reports[one.path] for one in loaded.release.masters if one.path in loaded.reports
    }
    digests = frozenset(file.digest for file in loaded.source.files if file.path)
    return Known(release_id=loaded.release.id, reports=reports, digests=digests)


def request_of(archive: Archive, job: Job, known: Known, progress: Progress) -> Request:
    """The request that acquire works from."""
    plan = plain.from_plain(FolderPlan, json.parse(job.plan.encode()))
    return Request(
        root=job.root,
        plan=plan,
        source_key=job.source_key,
        collection=job.collection,
        staging=staging_of(job),
        now=archive.clock.now(),
        limits=archive.limits,
        known=known,
        progress=lambda count: progress(count, job.name),
    )


def _prepare(archive: Archive, job: Job, held: tuple[str, Listing], progress: Progress) -> Prepared:
    release, listing = held
    request = request_of(archive, job, Known(), progress)
    if listing:
        surveyed = survey(request, archive.source)
        if surveyed == listing:
            return Prepared(taken=None)
        request = replace(request, known=replace(known_of(archive, release), surveyed=surveyed))
    verify_room(archive, request.plan.bytes)
    return Prepared(taken=take(request, archive.intake_doors))


def _end(archive: Archive, job: Job, future: Future[Prepared]) -> Outcome:
    """Settles what a thread prepared. What went wrong with one folder is its own outcome; no room ends the run."""
    outcome = _settled(archive, job, future)
    if job.moves:
        move(archive, job.id)
    return outcome


def _settled(archive: Archive, job: Job, future: Future[Prepared]) -> Outcome:
    mistake = future.exception()
    if mistake is not None:
        return _give_up(archive, job, blame(mistake))
    try:
        return _settle(archive, job, future.result().taken)
    except SonotecaError as error:
        if not end_job(archive, job.id):
            return _give_up(archive, job, error)
        archive.disk.remove_tree(staging_of(job))
        return Outcome(word="recovered", detail=str(error))


def blame(mistake: BaseException) -> SonotecaError:
    """The error as the house tells it; what is no error of the house is our own mistake, and one folder's alone."""
    if isinstance(mistake, SonotecaError):
        return mistake
    if not isinstance(mistake, Exception):
        raise mistake
    place = traceback.extract_tb(mistake.__traceback__)[-1]
    where = f"{place.name}, line {place.lineno}"
    return Uncertain("mistake", f"{type(mistake).__name__}: {mistake}", where=where, cure="report it with these lines")


def _give_up(archive: Archive, job: Job, error: SonotecaError) -> Outcome:
    if isinstance(error, Unreachable) and error.code in ("space", "disk-full"):
        _requeue(archive, job)
        raise error
    return _fail(archive, job, error)


def _settle(archive: Archive, job: Job, taken: Taken | None) -> Outcome:
    if taken is None:
        return _finish(archive, job, Outcome(word="unchanged"))
    if taken.release is not None:
        with archive.database.read() as tx:
            mine = read.by_source_key(tx, job.source_key)
            other = read.find_by_digests(tx, {master.digest for master in taken.release.masters})
        # A release that lost a file stays itself, though another release has just what is left.
        if other is not None and (mine is None or mine.release is None) and other != taken.release.id:
            archive.disk.remove_tree(staging_of(job))
            return _finish(
                archive, job, Outcome(word="known", detail="the same recordings are here already", release=other)
            )
    return settle(archive, job, taken)


def _finish(archive: Archive, job: Job, outcome: Outcome) -> Outcome:
    with archive.database.write() as tx:
        close(tx, job, outcome.release)
        queue.finish(tx, job.id, JobState.DONE, outcome.word, outcome.detail)
    return outcome


def _requeue(archive: Archive, job: Job) -> None:
    archive.disk.remove_tree(staging_of(job))
    with archive.database.write() as tx:
        queue.requeue(tx, job.id)


def _fail(archive: Archive, job: Job, error: SonotecaError) -> Outcome:
    archive.disk.remove_tree(staging_of(job))
    with archive.database.write() as tx:
        queue.finish(tx, job.id, JobState.FAILED, error.code, str(error))
    return Outcome(word="failed", detail=str(error))
