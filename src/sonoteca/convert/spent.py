"""Spent: the CPU time of what the decode feeds, by name, for the bench.

Takes  the name of what runs.   Gives  seconds of this thread: codecs run in no other, so nothing is missed.
"""

from time import thread_time


class Spent:
    """Adds up: `begin`, then `end` with the name of what ran in between."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._since = 0.0

    def begin(self) -> None:
        """From now on."""
        self._since = thread_time()

    def end(self, name: str) -> None:
        """Until now, for `name`; the next begins."""
        now = thread_time()
        self._seconds[name] = self._seconds.get(name, 0.0) + now - self._since
        self._since = now

    @property
    def by_name(self) -> tuple[tuple[str, float], ...]:
        """(name, seconds), sorted."""
        return tuple(sorted((name, round(seconds, 6)) for name, seconds in self._seconds.items()))
