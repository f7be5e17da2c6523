"""Views: an operator's groupings are made, issued anew when something leaves them, and taken down.

Takes  a Where and a tier; releases whose verdicts or files are others than before.
Gives  the View as it was published; recovery and rebuild make rows and files from the records alone.
Order  that of volumes (volumes.py). What loses a file leaves the seeder before anything else is done: `recall` comes
       first of all, `settle` after the volumes. A visitor's view has no record: it ends when something leaves it.
Never  keeps seeding what may not be in a swarm any more, whoever put it together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from sonoteca.catalogue import views as rows
from sonoteca.catalogue import volumes
from sonoteca.formats import json, plain
from sonoteca.holdings.groupings import grouped
from sonoteca.holdings.offers import Offers, offer_of
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.record import Record, RecordKind
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Flavour, Group, InfoHashes, Slot, Volume
from sonoteca.model.view import View, Where
from sonoteca.pipeline import issuing, on_demand
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import owe, settle_debts
from sonoteca.pipeline.torrents import Files, assembled, publish_files, seed_path, torrent_path, verify_same
from sonoteca.torrents import views as policy

SCHEMA = "sonoteca/view/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The files that belong to views, and what stood in the way of some."""

    paths: frozenset[str]
    troubles: tuple[Damaged | Refused, ...]


def make(archive: Archive, where: Where, tier: str, title: str = "") -> View:
    """The view of what is asked for, as it is now; made again it is the next revision. Refused when there is too much
    of it, or nothing."""
    name = policy.operators_name(archive.settings.word, where, tier)
    before = load_view(archive, name)
    with archive.database.read() as tx:
        slots = grouped(tx, where, tier, before.slots if before else ())
    after = View(
        name=name,
        title=title[: policy.MAX_TITLE] or policy.title_of(where),
        asked=json.format(list(policy.words_of(where))).decode(),
        tier=tier,
        revision=before.revision if before else 0,
        made_at=before.made_at if before else archive.clock.now(),
        slots=slots,
        hashes=before.hashes if before else InfoHashes(),
    )
    if before == after and not _is_dark(archive, after):
        return after
    return _issue(archive, [(before, after)])[0]


def drop(archive: Archive, name: str) -> View:
    """The view is taken down: nothing of it is seeded as such; volumes have the same files."""
    before = load_view(archive, name)
    if before is None:
        cure = "sonoteca volumes --json lists the views"
        raise Refused("no-view", "there is no such view", where=name, cure=cure)
    return _issue(archive, [(before, replace(before, slots=()))])[0] if before.members else before


def recall(archive: Archive, releases: Sequence[str]) -> None:
    """Views with a file of these releases, or of others that wait, that may not be in a swarm leave the seeder."""
    with archive.database.read() as tx:
        losing = [view.name for view, may in _touched(tx, _affected(tx, releases)) if not may]
    issuing.recall(archive, losing)


def settle(archive: Archive, releases: Sequence[str]) -> tuple[Damaged | Refused, ...]:
    """An operator's view is issued without what has to go, and with what may be there again; a visitor's ends."""
    with archive.database.read() as tx:
        affected = _affected(tx, releases)
        touched = list(_touched(tx, affected))
        # The order of the places is the record's: a recording stands before its credits.
        mine = (load_view(archive, view.name) for view, _ in touched if not view.until)
        changes = [(view, _revised(tx, view, affected)) for view in mine if view is not None]
    on_demand.end(archive, [view for view, may in touched if view.until and not may])
    troubles: list[Damaged | Refused] = []
    for before, after in changes:
        if before.slots != after.slots or _is_dark(archive, after):
            try:
                _issue(archive, [(before, after)])
            except (Damaged, Refused) as trouble:
                troubles.append(trouble)
    return tuple(troubles)


def _affected(tx: Connection, releases: Sequence[str]) -> frozenset[str]:
    """These, and others that wait: of all the rest nothing has changed, and it is not asked about."""
    return frozenset(releases) | rows.waiting(tx)


def _touched(tx: Connection, affected: frozenset[str]) -> Iterator[tuple[View, bool]]:
    """The views that these releases are in, and whether everything of theirs may be there."""
    offers = Offers(tx)
    for name in rows.touching(tx, affected):
        view = rows.find_view(tx, name)
        if view is not None:
            yield view, all(offers.may(slot) for slot in _present(view) if slot.release in affected)


def _revised(tx: Connection, view: View, affected: frozenset[str]) -> View:
    here = sorted({slot.release for slot in view.slots} & affected)
    return policy.revised(view, [offer_of(tx, release) for release in here])


def _is_dark(archive: Archive, view: View) -> bool:
    """Whether it was taken out of the seeder, and then nothing came of the reason."""
    paths = [seed_path(view.name, Flavour(one)) for one in archive.settings.flavours]
    return bool(view.members) and any(archive.disk.find(path) is None for path in paths)


def _issue(archive: Archive, changes: Sequence[tuple[View | None, View]]) -> tuple[View, ...]:
    issuing.intend(archive)
    made: list[tuple[View | None, View, Files]] = []
    for before, after in changes:
        volume, files = assembled(archive, as_volume(after))
        made.append((before, replace(after, revision=after.revision + 1, hashes=volume.hashes), files))
    records = [_recorded(archive, after) for _, after, _ in made]
    # The revisions are durable in the records; no row, no torrent and no seeder knows them yet.
    with archive.database.write() as tx:
        for (before, after, _), record in zip(made, records, strict=True):
            rows.save_view(tx, after)
            if before is not None:
                volumes.save_obsolete(tx, before, after, record.made_at)
            owe(tx, record)
    settle_debts(archive)
    for before, after, files in made:
        publish_files(archive, as_volume(after), files)
        on_demand.renew(archive, before, after)
    issuing.end_issue(archive)
    return tuple(after for _, after, _ in made)


def as_volume(view: View) -> Volume:
    """A view as what torrents are made of."""
    group = Group(collection="", tier=Tier.ORIGINAL, licence_class="")
    return Volume(
        name=view.name,
        group=group,
        number=1,
        revision=view.revision,
        opened_at=view.made_at,
        slots=view.slots,
        hashes=view.hashes,
    )


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _recorded(archive: Archive, view: View) -> Record:
    body = json.format({"schema": SCHEMA, **plain.to_plain(view)}).decode()
    return archive.records.append(RecordKind.VIEW, view.name, body, archive.clock.now())


def view_of(record: Record) -> View:
    """The view that a record says; Damaged when it says none."""
    try:
        found = json.parse_object(record.body.encode())
        if found.pop("schema", None) != SCHEMA:
            raise ValueError(f"the schema {SCHEMA} was expected")
        return plain.from_plain(View, found)
    except ValueError as error:
        what = f"the record of a view cannot be read: {error}"
        raise Damaged("view-record", what, where=record.id, cure="restore records/ from a backup") from error


def load_view(archive: Archive, name: str) -> View | None:
    """An operator's view at its newest revision."""
    record = archive.records.last(RecordKind.VIEW, name)
    return None if record is None else view_of(record)


def all_views(archive: Archive) -> Iterator[tuple[View | None, View, Record, bool]]:
    """Every revision of every view: the one before, itself, its record, whether it is the newest."""
    before: View | None = None
    waiting: tuple[View | None, View, Record] | None = None
    for record in archive.records.all(RecordKind.VIEW):
        view = view_of(record)
        if waiting is not None:
            yield (*waiting, waiting[1].name != view.name)
        before = waiting[1] if waiting is not None and waiting[1].name == view.name else None
        waiting = (before, view, record)
    if waiting is not None:
        yield (*waiting, True)


def restore_rows(archive: Archive, tx: Connection, *, owes: bool) -> None:
    """The rows of every operator's view from the records alone."""
    rows.remove_operators(tx)
    for before, view, record, is_newest in all_views(archive):
        if before is not None:
            volumes.save_obsolete(tx, before, view, record.made_at)
        if is_newest:
            rows.save_view(tx, view)
        if is_newest and owes:
            owe(tx, record)


def restore_files(archive: Archive, forbidden: frozenset[str]) -> Restored:
    """Torrents and seed lists of every view, and of what is seeded on demand; but for those of volumes that are
    forbidden, and of views with a file that may not leave."""
    paths, troubles = set[str](), list[Damaged | Refused]()
    with archive.database.read() as tx:
        offers = Offers(tx)
        every = [view for _, view, _, is_newest in all_views(archive) if is_newest and view.members]
        dark = frozenset(view.name for view in every if not all(offers.may(slot) for slot in _present(view)))
    for view in every:
        try:
            if view.name not in dark:
                paths |= _published(archive, view)
        except (Damaged, Refused) as trouble:
            troubles.append(trouble)
    demanded = on_demand.restore_files(archive, forbidden | dark)
    return Restored(paths=frozenset(paths) | demanded, troubles=tuple(troubles))


def _present(view: View) -> tuple[Slot, ...]:
    return tuple(slot for slot in view.slots if slot.present)


def _published(archive: Archive, view: View) -> set[str]:
    volume, files = assembled(archive, as_volume(view))
    verify_same(as_volume(view), files)
    publish_files(archive, volume, files)
    return {path for one in files for path in (torrent_path(view.name, one), seed_path(view.name, one))}
