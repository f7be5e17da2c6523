"""On demand: what visitors ask for is seeded for some time, and then is not.

Takes  the inbox; the archive.
Gives  torrents and seed lists with an end; rows that say so.
Order  a row, then the .torrent, then the seed list, then the request goes: a crash in between begins again.
       A seed list goes before its .torrent, rows last.
Never  seeds more at once than the settings say, or a file that may not be in a swarm; stops for what it finds in the
       inbox: what is no request goes, and nothing comes of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sonoteca.catalogue import views as rows
from sonoteca.catalogue import volumes
from sonoteca.catalogue.views import Demand
from sonoteca.catalogue.volumes import RECALLED, REISSUED, Obsolete
from sonoteca.holdings.offers import Offers
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.torrent import Assembled, Flavour, Member, Seed, Slot, Volume
from sonoteca.model.view import View
from sonoteca.pipeline import issuing
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.torrents import seed_path, torrent_path
from sonoteca.ports.control import ask
from sonoteca.ports.inbox import Inbox
from sonoteca.ports.turns import is_awaited
from sonoteca.preserve.packed import PackedHashes
from sonoteca.preserve.shelf import Shelf
from sonoteca.swarm.seeds import format_seed
from sonoteca.torrents.assemble import assemble
from sonoteca.torrents.requests import Wish, parse_wish

MAX_VISITORS = 1000  # views at once; those beyond what is seeded come from the web seed alone


def is_due(archive: Archive) -> bool:
    """Whether somebody asks for something, or the time of something is over."""
    if Inbox(archive.disk).names():
        return True
    with archive.database.read() as tx:
        return rows.has_ended(tx, archive.clock.now())


def attend(archive: Archive) -> None:
    """What is over ends; what is asked for begins, until somebody waits for a turn: strangers fill the inbox, and a
    withdrawal is not to wait for all of them. What is left stays there."""
    inbox = Inbox(archive.disk)
    asked = inbox.names()
    if _end_what_is_over(archive) | bool(asked):
        for name, raw in inbox.take():
            if raw is not None:
                _grant(archive, raw)
            inbox.done(name)
            if is_awaited(archive.disk):
                break
        ask(archive.root, "sync")


def _grant(archive: Archive, raw: bytes) -> None:
    """Nothing comes of a request that is none, or for what is not here."""
    try:
        wish = parse_wish(raw, archive.settings.word)
        if wish.view is not None:
            _register(archive, wish.view)
        _seed(archive, wish)
    except (ValueError, Damaged, Refused):
        return


def _register(archive: Archive, view: View) -> None:
    """A visitor's view is there from now on."""
    with archive.database.read() as tx:
        offers = Offers(tx)
        known = rows.find_view(tx, view.name)
        is_full = known is None and rows.count_visitors(tx) >= MAX_VISITORS
        if is_full or not all(map(offers.has, view.slots)):
            raise Refused("no-view", "there is no room, or something in it may not be in a swarm", cure="ask for less")
    made = _assembled(archive, view.name, view.slots, Flavour.HYBRID)
    whole = replace(view, until=_until(archive), made_at=archive.clock.now(), revision=1, hashes=made.hashes)
    with archive.database.write() as tx:
        rows.save_view(tx, whole)


def _seed(archive: Archive, wish: Wish) -> None:
    with archive.database.read() as tx:
        slots = slots_of(tx, wish.name)
        view = rows.find_view(tx, wish.name)
        demanded = rows.demanded(tx)
        # A round looks here before it settles anything: what was taken back a moment ago may still have its place.
        may = all(map(Offers(tx).may, slots))
    known = next((one.until for one in demanded if (one.name, one.flavour) == (wish.name, wish.flavour)), "")
    is_always = wish.flavour in archive.settings.flavours and not (view and view.until)
    is_long = known > _until(archive, archive.settings.on_demand_days / 2)
    is_full = not known and len(demanded) >= archive.settings.on_demand_torrents
    if is_always or is_long or is_full or not slots or not may:
        return
    _publish(archive, Demand(name=wish.name, flavour=wish.flavour, until=_until(archive)), slots)


def slots_of(tx: Connection, name: str) -> tuple[Slot, ...]:
    """What is in a volume or view now; () when there is none."""
    view = rows.find_view(tx, name)
    every = view.slots if view is not None else volumes.slots_of(tx, name)
    return tuple(slot for slot in every if slot.present)


def _until(archive: Archive, days: float | None = None) -> str:
    wanted = archive.settings.on_demand_days if days is None else days
    then = datetime.fromisoformat(archive.clock.now()) + timedelta(days=wanted)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def _publish(archive: Archive, demand: Demand, slots: Sequence[Slot]) -> frozenset[str]:
    """Row, torrent, seed list; gives the paths of both files."""
    name, flavour = demand.name, demand.flavour
    shelf = Shelf(archive.disk, {slot.digest: slot.release for slot in slots})
    made = _assembled(archive, name, slots, flavour)
    with archive.database.write() as tx:
        rows.save_demand(tx, replace(demand, hashes=made.hashes))
    path, files = torrent_path(name, flavour), tuple(shelf.place(one.digest) for one in made.members)
    seed = Seed(name=name, torrent=path, hashes=made.hashes, files=files, until=demand.until)
    archive.disk.replace(path, made.torrent)
    archive.disk.replace(seed_path(name, flavour), format_seed(seed))
    return frozenset({path, seed_path(name, flavour)})


def _assembled(archive: Archive, name: str, slots: Sequence[Slot], flavour: Flavour) -> Assembled:
    members = [Member(path=slot.path, digest=slot.digest, bytes=slot.bytes) for slot in slots]
    with PackedHashes(archive.disk) as packs:
        shelf = Shelf(archive.disk, {slot.digest: slot.release for slot in slots}, packs)
        return assemble(name, members, shelf.hashes, flavour, archive.settings.outside)


# ── ending ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _end_what_is_over(archive: Archive) -> bool:
    now = archive.clock.now()
    with archive.database.read() as tx:
        if not rows.has_ended(tx, now):
            return False
        demands = [one for one in rows.demanded(tx) if one.until <= now]
        views = rows.ended_views(tx, now)
    for one in demands:
        _remove_files(archive, one)
    with archive.database.write() as tx:
        for one in demands:
            rows.remove_demand(tx, one.name, one.flavour)
        for name in views:
            rows.remove_view(tx, name)
    return True


def _remove_files(archive: Archive, one: Demand) -> None:
    archive.disk.remove(seed_path(one.name, one.flavour))
    archive.disk.remove(torrent_path(one.name, one.flavour))


def end(archive: Archive, views: Sequence[View]) -> None:
    """Visitors' views that something has to leave: they and their torrents are gone, and said to be recalled."""
    if not views:
        return
    names = [view.name for view in views]
    issuing.recall(archive, names)
    with archive.database.read() as tx:
        demands = rows.demanded(tx, names)
    for one in demands:
        _remove_files(archive, one)
    now = archive.clock.now()
    with archive.database.write() as tx:
        for view in views:
            rows.remove_view(tx, view.name)
            _say_obsolete(tx, view, Demand(name=view.name, flavour=Flavour.HYBRID, until="", hashes=view.hashes), now)
        for one in demands:
            rows.remove_demand(tx, one.name, one.flavour)


def _say_obsolete(tx: Connection, before: View | Volume, one: Demand, at: str, reason: str = RECALLED) -> None:
    found = Obsolete(
        name=one.name, revision=before.revision, flavour=one.flavour, hashes=one.hashes, at=at, reason=reason
    )
    volumes.add_obsolete(tx, found)


def renew(archive: Archive, before: View | Volume | None, after: View | Volume) -> None:
    """Flavours that somebody asked for follow a volume or view to its next revision, for the rest of their time."""
    with archive.database.read() as tx:
        demands = rows.demanded(tx, {after.name})
    slots = [slot for slot in after.slots if slot.present]
    now = archive.clock.now()
    if before is None:
        return
    for one in demands:
        if slots:
            _publish(archive, one, slots)
        else:
            _remove_files(archive, one)
        with archive.database.write() as tx:
            if before.members != after.members:
                reason = RECALLED if volumes.loses(before, after) else REISSUED
                _say_obsolete(tx, before, one, now, reason)
            if not slots:
                rows.remove_demand(tx, one.name, one.flavour)


def restore_files(archive: Archive, forbidden: frozenset[str]) -> frozenset[str]:
    """Torrents and seed lists of everything that is seeded on demand; gives their paths."""
    paths: set[str] = set()
    with archive.database.read() as tx:
        offers = Offers(tx)
        found = [(one, slots_of(tx, one.name)) for one in rows.demanded(tx) if one.name not in forbidden]
        whole = [(one, slots) for one, slots in found if slots and all(map(offers.may, slots))]
    for one, slots in whole:
        try:
            paths |= _publish(archive, one, slots)
        except (Damaged, Refused):
            continue  # it is told of the volume, or the object, that is damaged
    return frozenset(paths)
