"""Rebuild: the catalogue again, from store, records, ledger and quarantine alone.

Takes  the archive.   Gives  how many releases were described; the old catalogue stands until the new one is whole.
Order  half-landed versions are recovered → a fresh database is filled beside the old one → work in flight
       (queue, refused) is carried over →
       it takes the old one's place in one rename → records that the ledger lacks are appended.
"""

from collections.abc import Callable

from sonoteca.catalogue import queue, write
from sonoteca.ledger import entry_of
from sonoteca.model.record import RecordKind
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import describe, save, settle_debts
from sonoteca.pipeline.refusal import PLACE, rows_at
from sonoteca.ports.database import Database
from sonoteca.preserve.deposit import object_ids
from sonoteca.preserve.recover import recover_all


def rebuild(archive: Archive, progress: Callable[[int], None]) -> int:
    """Makes catalogue.sqlite again; equal rows come of equal truth."""
    recover_all(archive.disk)
    fresh = archive.database.successor()
    count = 0
    for object_id in object_ids(archive.disk):
        described = describe(archive, object_id)
        with fresh.write() as tx:
            save(tx, described)
        count += 1
        progress(1)
    _refused(archive, fresh)
    _records(archive, fresh)
    with archive.database.readable() as old, fresh.write() as tx:
        queue.carry_over(old, tx)
    # Until this rename the old catalogue stands; what is left of the new one is thrown away by the next rebuild.
    archive.database.replace_with(fresh)
    settle_debts(archive)
    return count


def _refused(archive: Archive, fresh: Database) -> None:
    for name in archive.disk.list(PLACE):
        source_key, rows = rows_at(archive, f"{PLACE}/{name}")
        if rows:
            with fresh.write() as tx:
                write.save_refused(tx, source_key, rows)


def _records(archive: Archive, fresh: Database) -> None:
    """Every decision is listed; the ledger drops what it has already when the outbox is drained."""
    known = archive.ledger.commitments()
    for kind in RecordKind:
        for record in archive.records.all(kind):
            entry = entry_of(record)
            with fresh.write() as tx:
                write.save_record(tx, record, entry, is_owed=entry not in known)
