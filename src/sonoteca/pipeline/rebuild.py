"""Rebuild: the catalogue again, from store, records, ledger and quarantine alone.

Takes  the archive.   Gives  how many releases were described; the old catalogue stands until the new one is whole.
Order  what a crash left is ended, half-landed versions too → a fresh database is filled beside the old one → work in
       flight (queue, refused, what waits to be published) is carried over → it takes the old one's place in one rename
       → records that the ledger lacks are appended.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from sonoteca.catalogue import queue, views, volumes, write
from sonoteca.holdings.offers import is_settled
from sonoteca.ledger import entry_of
from sonoteca.model.errors import Damaged, SonotecaError
from sonoteca.model.record import RecordKind
from sonoteca.pipeline import sameness
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import AT_ONCE, describe, foresee, raise_troubles, save_rows, settle_debts
from sonoteca.pipeline.issuing import owe_files
from sonoteca.pipeline.recover import recover
from sonoteca.pipeline.refusal import PLACE, rows_at
from sonoteca.pipeline.volumes import restore_files, restore_rows
from sonoteca.ports.database import Database
from sonoteca.ports.sameness_index import NEXT
from sonoteca.preserve.deposit import object_ids
from sonoteca.preserve.packed import forget
from sonoteca.preserve.recover import recover_all


def rebuild(archive: Archive, progress: Callable[[int], None]) -> int:
    """Makes catalogue.sqlite again; equal rows come of equal truth. Damaged, at the end, when some objects cannot be
    read: they have no rows, all others have theirs."""
    _recover(archive)
    fresh = archive.database.successor()
    current, archive = archive.sameness, replace(archive, sameness_name=f"{archive.sameness_name}{NEXT}")
    current.begin_again()
    count, unsettled, troubles = 0, set[str](), list[SonotecaError]()
    for object_id in object_ids(archive.disk):
        try:
            unsettled.update(_described(archive, fresh, object_id))
            count += 1
        except Damaged as trouble:
            troubles.append(trouble)
        progress(1)
    # Which verdicts follow from releases with the same bytes is known only when all are described.
    for object_id in sorted(unsettled):
        with suppress(Damaged), fresh.write() as tx:
            again = describe(archive, object_id, tx)
            save_rows(archive, tx, again.rows, again.related)
    _refused(archive, fresh)
    _records(archive, fresh)
    restore_rows(archive, fresh, owes=False)
    _settle(fresh)
    with archive.database.readable() as old, fresh.write() as tx:
        queue.carry_over(old, tx)
        volumes.carry_over(old, tx)
        views.carry_over(old, tx)
        owe_files(tx)
    # The index first: with the old catalogue it has postings without a row, the other way round rows would be without
    # a posting.
    current.replace_with(archive.sameness)
    # Until this rename the old catalogue stands; what is left of the new one is thrown away by the next rebuild.
    archive.database.replace_with(fresh)
    settle_debts(archive)
    forget(archive.disk)
    # Torrents are made from the objects now, and packs of what was read for them.
    troubles += restore_files(archive).troubles
    raise_troubles(troubles)
    return count


def _settle(fresh: Database) -> None:
    """Takes the mark from releases that are published as they should be: it is on all of them, because all are new
    here."""
    after = ""
    while True:
        with fresh.write() as tx:
            page = volumes.waiting(tx, AT_ONCE, after)
            volumes.looked_at(tx, [release for release in page if is_settled(tx, release)])
        if not page:
            return
        after = page[-1]


def _described(archive: Archive, fresh: Database, object_id: str) -> set[str]:
    """Saves the rows of an object; gives the releases that have to be described again when all others are."""
    with fresh.write() as tx:
        rows, body = foresee(archive, object_id, tx)
        # Compared within the transaction: nobody waits for a catalogue that is not in its place yet.
        unsettled = set(save_rows(archive, tx, rows, sameness.compare(archive, tx, rows)))
    last = archive.records.last(RecordKind.VERDICTS, object_id)
    return unsettled | ({object_id} if last is None or last.body != body else set())


def _recover(archive: Archive) -> None:
    """Ends what was begun, as far as the old catalogue still says it; what it cannot say, the store shows."""
    with archive.database.readable() as old:
        is_readable = old is not None
    if is_readable:
        with suppress(Damaged):
            recover(archive)
    recover_all(archive.disk)


def _refused(archive: Archive, fresh: Database) -> None:
    for name in archive.disk.list(PLACE):
        source_key, rows = rows_at(archive, f"{PLACE}/{name}")
        if rows:
            with fresh.write() as tx:
                write.save_refused(tx, source_key, rows)


def _records(archive: Archive, fresh: Database) -> None:
    """Every decision is listed; what the ledger lacks is owed to it."""
    known = archive.ledger.commitments()
    every = (record for kind in RecordKind for record in archive.records.all(kind))
    while some := list(islice(every, AT_ONCE)):
        with fresh.write() as tx:
            for record in some:
                entry = entry_of(record)
                write.save_record(tx, record, entry, is_owed=entry not in known)
