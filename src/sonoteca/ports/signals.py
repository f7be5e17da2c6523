"""Signals: what others want of this process, as something that can be waited for.

Gives  `heard`: while the block lasts these signals interrupt nothing and are read from a descriptor instead.
"""

import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from types import FrameType

_AT_ONCE = 4096


class Heard:
    """The signals that came."""

    def __init__(self, hear: socket.socket) -> None:
        self._hear = hear

    def fileno(self) -> int:
        """Readable when one came."""
        return self._hear.fileno()

    def take(self) -> list[signal.Signals]:
        """Those that came since, each once."""
        found = b""
        with suppress(BlockingIOError):
            found = self._hear.recv(_AT_ONCE)
        return [signal.Signals(number) for number in dict.fromkeys(found)]


@contextmanager
def heard(numbers: Sequence[signal.Signals]) -> Iterator[Heard]:
    """Only in the main thread."""
    hear, call = socket.socketpair()
    with closing(hear), closing(call):
        hear.setblocking(False)
        call.setblocking(False)
        before = {number: signal.signal(number, _nothing) for number in numbers}
        caller = signal.set_wakeup_fd(call.fileno(), warn_on_full_buffer=False)
        try:
            yield Heard(hear)
        finally:
            signal.set_wakeup_fd(caller)
            for number, handler in before.items():
                signal.signal(number, handler)


def _nothing(number: int, frame: FrameType | None) -> None:
    """The descriptor tells."""
