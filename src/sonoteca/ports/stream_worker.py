"""Stream worker: the limited process in which libtorrent plays; `python -m sonoteca.ports.stream_worker` is no command.

Takes  a control socket (a descriptor), over which each stream comes as a socket of its own; a folder; limits.
Gives  on each: what was opened, then any stretch that is asked for.
Order  the walls first (Landlock: it writes into its one folder and nowhere else, reads where Python lives and what the
       network needs, starts nothing), then libtorrent and its threads.
Never  outlives who started it: when the control socket ends, so does everything.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import Any, ClassVar

from sonoteca.formats import json
from sonoteca.model.errors import Damaged, Refused, SonotecaError
from sonoteca.model.stream import Wanted
from sonoteca.ports.libtorrent_stream import LibtorrentPlayer, Opened
from sonoteca.ports.stream import MAX_READ_BYTES, StreamLimits
from sonoteca.ports.stream_lines import MAX_TORRENT_BYTES, StreamLines
from sonoteca.ports.walls import NETWORK_FILES, certificates
from sonoteca.ports.workshop_walls import find_landlock_abi, forgo_privileges, lock_folders, python_folders

OPEN_FILES = 512
_PR_SET_PDEATHSIG = 1


class StreamWorker:
    """Serves streams until the control socket ends."""

    PLACES: ClassVar[tuple[str, ...]] = ("cache",)

    def __init__(self, player: LibtorrentPlayer) -> None:
        self._player = player

    def run(self, control: socket.socket) -> None:
        """A thread for each stream that comes."""
        while True:
            word, numbers, _, _ = socket.recv_fds(control, 1, 1)
            if not word:
                return
            for number in numbers:
                channel = socket.socket(fileno=number)
                threading.Thread(target=self._serve, args=[channel], daemon=True).start()

    def _serve(self, channel: socket.socket) -> None:
        lines = StreamLines(channel)
        opened: Opened | None = None
        # Whatever the other side does, this stream ends and the others go on.
        with suppress(OSError, EOFError, ValueError, KeyError):
            try:
                said, torrent = lines.receive(MAX_TORRENT_BYTES)
                opened = self._player.open(Wanted(path=said["path"], link=said["link"], torrent=torrent))
                found = opened.found
                if found is not None:
                    lines.send({"path": found.path.encode("utf-8", "replace").decode(), "size": found.bytes})
                while True:
                    self._answer(lines, opened)
            except SonotecaError as error:
                lines.send(_told(error))
        if opened is not None:
            self._player.close_one(opened)
        lines.close()

    def _answer(self, lines: StreamLines, opened: Opened) -> None:
        said, _ = lines.receive(0)
        try:
            content = self._player.read(opened, int(said["start"]), min(int(said["count"]), MAX_READ_BYTES))
        except SonotecaError as error:
            lines.send(_told(error))
            return
        lines.send({}, content)


def _told(error: SonotecaError) -> dict[str, Any]:
    kind = "refused" if isinstance(error, Refused) else "damaged" if isinstance(error, Damaged) else "unreachable"
    return {"error": kind, "code": error.code, "what": error.what}


def _close_in(folder: str, limits: StreamLimits) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for kind, amount in {
        resource.RLIMIT_FSIZE: limits.file_bytes + (64 << 20),
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }.items():
        _, hard = resource.getrlimit(kind)
        amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(kind, (amount, amount))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for who started it
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if abi := find_landlock_abi():
        forgo_privileges()
        readable = [*python_folders(), *NETWORK_FILES, *certificates()]
        lock_folders(abi, readable, network=True, writable=folder)


def main(number: str, folder: str, limits: str) -> None:
    """See the module."""
    chosen = StreamLimits(**json.parse_object(limits.encode()))
    _close_in(folder, chosen)
    with socket.socket(fileno=int(number)) as control, suppress(OSError):
        StreamWorker(LibtorrentPlayer(folder, chosen)).run(control)
    os._exit(0)  # libtorrent's own end waits for peers that are gone


def words(number: int, folder: str, limits: StreamLimits) -> list[str]:
    """The command that starts one."""
    said = json.format(asdict(limits)).decode()
    return [sys.executable, "-P", "-m", "sonoteca.ports.stream_worker", str(number), folder, said]


if __name__ == "__main__":
    main(*sys.argv[1:])
