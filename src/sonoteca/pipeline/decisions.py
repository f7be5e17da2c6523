"""Decisions: grants, holds, trust and edits of the operator, read back from records/.

Takes  a release id.   Gives  the decisions about it, the newest word first to count.
"""

from sonoteca.formats import json, plain
from sonoteca.model.record import RecordKind
from sonoteca.pipeline.archive import Archive
from sonoteca.rights.records import Grant, Hold, Trust


def grants_of(archive: Archive, release: str) -> tuple[Grant, ...]:
    """Every grant for this release or tracks of it."""
    return tuple(
        plain.from_plain(Grant, json.parse(record.body.encode()))
        for record in archive.records.of(RecordKind.GRANT, release)
    )


def holds_of(archive: Archive, release: str) -> tuple[Hold, ...]:
    """Every hold on this release or tracks of it, and every withdrawal, lifted ones too, oldest first."""
    return tuple(
        plain.from_plain(Hold, json.parse(record.body.encode()))
        for kind in (RecordKind.HOLD, RecordKind.WITHDRAWAL)
        for record in archive.records.of(kind, release)
    )


def trusts_of(archive: Archive) -> tuple[Trust, ...]:
    """Every source or collection that the operator stands behind."""
    return tuple(
        plain.from_plain(Trust, json.parse(record.body.encode())) for record in archive.records.all(RecordKind.TRUST)
    )


def edits_of(archive: Archive, release: str) -> dict[str, str]:
    """The curator's words for fields of this release, a later one above an earlier one."""
    found: dict[str, str] = {}
    for record in archive.records.of(RecordKind.EDIT, release):
        found.update(json.parse_object(record.body.encode()))
    return found
