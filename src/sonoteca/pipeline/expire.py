"""Expire: what time alone changes: refused files leave quarantine when the time to object is over; permissions begin
and end.

Takes  the archive and the day it is.   Gives  how many sources' refused files were removed; releases judged again.
Order  a permission that ended takes its files out of the swarm before anything new is taken in. For refused files the
       rows go after the files: a crash between the two removes the rows at the next start, never shows
       files that are gone for good.
"""

from datetime import datetime, timedelta

from sonoteca.catalogue import read, write
from sonoteca.model.record import RecordKind
from sonoteca.model.rights import Evidence
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import judge_again, settle_debts
from sonoteca.pipeline.refusal import place_of
from sonoteca.pipeline.volumes import settle_volumes
from sonoteca.rights.clear import changes_at


def expire_permissions(archive: Archive) -> list[str]:
    """Judges releases again whose evidence has a date that has come since they were judged; gives those whose verdicts
    changed."""
    now = archive.clock.now()
    with archive.database.read() as tx:
        dated = read.dated_evidence(tx)
    due = [release for release, evidence in dated.items() if _has_come(archive, release, evidence, now)]
    # What cannot be read is told by whoever reads it next; it stops nothing here.
    changed = judge_again(archive, due, [])
    settle_debts(archive)
    settle_volumes(archive, changed)
    return changed


def _has_come(archive: Archive, release: str, evidence: tuple[Evidence, ...], now: str) -> bool:
    last = archive.records.last(RecordKind.VERDICTS, release)
    date = changes_at(evidence, last.made_at) if last else ""
    return bool(date) and now[: len(date)] >= date


def expire_refused(archive: Archive) -> int:
    """Removes what was refused more than `quarantine_keep_days` ago."""
    limit = datetime.fromisoformat(archive.clock.now()) - timedelta(days=archive.settings.quarantine_keep_days)
    until = limit.strftime("%Y-%m-%dT%H:%M:%SZ")
    with archive.database.read() as tx:
        expired = read.refused_before(tx, until)
    for source_key in expired:
        archive.disk.remove_tree(place_of(source_key))
        with archive.database.write() as tx:
            write.save_refused(tx, source_key, [])
    return len(expired)
