"""Move: with `add --move`, originals leave the source once the archive has them, and not a moment earlier.

Takes  a job that is done.   Gives  the originals that were left.
Order  the transaction that says done opens an intent to move; only then is each original removed, when it has the size
       and time that it had when it was read; then the intent is closed. A crash in between is mended by recovery: a
       folder that lost some of its files only would be taken for a changed release when it is added again.
       Refused files stay where they are.
"""

from contextlib import suppress

from sqlalchemy import Connection

from sonoteca.catalogue import queue, read, write
from sonoteca.catalogue.queue import Job
from sonoteca.catalogue.write import Intent
from sonoteca.formats import json, plain
from sonoteca.model.errors import Damaged
from sonoteca.model.source import FolderPlan
from sonoteca.pipeline import facts
from sonoteca.pipeline.archive import Archive

MOVING = "moving"  # what an intent has for a staging place when originals are to be removed


def close(tx: Connection, job: Job, release: str) -> None:
    """What follows after a deposit is over: nothing, or the originals go."""
    if job.moves:
        write.open_intent(tx, Intent(job=job.id, release=release, staging=MOVING))
    else:
        write.close_intent(tx, job.id)


def move(archive: Archive, number: int) -> None:
    """The end of an intent to move, if this job has one. It may be done again."""
    with archive.database.read() as tx:
        mine = [one for one in write.all_intents(tx) if (one.job, one.staging) == (number, MOVING)]
        job = queue.load_job(tx, number) if mine else None
    if job is None:
        return
    # Damaged: the archive cannot read what it has of them; they stay where they are, and `verify` says why.
    with suppress(Damaged):
        remove_originals(archive, job)
    with archive.database.write() as tx:
        write.close_intent(tx, number)


def remove_originals(archive: Archive, job: Job) -> list[str]:
    """Removes what is safe in the store from the source."""
    with archive.database.read() as tx:
        held = read.by_source_key(tx, job.source_key)
    if held is None or held.release is None:
        return []
    plan = plain.from_plain(FolderPlan, json.parse(job.plan.encode()))
    prefix = f"{plan.folder}/" if plan.folder else ""
    left = []
    for file in facts.load_facts(archive.disk, held.release).source.files:
        # What lies above the folder (rights.toml for many releases) is not this release's to move.
        if (
            file.path
            and not file.original.startswith("../")
            and not archive.source.remove_original(job.root, prefix + file.original, file.bytes, file.modified_ns)
        ):
            left.append(file.original)
    return left
