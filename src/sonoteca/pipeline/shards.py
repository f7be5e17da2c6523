"""Shards: a seeder that is several processes, behind the one lock and the one line that a seeder has.

Takes  the line (ports/control.py), a way to start shard number n, and a stop.
Gives  every question put to every shard and answered once, when all have: what is not served by any is not served.
Order  the lock is inherited by the shards: while one of them lives nobody can take this archive for one without a
       seeder, also when the front was killed (and the kernel then kills the shards).
       "recall" and "sync" wait for each shard that lives. A shard that has ended serves nothing, and the next one reads
       the seed lists after that: it counts as recalled. A shard that lives and does not answer is asked again.
Never  reads a seed list, or speaks to a peer: that is the shards' work (swarm/loop.py).
"""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sonoteca.pipeline.supervisor import STEADY_S, pause_s
from sonoteca.ports.children import Child
from sonoteca.ports.control import BRIEF, Asked, Control, format_question
from sonoteca.ports.control_shards import Asking, ShardLine
from sonoteca.swarm.loop import Note, Stop
from sonoteca.swarm.metrics import format_metrics
from sonoteca.swarm.shards import merged_status, summed

PATIENCE_S = 10.0
AGAIN_S = 0.02
LOOK_S = 1.0
# Who fails so often in a row is not waited for by a "sync".
HOPELESS = 3
COMMANDS = ("sync", "recall", "status", "metrics", "wake")
Start = Callable[[int, ShardLine], Child]
Said = Callable[[str], None]


@dataclass(slots=True)
class _Shard:
    """One of the processes; `life` counts how often it was started."""

    number: int
    line: ShardLine
    child: Child | None = None
    life: int = 0
    failures: int = 0
    started_at: float = 0.0
    due_at: float = 0.0


@dataclass(slots=True)
class _Part:
    """A question to one shard. `life` is the one that was asked."""

    asking: Asking | None = None
    life: int = 0
    answer: Mapping[str, Any] | None = None
    is_done: bool = False


@dataclass(slots=True)
class _Question:
    """A question to all; without `asked` it is the front's own."""

    command: str
    about: str
    asked: Asked | None
    parts: list[_Part] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoors:
    """What the front works with."""

    control: Control
    stop: Stop
    start: Start
    facts: dict[str, Any]
    note: Note
    said: Said
    note_every_s: float


class Front:
    """The shards of one archive, from the first start to the last end."""

    def __init__(self, doors: FrontDoors, shards: int) -> None:
        self._doors = doors
        self._shards = [_Shard(number, ShardLine()) for number in range(shards)]
        self._questions: list[_Question] = []
        self._next_note = 0.0
        self._is_ending = False

    def run(self) -> None:
        """Until it is told to stop."""
        try:
            while not (self._is_ending or self._doors.stop.is_asked):
                self._start_due()
                self._note_due()
                for asked in self._doors.control.wait(self._pause_s(), self._numbers()):
                    self._hear(asked)
                self._listen()
                for question in self._questions:
                    self._pursue(question)
                self._answer()
        finally:
            self._end()

    # ── the processes ────────────────────────────────────────────────────────────────────────────────────────────────

    def _start_due(self) -> None:
        now = time.monotonic()
        for shard in self._shards:
            if shard.child is None and now >= shard.due_at:
                shard.line.close()
                shard.line = ShardLine()
                shard.child, shard.started_at = self._doors.start(shard.number, shard.line), now
                shard.line.begun()
                shard.life += 1

    def _listen(self) -> None:
        for shard in self._shards:
            if shard.child is None:
                continue
            code = shard.child.find_end()
            for line in shard.child.lines():
                self._doors.said(f"shard {shard.number}: {line}")
            if code is not None:
                shard.child.close()
                shard.child = None
                self._count_failure(shard, code)

    def _count_failure(self, shard: _Shard, code: int) -> None:
        now = time.monotonic()
        shard.failures = shard.failures + 1 if now - shard.started_at < STEADY_S else 1
        shard.due_at = now + pause_s(shard.failures, code)
        self._doors.said(f"shard {shard.number} ended ({code}): it starts again in {shard.due_at - now:.1f} s")

    def _numbers(self) -> tuple[int, ...]:
        heard = [one.child.fileno() for one in self._shards if one.child is not None and not one.child.is_silent]
        parts = [part.asking for one in self._questions for part in one.parts if part.asking is not None]
        return (self._doors.stop.fileno(), *heard, *(one.fileno() for one in parts if not one.is_over))

    def _pause_s(self) -> float:
        now = time.monotonic()
        is_owing = any(not part.is_done and part.asking is None for one in self._questions for part in one.parts)
        due = [max(0.0, one.due_at - now) for one in self._shards if one.child is None]
        return min([AGAIN_S if is_owing else LOOK_S, *due])

    # ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _hear(self, asked: Asked) -> None:
        if asked.command == "stop":
            asked.answer({"stopping": True})
            self._is_ending = True
        elif asked.command in COMMANDS:
            self._put(asked.command, asked.about, asked)
        else:
            asked.answer({"error": f"{', '.join(COMMANDS)} and stop are the commands"})

    def _put(self, command: str, about: str, asked: Asked | None) -> None:
        question = _Question(command, about, asked, [_Part() for _ in self._shards])
        self._questions.append(question)
        self._pursue(question)

    def _pursue(self, question: _Question) -> None:
        """As far as it goes now, with each shard."""
        for shard, part in zip(self._shards, question.parts, strict=True):
            if part.asking is not None:
                part.asking.receive()
                if part.asking.is_over:
                    part.answer, part.asking = part.asking.answer, None
                    part.is_done = part.answer is not None
            if part.asking is None and not part.is_done:
                self._ask_or_leave(question, shard, part)

    def _ask_or_leave(self, question: _Question, shard: _Shard, part: _Part) -> None:
        has_ended = shard.child is None or (part.life and part.life != shard.life)
        if has_ended and (question.command != "sync" or shard.failures >= HOPELESS):
            # It serves nothing; its successor looks at the seed lists as they are now.
            part.is_done = True
        elif shard.child is not None:
            part.asking = shard.line.ask(format_question(question.command, question.about))
            part.life = shard.life

    def _answer(self) -> None:
        for question in [one for one in self._questions if all(part.is_done for part in one.parts)]:
            self._questions.remove(question)
            told = self._joined(question, [part.answer for part in question.parts if part.answer is not None])
            if question.asked is not None:
                question.asked.answer(told)
            else:
                self._doors.note(told)

    def _joined(self, question: _Question, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        if question.command == "recall":
            return {"recalled": True}
        if question.command == "wake":
            return {"rests": any(one.get("rests") for one in answers)}
        if question.command == "metrics":
            numbers = summed([one["numbers"] for one in answers])
            return {"numbers": numbers, "text": format_metrics(numbers)}
        told = {**self._doors.facts, **merged_status(answers)}
        return {"synced": True, **told} if question.command == "sync" else told

    def _note_due(self) -> None:
        now = time.monotonic()
        if now >= self._next_note and all(one.asked is not None for one in self._questions):
            self._next_note = now + self._doors.note_every_s
            self._put("status", BRIEF, None)

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _end(self) -> None:
        """Each is asked to end, and killed when it does not."""
        running = [one.child for one in self._shards if one.child is not None]
        for child in running:
            child.send(signal.SIGTERM)
        until = time.monotonic() + PATIENCE_S
        for child in running:
            while child.find_end() is None and time.monotonic() < until:
                self._doors.control.wait(AGAIN_S, [child.fileno()] if not child.is_silent else [])
                child.lines()
            child.close()
        for shard in self._shards:
            shard.line.close()
