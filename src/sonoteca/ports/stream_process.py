"""ProcessStreams: streams from a limited process (stream_worker.py), started with the first of them.

Takes  a folder for what comes, below cache/ (`temporary`: one of the system's), and limits.
Gives  what ports/stream.py says.
Order  what processes that are gone left in the folder is removed first; then a new one in it is this process' alone:
       when a website is reloaded, two of them play for a while.
Never  waits for a process that is gone: it is started again with the next stream, and the streams of before are at
       their end.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import ClassVar

from sonoteca.model.errors import Unreachable
from sonoteca.model.stream import Wanted
from sonoteca.ports.libtorrent_swarm import verify_installed
from sonoteca.ports.stream import MAX_READ_BYTES, Stream, StreamLimits, told_error
from sonoteca.ports.stream_lines import StreamLines
from sonoteca.ports.stream_worker import words
from sonoteca.ports.troubles import told

SPARE_S = 10.0


class ProcessStreams:
    """The limited process behind a lock."""

    PLACES: ClassVar[tuple[str, ...]] = ("cache", "the system's temporary folder")

    def __init__(self, folder: str, limits: StreamLimits) -> None:
        self._above = os.path.abspath(folder)
        self._folder = os.path.join(self._above, str(os.getpid()))
        self._is_temporary = False
        self._limits = limits
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._heard: set[_ProcessStream] = set()

    @classmethod
    def temporary(cls, limits: StreamLimits) -> "ProcessStreams":
        """In a folder of its own that is gone afterwards."""
        made = cls(tempfile.mkdtemp(prefix="sonoteca-play-"), limits)
        made._is_temporary = True
        return made

    def open(self, wanted: Wanted) -> Stream:
        """See Streams.open."""
        ours, theirs = socket.socketpair()
        with theirs, self._turn:
            self._hand_over(theirs)
        ours.settimeout(self._limits.open_s + SPARE_S)
        lines = StreamLines(ours)
        with ExitStack() as undo:
            undo.callback(lines.close)
            try:
                lines.send({"path": wanted.path, "link": wanted.link}, wanted.torrent)
                said, _ = lines.receive(0)
            except (OSError, EOFError, ValueError) as error:
                raise _gone() from error
            _verify(said)
            ours.settimeout(self._limits.read_s + SPARE_S)
            stream = _ProcessStream(lines, str(said["path"]), int(said["size"]), self._heard.discard)
            self._heard.add(stream)
            undo.pop_all()
        return stream

    def close(self) -> None:
        """See Streams.close."""
        with self._turn:
            for stream in tuple(self._heard):
                stream.close()
            self._end()
            shutil.rmtree(self._above if self._is_temporary else self._folder, ignore_errors=True)

    def _hand_over(self, channel: socket.socket) -> None:
        """To the process that runs, or to a new one."""
        for _ in range(2):
            control = self._control or self._start()
            try:
                socket.send_fds(control, [b"s"], [channel.fileno()])
                return
            except OSError:
                self._end()
        raise _gone()

    def _start(self) -> socket.socket:
        verify_installed()
        with told(self._folder):
            os.makedirs(self._above, 0o700, exist_ok=True)
            for name in os.listdir(self._above):
                if name == str(os.getpid()) or not os.path.exists(f"/proc/{name}"):
                    shutil.rmtree(os.path.join(self._above, name), ignore_errors=True)
            os.mkdir(self._folder, 0o700)
        self._control, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                words(number, self._folder, self._limits),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
                cwd="/",
            )
        return self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(SPARE_S)
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


class _ProcessStream:
    """One stream."""

    def __init__(self, lines: StreamLines, path: str, size: int, forget: "Callable[[_ProcessStream], None]") -> None:
        self.path = path
        self._forget = forget
        self.size = size
        self._lines = lines
        self._turn = threading.Lock()

    def read(self, start: int, count: int) -> bytes:
        """See Stream.read."""
        count = min(count, MAX_READ_BYTES, self.size - start)
        with self._turn:
            try:
                self._lines.send({"start": start, "count": count})
                said, content = self._lines.receive(MAX_READ_BYTES)
            except (OSError, EOFError, ValueError) as error:
                raise _gone() from error
        _verify(said)
        return content

    def close(self) -> None:
        """See Stream.close."""
        self._forget(self)
        self._lines.close()


def _verify(said: dict[str, object]) -> None:
    if "error" in said:
        raise told_error(str(said["error"]), str(said["code"]), str(said["what"]))


def _gone() -> Unreachable:
    return Unreachable("stream-ended", "the process that plays has ended", where="the swarm", cure="try it once more")
