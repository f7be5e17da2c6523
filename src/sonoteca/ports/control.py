"""Control: one seeder an archive, and a line to it. A Unix socket that speaks JSON, one object a line each way.

Takes  the archive's folder.
Gives  Control, the seeder's end, one an archive (Conflict "seeding-already"); `ask`, everybody else's end.
Order  the lock first: who has it is the seeder, so a socket that lies there is of a dead one and is replaced. Both are
       taken before the process gives up writing (walls.py): the socket stays behind when it ends.
Never  takes a line over MAX_LINE_BYTES, waits for a slow asker (PATIENCE_S), or serves another user: mode 0600.

By the lock `ask` can tell "no seeder runs" (None) from "one runs and cannot be reached" (Unreachable "seeder-silent"):
whoever wants to delete must not mistake the one for the other.
"""

import math
import os
import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sonoteca.formats import json
from sonoteca.model.errors import Refused, Unreachable
from sonoteca.ports.control_place import ControlPlace, is_held, open_folder, places, through

MAX_LINE_BYTES = 4096
MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_ASKERS = 32
PATIENCE_S = 5.0
BETWEEN_S = 3.0


@dataclass(slots=True)
class Asked:
    """A question that came whole, and how to answer it. The asker may be gone: then nothing happens."""

    command: str
    _asker: "_Asker"

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

    def receive(self) -> str | None:
        """The command, when its line is whole."""
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

    def _parse(self) -> str | None:
        try:
            asked = json.parse_object(bytes(self._line))
        except (ValueError, RecursionError):
            asked = {}
        if set(asked) == {"command"} and isinstance(asked["command"], str):
            self.until = float("inf")  # an answer may take its time
            return asked["command"]
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


class Control:
    """The seeder's end, from now until `close`."""

    def __init__(self, root: str, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._place = ControlPlace(root)
        self._listening = self._place.listening
        self.where = self._place.where
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
            if seen & ~select.POLLOUT and (command := asker.receive()) is not None:
                found.append(Asked(command, asker))
        if self._listening.fileno() in ready:
            self._accept()
        return found

    def _poll(self, timeout_s: float, others: Sequence[int]) -> dict[int, int]:
        # Not select(2): with its peers and files the seeder has descriptors above 1023.
        poll = select.poll()
        for number in (self._listening.fileno(), *others):
            poll.register(number, select.POLLIN)
        for asker in self._askers:
            poll.register(asker.channel, select.POLLIN | (select.POLLOUT if asker.to_send else 0))
        return dict(poll.poll(math.ceil(timeout_s * 1000)))

    def _accept(self) -> None:
        with suppress(OSError):
            channel, _ = self._listening.accept()
            if len(self._askers) < MAX_ASKERS:
                self._askers.append(_Asker(channel, self._patience_s))
            else:
                channel.close()

    def _drop(self) -> None:
        now = time.monotonic()
        for asker in [one for one in self._askers if one.is_done or now > one.until]:
            asker.channel.close()
            self._askers.remove(asker)

    def close(self) -> None:
        """Nobody is answered any more, and another seeder may start."""
        for asker in self._askers:
            asker.channel.close()
        self._askers.clear()
        self._place.close()


def ask(root: str, command: str, timeout_s: float = 300.0) -> dict[str, Any] | None:
    """What the seeder of this archive answers; None when none runs; Unreachable "seeder-silent" when one runs and does
    not answer in time, Refused "seeder-refused" when it does not know the command."""
    end = time.monotonic() + BETWEEN_S
    while True:
        try:
            answer, why = _ask_once(root, command, timeout_s), "its socket is not to be found, or is another user's"
        except TimeoutError as error:
            raise _silent(root, f"not within {timeout_s:.0f} s") from error
        except (OSError, ValueError) as error:
            answer, why = None, str(error)
        if answer is not None:
            break
        if not is_held(root):
            return None
        # It has the lock and not yet, or no longer, the socket: it begins, or ends.
        if time.monotonic() > end:
            raise _silent(root, why)
        select.select([], [], [], 0.02)
    if "error" in answer:
        raise Refused("seeder-refused", f"the seeder says: {answer['error']}", where=command, cure="sonoteca seed -h")
    return answer


def _ask_once(root: str, command: str, timeout_s: float) -> dict[str, Any] | None:
    with _connected(root) as channel:
        if channel is None:
            return None
        channel.settimeout(timeout_s)
        channel.sendall(json.format({"command": command}) + b"\n")
        return json.parse_object(_read_line(channel))


def _read_line(channel: socket.socket) -> bytes:
    found = bytearray()
    while not found.endswith(b"\n"):
        part = channel.recv(1 << 20)
        if not part or len(found) > MAX_ANSWER_BYTES:
            raise ValueError("its answer broke off")
        found += part
    return bytes(found)


@contextmanager
def _connected(root: str) -> Iterator[socket.socket | None]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        yield channel if any(_connect(channel, *place) for place in places(root)) else None


def _connect(channel: socket.socket, folder: str, name: str) -> bool:
    try:
        here = open_folder(folder)
    except OSError:
        return False
    try:
        channel.settimeout(PATIENCE_S)
        channel.connect(through(here, name))
    except OSError:
        return False
    finally:
        os.close(here)
    return True


def _silent(root: str, why: str) -> Unreachable:
    cure = "ask as the user who runs it, on the same machine; or stop it there (Ctrl-C), then go on"
    return Unreachable("seeder-silent", f"a seeder runs and does not answer ({why[:200]})", where=root, cure=cure)
