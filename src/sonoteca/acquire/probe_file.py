"""One file, opened once: the same descriptor serves the structure, FFmpeg and the tags, so all three speak of the
same bytes.

Takes  a path in the quarantine.   Gives  Bytes (containers.py), and a door for FFmpeg that begins where the sound
       begins.
Never  follows a link, waits for a pipe, or writes.
"""

import os
import stat
from types import TracebackType

from sonoteca.acquire.containers import View
from sonoteca.model.errors import Refused

_WINDOW_BYTES = 1 << 17
MAX_SEEKS = 100_000


class OpenFile:
    """A regular file, read at any place. Small reads are served from a window, so that walking headers is cheap."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        found = os.fstat(self._descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(self._descriptor)
            raise Refused("not-a-file", "not a regular file", where=path)
        self._size = found.st_size
        self._at = 0
        self._window = b""

    def __enter__(self) -> "OpenFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    @property
    def size(self) -> int:
        """See Bytes."""
        return self._size

    def read(self, at: int, count: int) -> bytes:
        """See Bytes."""
        if at < 0 or count <= 0 or at >= self._size:
            return b""
        if count > _WINDOW_BYTES:
            return self._whole(at, count)
        inside = at - self._at
        if inside < 0 or inside + count > len(self._window):
            self._at, inside = at, 0
            self._window = os.pread(self._descriptor, _WINDOW_BYTES, at)
        return self._window[inside : inside + count]

    def _whole(self, at: int, count: int) -> bytes:
        parts = []
        while count > 0 and (part := os.pread(self._descriptor, min(count, 1 << 24), at)):
            parts.append(part)
            at += len(part)
            count -= len(part)
        return b"".join(parts)


class Door:
    """What a decoder or a tag reader reads through: a view of the file, without a name that it could judge by."""

    name = ""

    def __init__(self, file: OpenFile, view: View = View()) -> None:  # noqa: B008 — frozen
        self._file = file
        self._prefix = view.prefix
        self._shift = view.start - len(view.prefix)
        self._size = max(0, (file.size if view.end is None else view.end) - self._shift)
        self._place = 0
        self._seeks = 0

    def read(self, count: int = -1) -> bytes:
        """The next bytes."""
        left = self._size - self._place
        count = left if count < 0 else min(count, left)
        found = self._prefix[self._place : self._place + count]
        if len(found) < count:
            found += self._file.read(self._shift + self._place + len(found), count - len(found))
        self._place += len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As io.IOBase.seek; never outside, and not for ever: some demuxers hop through a gigabyte of zeros."""
        self._seeks += 1
        if self._seeks > MAX_SEEKS:
            raise OSError("it leads in circles")
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, min(base + offset, self._size))
        return self._place

    def tell(self) -> int:
        """As io.IOBase.tell."""
        return self._place
