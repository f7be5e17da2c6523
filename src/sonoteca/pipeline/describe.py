"""Describe: verdicts and rows of one release, made from its object and the records about it.

Takes  an object's facts.   Gives  the verdicts, durable in records/, and the rows, in a transaction of the caller.
Order  an intent says which releases a decision is about; then records, then their ledger entries, then catalogue rows
       and the end of the intent in one transaction: the website reads the rows. What takes back does not wait for the
       ledger: its entries are owed in that transaction. A crash in between is mended by recovery, which finds the
       intent.
The same code serves a new release, a changed decision, recovery and rebuild, so that all of them give equal rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import Connection

from sonoteca.catalogue import read, write
from sonoteca.catalogue.documents import documents_of
from sonoteca.catalogue.edits import apply_edits
from sonoteca.catalogue.entries import Judgement, ObjectFacts, Rows, rows_of
from sonoteca.catalogue.write import Intent
from sonoteca.formats import json
from sonoteca.ledger import entry_of
from sonoteca.model.errors import Damaged, SonotecaError
from sonoteca.model.record import Record, RecordKind
from sonoteca.pipeline import facts as objects
from sonoteca.pipeline import sameness
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.decisions import edits_of, grants_of, holds_of, trusts_of
from sonoteca.pipeline.elsewhere import neighbours, shown_elsewhere, touched
from sonoteca.pipeline.sameness import Related
from sonoteca.ports.search import SqliteSearch
from sonoteca.rights.clear import TrackVerdict, body_of, cases_of, judge_all, withdrawn_tracks
from sonoteca.rights.elsewhere import with_elsewhere
from sonoteca.rights.evidence import Gathered, gather
from sonoteca.rights.records import evidence_of_holds, is_trusted, key_of_place

DECIDING = "deciding"  # what an intent has for a staging place when it is about decisions on a release
DECISIONS = (RecordKind.EDIT, RecordKind.GRANT, RecordKind.HOLD, RecordKind.WITHDRAWAL)
TAKING_BACK = (RecordKind.HOLD, RecordKind.WITHDRAWAL)
AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A release ready for the catalogue, what of it is like what, and the record of its verdicts."""

    rows: Rows
    related: Related
    record: Record


def judge(archive: Archive, facts: ObjectFacts, tx: Connection) -> tuple[Gathered, tuple[TrackVerdict, ...]]:
    """The evidence, and the verdicts that follow from what is known now, here and in releases with the same bytes.
    Nothing is written."""
    release = facts.release
    source, trusts = facts.source, trusts_of(archive)
    # Trust in a folder does not reach what lies above it, though that speaks of the folder too.
    captured = tuple(
        replace(one, is_stood_behind=is_trusted(key_of_place(source.source_key, one.folder), source.collection, trusts))
        for one in objects.captured(archive.disk, facts)
    )
    trusted = is_trusted(source.source_key, source.collection, trusts)
    gathered = gather(captured, objects.tag_claims(facts), trusted, grants_of(archive, release.id), release)
    holds = holds_of(archive, release.id)
    cases = cases_of(release, gathered.evidence, archive.settings.policy, holds, archive.clock.now())
    near = neighbours(archive, tx, {master.digest for master in release.masters}, release.id)
    # A picture that is held changes no verdict on the sound: it is said after those were asked.
    held = (*evidence_of_holds(release.id, holds), *shown_elsewhere(archive, tx, facts))
    evidence = (*gathered.evidence, *held)
    return replace(gathered, evidence=evidence), judge_all(with_elsewhere(cases, release, near))


def describe(archive: Archive, object_id: str, tx: Connection | None = None) -> Described:
    """Judges a release and keeps the verdicts as a record; the rows are not saved yet. `tx` is a transaction of a
    catalogue that is being written, when there is one."""
    with _reading(archive, tx) as seen:
        rows, body = foresee(archive, object_id, seen)
        related = sameness.compare(archive, seen, rows)
    record = archive.records.append(RecordKind.VERDICTS, rows.release, body, archive.clock.now())
    # The verdicts are durable, the rows are not: nothing is public yet, everything reads the rows.
    return Described(rows=rows, related=related, record=record)


def announce(archive: Archive, records: Iterable[Record]) -> None:
    """These records are in the ledger, durably, before anything follows from them that strangers can see."""
    with archive.database.write() as tx:
        for record in records:
            owe(tx, record)
    settle_debts(archive)


@contextmanager
def _reading(archive: Archive, tx: Connection | None) -> Iterator[Connection]:
    if tx is not None:
        yield tx
        return
    with archive.database.read() as seen:
        yield seen


def foresee(archive: Archive, object_id: str, tx: Connection) -> tuple[Rows, str]:
    """The rows of a release as they follow from what is known, and the body of its verdicts. Nothing is written."""
    facts = objects.load_facts(archive.disk, object_id)
    gathered, verdicts = judge(archive, facts, tx)
    edited = apply_edits(facts.release, edits_of(archive, facts.release.id))
    judged = tuple((one.track, one.rendition, one.channel, one.verdict) for one in verdicts)
    judgement = Judgement(evidence=gathered.evidence, verdicts=judged, findings=gathered.findings)
    judgement = replace(judgement, withdrawn=withdrawn_tracks(facts.release, holds_of(archive, facts.release.id)))
    return rows_of(facts, edited, judgement), body_of(verdicts)


def save(archive: Archive, tx: Connection, described: Described) -> None:
    """The rows of one release, its search documents, and the ledger entry owed for its verdicts, in the caller's
    transaction; with the same for releases that have the same bytes, when what is known of this one changes theirs."""
    changed = save_rows(archive, tx, described.rows, described.related)
    owe(tx, described.record)
    for other in changed:
        # Damaged: nothing follows from an object that cannot be read; `verify` names it.
        with suppress(Damaged):
            again = describe(archive, other, tx)
            save_rows(archive, tx, again.rows, again.related)
            owe(tx, again.record)


def save_rows(archive: Archive, tx: Connection, rows: Rows, related: Related) -> tuple[str, ...]:
    """The rows of one release and its search documents alone; gives the releases that it may have changed."""
    before = read.master_digests(tx, rows.release)
    write.save_release(tx, rows)
    sameness.save(tx, related)
    SqliteSearch(tx).index(documents_of(rows))
    near = read.holding(tx, before | read.master_digests(tx, rows.release), rows.release)
    return tuple(touched(archive, tx, rows.release, near))


def judge_again(archive: Archive, releases: Iterable[str], troubles: list[Damaged]) -> list[str]:
    """Describes releases by what holds now; gives those whose verdicts changed. What is damaged goes into `troubles`
    and does not stop the rest."""
    changed = []
    rest = iter(releases)
    while some := list(islice(rest, AT_ONCE)):
        for intent in intend(archive, some):
            before = archive.records.last(RecordKind.VERDICTS, intent.release)
            try:
                record = decided(archive, intent)
            except Damaged as trouble:
                troubles.append(trouble)
                continue
            if before is None or before.id != record.id:
                changed.append(intent.release)
    return changed


def raise_troubles(troubles: Sequence[SonotecaError]) -> None:
    """Damaged, when something was; all else is done."""
    if troubles:
        what = f"{len(troubles)} of the releases meant cannot be read, the others are done: {troubles[0].what}"
        cure = "sonoteca verify names what is damaged; when it is restored, the same command again"
        raise Damaged("damaged-releases", what, where=troubles[0].where, cure=cure) from troubles[0]


def intend(archive: Archive, releases: Sequence[str]) -> tuple[Intent, ...]:
    """Says, in one transaction, that decisions about these releases are about to be recorded."""
    # Jobs have the numbers above zero.
    found = tuple(Intent(job=-number, release=one, staging=DECIDING) for number, one in enumerate(releases, 1))
    with archive.database.write() as tx:
        for intent in found:
            write.open_intent(tx, intent)
    return found


def decided(archive: Archive, intent: Intent) -> Record:
    """The end of an intent to decide: rows by every decision that is durable, each of which is owed to the ledger.
    Gives the record of the verdicts. It may be done again.

    Damaged, when the object cannot be read: the decisions are listed all the same, and when one of them takes back, the
    release has no verdicts until it can be read, so that nothing of it stays public."""
    decisions = [record for kind in DECISIONS for record in archive.records.of(kind, intent.release)]
    try:
        described = describe(archive, intent.release)
    except Damaged:
        with archive.database.write() as tx:
            for record in decisions:
                owe(tx, record)
            if any(record.kind in TAKING_BACK for record in decisions):
                write.remove_verdicts(tx, intent.release)
            write.close_intent(tx, intent.job)
        raise
    if not _takes_back(decisions):
        announce(archive, [*decisions, described.record])
    with archive.database.write() as tx:
        for record in decisions:
            owe(tx, record)
        save(archive, tx, described)
        write.close_intent(tx, intent.job)
    return described.record


def _takes_back(decisions: Sequence[Record]) -> bool:
    """Whether the newest decision does."""
    newest = max(reversed(decisions), key=lambda one: one.made_at, default=None)
    return (
        newest is not None and newest.kind in TAKING_BACK and not json.parse_object(newest.body.encode()).get("lifted")
    )


def owe(tx: Connection, record: Record) -> None:
    """A record's commitment into the outbox, once."""
    write.save_record(tx, record, entry_of(record))


def settle_debts(archive: Archive) -> None:
    """Drains the outbox into the ledger. Idempotent: what the ledger has already is not appended again."""
    while True:
        with archive.database.read() as tx:
            owed = write.peek_outbox(tx, limit=1000)
        if not owed:
            return
        archive.ledger.append_once([entry for _, entry in owed])
        with archive.database.write() as tx:
            write.drop_outbox(tx, [number for number, _ in owed])
