"""Site: what every request needs, opened once and handed down.

Takes  an archive's folder and its settings.   Gives  a Site.
Never  opens anything for writing.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

from sonoteca.catalogue.tables import SCHEMA
from sonoteca.config import Settings
from sonoteca.ports.clock import Clock, SystemClock
from sonoteca.ports.database import Database
from sonoteca.ports.disk import Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.web.assets import Assets, load_assets
from sonoteca.web.memory import Look, Memory, look

# More threads than processors only wait for each other: a look-up is all work and no waiting.
LOOKUPS = 8
BUSY_S = 5.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The doors of the website. Tests build it with doubles."""

    root: str
    settings: Settings
    database: Database
    disk: Disk
    clock: Clock
    assets: Assets = field(default_factory=load_assets)
    memory: Memory = field(default_factory=Memory)
    lookups: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(LOOKUPS))

    def look(self) -> AbstractContextManager[Look]:
        """A snapshot of the catalogue, with what was made for the same state before."""
        return look(self.database, self.memory)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """A look-up in a thread, so that a slow one holds up nobody else."""
        return await to_thread.run_sync(work, limiter=self.lookups)


def open_site(root: str, settings: Settings) -> Site:
    """The site of the archive in this folder."""
    database = Database(root, SCHEMA, busy_timeout_s=BUSY_S)
    return Site(root=root, settings=settings, database=database, disk=LocalDisk(root), clock=SystemClock())


def site_of(request: Request) -> Site:
    """The site that a request is for."""
    found: Site = request.app.state.site
    return found
