"""Kept: the most recently used of something, bounded by what it weighs.

Takes  values with their weights.   Gives  them back while there is room.
Never  holds more than `max_weight`: what was used longest ago goes first, and what alone is too heavy is not kept.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Safe to use from several threads."""

    def __init__(self, max_weight: int) -> None:
        self._max_weight = max_weight
        self._weight = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()

    def find(self, key: K) -> V | None:
        """What was put there, None when it is not here any more."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: K, value: V, weight: int = 1) -> None:
        """Keeps it, in the place of what had the key."""
        with self._lock:
            self._drop(key)
            if weight > self._max_weight:
                return
            self._values[key] = (value, weight)
            self._weight += weight
            while self._weight > self._max_weight:
                self._drop(next(iter(self._values)))

    def drop(self, key: K) -> None:
        """Forgets it."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._values.clear()
            self._weight = 0

    def __len__(self) -> int:
        return len(self._values)

    def _drop(self, key: K) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self._weight -= found[1]
