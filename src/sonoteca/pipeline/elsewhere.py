"""Elsewhere: the releases that have the same bytes, looked up for the rights room (rights/elsewhere.py says why).

Takes  a release, and a connection to the catalogue that is being written.
Gives  its neighbours, with their evidence and holds; and those whose own verdicts it may have changed.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from sonoteca.catalogue import read
from sonoteca.model.record import RecordKind
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.decisions import holds_of
from sonoteca.rights.elsewhere import Neighbour, contests

RULES = ("R000", "R018")  # the rules by which another release can hold a track


def neighbours(archive: Archive, tx: Connection, digests: Iterable[str], release_id: str) -> tuple[Neighbour, ...]:
    """The other releases that have one of these masters and say something of it."""
    found = []
    for other in read.holding(tx, digests, release_id):
        kept = read.release(tx, other)
        said = read.release_evidence(tx, other)
        holds = holds_of(archive, other)
        if kept is not None and (said or holds):
            found.append(Neighbour(release=kept.release, evidence=said, holds=holds))
    return tuple(found)


def touched(archive: Archive, tx: Connection, release_id: str, near: Iterable[str]) -> Iterator[str]:
    """Those of the releases nearby that have to be judged again, because of what is known of this one now."""
    said = read.release_evidence(tx, release_id)
    has_holds = any(archive.records.last(kind, release_id) for kind in (RecordKind.HOLD, RecordKind.WITHDRAWAL))
    for other in near:
        if (
            has_holds
            or read.is_held_by(tx, other, RULES)
            or (said and contests(said, read.release_evidence(tx, other)))
        ):
            yield other
