"""Waiting for something to become true: until it is, the deadline passes, or what should make it true has ended."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")
STEP_S = 0.02
_NEVER = threading.Event()


def until(look: Callable[[], Seen], what: str, deadline_s: float = 30, told: Callable[[], object] = str) -> Seen:
    """The first truthy answer of `look`. AssertionError names what was waited for, and what `told` has to say."""
    end = time.monotonic() + deadline_s
    while not (seen := look()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline_s} s for {what}; {told()}")
        _NEVER.wait(STEP_S)
    return seen
