"""A connection ends when nobody takes what it has to give; one that is slow, idle or busy stays."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from sonoteca.web.sending import STALLED_S
from sonoteca.web.serving import Guarded


class Clock:
    """A loop of which only the timers are used; they ring when the test says so."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, delay: float, does: Callable[[], None], *given: Any) -> Any:
        self.timers.append((delay, does))
        return self

    def cancel(self) -> None:
        """See TimerHandle."""

    def ring(self) -> None:
        """The looks that are due; none is asked for twice."""
        due = [does for delay, does in self.timers if delay == STALLED_S]
        self.timers = [one for one in self.timers if one[0] != STALLED_S]
        for does in due:
            does()


class Line(asyncio.Transport):
    """A transport that says how much waits in it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting, self.is_aborted = 0, False

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def abort(self) -> None:
        self.is_aborted = True


@pytest.fixture
def parts() -> tuple[Guarded, Line, Clock]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Never asked."""

    clock, line = Clock(), Line()
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    made = Guarded(config, ServerState(), {}, _loop=clock)  # type: ignore[arg-type]
    made.connection_made(line)
    return made, line, clock


def test_who_takes_nothing_is_let_go(parts: tuple[Guarded, Line, Clock]) -> None:
    _, line, clock = parts
    line.waiting = 50_000
    clock.ring()
    assert not line.is_aborted
    clock.ring()
    assert line.is_aborted
    clock.ring()
    assert [delay for delay, _ in clock.timers if delay == STALLED_S] == []


def test_who_is_slow_stays(parts: tuple[Guarded, Line, Clock]) -> None:
    """Also when as much waits as before, because more was written to it."""
    made, line, clock = parts
    for waiting in (50_000, 49_999, 40, 0, 0, 0):
        line.waiting = waiting
        clock.ring()
    for _ in range(5):
        line.waiting = 300_000
        made.pause_writing()
        made.resume_writing()
        clock.ring()
    assert not line.is_aborted
    made.pause_writing()
    clock.ring()
    assert line.is_aborted
