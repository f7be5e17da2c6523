"""Write: the rows of releases, decisions and work in flight, always inside a transaction of the caller.

Takes  a Connection from ports.database `write()`, and rows that entries.py made.
Gives  nothing: after the caller's commit the rows are there, before it they never were.
Undoes `remove_release` takes a release's rows away again; rebuild makes all but the work in flight from the truth.
Never  commits, and never looks at more of the catalogue than the release at hand.

Saving replaces exactly the release's own rows. A recording is shared by all releases that hold its bytes: its row goes
when its last master goes, and always comes from the release with the smallest id, so that rows do not depend on the
order in which releases came.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from sonoteca.catalogue.entries import Row, Rows
from sonoteca.catalogue.tables import (
    CHILDREN,
    changed,
    files,
    intents,
    masters,
    outbox,
    recordings,
    records,
    refused,
    releases,
    verdicts,
)
from sonoteca.formats import json
from sonoteca.model.ids import ReleaseId
from sonoteca.model.record import Record

CHUNK = 500  # values in one IN (…)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A file that was not taken in: `original` its path below the source, `at` when it was refused."""

    original: str
    bytes: int
    digest: str
    code: str
    detail: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Said before something is begun that must be ended: this job is about to deposit this release from this place in
    quarantine; or, with a word in the place's stead, something else that a room above knows."""

    job: int
    release: str
    staging: str


# ── releases ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def save_release(tx: Connection, rows: Rows) -> None:
    """These rows, and no others of the same release; what they say is to be looked at before it is published."""
    mine = _clear_release(tx, rows.release)
    tx.execute(insert(releases), rows.releases[0])
    _save_recordings(tx, rows.release, rows.recordings)
    by_table = rows.by_table()
    for table in CHILDREN:
        if by_table[table.name]:
            tx.execute(insert(table), list(by_table[table.name]))
    _settle_recordings(tx, mine - {str(row["id"]) for row in rows.recordings})
    mark_changed(tx, rows.release)


def mark_changed(tx: Connection, release: str) -> None:
    """Says that what of this release is published has to be looked at."""
    tx.execute(delete(changed).where(changed.c.release == release))
    tx.execute(insert(changed), {"release": release})


def remove_verdicts(tx: Connection, release: str) -> None:
    """Nothing of this release may leave until it is judged again: a question without a row is held."""
    tx.execute(delete(verdicts).where(verdicts.c.release == release))
    mark_changed(tx, release)


def remove_release(tx: Connection, release: ReleaseId) -> None:
    """No row of this release any more; recordings that no other release has go too."""
    _settle_recordings(tx, _clear_release(tx, release))


def _clear_release(tx: Connection, release: ReleaseId) -> set[str]:
    """Removes a release's rows; gives the recordings whose row came from it."""
    described = masters.join(recordings, recordings.c.id == masters.c.recording)
    chosen = select(recordings.c.id).select_from(described)
    mine = tx.execute(chosen.where(masters.c.release == release, recordings.c.described_by == release)).scalars().all()
    # The children go with it: ON DELETE CASCADE.
    tx.execute(delete(releases).where(releases.c.id == release))
    return set(mine)


def _save_recordings(tx: Connection, release: ReleaseId, rows: Sequence[Row]) -> None:
    found = {str(row["id"]): row for row in rows}
    known: dict[str, str] = {}
    for some in chunks(list(found)):
        chosen = select(recordings.c.id, recordings.c.described_by).where(recordings.c.id.in_(some))
        known.update((row.id, row.described_by) for row in tx.execute(chosen))
    fresh = [row for key, row in found.items() if key not in known]
    if fresh:
        tx.execute(insert(recordings), fresh)
    for key, described_by in known.items():
        if described_by >= release:
            tx.execute(update(recordings).where(recordings.c.id == key).values(found[key]))


def _settle_recordings(tx: Connection, gone: Iterable[str]) -> None:
    """For recordings whose describing release has them no more: the next release's master describes them, or nobody."""
    columns = [masters.c[column.name] for column in recordings.columns if column.name in masters.c]
    # Who has the bytes is asked of the files' index of digests: masters need no index of their own.
    digest = select(recordings.c.digest).where(recordings.c.id == bindparam("gone")).scalar_subquery()
    same = (masters.c.release == files.c.release) & (masters.c.path == files.c.path)
    chosen = select(masters.c.release, *columns).select_from(files.join(masters, same))
    chosen = chosen.where(
        files.c.digest == digest, masters.c.recording == bindparam("gone"), masters.c.role == "primary"
    )
    chosen = chosen.order_by(files.c.release, files.c.seq).limit(1)
    for recording in sorted(gone):
        heir = tx.execute(chosen, {"gone": recording}).mappings().first()
        row = recordings.c.id == recording
        if heir is None:
            tx.execute(delete(recordings).where(row))
        else:
            values = {column.name: heir[column.name] for column in columns}
            tx.execute(update(recordings).where(row).values(described_by=heir["release"], **values))


# ── decisions and what the ledger is owed ────────────────────────────────────────────────────────────────────────────


def save_record(tx: Connection, record: Record, entry: bytes, *, is_owed: bool = True) -> None:
    """Lists a decision; `entry` is what the ledger says of it, put into the outbox when it is owed still.

    One that is listed with this commitment is left alone: it went into the outbox when it was listed. The ledger looks
    for what it is given twice among its last entries only (ledger/log.py), so nothing may be owed twice.
    """
    said = str(json.parse_object(entry).get("commitment", ""))
    mine = (records.c.kind == record.kind.value, records.c.id == record.id)
    if tx.execute(select(records.c.commitment).where(*mine)).scalar() == said:
        return
    row = {"kind": record.kind.value, "id": record.id, "subject": record.subject, "made_at": record.made_at}
    tx.execute(delete(records).where(*mine))
    tx.execute(insert(records), {**row, "commitment": said})
    if is_owed:
        push_outbox(tx, entry)


def push_outbox(tx: Connection, entry: bytes) -> None:
    """An entry that the ledger must have, in the transaction that makes it true."""
    tx.execute(insert(outbox), {"entry": entry})


def peek_outbox(tx: Connection, limit: int = 1000) -> tuple[tuple[int, bytes], ...]:
    """The oldest entries owed, as (number, entry), oldest first."""
    chosen = select(outbox.c.seq, outbox.c.entry).order_by(outbox.c.seq).limit(limit)
    return tuple((row.seq, row.entry) for row in tx.execute(chosen))


def drop_outbox(tx: Connection, numbers: Sequence[int]) -> None:
    """These entries are durable in the ledger."""
    for some in chunks(numbers):
        tx.execute(delete(outbox).where(outbox.c.seq.in_(some)))


# ── work in flight ───────────────────────────────────────────────────────────────────────────────────────────────────


def open_intent(tx: Connection, intent: Intent) -> None:
    """Says what is about to happen; a second intent of the same job takes the place of the first."""
    close_intent(tx, intent.job)
    tx.execute(insert(intents), asdict(intent))


def close_intent(tx: Connection, job: int) -> None:
    """It happened, or it was wiped."""
    tx.execute(delete(intents).where(intents.c.job == job))


def all_intents(tx: Connection) -> tuple[Intent, ...]:
    """What a crash may have left half done."""
    found = tx.execute(select(intents).order_by(intents.c.job))
    return tuple(Intent(job=row.job, release=row.release, staging=row.staging) for row in found)


def save_refused(tx: Connection, source_key: str, rows: Sequence[RefusedRow]) -> None:
    """What of this source was refused the last time; () when nothing was, or when it expired."""
    tx.execute(delete(refused).where(refused.c.source_key == source_key))
    ordered = sorted(rows, key=lambda row: (row.original, row.code))
    if ordered:
        found = [{"source_key": source_key, "seq": seq, **asdict(row)} for seq, row in enumerate(ordered, 1)]
        tx.execute(insert(refused), found)


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """A long list in parts that fit into one statement."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
