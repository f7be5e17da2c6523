"""Memory: what was made for one state of the catalogue, kept for as long as that state is the newest.

Takes  the number of the state (ports/watch.py), a key, and how to make what the key means.
Gives  what was made before, when nobody has written to the catalogue since; else what is made now.
Never  gives anything of an older state: a withdrawal is a commit, and the next question has another number. Never holds
       more than `max_weight` of what is light and MAX_HEAVY of what is not: a letter that somebody searches for finds
       all of a large archive, and no page goes for it.
Order  the number is read before the snapshot is taken. What is committed in between is in the thing and not in the
       number: the thing is then kept under a number that nobody asks for again.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from sonoteca.ports.watch import Watch
from sonoteca.web.kept import Kept

MAX_WEIGHT = 64_000_000
MAX_HEAVY = 96_000_000
HEAVY = 4_000_000
# What a thing weighs that does not say so, in bytes.
WEIGHT = 2_000
T = TypeVar("T")


class Memory:
    """Shared by all threads of a website; `version` is asked in one of them only, that of the event loop."""

    def __init__(self, watch: Watch, max_weight: int = MAX_WEIGHT) -> None:
        self._watch = watch
        self._version = 0
        self._things: Kept[Hashable, Any] = Kept(max_weight)
        self._heavy: Kept[Hashable, Any] = Kept(MAX_HEAVY)

    def version(self) -> int:
        """The number of the newest state. Everything older is forgotten when it is another one."""
        found = self._watch.version()
        if found != self._version:
            self._version = found
            self._things.clear()
            self._heavy.clear()
        return found

    def find(self, version: int, key: Hashable) -> Any:
        """What is kept for this state, None when it is not there."""
        if version != self._version:
            return None
        found = self._things.find((version, key))
        return self._heavy.find((version, key)) if found is None else found

    def keep(self, version: int, key: Hashable, thing: Any, weight: int) -> None:
        """Keeps it, unless this state is no longer the newest."""
        if version == self._version:
            kept = self._heavy if weight > HEAVY else self._things
            kept.put((version, key), thing, weight)

    def __len__(self) -> int:
        return len(self._things) + len(self._heavy)

    def close(self) -> None:
        """Lets go of the catalogue, and forgets."""
        self._watch.close()
        self._things.clear()
        self._heavy.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A snapshot of the catalogue, taken after `version` was the number of its state."""

    tx: Connection
    memory: Memory
    version: int

    def once(self, key: Hashable, make: Callable[[], T], weight: Callable[[T], int] | None = None) -> T:
        """What `make` gives, made once for each state of the catalogue. None is made again each time. `weight` says how
        many bytes it takes, about."""
        found = self.memory.find(self.version, key)
        if found is None:
            found = make()
            if found is not None:
                self.memory.keep(self.version, key, found, WEIGHT if weight is None else weight(found))
        return cast(T, found)
