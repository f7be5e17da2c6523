"""Verify: fixity of every byte, validity of every object, ledger, records and catalogue against the store.

Takes  the archive; one release, some, or all; how many threads.
Gives  findings as they are made, and progress in bytes.
Never  writes or mends: what is damaged is named with its place, and a person decides.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module

from sonoteca.catalogue import write
from sonoteca.ledger import entry_of
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.finding import Finding, finding
from sonoteca.model.record import RecordKind
from sonoteca.model.torrent import Volume
from sonoteca.pipeline import sameness, torrents, views
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.look import all_of, find_ids
from sonoteca.preserve.audit import audit, audit_root
from sonoteca.preserve.deposit import find_object, object_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What to verify: `ids` () is everything; `reference` lets ocfl-py judge as well; `layers` makes all hash layers
    again in the same read, which costs about three times the processor time."""

    ids: tuple[str, ...] = ()
    jobs: int = 0
    reference: bool = False
    layers: bool = False


def bytes_to_read(archive: Archive, ids: tuple[str, ...]) -> int | None:
    """How much there is, None when only some releases are meant."""
    if ids:
        return None
    return sum(item.bytes for item in archive.disk.walk("store"))


def verify(archive: Archive, checks: Checks, progress: Callable[[int, str], None]) -> Iterator[Finding]:
    """Everything that is wrong. An archive without findings is whole."""
    chosen = wanted(archive, checks.ids)
    jobs = checks.jobs or os.cpu_count() or 1
    yield from audit(archive.disk, chosen or object_ids(archive.disk), jobs, progress, layers=checks.layers)
    if checks.reference:
        # Loaded only when asked for: ocfl-py brings half a second of imports, and is not there on every machine.
        yield from import_module("sonoteca.pipeline.reference").judge_by_reference(archive.disk, chosen)
    if not checks.ids:
        yield from audit_root(archive.disk)
        yield from archive.ledger.verify()
        yield from archive.records.verify()
        yield from _records_and_ledger(archive)
        yield from _rows_and_objects(archive)
        yield from _fingerprints(archive)
        yield from _volumes(archive)


def wanted(archive: Archive, ids: tuple[str, ...]) -> tuple[str, ...]:
    """The releases that are meant; () is all."""
    with archive.database.read() as tx:
        return tuple(dict.fromkeys(target.release for word in ids for target in find_ids(tx, word)))


def _records_and_ledger(archive: Archive) -> Iterator[Finding]:
    """Records whose commitment the ledger neither has nor is owed: changed words, or a record that was slipped in."""
    known = archive.ledger.commitments()
    with archive.database.read() as tx:
        owed = {entry for _, entry in write.peek_outbox(tx, limit=1_000_000)}
    for kind in RecordKind:
        # Damaged: a record that cannot be read was told already (S901); those after it are asked when it is mended.
        with suppress(Damaged):
            for record in archive.records.all(kind):
                entry = entry_of(record)
                if entry not in known and entry not in owed:
                    yield finding("S902", where=f"{kind}/{record.id}")


def _fingerprints(archive: Archive) -> Iterator[Finding]:
    """What of the index of fingerprints is damaged; what it lacks, when nothing is."""
    yield from sameness.damages(archive) or sameness.lacking(archive)


def _volumes(archive: Archive) -> Iterator[Finding]:
    """Volumes and operators' views whose torrent does not follow from records and store, or is not there as it should
    be. A visitor's view has no record, and ends by itself."""
    with suppress(Damaged):  # a record that cannot be read was told already
        for volume, _ in torrents.all_volumes(archive):
            yield from _torrents(archive, volume)
    with suppress(Damaged):
        for _, view, _, is_newest in views.all_views(archive):
            if is_newest:
                yield from _torrents(archive, views.as_volume(view))


def _torrents(archive: Archive, volume: Volume) -> Iterator[Finding]:
    try:
        files = torrents.expected_files(archive, volume)
    except (Damaged, Refused) as trouble:
        yield finding("V001", where=volume.name, detail=trouble.what)
        return
    for path, content in files.items():
        if archive.disk.find(path) is None or archive.disk.read(path) != content:
            yield finding("V002", where=path)


def _rows_and_objects(archive: Archive) -> Iterator[Finding]:
    """Releases that the catalogue shows and the store does not have, or has in another version."""
    with archive.database.read() as tx:
        for kept in all_of(tx):
            try:
                inventory = find_object(archive.disk, kept.release.id)
            except Damaged:
                continue  # The audit has told what is wrong with this object.
            if inventory is None:
                yield finding("S090", where=kept.release.id)
            elif inventory.head_number != kept.version:
                yield finding("S091", where=kept.release.id)
