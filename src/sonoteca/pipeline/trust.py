"""Trust: the operator stands behind the manifests of a source or a collection, or no longer does; what is here of it
already is judged again by that.

Takes  the decision.   Gives  nothing: the decision is a record, its consequences are rows.
Order  intent → record → every release made of that source judged again → the record listed and owed to the ledger, and
       the intent closed, in one transaction. So all that follows from a decision that is listed has been done.
"""

from collections.abc import Iterator

from sonoteca.catalogue import read, write
from sonoteca.catalogue.write import Intent
from sonoteca.formats import json, plain
from sonoteca.model.errors import Damaged
from sonoteca.model.record import RecordKind
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import judge_again, owe, raise_troubles, settle_debts
from sonoteca.pipeline.volumes import settle_volumes
from sonoteca.rights.records import Trust

TRUSTING = "trusting"  # what an intent has for a staging place when it is about trust; its release is the subject


def trust(archive: Archive, said: Trust) -> None:
    """Records the decision; nothing happens when it was the last word about its subject before."""
    body = json.format(plain.to_plain(said)).decode()
    key = _subject(said)
    if _is_listed(archive, key, body):
        return
    intent = Intent(job=0, release=key, staging=TRUSTING)
    with archive.database.write() as tx:
        write.open_intent(tx, intent)
    archive.records.append(RecordKind.TRUST, key, body, archive.clock.now())
    trusted(archive, intent)
    settle_debts(archive)


def trusted(archive: Archive, intent: Intent) -> None:
    """The end of an intent to trust. It may be done again. Damaged, at the end, when some releases cannot be read: the
    decision stands, and `rights audit` judges them when they can be."""
    troubles: list[Damaged] = []
    record = archive.records.last(RecordKind.TRUST, intent.release)
    if record is not None:
        said = plain.from_plain(Trust, json.parse(record.body.encode()))
        changed = judge_again(archive, _concerned(archive, said), troubles)
        settle_debts(archive)
        settle_volumes(archive, changed)
    with archive.database.write() as tx:
        if record is not None:
            owe(tx, record)
        write.close_intent(tx, intent.job)
    raise_troubles(troubles)


def _subject(said: Trust) -> str:
    """What a decision about trust is about: the newest one of the same subject counts."""
    return " ".join(part for part in (said.source_key, said.collection and f"collection:{said.collection}") if part)


def _concerned(archive: Archive, said: Trust) -> Iterator[str]:
    if said.source_key:
        return under(archive, said.source_key)
    return _of_collection(archive, said.collection)


def _of_collection(archive: Archive, collection: str) -> Iterator[str]:
    after = ""
    while True:
        with archive.database.read() as tx:
            page = [kept.release.id for kept in read.all_releases(tx, collection, after, read.MAX_PAGE)]
        if not page:
            return
        yield from page
        after = page[-1]


def under(archive: Archive, source_key: str) -> Iterator[str]:
    """Releases made of a source or of folders below it."""
    after = ""
    while True:
        with archive.database.read() as tx:
            page = read.under_source(tx, source_key, after)
        if not page:
            return
        yield from page
        after = page[-1]


def _is_listed(archive: Archive, key: str, body: str) -> bool:
    last = archive.records.last(RecordKind.TRUST, key)
    if last is None or last.body != body:
        return False
    with archive.database.read() as tx:
        return last.id in read.record_ids(tx, key, str(RecordKind.TRUST))
