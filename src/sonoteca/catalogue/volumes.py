"""Volumes, as rows: what is in which torrent; and the releases whose publication has to be looked at.

Takes  a Connection of ports.database; Volume nouns, which the records hold too: rebuild makes these rows from them.
Gives  volumes and slots, by name, release or group; the oldest releases that wait.
Never  commits; never reads more than the volumes asked for.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, delete, exists, func, insert, select
from sqlalchemy.exc import DBAPIError

from sonoteca.catalogue.tables import (
    changed,
    demands,
    masters,
    members,
    obsolete,
    reasons,
    records,
    releases,
    renditions,
    sounds,
    verdicts,
    views,
    volumes,
)
from sonoteca.catalogue.write import chunks, mark_changed
from sonoteca.model.ids import Digest
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import NO_HASHES, Flavour, Group, InfoHashes, Slot, Volume
from sonoteca.model.view import View

RECALLED, REISSUED = "recalled", "reissued"
SLOT = ("path", "release", "track", "file", "kind", "digest", "bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A volume in a list: `files` and `bytes` are of what is in its torrent now."""

    name: str
    group: Group
    revision: int
    opened_at: str
    files: int
    bytes: int
    hashes: InfoHashes


@dataclass(frozen=True, slots=True, kw_only=True)
class Obsolete:
    """A torrent that was published and is not any more. `name` is that of its volume or view, `reason` "recalled" when
    something was taken out of it, "reissued" otherwise; `replaced_by` what is in its place now, empty when nothing
    is."""

    name: str
    revision: int
    flavour: Flavour
    hashes: InfoHashes
    at: str
    reason: str
    replaced_by: InfoHashes = NO_HASHES


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file made of a track: its logical path, tier ("access", "archive" or "credits") and what it is. `cover` is the
    digest of the picture that it carries, "" for none."""

    path: str
    track: str
    tier: str
    recipe: str
    digest: Digest
    bytes: int
    rights: str
    cover: str = ""


def save_volume(tx: Connection, volume: Volume, before: Volume | None = None) -> None:
    """The volume as it is at this revision, in the place of an earlier one. With `before`, as the rows have it, only
    the places that changed are written."""
    known = {} if before is None else {one.path: one for one in before.slots}
    changes = [one for one in volume.slots if known.get(one.path) != one]
    if before is None or len(changes) > len(volume.slots) // 2 or known.keys() - {one.path for one in volume.slots}:
        changes = list(volume.slots)
        tx.execute(delete(members).where(members.c.volume == volume.name))
    for paths in chunks([one.path for one in changes if one.path in known]):
        tx.execute(delete(members).where(members.c.volume == volume.name, members.c.path.in_(paths)))
    tx.execute(delete(volumes).where(volumes.c.name == volume.name))
    sizes = [one.bytes for one in volume.slots if one.present]
    row = {
        "name": volume.name,
        "collection": volume.group.collection,
        "tier": volume.group.tier.value,
        "licence_class": volume.group.licence_class,
        "number": volume.number,
        "revision": volume.revision,
        "opened_at": volume.opened_at,
        "files": len(sizes),
        "bytes": sum(sizes),
        "v1": volume.hashes.v1,
        "v2": volume.hashes.v2,
    }
    tx.execute(insert(volumes), row)
    slots = [
        {"volume": volume.name, "present": int(one.present), **{name: getattr(one, name) for name in SLOT}}
        for one in changes
    ]
    for some in chunks(slots):
        tx.execute(insert(members), list(some))


def loses(before: Volume | View, after: Volume | View) -> bool:
    """Whether something that was in the one is not in the other."""
    still = {one.digest for one in after.slots if one.present}
    return any(one.present and one.digest not in still for one in before.slots)


def save_obsolete(tx: Connection, before: Volume | View, after: Volume | View, at: str) -> None:
    """That one revision took the place of another; nothing, when the torrent is the same or there was none."""
    if before.hashes == after.hashes or not before.hashes.short:
        return
    add_obsolete(
        tx,
        Obsolete(
            name=before.name,
            revision=before.revision,
            flavour=Flavour.HYBRID,
            hashes=before.hashes,
            at=at,
            reason=RECALLED if loses(before, after) else REISSUED,
        ),
    )


def add_obsolete(tx: Connection, one: Obsolete) -> None:
    """That this torrent is not published any more."""
    row = {"name": one.name, "revision": one.revision, "flavour": one.flavour.value}
    tx.execute(delete(obsolete).where(*(obsolete.c[name] == value for name, value in row.items())))
    said = {"v1": one.hashes.v1, "v2": one.hashes.v2, "at": one.at, "reason": one.reason}
    tx.execute(insert(obsolete), {**row, **said})


def obsoletes(tx: Connection) -> Iterator[Obsolete]:
    """Every torrent that was replaced or taken back, the newest first; not those that came back."""
    hybrid = Flavour.HYBRID.value
    now: dict[tuple[str, str], InfoHashes] = {}
    for table in (volumes, views):
        rows = tx.execute(select(table.c.name, table.c.v1, table.c.v2))
        now |= {(row.name, hybrid): InfoHashes(v1=row.v1, v2=row.v2) for row in rows}
    now |= {(row.name, row.flavour): InfoHashes(v1=row.v1, v2=row.v2) for row in tx.execute(select(demands))}
    current = {one.short for one in now.values()}
    for row in tx.execute(select(obsolete).order_by(obsolete.c.at.desc(), obsolete.c.name, obsolete.c.revision.desc())):
        hashes = InfoHashes(v1=row.v1, v2=row.v2)
        if hashes.short in current:
            continue
        current.add(hashes.short)  # once, with the last time
        yield Obsolete(
            name=row.name,
            revision=row.revision,
            flavour=Flavour(row.flavour),
            hashes=hashes,
            at=row.at,
            reason=row.reason,
            replaced_by=now.get((row.name, row.flavour), InfoHashes()),
        )


def remove_volumes(tx: Connection) -> None:
    """No volume at all: before they are read from the records again."""
    mine = obsolete.c.name.in_(select(volumes.c.name))
    tx.execute(delete(obsolete).where(mine, obsolete.c.flavour == Flavour.HYBRID.value))
    tx.execute(delete(members))
    tx.execute(delete(volumes))


def listed(tx: Connection) -> Iterator[Listed]:
    """Every volume, by name."""
    for row in tx.execute(select(volumes).order_by(volumes.c.name)):
        yield Listed(
            name=row.name,
            group=Group(collection=row.collection, tier=Tier(row.tier), licence_class=row.licence_class),
            revision=row.revision,
            opened_at=row.opened_at,
            files=row.files,
            bytes=row.bytes,
            hashes=InfoHashes(v1=row.v1, v2=row.v2),
        )


def find_slot(tx: Connection, name: str, path: str) -> Slot | None:
    """The place in a volume that has this path, None when there is none. libtorrent drops joiners from the names in a
    torrent before it asks a web seed for them: a path without them is found too (layout.py: nothing else tells two
    names apart)."""
    for is_it in (members.c.path == path, as_read(members.c.path) == path):
        row = tx.execute(select(members).where(members.c.volume == name, is_it)).mappings().first()
        if row is not None:
            return _slot(row)
    return None


def as_read(path: Column[Any]) -> ColumnElement[str]:
    """A path without joiners."""
    return func.replace(func.replace(path, "\u200c", ""), "\u200d", "")


def slots_of(tx: Connection, name: str) -> tuple[Slot, ...]:
    """Every place in a volume, by path."""
    rows = tx.execute(select(members).where(members.c.volume == name).order_by(members.c.path)).mappings()
    return tuple(map(_slot, rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class InVolume:
    """A file of a release in a volume of this tier."""

    volume: str
    tier: Tier
    track: str
    path: str
    digest: Digest
    bytes: int


def in_volumes(tx: Connection, release: str) -> tuple[InVolume, ...]:
    """What of a release is in volumes now, by volume and path."""
    chosen = (
        select(members.c.volume, volumes.c.tier, members.c.track, members.c.path, members.c.digest, members.c.bytes)
        .join(volumes, volumes.c.name == members.c.volume)
        .where(members.c.release == release, members.c.present == 1)
        .order_by(members.c.volume, members.c.path)
    )
    rows = tx.execute(chosen).mappings()
    return tuple(InVolume(**{**row, "tier": Tier(row["tier"])}) for row in rows)


def _slot(row: RowMapping) -> Slot:
    return Slot(present=bool(row["present"]), **{name: row[name] for name in SLOT})


def names_of(tx: Connection, releases: Collection[str]) -> tuple[str, ...]:
    """The volumes in which these releases have a place."""
    found: set[str] = set()
    for some in chunks(sorted(releases)):
        found.update(tx.execute(select(members.c.volume).distinct().where(members.c.release.in_(some))).scalars())
    return tuple(sorted(found))


def newest(tx: Connection, group: Group) -> str:
    """The name of the group's newest volume, "" when it has none."""
    mine = (
        (volumes.c.collection == group.collection)
        & (volumes.c.tier == group.tier.value)
        & (volumes.c.licence_class == group.licence_class)
    )
    chosen = select(volumes.c.name).where(mine).order_by(volumes.c.number.desc()).limit(1)
    return str(tx.execute(chosen).scalar() or "")


def taken_names(tx: Connection, beginning: str) -> frozenset[str]:
    """The names of volumes that begin so: two collections may be written alike."""
    chosen = select(volumes.c.name).where(volumes.c.name.startswith(beginning, autoescape=True))
    return frozenset(tx.execute(chosen).scalars())


def folders_of(tx: Connection, release: str) -> tuple[str, ...]:
    """The folders that a release has in volumes already: a name is given once."""
    found = tx.execute(select(members.c.path).where(members.c.release == release)).scalars()
    return tuple(sorted({path.partition("/")[0] for path in found}))


# ── files and the releases that wait ─────────────────────────────────────────────────────────────────────────────────


def files_of(tx: Connection, release: str) -> tuple[File, ...]:
    """The files made of a release's tracks."""
    rows = tx.execute(select(renditions).where(renditions.c.release == release).order_by(renditions.c.path)).mappings()
    return tuple(File(**{name: row[name] for name in File.__dataclass_fields__}) for row in rows)


def refused_tracks(tx: Connection, release: str) -> frozenset[str]:
    """The tracks whose decoding showed that they cannot be published."""
    chosen = select(sounds.c.track).where(sounds.c.release == release, sounds.c.refused == 1)
    return frozenset(tx.execute(chosen).scalars())


def waiting(tx: Connection, limit: int, after: str = "") -> tuple[str, ...]:
    """Releases whose publication has to be looked at, a page of them."""
    chosen = select(changed.c.release).where(changed.c.release > after).order_by(changed.c.release).limit(limit)
    return tuple(tx.execute(chosen).scalars())


def waiting_in_volumes(tx: Connection) -> tuple[str, ...]:
    """Those that have a place in a volume."""
    chosen = select(changed.c.release).where(exists().where(members.c.release == changed.c.release))
    return tuple(tx.execute(chosen.order_by(changed.c.release)).scalars())


def count_waiting(tx: Connection) -> int:
    """How many releases wait."""
    return int(tx.execute(select(func.count()).select_from(changed)).scalar_one())


def seconds_waiting(tx: Connection) -> float:
    """About how much sound the releases hold that wait and of which nothing has been decoded."""
    has_sound = exists().where(sounds.c.release == masters.c.release)
    chosen = select(func.coalesce(func.sum(masters.c.duration_s), 0.0)).where(
        masters.c.release.in_(select(changed.c.release)), masters.c.role == "primary", ~has_sound
    )
    return float(tx.execute(chosen).scalar_one())


def edited(tx: Connection) -> tuple[str, ...]:
    """Releases in volumes that were edited after the newest version of their object was made: their credits may say
    what they were called before."""
    edits = select(records.c.subject, func.max(records.c.made_at).label("at")).where(records.c.kind == "edits")
    newest = edits.group_by(records.c.subject).subquery()
    here = newest.join(releases, releases.c.id == newest.c.subject)
    in_volume = exists().where(members.c.release == releases.c.id)
    chosen = select(releases.c.id).select_from(here).where(newest.c.at >= releases.c.changed_at, in_volume)
    return tuple(tx.execute(chosen.order_by(releases.c.id)).scalars())


def present_of(tx: Connection, release: str) -> frozenset[tuple[str, str]]:
    """What of a release is in volumes now, without credits: (file, digest), each as often as it is there."""
    here = (members.c.release == release) & (members.c.present == 1) & (members.c.kind == "audio")
    return frozenset((row.file, row.digest) for row in tx.execute(select(members.c.file, members.c.digest).where(here)))


def heard(tx: Connection, release: str) -> frozenset[str]:
    """The tracks of a release that were decoded."""
    return frozenset(tx.execute(select(sounds.c.track).where(sounds.c.release == release)).scalars())


def carry_over(old: Connection | None, tx: Connection) -> None:
    """What waited in the old catalogue waits in the new one, as far as it is there: its credits may be older than its
    licence, which no row shows. What of a damaged catalogue cannot be read is not carried."""
    if old is None:
        return
    with suppress(DBAPIError):
        for some in chunks(tuple(old.execute(select(changed.c.release)).scalars())):
            here = tx.execute(select(releases.c.id).where(releases.c.id.in_(some))).scalars().all()
            for release in here:
                mark_changed(tx, release)


def is_all_held(tx: Connection, release: str) -> bool:
    """Whether no track of a release that is here may leave in any form, by any channel."""
    judged = reasons.join(verdicts, (verdicts.c.release == reasons.c.release) & (verdicts.c.reason == reasons.c.seq))
    may = select(reasons.c.seq).select_from(judged).where(reasons.c.release == release, reasons.c.decision == "publish")
    is_here = select(releases.c.id).where(releases.c.id == release)
    return tx.execute(is_here).first() is not None and tx.execute(may.limit(1)).first() is None


def looked_at(tx: Connection, releases: Sequence[str]) -> None:
    """What is published of these agrees with what is known of them."""
    for some in chunks(releases):
        tx.execute(delete(changed).where(changed.c.release.in_(some)))
