"""Tend: keeps what the client seeds equal to what torrents/ says.

Takes  the archive's folder, a Swarm and a Clock.
Gives  `look` (reads the folder again), `step` (one piece of the work that follows), `status`.
Order  all removals before any addition. A seed file that is bad or gone takes its torrent out: what is not ordered is
       not served, and what was ordered until a time is not served after it.
Never  writes; stops because one torrent is bad: what is wrong with it is told in the status, and tried again later.
"""

import os
import time
from typing import Any

from sonoteca.model.errors import SonotecaError
from sonoteca.model.torrent import InfoHashes, Seed, SeedStatus
from sonoteca.ports.clock import Clock
from sonoteca.ports.swarm import ADDING, ERROR, MAX_TORRENT_BYTES, Swarm
from sonoteca.swarm.folder import Stamp, find_stamp, read, scan
from sonoteca.swarm.plan import Plan, Wanted, plan
from sonoteca.swarm.seeds import MAX_SEED_BYTES, SUFFIX, is_over, parse_seed

FOLDER = "torrents"
MAX_ERROR_CHARACTERS = 500
TICK_NS = 100_000_000


class Tender:
    """One archive's torrents in one client."""

    def __init__(self, root: str, swarm: Swarm, clock: Clock) -> None:
        self._root = root
        self._swarm = swarm
        self._clock = clock
        self._parsed: dict[str, tuple[Stamp, Wanted | str]] = {}
        self._wanted: dict[str, Wanted] = {}
        self._present: dict[str, Wanted] = {}
        self._failed: dict[str, tuple[Wanted, str]] = {}
        self._unread: dict[str, str] = {}
        self._plan = Plan(remove=(), add=(), doubled=())
        self._to_add: list[str] = []
        self._marks: dict[str, int] = {}
        self._seen_folder = 0
        self._next_end = ""

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def look(self, *, again: bool = False) -> None:
        """Reads the folder if something in it came, went or was replaced, or something is over; with `again` in
        any case, and tries once more what could not be seeded."""
        folder = os.path.join(self._root, FOLDER)
        changed_ns = os.stat(folder).st_mtime_ns
        now = self._clock.now()
        is_due = bool(self._next_end) and self._next_end <= now
        if changed_ns == self._seen_folder and not again and not is_due:
            return
        # A change within the same tick of the clock as this look would not show in the folder's time.
        self._seen_folder = changed_ns if time.time_ns() - changed_ns > TICK_NS else 0
        stamps = dict(scan(folder))
        names = [name for name in stamps if name.endswith(SUFFIX)]
        self._parsed = {name: self._parse(name, stamps[name]) for name in names}
        found = {name: one for name, (_, one) in self._parsed.items() if isinstance(one, Wanted)}
        self._unread = {name: one for name, (_, one) in self._parsed.items() if isinstance(one, str)}
        lasting = {name: one for name, one in found.items() if not is_over(one.seed, now)}
        self._next_end = min((one.seed.until for one in lasting.values() if one.seed.until), default="")
        self._wanted = {name: _stamped(one, stamps) for name, one in lasting.items()}
        self._failed = {} if again else {name: one for name, one in self._failed.items() if self._is_still(name, one)}
        if again:
            self._give_up_mended()
        self._replan()

    def _is_still(self, name: str, failure: tuple[Wanted, str]) -> bool:
        return self._wanted.get(name) == failure[0]

    def _give_up_mended(self) -> None:
        """What is in error and whose files have changed since it was added is added anew, if they are whole now."""
        errors = {one.hashes for one in self._swarm.status() if one.state == ERROR}
        for name, wanted in list(self._present.items()):
            if wanted.seed.hashes in errors and self._mark(wanted.seed) != self._marks[name]:
                self._remove(name)

    def _mark(self, seed: Seed) -> int:
        """Other files, another number."""
        return hash(tuple(find_stamp(os.path.join(self._root, path)) for path in seed.files))

    def _parse(self, name: str, stamp: Stamp) -> tuple[Stamp, Wanted | str]:
        known = self._parsed.get(name)
        if known is not None and known[0] == stamp:
            return known
        try:
            seed = parse_seed(read(os.path.join(self._root, FOLDER, name), MAX_SEED_BYTES))
        except (OSError, ValueError) as error:
            return stamp, f"the seed file cannot be read: {error}"
        return stamp, Wanted(seed=seed, stamps=(stamp,))

    def _replan(self) -> None:
        tried = {name: one for name, one in self._wanted.items() if name not in self._failed}
        self._plan = plan(tried, self._present)
        self._to_add = list(reversed(self._plan.add))

    # ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def step(self) -> bool:
        """All that has to go, or one that has to come; whether there was anything to do."""
        if self._plan.remove:
            for name in self._plan.remove:
                self._remove(name)
            self._replan()
        elif self._to_add:
            self._add(self._to_add.pop())
        else:
            return False
        return True

    def recall(self) -> None:
        """Looks again, and what has to go is gone when this returns; what has to come may still wait."""
        self.look(again=True)
        while self._plan.remove:
            self.step()

    def _remove(self, name: str) -> None:
        # Uncertain passes: nobody is told that all is well, and the process ends, which ends the serving.
        self._swarm.remove(self._present[name].seed.hashes)
        del self._present[name]

    def _add(self, name: str) -> None:
        wanted = self._wanted[name]
        try:
            torrent = read(os.path.join(self._root, *wanted.seed.torrent.split("/")), MAX_TORRENT_BYTES)
            self._swarm.add(wanted.seed, torrent, self._root)
        except (OSError, ValueError, SonotecaError) as error:
            self._failed[name] = (wanted, str(error))
            self._replan()  # one that it stood in the way of may come
        else:
            self._present[name] = wanted
            self._marks[name] = self._mark(wanted.seed)

    def is_settled(self) -> bool:
        """Whether files and session agree: nothing to do, nothing still being opened."""
        return not self._plan.remove and not self._to_add and all(one.state != ADDING for one in self._swarm.status())

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self) -> tuple[SeedStatus, ...]:
        """Every seed file, by name: what the client says of it, or why it is not seeded."""
        hashes = {name: wanted.seed.hashes for name, wanted in self._wanted.items()}
        found = list(self._swarm.status())
        found += [_failure(name, hashes[name], why) for name, (_, why) in self._failed.items()]
        found += [_failure(name, InfoHashes(), why) for name, why in self._unread.items()]
        found += [_failure(name, hashes[name], f"the same torrent as {other}") for name, other in self._plan.doubled]
        found += [SeedStatus(name=_short(name), hashes=hashes[name], state=ADDING) for name in self._to_add]
        return tuple(sorted(found, key=lambda one: one.name))


def plain_status(one: SeedStatus) -> dict[str, Any]:
    """As the socket and --json tell it."""
    return {
        "name": one.name,
        "v1": one.hashes.v1,
        "v2": one.hashes.v2,
        "state": one.state,
        "peers": one.peers,
        "uploaded_bytes": one.uploaded_bytes,
        "downloaded_bytes": one.downloaded_bytes,
        "error": one.error,
    }


def _failure(name: str, hashes: InfoHashes, why: str) -> SeedStatus:
    return SeedStatus(name=_short(name), hashes=hashes, state=ERROR, error=why[:MAX_ERROR_CHARACTERS])


def _short(name: str) -> str:
    return name.removesuffix(SUFFIX)


def _stamped(wanted: Wanted, stamps: dict[str, Stamp]) -> Wanted:
    """With the stamp of its .torrent, when that stands beside the seed files."""
    torrent = stamps.get(wanted.seed.torrent.removeprefix(f"{FOLDER}/"), ())
    return Wanted(seed=wanted.seed, stamps=(wanted.stamps[0], torrent))
