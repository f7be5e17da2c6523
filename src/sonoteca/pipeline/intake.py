"""Intake: folders become rows of the queue; or, dry, a list of what would happen.

Takes  paths that a person named.   Gives  one `Planned` for each release found. Nothing is copied here.
Order  trust is recorded before anything is queued, so that no job can run without the decision it was added under.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.acquire import folders
from sonoteca.catalogue import queue, read
from sonoteca.catalogue.queue import Enqueued, NewJob
from sonoteca.formats import json, plain
from sonoteca.model.record import RecordKind
from sonoteca.model.source import FolderPlan, Role
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.describe import judge_again, owe, settle_debts
from sonoteca.rights.records import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What `sonoteca add` was asked."""

    paths: tuple[str, ...]
    collection: str = ""
    trusts_manifest: bool = False
    moves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A release found in a folder. `root` is the folder that was listed."""

    root: str
    plan: FolderPlan
    source_key: str

    @property
    def recordings(self) -> int:
        """Files that are recordings by name (the probe decides)."""
        return sum(file.role in (Role.AUDIO, Role.UNKNOWN) for file in self.plan.files)


def find_releases(archive: Archive, wish: Wish) -> Iterator[Planned]:
    """Every release below the named paths."""
    for path in wish.paths:
        root = archive.source.resolve(path, archive.root)
        for plan in folders.plan(archive.source.list(root), folders.name_of(root)):
            yield Planned(root=root, plan=plan, source_key=archive.source.key(root, plan.folder))


def enqueue(archive: Archive, wish: Wish) -> Iterator[tuple[Planned, Enqueued]]:
    """Puts every release found into the queue, in batches that are durable."""
    if wish.trusts_manifest:
        _trust(archive, wish)
    for planned in find_releases(archive, wish):
        job = NewJob(
            source_key=planned.source_key,
            root=planned.root,
            name=planned.plan.name,
            plan=json.format(plain.to_plain(planned.plan)).decode(),
            collection=wish.collection,
            moves=wish.moves,
            bytes=planned.plan.bytes,
            files=len(planned.plan.files),
            added_at=archive.clock.now(),
        )
        with archive.database.write() as tx:
            state = queue.enqueue(tx, job)
        yield planned, state


def _trust(archive: Archive, wish: Wish) -> None:
    """Records the decision; what is here already from these folders is judged again by it."""
    for path in wish.paths:
        key = archive.source.key(archive.source.resolve(path, archive.root), "")
        trust = Trust(source_key=key, collection="", reason="sonoteca add --trust-manifest")
        before = archive.records.last(RecordKind.TRUST, key)
        record = archive.records.append(
            RecordKind.TRUST, key, json.format(plain.to_plain(trust)).decode(), archive.clock.now()
        )
        with archive.database.write() as tx:
            owe(tx, record)
        if before is None:
            judge_again(archive, under(archive, key))
    settle_debts(archive)


def under(archive: Archive, source_key: str) -> Iterator[str]:
    """Releases made of a source or of folders below it."""
    after = ""
    while True:
        with archive.database.read() as tx:
            page = read.under_source(tx, source_key, after)
        if not page:
            return
        yield from page
        after = page[-1]
