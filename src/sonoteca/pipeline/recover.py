"""Recover: what a crash left half done is ended or wiped, before anything new begins.

Takes  the archive, right after its lock was taken.   Gives  how many releases were rolled forward and how many
       jobs begin again.
Order  each open intent is ended by its kind: decisions and trust by their durable records; volumes that were being
       issued, from the records too; a deposit in the store first (preserve.recover), then, when the object landed, its
       rows from the object; then originals that were to move. Then every working job goes back to the queue; then
       quarantine is emptied of jobs, and refused files that no row knows get their rows; then the outbox is drained;
       then volumes with a file that may not leave any more are issued without it.
       Running it twice changes nothing.
"""

from dataclasses import dataclass

from sonoteca.catalogue import queue, read, write
from sonoteca.catalogue.write import Intent
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.lifecycle import JobState
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import DECIDING, announce, decided, describe, save, settle_debts
from sonoteca.pipeline.issuing import ISSUING
from sonoteca.pipeline.move import MOVING, close, move
from sonoteca.pipeline.refusal import PLACE, load_rows, place_of, rows_at
from sonoteca.pipeline.render import RENDERING_JOB
from sonoteca.pipeline.trust import TRUSTING, trusted
from sonoteca.pipeline.volumes import recover_issue, settle_volumes
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
    landed = [intent for intent in _intents(archive) if _ends(archive, intent)]
    for intent in _intents(archive):
        move(archive, intent.job)
    with archive.database.write() as tx:
        begun_again = queue.reset_working(tx)
    _empty_quarantine(archive)
    _adopt_refused(archive)
    settle_debts(archive)
    settle_volumes(archive, ())
    return Recovered(rolled_forward=len(landed), begun_again=begun_again)


def end_job(archive: Archive, job: int) -> bool:
    """Ends or wipes one job that an error cut short; True when it is over: its release landed after all, or the error
    came after its end."""
    for intent in _intents(archive):
        if intent.job == job:
            _ends(archive, intent)
    with archive.database.read() as tx:
        return queue.load_job(tx, job).state is not JobState.WORKING


def end_rendering(archive: Archive) -> None:
    """Ends the deposit of renditions that an error cut short: rows by what the object holds now."""
    for intent in _intents(archive):
        if intent.job == RENDERING_JOB:
            _ends(archive, intent)


def _intents(archive: Archive) -> tuple[Intent, ...]:
    with archive.database.read() as tx:
        return write.all_intents(tx)


def _ends(archive: Archive, intent: Intent) -> bool:
    """Whether a release landed."""
    try:
        if intent.staging == DECIDING:
            decided(archive, intent)
        elif intent.staging == TRUSTING:
            trusted(archive, intent)
        elif intent.staging == ISSUING:
            recover_issue(archive)
        elif intent.staging != MOVING:
            return _lands(archive, intent)
    except (Damaged, Refused):
        # Bytes of an object are wrong or more than can be read, which recovery cannot mend: `verify` names them, and a
        # job ends with that error.
        _close(archive, intent)
    return False


def _lands(archive: Archive, intent: Intent) -> bool:
    landing = recover_object(archive.disk, intent.release, f"{intent.staging}/object")
    if landing is Landing.ABSENT:
        _close(archive, intent)
        return False
    if intent.job == RENDERING_JOB:
        return _rendered(archive, intent, landing)
    # The object stands whole in the store, perhaps at its former version: its rows follow from it either way.
    described = describe(archive, intent.release)
    announce(archive, [described.record])
    source_key = str(described.rows.releases[0]["source_key"])
    refused = load_rows(archive, source_key)
    with archive.database.write() as tx:
        save(archive, tx, described)
        write.save_refused(tx, source_key, refused)
        write.close_intent(tx, intent.job)
        if landing is Landing.LANDED:
            close(tx, queue.load_job(tx, intent.job), intent.release)
            queue.finish(tx, intent.job, JobState.DONE, "recovered", "ended after an interruption")
    return landing is Landing.LANDED


def _rendered(archive: Archive, intent: Intent, landing: Landing) -> bool:
    """A version with renditions landed, or did not: the rows follow from the object either way."""
    described = describe(archive, intent.release)
    with archive.database.write() as tx:
        save(archive, tx, described)
        write.close_intent(tx, intent.job)
    return landing is Landing.LANDED


def _close(archive: Archive, intent: Intent) -> None:
    with archive.database.write() as tx:
        write.close_intent(tx, intent.job)


def _empty_quarantine(archive: Archive) -> None:
    for name in archive.disk.list("quarantine"):
        if name not in KEPT:
            archive.disk.remove_tree(f"quarantine/{name}")


def _adopt_refused(archive: Archive) -> None:
    """Rows for refused files that a job set aside which never came to its end; what of them is not whole goes."""
    with archive.database.read() as tx:
        known = {place_of(source_key).rpartition("/")[2] for source_key in read.refused_sources(tx)}
    for name in archive.disk.list(PLACE):
        if name not in known:
            source_key, rows = rows_at(archive, f"{PLACE}/{name}")
            if not rows:
                archive.disk.remove_tree(f"{PLACE}/{name}")
                continue
            with archive.database.write() as tx:
                write.save_refused(tx, source_key, rows)
