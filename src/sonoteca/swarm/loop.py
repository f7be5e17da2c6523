"""Loop: the seeder's life, from the first look to the stop.

Takes  the doors (client, control socket), a Tender, and a stop.
Gives  each question answered. "sync": when files and session agree as of a look after it was asked. "recall": when a
       torrent whose seed file was gone by then is certainly no longer served, and without waiting for what is still
       to come. "status", "metrics", "wake" and "stop": at once.
Order  look (every second, or because of a sync) → one piece of work → announces, limits → listen. Work is done piece by
       piece, so that a thousand torrents being opened keep nobody waiting.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sonoteca.ports.clock import Clock
from sonoteca.ports.control import BRIEF, DAMAGED, Asked
from sonoteca.ports.process_memory import memory_bytes
from sonoteca.ports.swarm import ERROR, SEEDING, Swarm
from sonoteca.swarm.announces import Announces
from sonoteca.swarm.hours import Hours, limit_at
from sonoteca.swarm.metrics import format_metrics
from sonoteca.swarm.telling import plain_peer, plain_status
from sonoteca.swarm.tend import NO_LIMITS, Limits, Tender

LOOK_EVERY_S = 1.0
AGAIN_EVERY_S = 60.0
SOON_S = 0.3
# The table forgets after half an hour.
TABLE_AGAIN_S = 900.0
Note = Callable[[dict[str, Any]], None]


class Stop(Protocol):
    """Says when to end."""

    @property
    def is_asked(self) -> bool:
        """Whether it is time."""

    def fileno(self) -> int:
        """Readable from then on."""


class Line(Protocol):
    """Where questions come from: ports/control.py."""

    def wait(self, timeout_s: float, others: tuple[int, ...] = ()) -> list[Asked]:
        """Those that came, as soon as one does; also when one of `others` can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How loud and how fast. `hours` before `upload_bytes_s`; `announces_s` torrents a second are told to others, if
    there are any (`tells`), each again after a while in the table (`is_in_table`)."""

    upload_bytes_s: int = 0
    hours: tuple[Hours, ...] = ()
    announces_s: float = 10.0
    tells: bool = False
    is_in_table: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the loop works with. `facts` stand in every status as they are."""

    swarm: Swarm
    control: Line
    clock: Clock
    stop: Stop
    facts: dict[str, Any]
    limits: Limits = NO_LIMITS
    manners: Manners = field(default_factory=Manners)
    note_every_s: float = AGAIN_EVERY_S


class Loop:
    """One seeder's life."""

    def __init__(self, root: str, doors: Doors, note: Note) -> None:
        self._doors = doors
        self._note = note
        self._tender = Tender(root, doors.swarm, doors.clock, doors.limits)
        manners = doors.manners
        self._announces = Announces(manners.announces_s, TABLE_AGAIN_S if manners.is_in_table else 0)
        self._announced = 0
        self._limit = manners.upload_bytes_s
        self._waiting: list[Asked] = []
        self._next_look = self._next_again = self._next_note = 0.0
        self._is_ending = self._was_working = False
        self._has_moved = True

    def run(self) -> None:
        """Until it is told to stop."""
        bell = self._doors.swarm.wakes()
        others = (self._doors.stop.fileno(), *(() if bell is None else (bell,)))
        while not (self._is_ending or self._doors.stop.is_asked):
            self._look()
            has_worked = self._tender.step()
            self._has_moved |= has_worked
            self._answer_syncs()
            self._announce()
            self._tell(has_worked)
            pause_s = 0.0 if has_worked else max(0.0, self._next_look - time.monotonic())
            for asked in self._doors.control.wait(pause_s, others):
                self._hear(asked)
            self._doors.swarm.drain()

    def _look(self) -> None:
        now = time.monotonic()
        if now < self._next_look:
            return
        is_again = now >= self._next_again
        self._tender.look(again=is_again)
        self._has_moved |= self._tender.take_turns()
        self._keep_hours()
        self._next_look = now + LOOK_EVERY_S
        if is_again:
            self._next_again = now + AGAIN_EVERY_S

    def _keep_hours(self) -> None:
        manners = self._doors.manners
        limit = limit_at(manners.hours, manners.upload_bytes_s, datetime.now().astimezone())
        if limit != self._limit:
            self._doors.swarm.limit(limit)
            self._limit = limit

    def _announce(self) -> None:
        """A few torrents are told to others, each in its turn (announces.py)."""
        if not self._doors.manners.tells:
            return
        now = time.monotonic()
        if self._has_moved:
            states = self._doors.swarm.states()
            self._announces.follow((hashes for hashes, state in states.items() if state == SEEDING), now)
            self._has_moved = not self._tender.is_settled()
        for hashes in self._announces.take(now):
            self._doors.swarm.announce(hashes)
            self._announced += 1

    # ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _hear(self, asked: Asked) -> None:
        answers: dict[str, Callable[[Asked], None]] = {
            "sync": self._sync,
            "recall": self._recall,
            "status": lambda asked: asked.answer(self.status(asked.about)),
            "metrics": lambda asked: asked.answer(self._metrics()),
            "wake": lambda asked: asked.answer({"rests": self._tender.wake(asked.about)}),
            "stop": self._stop,
        }
        if (answer := answers.get(asked.command)) is not None:
            answer(asked)
        else:
            *some, last = answers
            asked.answer({"error": f"{', '.join(some)} and {last} are the commands"})

    def _sync(self, asked: Asked) -> None:
        self._tender.look(again=True)
        self._waiting.append(asked)

    def _recall(self, asked: Asked) -> None:
        self._tender.recall()
        self._has_moved = True
        asked.answer({"recalled": True})

    def _stop(self, asked: Asked) -> None:
        asked.answer({"stopping": True})
        self._is_ending = True

    def _answer_syncs(self) -> None:
        if self._waiting and self._tender.is_settled():
            told = self._brief()
            for asked in self._waiting:
                asked.answer({"synced": True, **(told if asked.about == BRIEF else self.status())})
            self._waiting.clear()

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, has_worked: bool) -> None:
        now = time.monotonic()
        if has_worked != self._was_working:
            # Soon: when the work is through, or when it takes longer.
            self._next_note = now + SOON_S
        self._was_working = has_worked
        if now >= self._next_note:
            self._note(self._brief())
            self._next_note = now + self._doors.note_every_s

    def _brief(self) -> dict[str, Any]:
        """How it goes in all."""
        totals = self._doors.swarm.totals()
        return {
            **self._doors.facts,
            **self._tender.counts(),
            "addresses": list(self._doors.swarm.addresses()),
            "peers": totals.peers,
            "uploaded_bytes": totals.uploaded_bytes,
            "downloaded_bytes": totals.downloaded_bytes,
            "announces_waiting": self._announces.waiting(time.monotonic()),
            "announce_round_s": self._announces.round_s,
            "upload_limit_bytes_s": self._limit,
        }

    def status(self, about: str = "") -> dict[str, Any]:
        """What --status and --json tell; of one infohash alone, of what is damaged, or without any torrent (BRIEF)."""
        is_of_none = about == BRIEF or (about == DAMAGED and ERROR not in self._doors.swarm.states().values())
        torrents = () if is_of_none else self._tender.status()
        if about == DAMAGED:
            torrents = tuple(one for one in torrents if one.damaged)
        elif about:
            torrents = tuple(one for one in torrents if about in (one.hashes.v1, one.hashes.v2))
        told = [plain_status(one) for one in torrents]
        if about not in ("", BRIEF, DAMAGED):
            for one, status in zip(told, torrents, strict=True):
                one["who"] = [plain_peer(peer) for peer in self._doors.swarm.peers(status.hashes)]
        return {**self._brief(), "torrents": told}

    def _metrics(self) -> dict[str, Any]:
        totals, told = self._doors.swarm.totals(), self._brief()
        numbers = {
            "up": 1,
            **{f"torrents_{state}": told[state] for state in ("seeding", "adding", "resting", "failed")},
            "peers": totals.peers,
            "uploaded_bytes_total": totals.uploaded_bytes,
            "downloaded_bytes_total": totals.downloaded_bytes,
            "connections_taken_total": totals.connections_taken,
            "wrong_pieces_total": totals.wrong_pieces,
            "requests_refused_total": totals.requests_refused,
            "announces_total": self._announced,
            "announces_waiting": told["announces_waiting"],
            "announce_round_seconds": told["announce_round_s"],
            "dht_nodes": totals.dht_nodes,
            "upload_limit_bytes_per_second": self._limit,
            "memory_bytes": memory_bytes(),
        }
        return {"numbers": numbers, "text": format_metrics(numbers)}
