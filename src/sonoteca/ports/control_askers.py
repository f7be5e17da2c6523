"""Askers: those who put a question to a seeder over a stream, one JSON object a line each way.

Takes  connections, from wherever they come (control.py: a socket with a name; control_shards.py: handed over).
Gives  `wait`: the questions that came whole; Asked, by which each is answered.
Never  takes a line over MAX_LINE_BYTES, waits for a slow asker (PATIENCE_S), or hears more than MAX_ASKERS at once.
"""

import math
import select
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sonoteca.formats import json

MAX_LINE_BYTES = 4096
MAX_ASKERS = 32
PATIENCE_S = 5.0


@dataclass(slots=True)
class Asked:
    """A question that came whole, and how to answer it. The asker may be gone: then nothing happens."""

    command: str
    _asker: "_Asker"
    about: str = ""

    def answer(self, value: dict[str, Any]) -> None:
        """Sends the one answer."""
        self._asker.answer(json.format(value) + b"\n")


class _Asker:
    """One connection: a line comes, an answer goes."""

    def __init__(self, channel: socket.socket, patience_s: float) -> None:
        channel.setblocking(False)
        self.channel = channel
        self._patience_s = patience_s
        self.until = time.monotonic() + patience_s
        self.to_send = b""
        self.is_done = False
        self.has_asked = False
        self._line = bytearray()

    def receive(self) -> Asked | None:
        """The question, when its line is whole."""
        try:
            part = self.channel.recv(MAX_LINE_BYTES + 1)
        except BlockingIOError:
            return None
        except OSError:
            part = b""
        self._line += part
        if not part or self.has_asked or len(self._line) > MAX_LINE_BYTES:
            self.is_done = True  # gone, or talks too much
            return None
        if not self._line.endswith(b"\n"):
            return None
        self.has_asked = True
        return self._parse()

    def _parse(self) -> Asked | None:
        try:
            asked = json.parse_object(bytes(self._line))
        except (ValueError, RecursionError):
            asked = {}
        if "command" in asked and asked.keys() <= {"command", "about"} and _are_texts(asked.values()):
            self.until = float("inf")  # an answer may take its time
            return Asked(asked["command"], self, asked.get("about", ""))
        Asked("", self).answer({"error": 'one line is expected: {"command": "…"}'})
        return None

    def answer(self, line: bytes) -> None:
        """Begins to send it."""
        self.to_send = line
        self.until = time.monotonic() + self._patience_s
        self.send()

    def send(self) -> None:
        """As much as fits."""
        try:
            sent = self.channel.send(self.to_send)
        except BlockingIOError:
            return
        except OSError:
            self.is_done = True
            return
        self.to_send = self.to_send[sent:]
        self.is_done = not self.to_send
        if sent:
            self.until = time.monotonic() + self._patience_s


class Askers:
    """The connections at one door. `door` is readable when somebody stands there, `take` lets one in."""

    def __init__(self, door: socket.socket, take: Callable[[], socket.socket | None], patience_s: float) -> None:
        self._door, self._take, self._patience_s = door, take, patience_s
        self._askers: list[_Asker] = []

    def wait(self, timeout_s: float, others: Sequence[int] = ()) -> list[Asked]:
        """The questions that came, as soon as one does; () after the time, or when one of `others` can be read."""
        self._drop()
        ready = self._poll(timeout_s, others)
        found: list[Asked] = []
        for asker in self._askers:
            seen = ready.get(asker.channel.fileno(), 0)
            if seen & select.POLLOUT:
                asker.send()
            if seen & ~select.POLLOUT and (asked := asker.receive()) is not None:
                found.append(asked)
        if self._door.fileno() in ready:
            self._accept()
        return found

    def _poll(self, timeout_s: float, others: Sequence[int]) -> dict[int, int]:
        # Not select(2): with its peers and files the seeder has descriptors above 1023.
        poll = select.poll()
        for number in (self._door.fileno(), *others):
            poll.register(number, select.POLLIN)
        for asker in self._askers:
            poll.register(asker.channel, select.POLLIN | (select.POLLOUT if asker.to_send else 0))
        return dict(poll.poll(math.ceil(timeout_s * 1000)))

    def _accept(self) -> None:
        with suppress(OSError):
            channel = self._take()
            if channel is not None and len(self._askers) < MAX_ASKERS:
                self._askers.append(_Asker(channel, self._patience_s))
            elif channel is not None:
                channel.close()

    def _drop(self) -> None:
        now = time.monotonic()
        for asker in [one for one in self._askers if one.is_done or now > one.until]:
            asker.channel.close()
            self._askers.remove(asker)

    def close(self) -> None:
        """Nobody is answered any more."""
        for asker in self._askers:
            asker.channel.close()
        self._askers.clear()


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
