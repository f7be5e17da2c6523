"""Site: what every request needs, opened once and handed down.

Takes  an archive's folder and its settings.   Gives  a Site.
Never  opens anything for writing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

from sonoteca.catalogue.tables import SCHEMA
from sonoteca.catalogue.window import BOUNDS, Bounds
from sonoteca.config import Settings
from sonoteca.ports.clock import Clock, SystemClock
from sonoteca.ports.database import Database
from sonoteca.ports.disk import Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.private import Private, SqlitePrivate
from sonoteca.ports.watch import Watch
from sonoteca.torrents.outside import Parts
from sonoteca.web.assets import Assets, load_assets
from sonoteca.web.kept import Kept
from sonoteca.web.memory import Look, Memory
from sonoteca.web.seeder import SeederLook
from sonoteca.web.sending import Load

# A look-up is work and no waiting: more threads would only wait for each other, and each holds a connection.
LOOKUPS = 4
BUSY_S = 5.0
KEPT_TORRENTS = 50_000  # about 20 MB of numbers
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The doors of the website. Tests build it with doubles."""

    root: str
    settings: Settings
    database: Database
    disk: Disk
    clock: Clock
    memory: Memory
    private: Private
    seeder: SeederLook = field(default_factory=SeederLook)
    assets: Assets = field(default_factory=load_assets)
    torrents: Kept[bytes, Parts] = field(default_factory=lambda: Kept(KEPT_TORRENTS))
    bounds: Bounds = BOUNDS
    load: Load = field(default_factory=Load)
    lookups: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(LOOKUPS))
    # What may have to read much of the catalogue: one at a time, so that the other look-ups are free for pages.
    turn: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    async def look(self, work: Callable[[Look], T]) -> T:
        """A look-up in a thread, on a snapshot of the catalogue, with what was made for the same state before."""
        version = self.memory.version()

        def with_snapshot() -> T:
            with self.database.read() as tx:
                return work(Look(tx=tx, memory=self.memory, version=version))

        return await self.in_thread(with_snapshot)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Work in a thread, so that a slow one holds up nobody else."""
        return await to_thread.run_sync(work, limiter=self.lookups)


def open_site(root: str, settings: Settings) -> Site:
    """The site of the archive in this folder."""
    database = Database(root, SCHEMA, busy_timeout_s=BUSY_S)
    return Site(
        root=root,
        settings=settings,
        database=database,
        disk=LocalDisk(root),
        clock=SystemClock(),
        memory=Memory(Watch(database.path)),
        private=SqlitePrivate(root, busy_timeout_s=BUSY_S),
        seeder=SeederLook(root),
    )


def site_of(request: Request) -> Site:
    """The site that a request is for."""
    found: Site = request.app.state.site
    return found
