"""The line between a seeder that is several processes and each of them.

Takes  a socket pair, made before the shard is started; the shard inherits one end.
Gives  ShardLine, the front's end: a question is a connection of its own, handed over (SCM_RIGHTS), so that an answer
       that takes long keeps no other waiting; ShardControl, the shard's end, which answers as a seeder alone does.
Never  has a name in any folder: nobody else can ask a shard.
"""

import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sonoteca.formats import json
from sonoteca.model.errors import Unreachable
from sonoteca.ports.control_askers import PATIENCE_S, Asked, Askers

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_BLOCK_BYTES = 1 << 20


class Asking:
    """One question to one shard, on its way."""

    def __init__(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        self._channel = channel
        self._found = bytearray()
        self.answer: dict[str, Any] | None = None
        self.is_over = False

    def fileno(self) -> int:
        """Readable when there is more of the answer."""
        return self._channel.fileno()

    def receive(self) -> None:
        """What came; `is_over` when it is whole, with the answer, or broke off, without."""
        while not self.is_over:
            try:
                part = self._channel.recv(_BLOCK_BYTES)
            except BlockingIOError:
                return
            except OSError:
                part = b""
            self._found += part
            if not part or len(self._found) > MAX_ANSWER_BYTES:
                self.close()
            elif self._found.endswith(b"\n"):
                with suppress(ValueError, RecursionError):
                    self.answer = json.parse_object(bytes(self._found))
                self.close()

    def close(self) -> None:
        """Nothing more is expected."""
        self.is_over = True
        self._channel.close()


class ShardLine:
    """The front's end, from before the shard starts until `close`."""

    def __init__(self) -> None:
        self._here, self.there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._here.setblocking(False)

    def begun(self) -> None:
        """The shard has its end."""
        self.there.close()

    def ask(self, question: bytes) -> Asking:
        """Puts a question; when the shard is gone, the answer breaks off."""
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        asking = Asking(mine)
        with its:
            try:
                mine.send(question)
                socket.send_fds(self._here, [b"?"], [its.fileno()])
            except OSError:
                asking.close()
        return asking

    def close(self) -> None:
        """Questions on their way break off."""
        self._here.close()
        self.there.close()


class ShardControl:
    """The shard's end."""

    def __init__(self, number: int) -> None:
        self._channel = socket.socket(fileno=number)
        self._channel.setblocking(False)
        self._askers = Askers(self._channel, self._accept, PATIENCE_S)

    def wait(self, timeout_s: float, others: Sequence[int] = ()) -> list[Asked]:
        """As Control.wait. Unreachable "no-front" when the front is gone: the kernel is about to end this process."""
        return self._askers.wait(timeout_s, others)

    def _accept(self) -> socket.socket | None:
        word, numbers, _, _ = socket.recv_fds(self._channel, 1, 1)
        if not word:
            raise Unreachable("no-front", "the seeder that this is a part of has ended", where="sonoteca seed")
        return socket.socket(fileno=numbers[0]) if numbers else None

    def close(self) -> None:
        """Nobody is answered any more."""
        self._askers.close()
        self._channel.close()
