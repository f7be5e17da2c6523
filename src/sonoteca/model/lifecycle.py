"""The life of a queued folder: a table; a key that is absent is an illegal move.

queued → working → done | refused | failed;  failed → queued (tried again);  done → queued (added again).
"""

from enum import StrEnum


class JobState(StrEnum):
    """Where a queued folder stands."""

    QUEUED = "queued"
    WORKING = "working"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.WORKING, JobState.REFUSED}),
    JobState.WORKING: frozenset({JobState.QUEUED, JobState.DONE, JobState.REFUSED, JobState.FAILED}),
    JobState.DONE: frozenset({JobState.QUEUED}),
    JobState.REFUSED: frozenset({JobState.QUEUED}),
    JobState.FAILED: frozenset({JobState.QUEUED}),
}


def verify_move(before: JobState, after: JobState) -> None:
    """Raises ValueError when the table has no such move."""
    if after not in MOVES[before]:
        raise ValueError(f"no move from {before} to {after}")
