"""Announces: whose turn it is to be told to trackers and to the distributed hash table. Pure.

Takes  which torrents are seeded, and `now` in seconds of any clock that does not go back.
Gives  those whose turn it is: at most so many a second, each again after `again_s`, nobody ever left out.
Why    libtorrent tells trackers of everything at once when it starts, and the table of one torrent a second at most: of
       20,000 torrents each would be told every five and a half hours, and the table forgets after half an hour. Here
       all of them stand in one queue, and how long a round takes is said (`round_s`).
"""

from collections.abc import Iterable
from heapq import heappop, heappush

from sonoteca.model.torrent import InfoHashes

# Nothing is saved up for longer: after a pause there is no burst.
SAVED_S = 1.0


class Announces:
    """One seeder's queue. `again_s` 0: each is told once, and whoever was told asks again himself (trackers)."""

    def __init__(self, per_s: float, again_s: float) -> None:
        self._per_s, self._again_s = per_s, again_s
        self._due: dict[InfoHashes, float] = {}
        self._queue: list[tuple[float, int, InfoHashes]] = []
        self._count = 0
        self._since: float | None = None

    def follow(self, seeded: Iterable[InfoHashes], now: float) -> None:
        """These are seeded now: who is new stands behind those who wait, who is gone is forgotten."""
        wanted = dict.fromkeys(seeded)
        self._due = {one: due for one, due in self._due.items() if one in wanted}
        for one in wanted:
            if one not in self._due:
                self._enter(one, now)

    def _enter(self, one: InfoHashes, due: float) -> None:
        self._due[one] = due
        self._count += 1
        heappush(self._queue, (due, self._count, one))

    def take(self, now: float) -> list[InfoHashes]:
        """Whose turn it is; whoever is given counts as told."""
        started = self._since if self._since is not None else now - SAVED_S
        left = int(min(now - started, max(SAVED_S, 1 / self._per_s)) * self._per_s + 1e-9)
        if left < 1 and self._since is not None:
            return []
        self._since = now
        found = list[InfoHashes]()
        while self._queue and len(found) < left and self._queue[0][0] <= now:
            due, _, one = heappop(self._queue)
            if self._due.get(one) == due:
                found.append(one)
                self._enter_again(one, now)
        return found

    def _enter_again(self, one: InfoHashes, now: float) -> None:
        if self._again_s:
            self._enter(one, now + self._again_s)
        else:
            self._due[one] = float("inf")

    @property
    def round_s(self) -> float:
        """How long it takes until each was told once."""
        return len(self._due) / self._per_s

    def waiting(self, now: float) -> int:
        """How many should have been told by now."""
        return sum(due <= now for due in self._due.values())
