"""Views, as rows: what is in which of them; and which torrents are seeded because somebody asked for them.

Takes  a Connection of ports.database; View nouns. An operator's stand in records too, from which
       rebuild makes these rows.
Gives  views and their places by name or release; demands that have ended.
Never  commits.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, exists, func, insert, select
from sqlalchemy.exc import DBAPIError

from sonoteca.catalogue.tables import changed, demands, obsolete, view_members, views
from sonoteca.catalogue.volumes import SLOT, as_read
from sonoteca.catalogue.write import chunks
from sonoteca.model.torrent import NO_HASHES, Flavour, InfoHashes, Slot
from sonoteca.model.view import View

TOLD = ("name", "title", "asked", "tier", "revision", "made_at", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedView:
    """A view without its places: `files` and `bytes` are of what is in its torrent now."""

    view: View
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A torrent that is seeded until then because somebody asked for it: this flavour of a volume or view."""

    name: str
    flavour: Flavour
    until: str
    hashes: InfoHashes = NO_HASHES


def save_view(tx: Connection, view: View) -> None:
    """The view as it is at this revision, in the place of an earlier one."""
    remove_view(tx, view.name)
    row = {name: getattr(view, name) for name in TOLD}
    size = {"files": len(view.members), "bytes": sum(one.bytes for one in view.members)}
    tx.execute(insert(views), {**row, **size, "v1": view.hashes.v1, "v2": view.hashes.v2})
    slots = [
        {"view": view.name, "present": int(one.present), **{name: getattr(one, name) for name in SLOT}}
        for one in view.slots
    ]
    for some in chunks(slots):
        tx.execute(insert(view_members), list(some))


def remove_view(tx: Connection, name: str) -> None:
    """There is no such view any more."""
    tx.execute(delete(view_members).where(view_members.c.view == name))
    tx.execute(delete(views).where(views.c.name == name))


def remove_operators(tx: Connection) -> None:
    """No view of an operator's: before they are read from the records again."""
    names = select(views.c.name).where(views.c.until == "")
    tx.execute(delete(obsolete).where(obsolete.c.name.in_(names), obsolete.c.flavour == Flavour.HYBRID.value))
    tx.execute(delete(view_members).where(view_members.c.view.in_(names)))
    tx.execute(delete(views).where(views.c.until == ""))


def listed(tx: Connection, *, visitors: bool = False) -> Iterator[ListedView]:
    """An operator's views, or every one, by name."""
    chosen = select(views).order_by(views.c.name)
    for row in tx.execute(chosen if visitors else chosen.where(views.c.until == "")).mappings():
        yield ListedView(view=_view(row), files=row["files"], bytes=row["bytes"])


def _view(row: RowMapping, slots: tuple[Slot, ...] = ()) -> View:
    return View(hashes=InfoHashes(v1=row["v1"], v2=row["v2"]), slots=slots, **{name: row[name] for name in TOLD})


def find_view(tx: Connection, name: str) -> View | None:
    """A view with its places, by path; None when there is none."""
    row = tx.execute(select(views).where(views.c.name == name)).mappings().first()
    if row is None:
        return None
    places = select(view_members).where(view_members.c.view == name).order_by(view_members.c.path)
    return _view(row, tuple(map(_slot, tx.execute(places).mappings())))


def find_slot(tx: Connection, name: str, path: str) -> Slot | None:
    """The place in a view that has this path, as libtorrent asks for it too; None when there is none."""
    for is_it in (view_members.c.path == path, as_read(view_members.c.path) == path):
        row = tx.execute(select(view_members).where(view_members.c.view == name, is_it)).mappings().first()
        if row is not None:
            return _slot(row)
    return None


def _slot(row: RowMapping) -> Slot:
    return Slot(present=bool(row["present"]), **{name: row[name] for name in SLOT})


def touching(tx: Connection, releases: Collection[str]) -> tuple[str, ...]:
    """The views in which these releases have a place."""
    found: set[str] = set()
    for some in chunks(sorted(releases)):
        mine = view_members.c.release.in_(some)
        found.update(tx.execute(select(view_members.c.view).distinct().where(mine)).scalars())
    return tuple(sorted(found))


def waiting(tx: Connection) -> frozenset[str]:
    """Releases in views that wait to be looked at."""
    here = exists().where(view_members.c.release == changed.c.release)
    return frozenset(tx.execute(select(changed.c.release).where(here)).scalars())


def ended_views(tx: Connection, now: str) -> tuple[str, ...]:
    """A visitor's whose time is over."""
    return tuple(tx.execute(select(views.c.name).where(views.c.until != "", views.c.until <= now)).scalars())


def count_visitors(tx: Connection) -> int:
    """How many views visitors have."""
    return int(tx.execute(select(func.count()).select_from(views).where(views.c.until != "")).scalar_one())


# ── demands ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def save_demand(tx: Connection, one: Demand) -> None:
    """It is seeded until then."""
    remove_demand(tx, one.name, one.flavour)
    row = {"name": one.name, "flavour": one.flavour.value, "until": one.until}
    tx.execute(insert(demands), {**row, "v1": one.hashes.v1, "v2": one.hashes.v2})


def remove_demand(tx: Connection, name: str, flavour: Flavour) -> None:
    """It is not seeded any more."""
    tx.execute(delete(demands).where(demands.c.name == name, demands.c.flavour == flavour.value))


def demanded(tx: Connection, names: Collection[str] | None = None) -> tuple[Demand, ...]:
    """What is seeded because somebody asked for it: all of it, or of these volumes and views."""
    rows = tx.execute(select(demands).order_by(demands.c.name, demands.c.flavour))
    return tuple(
        Demand(name=row.name, flavour=Flavour(row.flavour), until=row.until, hashes=InfoHashes(v1=row.v1, v2=row.v2))
        for row in rows
        if names is None or row.name in names
    )


def has_ended(tx: Connection, now: str) -> bool:
    """Whether the time of something is over."""
    demand = select(demands.c.name).where(demands.c.until <= now).limit(1)
    view = select(views.c.name).where(views.c.until != "", views.c.until <= now).limit(1)
    return tx.execute(demand).first() is not None or tx.execute(view).first() is not None


def carry_over(old: Connection | None, tx: Connection) -> None:
    """What no record says: visitors' views, what is seeded for a time, and which torrents of those were taken back."""
    if old is None:
        return
    with suppress(DBAPIError):
        names = set(old.execute(select(views.c.name).where(views.c.until != "")).scalars())
        for name in sorted(names):
            if (view := find_view(old, name)) is not None:
                save_view(tx, view)
        for demand in demanded(old):
            save_demand(tx, demand)
        mine = (obsolete.c.name, obsolete.c.revision, obsolete.c.flavour)
        known = {tuple(row) for row in tx.execute(select(*mine))}
        for row in old.execute(select(obsolete)).mappings():
            if (row["name"], row["revision"], row["flavour"]) not in known:
                tx.execute(insert(obsolete), dict(row))
