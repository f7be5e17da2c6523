"""Supervisor: keeps the parts of a running archive running.

Takes  parts (a name, a command, how it is asked to end), and where to tell what happens.
Gives  each of them started, started again when it ends (sooner at first, then later: `pause_s`), replaced without a
       gap when it is to be reloaded, ended all together.
Order  stop: every part is asked at once; who is still there after PATIENCE_S is asked again, after twice that killed.
       reload: the successor must listen before the forerunner is asked to end, which then has RETIRING_S for its
       streams. A successor that does not come up changes nothing.
Never  leaves a child behind, however it ends itself: each is killed and reaped, or dies with this process.

It holds no thread and reads nothing of the archive: what is wrong in there is for the parts to say.
"""

import json
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sonoteca.ports.children import Child
from sonoteca.ports.signals import Heard, heard

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
PATIENCE_S = 10.0
RETIRING_S = 3600.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
# Who has run so long has not failed at the start: counting begins anew.
STEADY_S = 60.0
# Exit codes of those who would say the same again (model/errors.py).
HOPELESS = (2, 3)
IDLE_S = 3600.0
# Lines for a log: neither coloured nor broken to fit a screen.
PLAIN = {"NO_COLOR": "1", "COLUMNS": "1000"}
Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the parts. `stop` is the signal that it ends upon; `hands` are the descriptors that it inherits;
    `reloads` says that it can be replaced while it runs, and tells by "listening" when it is there."""

    name: str
    command: tuple[str, ...]
    hands: tuple[int, ...] = ()
    stop: signal.Signals = signal.SIGTERM
    reloads: bool = False


def pause_s(failures: int, code: int) -> float:
    """How long to wait before a part that has ended so often in a row is started again."""
    if code in HOPELESS:
        return LONGEST_PAUSE_S
    return min(FIRST_PAUSE_S * 2.0 ** min(failures - 1, 16), LONGEST_PAUSE_S)


@dataclass(slots=True)
class _Kept:
    """A part, and how it goes."""

    part: Part
    child: Child | None = None
    successor: Child | None = None
    failures: int = 0
    started_at: float = 0.0
    due_at: float = 0.0
    is_up: bool = False


@dataclass(slots=True)
class _Leaving:
    """A child that was asked to end, and when it is asked no more."""

    part: Part
    child: Child
    asked_again_at: float
    killed_at: float


@dataclass(slots=True)
class Supervisor:
    """The parts of one archive, from the first start to the last end."""

    parts: tuple[Part, ...]
    tell: Tell
    patience_s: float = PATIENCE_S
    _kept: list[_Kept] = field(default_factory=list)
    _leaving: list[_Leaving] = field(default_factory=list)
    _is_ending: bool = False
    _killed: int = 0
    _has_told_ready: bool = False

    def run(self) -> bool:
        """Until SIGTERM or SIGINT; whether every part ended when it was asked."""
        self._kept = [_Kept(part) for part in self.parts]
        with heard(SIGNALS) as signals:
            try:
                while not self._is_ending or self._leaving:
                    self._start_due()
                    self._wait(signals)
                    self._reap()
                    self._press()
            finally:
                self._clear()
        return not self._killed

    # ── starting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _start_due(self) -> None:
        now = time.monotonic()
        for kept in self._kept:
            if kept.child is None and not self._is_ending and now >= kept.due_at:
                kept.child, kept.started_at = _start(kept.part), now
                kept.is_up = not kept.part.reloads
                self._say(kept.part, "started", pid=kept.child.pid)
        self._tell_ready()

    def _tell_ready(self) -> None:
        if not self._has_told_ready and all(kept.is_up for kept in self._kept):
            self._has_told_ready = True
            self.tell({"part": "up", "event": "ready"})

    # ── waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _wait(self, signals: Heard) -> None:
        poll = select.poll()
        poll.register(signals.fileno(), select.POLLIN)
        speaking = {child.fileno(): (part, child) for part, child in self._children() if not child.is_silent}
        for number in speaking:
            poll.register(number, select.POLLIN)
        for number, _ in poll.poll(self._timeout_s() * 1000):
            if number in speaking:
                self._listen(*speaking[number])
        for number in signals.take():
            self._obey(number)

    def _timeout_s(self) -> float:
        now = time.monotonic()
        due = [kept.due_at for kept in self._kept if kept.child is None and not self._is_ending]
        due += [min(one.asked_again_at, one.killed_at) for one in self._leaving]
        return max(0.0, min((at - now for at in due), default=IDLE_S)) + 0.001

    def _children(self) -> list[tuple[Part, Child]]:
        found = [(kept.part, child) for kept in self._kept for child in (kept.child, kept.successor) if child]
        return found + [(one.part, one.child) for one in self._leaving]

    def _listen(self, part: Part, child: Child) -> None:
        for line in child.lines():
            said = parse_line(line)
            self.tell({**said, "part": part.name})
            if part.reloads and said.get("event") == "listening":
                self._is_there(child)

    def _is_there(self, child: Child) -> None:
        for kept in self._kept:
            if child is kept.successor and kept.child is not None:
                self._dismiss(kept.part, kept.child, again_s=RETIRING_S)
                kept.child, kept.successor, kept.started_at = child, None, time.monotonic()
            if child is kept.child:
                kept.is_up = True
        self._tell_ready()

    # ── signals ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _obey(self, number: signal.Signals) -> None:
        if number in (signal.SIGINT, signal.SIGTERM):
            self._end()
        elif number == signal.SIGHUP and not self._is_ending:
            self._reload()

    def _reload(self) -> None:
        for kept in self._kept:
            if kept.part.reloads and kept.child is not None and kept.successor is None:
                kept.successor = _start(kept.part)
                self._say(kept.part, "reloading", pid=kept.successor.pid)
            elif kept.child is None:
                kept.due_at = 0.0

    def _end(self) -> None:
        if self._is_ending:
            return
        self._is_ending = True
        self.tell({"part": "up", "event": "stopping"})
        now = time.monotonic()
        for one in self._leaving:  # what was retiring has less time now
            one.asked_again_at, one.killed_at = now + self.patience_s, now + 2 * self.patience_s
        for kept in self._kept:
            for child in (kept.child, kept.successor):
                if child is not None:
                    self._dismiss(kept.part, child, again_s=self.patience_s)
            kept.child = kept.successor = None

    def _dismiss(self, part: Part, child: Child, again_s: float) -> None:
        now = time.monotonic()
        child.send(part.stop)
        self._leaving.append(_Leaving(part, child, now + again_s, now + again_s + self.patience_s))

    def _press(self) -> None:
        """Asks those who take too long once more, then asks no more."""
        now = time.monotonic()
        for one in self._leaving:
            if now >= one.killed_at:
                self._killed += 1
                self._say(one.part, "killed", pid=one.child.pid)
                one.child.kill()
                one.killed_at = one.asked_again_at = now + IDLE_S
            elif now >= one.asked_again_at:
                one.child.send(signal.SIGINT)
                one.asked_again_at = one.killed_at

    # ── ends ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _reap(self) -> None:
        for kept in self._kept:
            if kept.child is not None and (code := self._find_end(kept.part, kept.child)) is not None:
                self._take_over(kept, code)
            if kept.successor is not None and (code := self._find_end(kept.part, kept.successor)) is not None:
                kept.successor = None
                self._say(kept.part, "not-reloaded", code=code)
        for one in list(self._leaving):
            if (code := self._find_end(one.part, one.child)) is not None:
                self._leaving.remove(one)
                self._say(one.part, "ended", pid=one.child.pid, code=code)

    def _take_over(self, kept: _Kept, code: int) -> None:
        """A part has died: its successor is there already, or it is started again, later."""
        now = time.monotonic()
        kept.child, kept.successor = kept.successor, None
        if kept.child is not None:
            kept.started_at = now
            return
        kept.failures = kept.failures + 1 if now - kept.started_at < STEADY_S else 1
        pause = pause_s(kept.failures, code)
        kept.due_at = now + pause
        self._say(kept.part, "died", code=code, again_in_s=pause)

    def _find_end(self, part: Part, child: Child) -> int | None:
        """Its exit code, with its last words told and its descriptors closed."""
        if (code := child.find_end()) is None:
            return None
        while not child.is_silent and (lines := child.lines()):
            for line in lines:
                self.tell({**parse_line(line), "part": part.name})
        child.close()
        return code

    def _clear(self) -> None:
        for _, child in self._children():
            child.close()
        self._kept.clear()
        self._leaving.clear()

    def _say(self, part: Part, event: str, **facts: float) -> None:
        self.tell({"part": part.name, "event": event, **facts})


def _start(part: Part) -> Child:
    return Child(part.command, part.hands, PLAIN)


def parse_line(line: str) -> dict[str, Any]:
    """A part's line: its own facts when it is an object, a text otherwise."""
    with suppress(ValueError, RecursionError):
        found = json.loads(line)
        if isinstance(found, dict):
            return {str(key): value for key, value in found.items()}
    return {"event": "said", "text": line}
