"""Tend: keeps what the client seeds equal to what torrents/ says.

Takes  the archive's folder, a Swarm and a Clock; which share of the torrents is its (shards.py), and how much memory
       they may take (turns.py).
Gives  `look` (reads the folder again), `step` (one piece of the work that follows), `status`.
Order  all removals before any addition. A seed file that is bad or gone takes its torrent out: what is not ordered is
       not served, and what was ordered until a time is not served after it.
Never  writes; stops because one torrent is bad: what is wrong with it is told in the status, and tried again later.
"""

import os
import time
from dataclasses import dataclass

from sonoteca.model.errors import SonotecaError
from sonoteca.model.torrent import InfoHashes, Seed, SeedStatus
from sonoteca.ports.clock import Clock
from sonoteca.ports.swarm import (
    ADDING,
    ERROR,
    MAX_TORRENT_BYTES,
    RESTING,
    SIZE,
    Stamp,
    Swarm,
    find_stamps,
    mark_of,
)
from sonoteca.swarm.folder import read, scan
from sonoteca.swarm.plan import Plan, Wanted, plan
from sonoteca.swarm.seeds import MAX_SEED_BYTES, SUFFIX, is_over, parse_seed
from sonoteca.swarm.shards import ALL, Share
from sonoteca.swarm.turns import Open, Resting, estimated_bytes, next_turn

FOLDER = "torrents"
MAX_ERROR_CHARACTERS = 500
TICK_NS = 100_000_000
STEP_S = 0.01
MAX_FRESH_FILES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one seeder takes upon itself. `memory_bytes` 0: all of its share at once."""

    share: Share = ALL
    memory_bytes: int = 0


NO_LIMITS = Limits()


class Tender:
    """One archive's torrents in one client."""

    def __init__(self, root: str, swarm: Swarm, clock: Clock, limits: Limits) -> None:
        self._root, self._swarm, self._clock, self._limits = root, swarm, clock, limits
        self._parsed: dict[str, tuple[Stamp, Wanted | str]] = {}
        self._wanted: dict[str, Wanted] = {}
        self._present: dict[str, Wanted] = {}
        self._failed: dict[str, tuple[Wanted, str]] = {}
        self._unread: dict[str, str] = {}
        self._resting: dict[str, float] = {}
        self._since: dict[str, float] = {}
        self._marks: dict[str, int] = {}
        self._asked: set[str] = set()
        self._plan = Plan(remove=(), add=(), doubled=())
        self._to_add: list[str] = []
        self._fresh: dict[str, Seed] = {}
        self._fresh_files = 0
        self._open_bytes = 0
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
        self._take_in(dict(scan(folder)), now)
        self._failed = {} if again else {name: one for name, one in self._failed.items() if self._is_still(name, one)}
        if again:
            self._give_up_mended()
        self._replan()

    def _take_in(self, stamps: dict[str, Stamp], now: str) -> None:
        names = [name for name in stamps if name.endswith(SUFFIX)]
        self._parsed = {name: self._parse(name, stamps[name]) for name in names}
        found = {name: one for name, (_, one) in self._parsed.items() if isinstance(one, Wanted)}
        mine = {name: one for name, one in found.items() if self._limits.share.has(one.hashes)}
        lasting = {name: one for name, one in mine.items() if not is_over(one.until, now)}
        self._next_end = min((one.until for one in lasting.values() if one.until), default="")
        self._wanted = {name: _stamped(one, stamps) for name, one in lasting.items()}
        # What is no seed file has no infohash: the first shard tells of it.
        is_first = self._limits.share.shard == 0
        self._unread = {name: one for name, (_, one) in self._parsed.items() if isinstance(one, str) and is_first}
        self._resting = {name: since for name, since in self._resting.items() if name in self._wanted}
        self._asked &= self._resting.keys()
        for name in self._fresh.keys() - self._wanted.keys():
            self._take_fresh(name)

    def _is_still(self, name: str, failure: tuple[Wanted, str]) -> bool:
        return self._wanted.get(name) == failure[0]

    def _give_up_mended(self) -> None:
        """What is in error and whose files have changed since it was added is added anew, if they are whole now."""
        errors = {hashes for hashes, state in self._swarm.states().items() if state == ERROR}
        for name, wanted in list(self._present.items()):
            if wanted.hashes in errors and self._has_changed(name):
                self._remove(name)

    def _has_changed(self, name: str) -> bool:
        """Whether a file of it was changed or replaced since it was added, or is gone."""
        try:
            paths = [os.path.join(self._root, path) for path in self._read_seed(name).files]
        except (OSError, ValueError):
            return True
        return mark_of(find_stamps(paths)) != self._marks[name]

    def _parse(self, name: str, stamp: Stamp) -> tuple[Stamp, Wanted | str]:
        known = self._parsed.get(name)
        if known is not None and known[0] == stamp:
            return known
        try:
            seed = self._read_seed(name)
        except (OSError, ValueError) as error:
            return stamp, f"the seed file cannot be read: {error}"
        self._keep_for_adding(name, seed)
        return stamp, Wanted(hashes=seed.hashes, torrent=seed.torrent, stamps=(stamp,), until=seed.until)

    def _read_seed(self, name: str) -> Seed:
        return parse_seed(read(os.path.join(self._root, FOLDER, name), MAX_SEED_BYTES))

    def _keep_for_adding(self, name: str, seed: Seed) -> None:
        """It is read once when it is to be added soon; beyond so many files it is read again then."""
        if self._fresh_files + len(seed.files) <= MAX_FRESH_FILES and self._limits.share.has(seed.hashes):
            self._fresh[name] = seed
            self._fresh_files += len(seed.files)

    def _take_fresh(self, name: str) -> Seed:
        if (seed := self._fresh.pop(name, None)) is None:
            return self._read_seed(name)
        self._fresh_files -= len(seed.files)
        return seed

    def _replan(self) -> None:
        idle = self._failed.keys() | self._resting.keys()
        self._plan = plan({name: one for name, one in self._wanted.items() if name not in idle}, self._present)
        self._to_add = list(reversed(self._plan.add))

    # ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def step(self) -> bool:
        """All that has to go, or a little of what has to come; whether there was anything to do."""
        if self._plan.remove:
            for name in self._plan.remove:
                self._remove(name)
            self._replan()
            return True
        has_worked, until = bool(self._to_add), time.monotonic() + STEP_S
        while self._to_add:
            self._take_up(self._to_add.pop())
            if time.monotonic() > until:
                break
        return has_worked

    def recall(self) -> None:
        """Looks again, and what has to go is gone when this returns; what has to come may still wait."""
        self.look(again=True)
        while self._plan.remove:
            self.step()

    def _remove(self, name: str) -> None:
        # Uncertain passes: nobody is told that all is well, and the process ends, which ends the serving.
        self._swarm.remove(self._present[name].hashes)
        self._open_bytes -= _bytes_of(self._present[name])
        for kept in (self._present, self._since, self._marks):
            kept.pop(name, None)

    def _take_up(self, name: str) -> None:
        wanted, budget = self._wanted[name], self._limits.memory_bytes
        if budget and self._present and self._open_bytes + _bytes_of(wanted) > budget:
            self._resting[name] = time.monotonic()
        else:
            self._add(name, wanted)

    def _add(self, name: str, wanted: Wanted) -> None:
        try:
            seed = self._take_fresh(name)
            if seed.hashes != wanted.hashes:
                raise ValueError("the seed file is another one now")  # the next look takes it up
            torrent = read(os.path.join(self._root, *seed.torrent.split("/")), MAX_TORRENT_BYTES)
            mark = self._swarm.add(seed, torrent, self._root)
        except (OSError, ValueError, SonotecaError) as error:
            self._failed[name] = (wanted, str(error))
            self._replan()  # one that it stood in the way of may come
        else:
            self._present[name] = wanted
            self._marks[name] = mark
            self._since[name] = time.monotonic()
            self._open_bytes += _bytes_of(wanted)

    def is_settled(self) -> bool:
        """Whether files and session agree: nothing to do, nothing still being opened. What rests waits for later."""
        return not self._plan.remove and not self._to_add and ADDING not in self._swarm.states().values()

    # ── turns ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def wake(self, short: str) -> bool:
        """Somebody asks for this infohash: when it rests it is opened as soon as there is room; whether it rests."""
        found = {name for name in self._resting if self._wanted[name].hashes.short == short}
        self._asked |= found
        return bool(found)

    def take_turns(self) -> bool:
        """One of those that rest comes, if it is its turn; whether one did."""
        if not self._resting:
            return False
        peers = {one.hashes: one.peers for one in self._swarm.status()}
        opened = [
            Open(name=name, bytes=_bytes_of(one), since=self._since[name], peers=peers.get(one.hashes, 0))
            for name, one in self._present.items()
        ]
        resting = [
            Resting(name=name, bytes=_bytes_of(self._wanted[name]), since=since, is_asked=name in self._asked)
            for name, since in self._resting.items()
        ]
        turn = next_turn(opened, resting, self._limits.memory_bytes, time.monotonic())
        for name in turn.leave:
            self._remove(name)
            self._resting[name] = time.monotonic()
        if turn.comes:
            del self._resting[turn.comes]
            self._asked.discard(turn.comes)
            self._add(turn.comes, self._wanted[turn.comes])
            self._replan()
        return bool(turn.comes)

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self) -> tuple[SeedStatus, ...]:
        """Every seed file, by name: what the client says of it, or why it is not seeded."""
        hashes = {name: wanted.hashes for name, wanted in self._wanted.items()}
        found = list(self._swarm.status())
        found += [_failure(name, hashes[name], why) for name, (_, why) in self._failed.items()]
        found += [_failure(name, InfoHashes(), why) for name, why in self._unread.items()]
        found += [_failure(name, hashes[name], f"the same torrent as {other}") for name, other in self._plan.doubled]
        found += [SeedStatus(name=_short(name), hashes=hashes[name], state=ADDING) for name in self._to_add]
        found += [SeedStatus(name=_short(name), hashes=hashes[name], state=RESTING) for name in self._resting]
        return tuple(sorted(found, key=lambda one: one.name))

    def counts(self) -> dict[str, int]:
        """How many are in which state, without asking the client for each."""
        states = list(self._swarm.states().values())
        return {
            "seeding": len(states) - states.count(ADDING) - states.count(ERROR),
            "adding": states.count(ADDING) + len(self._to_add),
            "resting": len(self._resting),
            "failed": states.count(ERROR) + len(self._failed) + len(self._unread) + len(self._plan.doubled),
        }


def _failure(name: str, hashes: InfoHashes, why: str) -> SeedStatus:
    return SeedStatus(name=_short(name), hashes=hashes, state=ERROR, error=why[:MAX_ERROR_CHARACTERS])


def _short(name: str) -> str:
    return name.removesuffix(SUFFIX)


def _bytes_of(wanted: Wanted) -> int:
    """Estimated, in memory."""
    sizes = [stamp[SIZE] if stamp else 0 for stamp in wanted.stamps]
    return estimated_bytes(sizes[1], sizes[0])


def _stamped(wanted: Wanted, stamps: dict[str, Stamp]) -> Wanted:
    """With the stamp of its .torrent, when that stands beside the seed files."""
    torrent = stamps.get(wanted.torrent.removeprefix(f"{FOLDER}/"), ())
    return Wanted(hashes=wanted.hashes, torrent=wanted.torrent, stamps=(wanted.stamps[0], torrent), until=wanted.until)
