"""Elsewhere: the releases that have the same bytes, looked up for the rights room (rights/elsewhere.py says why).

Takes  a release, and a connection to the catalogue that is being written.
Gives  its neighbours, with their evidence and holds; what is held of the same picture; and those about whom it may have
       changed what follows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from sonoteca.acquire.artwork import fronts
from sonoteca.catalogue import pictures, read
from sonoteca.catalogue.entries import ObjectFacts
from sonoteca.catalogue.inside import digests_inside
from sonoteca.model.record import RecordKind
from sonoteca.model.rights import Evidence
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.decisions import holds_of
from sonoteca.rights.elsewhere import Neighbour, contests
from sonoteca.rights.records import evidence_of_holds, with_id

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


def shown_elsewhere(archive: Archive, tx: Connection, facts: ObjectFacts) -> tuple[Evidence, ...]:
    """What is held of the same picture in other releases: one that this release could show, or carry in files."""
    digests = {one.path: one.digest for one in facts.source.files}
    mine = {digests.get(path, "") for path in fronts(facts.release.artwork)}
    mine |= digests_inside(facts.release, facts.reports)
    found = []
    for other in pictures.held_with(tx, mine, facts.release.id):
        note = f"said of {other}, which has the same picture"
        found += [with_id(replace(one, note=note)) for one in evidence_of_holds(other, holds_of(archive, other))]
    return tuple(found)


def touched(archive: Archive, tx: Connection, release_id: str, near: Iterable[str]) -> Iterator[str]:
    """Those of the releases nearby that have to be judged again, because of what is known of this one now."""
    said = read.release_evidence(tx, release_id)
    has_holds = any(archive.records.last(kind, release_id) for kind in (RecordKind.HOLD, RecordKind.WITHDRAWAL))
    if has_holds:
        near = {*near, *pictures.with_pictures(tx, pictures.picture_digests(tx, release_id), release_id)}
    for other in sorted(near):
        if (
            has_holds
            or read.is_held_by(tx, other, RULES)
            or (said and contests(said, read.release_evidence(tx, other)))
        ):
            yield other
