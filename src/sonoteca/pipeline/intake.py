"""Intake: folders become rows of the queue; or, dry, a list of what would happen.

Takes  paths that a person named.   Gives  one `Planned` for each release found. Nothing is copied here.
Order  what a crash left is ended first, so that no plan is kept back by a job that nobody works on; trust is recorded
       before anything is queued, so that no job can run without the decision it was added under.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sonoteca.acquire import folders
from sonoteca.acquire.roles import SCORES, ending_of
from sonoteca.catalogue import queue
from sonoteca.catalogue.queue import Enqueued, NewJob
from sonoteca.formats import json, plain
from sonoteca.model.source import FolderPlan, PlannedFile, Role
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.recover import recover
from sonoteca.pipeline.trust import trust
from sonoteca.rights.records import Trust

AT_ONCE = 64  # folders queued in one transaction


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
        """How many files are recordings by name (the probe decides)."""
        return len(self.sounding)

    @property
    def sounding(self) -> tuple[PlannedFile, ...]:
        """Files that are recordings by name: a score or a tracker module is none, and will be refused."""
        by_name = (file for file in self.plan.files if file.role in (Role.AUDIO, Role.UNKNOWN))
        return tuple(file for file in by_name if ending_of(file.path.rpartition("/")[2]) not in SCORES)


def find_releases(archive: Archive, wish: Wish) -> Iterator[Planned]:
    """Every release below the named paths."""
    for path in wish.paths:
        root = archive.source.resolve(path, archive.root)
        for plan in folders.plan(archive.source.list(root), folders.name_of(root)):
            yield Planned(root=root, plan=plan, source_key=archive.source.key(root, plan.folder))


def enqueue(archive: Archive, wish: Wish) -> Iterator[tuple[Planned, Enqueued]]:
    """Puts every release found into the queue, in batches that are durable."""
    recover(archive)
    if wish.trusts_manifest:
        for path in wish.paths:
            key = archive.source.key(archive.source.resolve(path, archive.root), "")
            trust(archive, Trust(source_key=key, reason="sonoteca add --trust-manifest"))
    found = find_releases(archive, wish)
    while some := list(islice(found, AT_ONCE)):
        jobs = [_job(archive, wish, planned) for planned in some]
        with archive.database.write() as tx:
            states = [queue.enqueue(tx, job) for job in jobs]
        yield from zip(some, states, strict=True)


def _job(archive: Archive, wish: Wish, planned: Planned) -> NewJob:
    return NewJob(
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
