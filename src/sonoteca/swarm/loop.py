"""Loop: the seeder's life, from the first look to the stop.

Takes  the doors (client, control socket), a Tender, and a stop.
Gives  each question answered. "sync": when files and session agree as of a look after it was asked. "recall": when a
       torrent whose seed file was gone by then is certainly no longer served, and without waiting for what is still
       to come. "status" and "stop": at once.
Order  look (every second, or because of a sync) → one piece of work → listen. Work is done piece by piece, so that a
       thousand torrents being opened keep nobody waiting.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sonoteca.ports.clock import Clock
from sonoteca.ports.control import Asked, Control
from sonoteca.ports.swarm import ADDING, ERROR, SEEDING, Swarm
from sonoteca.swarm.tend import Tender, plain_status

LOOK_EVERY_S = 1.0
AGAIN_EVERY_S = 60.0
SOON_S = 0.3
Note = Callable[[dict[str, Any]], None]


class Stop(Protocol):
    """Says when to end."""

    @property
    def is_asked(self) -> bool:
        """Whether it is time."""

    def fileno(self) -> int:
        """Readable from then on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the loop works with. `facts` stand in every status as they are."""

    swarm: Swarm
    control: Control
    clock: Clock
    stop: Stop
    facts: dict[str, Any]
    note_every_s: float = AGAIN_EVERY_S


class Loop:
    """One seeder's life."""

    def __init__(self, root: str, doors: Doors, note: Note) -> None:
        self._doors = doors
        self._note = note
        self._tender = Tender(root, doors.swarm, doors.clock)
        self._waiting: list[Asked] = []
        self._next_look = self._next_again = self._next_note = 0.0
        self._is_ending = self._was_working = False

    def run(self) -> None:
        """Until it is told to stop."""
        others = [self._doors.stop.fileno(), *([] if (bell := self._doors.swarm.wakes()) is None else [bell])]
        while not (self._is_ending or self._doors.stop.is_asked):
            self._look()
            has_worked = self._tender.step()
            self._answer_syncs()
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
        self._next_look = now + LOOK_EVERY_S
        if is_again:
            self._next_again = now + AGAIN_EVERY_S

    def _hear(self, asked: Asked) -> None:
        if asked.command == "sync":
            self._tender.look(again=True)
            self._waiting.append(asked)
        elif asked.command == "recall":
            self._tender.recall()
            asked.answer({"recalled": True})
        elif asked.command == "status":
            asked.answer(self.status())
        elif asked.command == "stop":
            asked.answer({"stopping": True})
            self._is_ending = True
        else:
            asked.answer({"error": "sync, recall, status and stop are the commands"})

    def _answer_syncs(self) -> None:
        if self._waiting and self._tender.is_settled():
            told = self.status()
            for asked in self._waiting:
                asked.answer({"synced": True, **told})
            self._waiting.clear()

    def _tell(self, has_worked: bool) -> None:
        now = time.monotonic()
        if has_worked != self._was_working:
            # Soon: when the work is through, or when it takes longer.
            self._next_note = now + SOON_S
        self._was_working = has_worked
        if now >= self._next_note:
            self._note(self.status())
            self._next_note = now + self._doors.note_every_s

    def status(self) -> dict[str, Any]:
        """What --status and --json tell."""
        torrents = self._tender.status()
        states = [one.state for one in torrents]
        return {
            **self._doors.facts,
            "addresses": list(self._doors.swarm.addresses()),
            "torrents": [plain_status(one) for one in torrents],
            "seeding": states.count(SEEDING),
            "adding": states.count(ADDING),
            "failed": states.count(ERROR),
            "peers": sum(one.peers for one in torrents),
            "uploaded_bytes": sum(one.uploaded_bytes for one in torrents),
            "downloaded_bytes": sum(one.downloaded_bytes for one in torrents),
        }
