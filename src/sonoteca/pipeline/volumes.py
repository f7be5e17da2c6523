"""Volumes: what may be published is given its place, and every volume that changed is issued anew.

Takes  releases whose verdicts or files are others than before.
Gives  the names of the volumes issued; recovery and rebuild make torrents and seed lists from the records alone.
Order  (2-the-house: nothing is public before its ledger entry is durable)
       an intent → torrents that lose a file leave the seeder → each revision as a durable record → one transaction:
       rows and outbox → the ledger → .torrent files → seed lists → the seeder is told → the end of the intent.
       After a crash in between the intent is found, rows are read from the records again, and the files follow.
Never  publishes without a record, or keeps seeding what a record takes back: also when the decision was about another
       release that has the same bytes, and when the volume cannot be issued without the file.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sonoteca.catalogue import volumes as rows
from sonoteca.holdings import standing
from sonoteca.holdings.artwork import is_refused
from sonoteca.holdings.offers import offer_from, offer_of
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.ids import track_id
from sonoteca.model.record import Record, RecordKind
from sonoteca.model.torrent import Flavour, Group, Volume
from sonoteca.pipeline import issuing, on_demand, views
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import owe, settle_debts
from sonoteca.pipeline.torrents import (
    TORRENTS,
    Files,
    all_volumes,
    assembled,
    body_of,
    known_places,
    load_volume,
    publish_files,
    seed_path,
    successions,
    torrent_path,
    verify_same,
)
from sonoteca.ports.control import ask
from sonoteca.ports.database import Database
from sonoteca.torrents import volumes as policy
from sonoteca.torrents.volumes import Item, Offer, Room


@dataclass(slots=True)
class _Desk:
    """The volumes of one round: as their records say, and as they are to be."""

    archive: Archive
    tx: Connection
    before: dict[str, Volume]
    after: dict[str, Volume]

    def load(self, name: str) -> Volume:
        """A volume as it stands in this round."""
        if name not in self.after:
            found = load_volume(self.archive, name)
            if found is None:
                raise Damaged("no-volume", "the records know no such volume", where=name, cure="sonoteca rebuild")
            self.before[name] = self.after[name] = found
        return self.after[name]

    def put(self, volume: Volume) -> None:
        """A volume as it is to be."""
        self.after[volume.name] = volume

    def newest(self, group: Group) -> Volume | None:
        """The group's newest volume, those opened in this round included."""
        fresh = [one for one in self.after.values() if one.group == group]
        name = rows.newest(self.tx, group)
        known = [self.load(name)] if name else []
        return max([*fresh, *known], key=lambda one: one.number, default=None)

    def taken(self, beginning: str) -> frozenset[str]:
        """Names of volumes that begin so."""
        fresh = {name for name in self.after if name.startswith(beginning)}
        return rows.taken_names(self.tx, beginning) | fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The volumes that were issued, and what stood in the way of others: those stay as they were, and a volume that
    has to lose a file is not seeded until it can be issued."""

    names: tuple[str, ...] = ()
    troubles: tuple[Damaged | Refused, ...] = ()


def settle_volumes(archive: Archive, releases: Sequence[str]) -> Issued:
    """Gives every file of these releases that may be published its place, takes it from those that may not (and from
    those of other releases that wait), and issues the volumes that changed; and views, after what has to leave them was
    recalled first of all."""
    views.recall(archive, releases)
    with archive.database.read() as tx:
        desk = _Desk(archive, tx, {}, {})
        for release in dict.fromkeys([*releases, *(release for release, _ in _forbidden(desk, frozenset(releases)))]):
            _settle(desk, offer_of(tx, release))
    changed = [one for name, one in sorted(desk.after.items()) if one != desk.before.get(name)]
    dark = [one for name, one in sorted(desk.after.items()) if one == desk.before.get(name) and _is_dark(archive, one)]
    issued = issue(archive, [(desk.before.get(one.name), one) for one in changed])
    troubles = (*_listed_again(archive, dark), *views.settle(archive, releases))
    return Issued(names=issued.names, troubles=(*issued.troubles, *troubles))


def _is_dark(archive: Archive, volume: Volume) -> bool:
    """Whether it was taken out of the seeder, and then nothing came of the reason."""
    paths = [seed_path(volume.name, Flavour(one)) for one in archive.settings.flavours]
    return bool(volume.members) and any(archive.disk.find(path) is None for path in paths)


def _listed_again(archive: Archive, volumes: Sequence[Volume]) -> tuple[Damaged | Refused, ...]:
    troubles = []
    for volume in volumes:
        try:
            _, files = assembled(archive, volume)
            verify_same(volume, files)
            publish_files(archive, volume, files)
        except (Damaged, Refused) as trouble:
            troubles.append(trouble)
    if volumes:
        ask(archive.root, "sync")
    return tuple(troubles)


def _forbidden(desk: _Desk, settled: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """(release, volume) of files in volumes that may not be there any more, but for releases that are settled anyway. A
    file that its release calls otherwise, or has replaced, is none; unless artwork is held, which it may carry."""
    for release in rows.waiting_in_volumes(desk.tx):
        found = None if release in settled else standing(desk.tx, release)
        if found is None:
            continue
        tracks = {name for one in found.release.tracks for name in (one.id, track_id(one.recording))}
        exact = is_refused(found)
        may = {(one.group, one.digest if exact else one.track) for one in offer_from(found).items}
        for volume in map(desk.load, rows.names_of(desk.tx, [release])):
            mine = [one for one in volume.slots if one.release == release and one.present and one.kind == policy.AUDIO]
            gone = (one for one in mine if (volume.group, one.digest if exact else one.track) not in may)
            if any(one.track in tracks for one in gone):
                yield release, volume.name


def _settle(desk: _Desk, offer: Offer) -> None:
    names = {*rows.names_of(desk.tx, [offer.release])}
    names |= {one.name for one in desk.after.values() if any(slot.release == offer.release for slot in one.slots)}
    revised, unplaced = policy.revise([desk.load(name) for name in sorted(names)], offer)
    for volume in revised:
        desk.put(volume)
    folders = {slot.path.partition("/")[0] for one in revised for slot in one.slots if slot.release == offer.release}
    by_group: dict[Group, list[Item]] = {}
    for item in unplaced:
        by_group.setdefault(item.group, []).append(item)
    room = room_of(desk.archive)
    for group, items in by_group.items():
        for part in policy.parts_of(items, room):
            volume = _volume_for(desk, group, part, room)
            folder = policy.folder_for(volume, offer, folders)
            folders.add(folder)
            desk.put(policy.placed(volume, offer.release, folder, part))


def _volume_for(desk: _Desk, group: Group, items: Sequence[Item], room: Room) -> Volume:
    """The group's newest volume when it is open and has room; else a new one."""
    now = desk.archive.clock.now()
    newest = desk.newest(group)
    if newest is not None and policy.is_open(newest, room, now) and policy.has_room(newest, items, room):
        return newest
    return policy.opened(desk.archive.settings.word, group, desk.taken, now)


def room_of(archive: Archive) -> Room:
    """How much a volume takes here."""
    chosen = archive.settings
    return Room(max_files=chosen.volume_max_files, max_bytes=chosen.volume_max_bytes, open_days=chosen.volume_open_days)


# ── issuing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


STOPPED, PUBLISHED, SEEDED = "stopped", "published", "seeded"


def _unseen(step: str) -> None:
    """Nobody watches."""


def issue(
    archive: Archive, changes: Sequence[tuple[Volume | None, Volume]], seen: Callable[[str], None] = _unseen
) -> Issued:
    """The next revision of each volume, (as it was, as it is to be), in the order of deeds. `seen` is told when what
    has to go is not served any more, when the next is on disk and in the feeds, and when it is seeded."""
    if not changes:
        return Issued()
    places = {after.name: known_places(archive, before) for before, after in changes}
    issuing.intend(archive)
    _recall(archive, changes)
    seen(STOPPED)
    made: list[tuple[Volume, Files]] = []
    troubles: list[Damaged | Refused] = []
    for before, after in changes:
        try:
            made.append(assembled(archive, policy.succeeded(before, after), places[after.name]))
        except (Damaged, Refused) as trouble:
            troubles.append(trouble)
    records = [_recorded(archive, volume) for volume, _ in made]
    # The revisions are durable in the records; no row, no torrent and no seeder knows them yet.
    former = {after.name: before for before, after in changes}
    with archive.database.write() as tx:
        for (volume, _), record in zip(made, records, strict=True):
            before = former[volume.name]
            rows.save_volume(tx, volume, before)
            if before is not None:
                rows.save_obsolete(tx, before, volume, record.made_at)
            owe(tx, record)
    settle_debts(archive)
    for volume, files in made:
        publish_files(archive, volume, files)
        on_demand.renew(archive, former[volume.name], volume)
    seen(PUBLISHED)
    # The torrents and seed lists are there; a seeder that runs is told, one that does not reads them when it starts.
    issuing.end_issue(archive)
    seen(SEEDED)
    return Issued(names=tuple(volume.name for volume, _ in made), troubles=tuple(troubles))


def _recorded(archive: Archive, volume: Volume) -> Record:
    return archive.records.append(RecordKind.VOLUME, volume.name, body_of(volume), archive.clock.now())


def _recall(archive: Archive, changes: Iterable[tuple[Volume | None, Volume]]) -> None:
    """Torrents with a file that must not be served any more leave the seeder before anything else is done."""
    losing = [before for before, after in changes if before is not None and rows.loses(before, after)]
    issuing.recall(archive, [volume.name for volume in losing])


# ── again, from the records ──────────────────────────────────────────────────────────────────────────────────────────


def restore_rows(archive: Archive, database: Database, *, owes: bool) -> None:
    """The rows of every volume from the records alone; with `owes` what the ledger lacks of them too. For recovery and
    rebuild."""
    # All or none: a volume without rows would be opened anew under its own name.
    with database.write() as tx:
        rows.remove_volumes(tx)
        for volume, record in all_volumes(archive):
            rows.save_volume(tx, volume)
            if owes:
                owe(tx, record)
        for before, after, record in successions(archive):
            rows.save_obsolete(tx, before, after, record.made_at)
        views.restore_rows(archive, tx, owes=owes)


def restore_files(archive: Archive) -> Issued:
    """Torrents and seed lists of every volume from records and store; what belongs to no volume leaves torrents/. A
    volume whose hash layers cannot be read has none until they can be, nor one with a file that may not leave."""
    kept, names, troubles = set[str](), list[str](), list[Damaged | Refused]()
    forbidden = _forbidden_names(archive)
    for volume, _ in all_volumes(archive):
        if volume.name in forbidden:
            continue
        try:
            _, files = assembled(archive, volume)
            verify_same(volume, files)
        except (Damaged, Refused) as trouble:
            troubles.append(trouble)
            continue
        publish_files(archive, volume, files)
        kept |= {path for one in files for path in (torrent_path(volume.name, one), seed_path(volume.name, one))}
        names.append(volume.name)
    restored = views.restore_files(archive, forbidden)
    _sweep(archive, kept | restored.paths)
    issuing.end_issue(archive)
    return Issued(names=tuple(names), troubles=(*troubles, *restored.troubles))


def recover_issue(archive: Archive) -> None:
    """Ends an issue that was cut short: what the records say is what was decided."""
    restore_rows(archive, archive.database, owes=True)
    settle_debts(archive)
    restore_files(archive)


def _forbidden_names(archive: Archive) -> frozenset[str]:
    with archive.database.read() as tx:
        return frozenset(name for _, name in _forbidden(_Desk(archive, tx, {}, {})))


def _sweep(archive: Archive, kept: set[str]) -> None:
    for name in archive.disk.list(TORRENTS):
        path = f"{TORRENTS}/{name}"
        if name.endswith((".torrent", ".seed.json")) and path not in kept:
            archive.disk.remove(path)
