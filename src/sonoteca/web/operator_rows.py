"""Operator's rows: what was refused last, and what the queue holds: read for the operator's page alone."""

from dataclasses import dataclass

from sqlalchemy import Connection, case, select

from sonoteca.catalogue.tables import queue, refused
from sonoteca.model.finding import FINDINGS
from sonoteca.model.lifecycle import JobState

# What is being done comes first, what is done last.
ORDER = (JobState.WORKING, JobState.FAILED, JobState.QUEUED, JobState.REFUSED, JobState.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that was not taken in."""

    where: str
    code: str
    meaning: str
    detail: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A folder in the queue."""

    name: str
    state: str
    files: int
    bytes: int
    detail: str
    added_at: str


def refusals(tx: Connection, limit: int) -> tuple[Refusal, ...]:
    """The last files refused."""
    rows = tx.execute(select(refused).order_by(refused.c.at.desc(), refused.c.source_key, refused.c.seq).limit(limit))
    return tuple(
        Refusal(
            where=row.original,
            code=row.code,
            meaning=FINDINGS[row.code][1] if row.code in FINDINGS else "",
            detail=row.detail,
            at=row.at,
        )
        for row in rows
    )


def jobs(tx: Connection, limit: int) -> tuple[Job, ...]:
    """The queue, what matters first."""
    place = case({state.value: number for number, state in enumerate(ORDER)}, value=queue.c.state, else_=len(ORDER))
    rows = tx.execute(select(queue).order_by(place, queue.c.id.desc()).limit(limit))
    return tuple(
        Job(
            name=row.name,
            state=row.state,
            files=row.files,
            bytes=row.bytes,
            detail=row.detail,
            added_at=row.added_at,
        )
        for row in rows
    )
