"""Recover: what a crash left half done is ended or wiped, before anything new begins.

Takes  the archive, right after its lock was taken.   Gives  how many releases were rolled forward and how many
       jobs begin again.
Order  for each open intent: the store first (preserve.recover), then, when the object landed, its rows from the
       object; then every working job
       goes back to the queue; then quarantine is emptied of jobs; then the outbox is drained. Running it twice
       changes nothing.
"""

from dataclasses import dataclass

from sonoteca.catalogue import queue, write
from sonoteca.catalogue.write import Intent
from sonoteca.model.errors import Damaged
from sonoteca.model.lifecycle import JobState
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import describe, save, settle_debts
from sonoteca.pipeline.refusal import load_rows
from sonoteca.preserve.recover import Landing, recover_object

# Refused files wait to expire; what recovery of the store put aside waits for a person.
KEPT = ("refused", "aside")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What recovery found."""

    rolled_forward: int
    begun_again: int


def recover(archive: Archive) -> Recovered:
    """Ends or wipes every half-done job."""
    with archive.database.read() as tx:
        intents = write.all_intents(tx)
    landed = [intent for intent in intents if _lands(archive, intent)]
    with archive.database.write() as tx:
        begun_again = queue.reset_working(tx)
    _empty_quarantine(archive)
    settle_debts(archive)
    return Recovered(rolled_forward=len(landed), begun_again=begun_again)


def end_job(archive: Archive, job: int) -> bool:
    """Ends or wipes one job that an error cut short; True when its release landed and the job is done."""
    with archive.database.read() as tx:
        mine = [intent for intent in write.all_intents(tx) if intent.job == job]
    return any(_lands(archive, intent) for intent in mine)


def _lands(archive: Archive, intent: Intent) -> bool:
    landing = recover_object(archive.disk, intent.release, f"{intent.staging}/object")
    if landing is Landing.ABSENT:
        _close(archive, intent)
        return False
    # The object stands whole in the store, perhaps at its former version: its rows follow from it either way.
    try:
        described = describe(archive, intent.release)
    except Damaged:
        # Its own bytes are wrong, which recovery cannot mend: `verify` names them, and the job ends with that error.
        _close(archive, intent)
        return False
    source_key = str(described.rows.releases[0]["source_key"])
    refused = load_rows(archive, source_key)
    with archive.database.write() as tx:
        save(tx, described)
        write.save_refused(tx, source_key, refused)
        write.close_intent(tx, intent.job)
        if landing is Landing.LANDED:
            queue.finish(tx, intent.job, JobState.DONE, "recovered", "ended after an interruption")
    return landing is Landing.LANDED


def _close(archive: Archive, intent: Intent) -> None:
    with archive.database.write() as tx:
        write.close_intent(tx, intent.job)


def _empty_quarantine(archive: Archive) -> None:
    for name in archive.disk.list("quarantine"):
        if name not in KEPT:
            archive.disk.remove_tree(f"quarantine/{name}")
