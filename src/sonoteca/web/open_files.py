"""Open files: the store's files that are being sent, each open once, however many listen to it.

Takes  a public file.   Gives  an open one to read from, until it is let go.
Never  takes a path from outside: the place follows from the release's object and the digest. Never keeps a file open
       that nobody reads for longer than IDLE_S: what is destroyed meanwhile would stay on the disk. Never holds more
       than MAX_OPEN: who comes then is told to try again (Unreachable "busy").

Belongs to the event loop; what may wait for the disk runs in threads.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import IO, TypeVar

from anyio import CapacityLimiter, to_thread

from sonoteca.holdings import PublicFile
from sonoteca.model.errors import Damaged, Unreachable
from sonoteca.ports.disk import Disk
from sonoteca.preserve.deposit import content_path, load_object
from sonoteca.web.kept import Kept

MAX_OPEN = 400  # half of what a process may have open on most systems is left to connections
IDLE_S = 5.0
MAX_READS = 16
KEPT_PLACES = 20_000
T = TypeVar("T")


@dataclass(slots=True)
class OpenFile:
    """A file of the store, of `size` bytes, for `users` at once."""

    place: tuple[str, str]
    file: IO[bytes]
    size: int
    users: int = 0

    @property
    def number(self) -> int:
        """Its descriptor."""
        return self.file.fileno()


class OpenFiles:
    """Of one archive's disk."""

    def __init__(self, disk: Disk, *, max_open: int = MAX_OPEN, idle_s: float = IDLE_S) -> None:
        self._disk = disk
        self._max_open = max_open
        self._idle_s = idle_s
        self._open: dict[tuple[str, str], OpenFile] = {}
        self._places: Kept[tuple[str, str], str] = Kept(KEPT_PLACES)
        self._reads = CapacityLimiter(MAX_READS)

    def __len__(self) -> int:
        return len(self._open)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Reading that may have to wait for the disk; only so many at once."""
        return await to_thread.run_sync(work, limiter=self._reads)

    async def take(self, file: PublicFile) -> OpenFile:
        """The file, open; whoever takes it lets it go."""
        key = (file.release, str(file.digest))
        found = self._open.get(key)
        if found is None:
            self._make_room()
            opened = await self.in_thread(partial(self._opened, key, file.bytes))
            found = self._open.setdefault(key, opened)
            if found is not opened:  # somebody else was faster
                opened.file.close()
        found.users += 1
        return found

    def let_go(self, file: OpenFile) -> None:
        """The file is not read any more by one of those who took it."""
        file.users -= 1
        if not file.users:
            asyncio.get_running_loop().call_later(self._idle_s, self._close_idle, file)

    def close_idle(self) -> None:
        """Closes what nobody reads: when the catalogue has changed, some of it may be gone."""
        for file in [one for one in self._open.values() if not one.users]:
            self._close_idle(file)

    def _close_idle(self, file: OpenFile) -> None:
        if not file.users and self._open.get(file.place) is file:
            del self._open[file.place]
            file.file.close()

    def _make_room(self) -> None:
        if len(self._open) < self._max_open:
            return
        idle = next((one for one in self._open.values() if not one.users), None)
        if idle is None:
            raise Unreachable("busy", f"{self._max_open} files are being sent at once", cure="try again in a minute")
        self._close_idle(idle)

    # ── in a thread ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _opened(self, key: tuple[str, str], size: int) -> OpenFile:
        try:
            file = self._disk.open(self._place(key))
        except Damaged:
            # The object was made again without something since its inventory was read.
            self._places.drop(key)
            file = self._disk.open(self._place(key))
        found = os.fstat(file.fileno()).st_size
        if found != size:
            file.close()
            raise Damaged("altered", f"it has {found} bytes instead of {size}", where=key[0], cure="sonoteca verify")
        return OpenFile(key, file, size)

    def _place(self, key: tuple[str, str]) -> str:
        found = self._places.find(key)
        if found is None:
            release, digest = key
            found = content_path(load_object(self._disk, release), digest)
            self._places.put(key, found)
        return found
