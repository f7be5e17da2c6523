"""Control: one seeder an archive, and a line to it. A Unix socket that speaks JSON, one object a line each way.

Takes  the archive's folder.
Gives  Control, the seeder's end, one an archive (Conflict "seeding-already"); `ask`, everybody else's end.
Order  the lock first: who has it is the seeder, so a socket that lies there is of a dead one and is replaced. Both are
       taken before the process gives up writing (walls.py): the socket stays behind when it ends.
Never  takes a line over MAX_LINE_BYTES, waits for a slow asker (PATIENCE_S), or serves another user: mode 0600.

By the lock `ask` can tell "no seeder runs" (None) from "one runs and cannot be reached" (Unreachable "seeder-silent"):
whoever wants to delete must not mistake the one for the other.
"""

import os
import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sonoteca.formats import json
from sonoteca.model.errors import Refused, Unreachable
from sonoteca.ports.control_askers import MAX_ASKERS, MAX_LINE_BYTES, PATIENCE_S, Asked, Askers
from sonoteca.ports.control_place import ControlPlace, is_held, open_folder, places, through

__all__ = ["BRIEF", "DAMAGED", "MAX_ASKERS", "MAX_LINE_BYTES", "Asked", "Control", "ask", "format_question"]

# What a "status" is about that tells of no torrent; and of those of which files were found damaged.
BRIEF, DAMAGED = "brief", "damaged"
MAX_ANSWER_BYTES = 64 * 1024 * 1024
BETWEEN_S = 3.0


class Control:
    """The seeder's end, from now until `close`."""

    def __init__(self, root: str, patience_s: float = PATIENCE_S) -> None:
        self._place = ControlPlace(root)
        self.where = self._place.where
        self._askers = Askers(self._place.listening, self._accept, patience_s)

    @property
    def lock(self) -> int:
        """The descriptor that holds the lock: whoever inherits it holds it too."""
        return self._place.folder

    def wait(self, timeout_s: float, others: Sequence[int] = ()) -> list[Asked]:
        """The questions that came, as soon as one does; () after the time, or when one of `others` can be read."""
        return self._askers.wait(timeout_s, others)

    def _accept(self) -> socket.socket:
        channel, _ = self._place.listening.accept()
        return channel

    def close(self) -> None:
        """Nobody is answered any more, and another seeder may start."""
        self._askers.close()
        self._place.close()


def ask(root: str, command: str, timeout_s: float = 300.0, about: str = "") -> dict[str, Any] | None:
    """What the seeder of this archive answers (`about`: one infohash, or BRIEF); None when none runs; Unreachable
    "seeder-silent" when one runs and does not answer in time, Refused "seeder-refused" when it does not know the
    command."""
    question = format_question(command, about)
    end = time.monotonic() + BETWEEN_S
    while True:
        try:
            answer, why = (
                _ask_once(root, question, timeout_s),
                "its socket is not to be found, or is another user's",
            )
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


def format_question(command: str, about: str = "") -> bytes:
    """The line that asks."""
    return json.format({"command": command, **({"about": about} if about else {})}) + b"\n"


def _ask_once(root: str, question: bytes, timeout_s: float) -> dict[str, Any] | None:
    with _connected(root) as channel:
        if channel is None:
            return None
        channel.settimeout(timeout_s)
        channel.sendall(question)
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
