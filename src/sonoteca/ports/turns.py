"""Turns: who may change an archive next.

Takes  the archive's disk, how long to wait.
Gives  `turn`: the one lock of whoever changes the archive, waited for; `is_awaited`: whether somebody waits for it.
Order  who waits holds the lock of the waiting first and the archive's after it, so turns are taken in order and whoever
       made way does not take it back at once.

A long run asks `is_awaited` between two releases and makes way: a withdrawal does not wait for a night's work.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sonoteca.model.errors import Conflict
from sonoteca.ports.disk import Disk

LOCK = "sonoteca.lock"
WAITING = "sonoteca.waiting.lock"
RUNNING = "sonoteca.run.lock"
UP = "sonoteca.up.lock"
LOOK_EVERY_S = 0.05


@contextmanager
def turn(disk: Disk, patience_s: float, pause: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """The archive's lock while the block lasts. Conflict "locked" when somebody still has it after so long; 0 is at
    once."""
    with ExitStack() as held:
        with ExitStack() as queued:
            until = time.monotonic() + patience_s
            if patience_s:
                _take(disk, WAITING, queued, until, pause)
            _take(disk, LOCK, held, until, pause)
        yield


def _take(disk: Disk, name: str, held: ExitStack, until: float, pause: Callable[[float], None]) -> None:
    while True:
        try:
            held.enter_context(disk.lock(name))
            return
        except Conflict:
            if time.monotonic() >= until:
                raise
        pause(LOOK_EVERY_S)


def is_awaited(disk: Disk) -> bool:
    """Whether somebody waits for a turn."""
    try:
        with disk.lock(WAITING):
            return False
    except Conflict:
        return True
