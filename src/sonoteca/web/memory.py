"""Memory: what was made for one state of the catalogue, kept for as long as that state is the newest.

Takes  a snapshot of the catalogue, a key, and how to make what the key means.
Gives  what was made before, when nobody has written to the catalogue since; else what is made now.
Never  gives anything of an older state: a withdrawal is a commit, and the next look sees it.

SQLite's `data_version` differs on a connection when another connection has committed since that one last looked. Each
connection remembers what it saw; whoever sees a change begins a new generation, and everything older is forgotten.
What is made in the look that finds the change is not kept: its snapshot may already be older than the newest
generation. A look reads the number of the generation before its snapshot begins, so no snapshot is older than the
generation it is kept for.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from sonoteca.ports.database import Database

MAX_THINGS = 4_000
SEEN = "sonoteca.web.data_version"
T = TypeVar("T")


class Memory:
    """Shared by all threads of a website."""

    def __init__(self, max_things: int = MAX_THINGS) -> None:
        self._max_things = max_things
        self._lock = Lock()
        self._generation = 0
        self._things: OrderedDict[Hashable, Any] = OrderedDict()

    @property
    def generation(self) -> int:
        """The number of the newest state that was seen."""
        return self._generation

    def renew(self) -> None:
        """Everything is forgotten."""
        with self._lock:
            self._generation += 1
            self._things.clear()

    def find(self, generation: int, key: Hashable) -> Any:
        """What is kept, None when it is not there."""
        with self._lock:
            if generation != self._generation or key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key]

    def keep(self, generation: int, key: Hashable, thing: Any) -> None:
        """Keeps it, unless the state it was made for is no longer the newest."""
        with self._lock:
            if generation != self._generation:
                return
            self._things[key] = thing
            if len(self._things) > self._max_things:
                self._things.popitem(last=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A snapshot of the catalogue; `generation` None: nothing that is made in it is kept."""

    tx: Connection
    memory: Memory
    generation: int | None

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for each state of the catalogue. None is made again each time."""
        if self.generation is None:
            return make()
        found = self.memory.find(self.generation, key)
        if found is None:
            found = make()
            self.memory.keep(self.generation, key, found)
        return cast(T, found)


@contextmanager
def look(database: Database, memory: Memory) -> Iterator[Look]:
    """A snapshot with its memory."""
    generation = memory.generation
    with database.read() as tx:
        seen = tx.exec_driver_sql("PRAGMA data_version").scalar_one()
        if tx.info.get(SEEN) == seen:
            yield Look(tx=tx, memory=memory, generation=generation)
            return
        tx.info[SEEN] = seen
        memory.renew()
        yield Look(tx=tx, memory=memory, generation=None)
