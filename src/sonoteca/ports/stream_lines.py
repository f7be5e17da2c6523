"""Stream lines: what the website or a command and the limited process that plays say to each other.

Takes  a connected socket.   Gives  messages: one line of canonical JSON, with bytes behind it when it says "bytes".
Never  takes a line over MAX_LINE_BYTES or more bytes than `most`. EOFError when the other side is gone.
"""

import socket
from contextlib import suppress
from typing import IO, Any

from sonoteca.formats import json

MAX_LINE_BYTES = 64 * 1024
MAX_TORRENT_BYTES = 10_000_000


class StreamLines:
    """One end."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._file: IO[bytes] = channel.makefile("rb")

    def send(self, said: dict[str, Any], content: bytes = b"") -> None:
        """A message, and what belongs to it."""
        self._channel.sendall(json.format({**said, "bytes": len(content)}) + b"\n" + content)

    def receive(self, most: int) -> tuple[dict[str, Any], bytes]:
        """The next message. ValueError for what is none."""
        line = self._file.readline(MAX_LINE_BYTES + 1)
        if not line:
            raise EOFError("the other side is gone")
        said = json.parse_object(line)
        count = said.pop("bytes", 0)
        if not isinstance(count, int) or not 0 <= count <= most:
            raise ValueError(f"more than {most} bytes")
        content = self._file.read(count)
        if len(content) != count:
            raise EOFError("the other side broke off")
        return said, content

    def close(self) -> None:
        """Lets go. Whoever reads meanwhile is woken: a file that is being read cannot be closed before."""
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self._file.close()
        self._channel.close()
