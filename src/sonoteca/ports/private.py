"""Private: what is not derived, not public and backed up: private.sqlite. Today the history of possession audits, and
what the seeder found damaged.

Takes  audits and sightings; damages.   Gives  them back: since a time, of one volume; when an address was asked last.
Order  the file is made, or brought to this form, by the first that writes; who reads before that finds what there is:
       nothing, or of an older form what it has. The website only reads, and is not refused because of it.
Never  keeps the address of a peer longer than `forget` is told: an address may be somebody's. What was proved stays,
       without it.

The real thing is SqlitePrivate, its double MemoryPrivate (memory/private.py).
"""

import os
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, ClassVar, Protocol

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    inspect,
    select,
    update,
)

from sonoteca.formats import json, plain
from sonoteca.model.copies import Audited, Sighting
from sonoteca.model.damage import Damage
from sonoteca.model.errors import Conflict
from sonoteca.ports.database import PRIVATE, Database, Schema
from sonoteca.ports.watch import Watch

METADATA = MetaData()
# "" is a file in which nobody has written yet. 0002 only has a table more.
SCHEMA = Schema(METADATA, "0002", "sonoteca.ports:private_migrations", frozenset({"", "0001"}))
FORGOTTEN = ""

audits = Table(
    "audits",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("volume", Text, nullable=False),
    Column("volume_hash", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("told", Text, nullable=False),
    Index("audits_by_time", "at"),
    Index("audits_by_volume", "volume", "at"),
    Index("audits_by_address", "address", "at"),
)
sightings = Table(
    "sightings",
    METADATA,
    Column("volume_hash", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("told", Text, nullable=False),
)
damages = Table(
    "damages",
    METADATA,
    Column("path", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("torrent", Text, nullable=False),
)


class Private(Protocol):
    """The history of audits, and what is damaged until it is mended."""

    PLACES: ClassVar[tuple[str, ...]]

    def save(self, audited: Sequence[Audited], seen: Sequence[Sighting] = ()) -> None:
        """Adds audits; a sighting takes the place of the one before of the same volume. Durable when it returns."""

    def audits(self, *, since: str = "", volume: str = "") -> tuple[Audited, ...]:
        """Audits not older than `since`, of one volume or all, oldest first."""

    def sightings(self) -> tuple[Sighting, ...]:
        """The newest of each volume."""

    def last_asked(self, address: str) -> str:
        """When this address was audited last, "" when it never was or that is forgotten."""

    def forget(self, before: str) -> int:
        """Takes the addresses out of audits older than that; how many were."""

    def save_damages(self, found: Sequence[Damage]) -> None:
        """Adds files that were found damaged; one that is known stays as it is."""

    def damages(self) -> tuple[Damage, ...]:
        """All of them, by path."""

    def mend(self, paths: Sequence[str]) -> None:
        """These are damaged no more."""

    def version(self) -> int:
        """Another number after every change by whomever. One thread asks it."""

    def close(self) -> None:
        """Lets go of the file."""


class SqlitePrivate:
    """On ARCHIVE/private.sqlite, mode 0600."""

    PLACES: ClassVar[tuple[str, ...]] = ("private.sqlite",)

    def __init__(self, folder: str, *, busy_timeout_s: float = 10.0) -> None:
        self._database = Database(folder, SCHEMA, PRIVATE, busy_timeout_s=busy_timeout_s)
        self._watch = Watch(self._database.path)

    def save(self, audited: Sequence[Audited], seen: Sequence[Sighting] = ()) -> None:
        """See Private.save."""
        self._make()
        with self._database.write() as tx:
            for one in audited:
                tx.execute(insert(audits), _row(one, volume=one.volume, address=one.address))
            for sighting in seen:
                tx.execute(delete(sightings).where(sightings.c.volume_hash == sighting.volume_hash))
                tx.execute(insert(sightings), _row(sighting))

    def audits(self, *, since: str = "", volume: str = "") -> tuple[Audited, ...]:
        """See Private.audits."""
        chosen = select(audits.c.told).where(audits.c.at >= since).order_by(audits.c.at, audits.c.seq)
        if volume:
            chosen = chosen.where(audits.c.volume == volume)
        return tuple(plain.from_plain(Audited, json.parse(told.encode())) for told in self._told(chosen))

    def sightings(self) -> tuple[Sighting, ...]:
        """See Private.sightings."""
        chosen = select(sightings.c.told).order_by(sightings.c.volume_hash)
        return tuple(plain.from_plain(Sighting, json.parse(told.encode())) for told in self._told(chosen))

    def last_asked(self, address: str) -> str:
        """See Private.last_asked."""
        chosen = select(func.coalesce(func.max(audits.c.at), "")).where(audits.c.address == address)
        return next(iter(self._told(chosen)), "") if address else ""

    def forget(self, before: str) -> int:
        """See Private.forget."""
        if not self._is_there():
            return 0
        self._make()
        with self._database.write() as tx:
            return _forget(tx, before)

    def save_damages(self, found: Sequence[Damage]) -> None:
        """See Private.save_damages."""
        if not found:
            return
        self._make()
        with self._database.write() as tx:
            known = set(tx.execute(select(damages.c.path)).scalars())
            for one in found:
                if one.path not in known:
                    tx.execute(insert(damages), {"path": one.path, "at": one.at, "torrent": one.torrent})

    def damages(self) -> tuple[Damage, ...]:
        """See Private.damages."""
        if not self._is_there():
            return ()
        with self._database.read() as tx:
            if not _has(tx, damages):
                return ()
            found = tx.execute(select(damages).order_by(damages.c.path))
            return tuple(Damage(path=row.path, at=row.at, torrent=row.torrent) for row in found)

    def mend(self, paths: Sequence[str]) -> None:
        """See Private.mend."""
        if not paths or not self._is_there():
            return
        self._make()
        with self._database.write() as tx:
            for path in paths:
                tx.execute(delete(damages).where(damages.c.path == path))

    def version(self) -> int:
        """See Private.version."""
        return self._watch.version() if self._is_there() else 0

    def close(self) -> None:
        """See Private.close."""
        self._watch.close()
        self._database.close()

    def _told(self, chosen: Any) -> Iterable[str]:
        if not self._is_there():
            return ()
        with self._database.read() as tx:
            tables = chosen.get_final_froms()
            return tuple(tx.execute(chosen).scalars()) if all(_has(tx, one) for one in tables) else ()

    def _is_there(self) -> bool:
        return os.path.exists(self._database.path)

    def _make(self) -> None:
        if not self._is_there():
            try:
                self._database.create()
            except Conflict as error:
                if error.code != "exists":
                    raise  # somebody else has just made it
        try:
            with self._database.write():
                return  # reading would do with an older form
        except Conflict as error:
            if error.code != "version":
                raise
        # Loaded only now: alembic takes longer to import than most commands run.
        import_module("sonoteca.ports.migrations").upgrade(self._database)


def _has(tx: Connection, table: Any) -> bool:
    return inspect(tx).has_table(table.name)


def _row(one: Audited | Sighting, **more: str) -> dict[str, str]:
    return {"at": one.at, "volume_hash": one.volume_hash, "told": json.format(plain.to_plain(one)).decode(), **more}


def _forget(tx: Connection, before: str) -> int:
    old = (audits.c.at < before) & (audits.c.address != FORGOTTEN)
    found = tx.execute(select(audits.c.seq, audits.c.told).where(old)).all()
    for seq, told in found:
        kept = json.parse_object(told.encode()) | {"address": FORGOTTEN, "host": FORGOTTEN}
        row = {"address": FORGOTTEN, "told": json.format(kept).decode()}
        tx.execute(update(audits).where(audits.c.seq == seq).values(**row))
    return len(found)
