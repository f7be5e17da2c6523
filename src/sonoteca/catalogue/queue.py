"""Queue: folders waiting to be taken, one row for each source, and what became of them.

Takes  a transaction of the caller, folders as acquire planned them.
Gives  jobs, oldest first, one claim at a time; states move only as model/lifecycle.py allows (ValueError otherwise).
Undoes `reset_working` and `requeue` put back what was not finished.
Never  holds the same source twice: adding again updates what waits, leaves alone what is being worked, and queues again
       what was done, refused or failed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from sonoteca.catalogue.tables import queue
from sonoteca.model.lifecycle import JobState, verify_move

CARRIED_AT_ONCE = 500


class Enqueued(StrEnum):
    """What adding did: a new job; a known source again; it waits already (updated); it is being worked on (left)."""

    NEW = "new"
    AGAIN = "again"
    WAITING = "waiting"
    WORKING = "working"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A folder to be taken. `plan` is acquire's plan as JSON text; `moves`: originals go once they are safe."""

    source_key: str
    root: str
    name: str
    plan: str
    collection: str = ""
    moves: bool = False
    bytes: int = 0
    files: int = 0
    added_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the queue. `attempts` counts failures since it was added last; `outcome` is a word, `detail` a
    sentence."""

    id: int
    source_key: str
    root: str
    name: str
    plan: str
    state: JobState
    collection: str
    moves: bool
    bytes: int
    files: int
    added_at: str
    attempts: int
    outcome: str
    detail: str


def enqueue(tx: Connection, job: NewJob) -> Enqueued:
    """Puts a source into the queue, or back into it."""
    values = {**asdict(job), "moves": int(job.moves), "attempts": 0, "outcome": "", "detail": ""}
    before = tx.execute(select(queue.c.id, queue.c.state).where(queue.c.source_key == job.source_key)).first()
    if before is None:
        tx.execute(insert(queue), {**values, "state": JobState.QUEUED.value})
        return Enqueued.NEW
    state = JobState(before.state)
    if state is JobState.WORKING:
        return Enqueued.WORKING
    if state is not JobState.QUEUED:
        verify_move(state, JobState.QUEUED)
    tx.execute(update(queue).where(queue.c.id == before.id).values(**values, state=JobState.QUEUED.value))
    return Enqueued.WAITING if state is JobState.QUEUED else Enqueued.AGAIN


def claim(tx: Connection, count: int) -> tuple[Job, ...]:
    """The oldest `count` waiting jobs, now working."""
    if count <= 0:
        return ()
    waiting = select(queue.c.id).where(queue.c.state == JobState.QUEUED.value).order_by(queue.c.id).limit(count)
    # SQLite does not promise the order of RETURNING.
    taken = tx.execute(
        update(queue).where(queue.c.id.in_(waiting)).values(state=JobState.WORKING.value).returning(*queue.columns)
    )
    return tuple(sorted((_job(row) for row in taken.mappings()), key=lambda job: job.id))


def finish(tx: Connection, job: int, state: JobState, outcome: str, detail: str = "") -> None:
    """How a job ended; a failure counts."""
    row = tx.execute(select(queue.c.state, queue.c.attempts).where(queue.c.id == job)).one()
    verify_move(JobState(row.state), state)
    attempts = row.attempts + (state is JobState.FAILED)
    values = {"state": state.value, "outcome": outcome, "detail": detail, "attempts": attempts}
    tx.execute(update(queue).where(queue.c.id == job).values(values))


def requeue(tx: Connection, job: int) -> None:
    """A working job waits again, as if nothing had been tried."""
    row = tx.execute(select(queue.c.state).where(queue.c.id == job)).one()
    verify_move(JobState(row.state), JobState.QUEUED)
    tx.execute(update(queue).where(queue.c.id == job).values(state=JobState.QUEUED.value))


def reset_working(tx: Connection) -> int:
    """At the start: whatever was being worked on waits again. Gives how many."""
    return _move_all(tx, JobState.WORKING)


def retry_failed(tx: Connection, max_attempts: int) -> int:
    """What failed fewer times than that waits again. Gives how many."""
    return _move_all(tx, JobState.FAILED, max_attempts)


def _move_all(tx: Connection, state: JobState, max_attempts: int | None = None) -> int:
    verify_move(state, JobState.QUEUED)
    chosen = update(queue).where(queue.c.state == state.value)
    if max_attempts is not None:
        chosen = chosen.where(queue.c.attempts < max_attempts)
    return tx.execute(chosen.values(state=JobState.QUEUED.value)).rowcount


def find_job(tx: Connection, source_key: str) -> Job | None:
    """The job of a source."""
    row = tx.execute(select(queue).where(queue.c.source_key == source_key)).mappings().first()
    return None if row is None else _job(row)


def load_job(tx: Connection, number: int) -> Job:
    """The job of this number."""
    return _job(tx.execute(select(queue).where(queue.c.id == number)).mappings().one())


def jobs(tx: Connection, state: JobState | None = None, after: int = 0, limit: int = 100) -> tuple[Job, ...]:
    """Jobs by number; `after` is the last number of the page before."""
    chosen = select(queue).where(queue.c.id > after).order_by(queue.c.id).limit(limit)
    if state is not None:
        chosen = chosen.where(queue.c.state == state.value)
    return tuple(_job(row) for row in tx.execute(chosen).mappings())


def has_queued(tx: Connection) -> bool:
    """Whether a folder waits."""
    return bool(jobs(tx, JobState.QUEUED, limit=1))


def carry_over(old: Connection | None, tx: Connection) -> int:
    """The queue of the old catalogue into the new, empty one, numbers kept (quarantine is named after them); what was
    being worked on waits again. Gives how many jobs; what of a damaged catalogue cannot be read is not carried."""
    count = last = 0
    while old is not None:
        try:
            rows = old.execute(select(queue).where(queue.c.id > last).order_by(queue.c.id).limit(CARRIED_AT_ONCE))
            found = [dict(row) for row in rows.mappings()]
        except DBAPIError:
            # The rest of the queue is lost with the file: adding the folders again finds what is there already.
            break
        if not found:
            break
        tx.execute(insert(queue), found)
        count, last = count + len(found), found[-1]["id"]
    reset_working(tx)
    return count


def _job(row: Mapping[Any, Any]) -> Job:
    return Job(**{**row, "state": JobState(row["state"]), "moves": bool(row["moves"])})


def waiting_bytes(tx: Connection) -> int:
    """Bytes of all folders that wait or are being worked on."""
    waiting = queue.c.state.in_((JobState.QUEUED.value, JobState.WORKING.value))
    return int(tx.execute(select(func.coalesce(func.sum(queue.c.bytes), 0)).where(waiting)).scalar_one())
