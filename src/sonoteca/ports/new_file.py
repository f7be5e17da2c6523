"""New files: what a limited process makes grows here, in the one folder that it may write.

Takes  the path of a file that is not there yet.
Gives  a file that grows at its end; bytes that are known only later are put in place of as many that were left for
       them.
       A file that was made there before can be opened again, to put bytes in place of others.
Never  follows a link, makes a file longer that is finished, or makes anything durable: the coordinator seals the file
       afterwards.
"""

import os
from typing import ClassVar

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class NewFile:
    """A file being made. `bytes` is its length so far."""

    PLACES: ClassVar[tuple[str, ...]] = ("quarantine",)

    def __init__(self, path: str) -> None:
        """OSError when it exists or cannot be made."""
        self.path = path
        self.bytes = 0
        self._file = os.fdopen(os.open(path, _FLAGS, 0o600), "wb", buffering=1 << 18)

    def append(self, raw: bytes) -> None:
        """Puts bytes at the end. OSError when there is no room."""
        self._file.write(raw)
        self.bytes += len(raw)

    def patch(self, at: int, raw: bytes) -> None:
        """Puts bytes in place of others. ValueError when they would reach beyond the end."""
        if at < 0 or at + len(raw) > self.bytes:
            raise ValueError(f"bytes {at} to {at + len(raw)} of a file of {self.bytes}")
        self._file.seek(at)
        self._file.write(raw)
        self._file.seek(self.bytes)

    def close(self) -> None:
        """Hands everything to the system. Nothing happens the second time."""
        self._file.close()

    def drop(self) -> None:
        """Closes it and takes it away again."""
        self._file.close()
        os.unlink(self.path)


class MadeFile:
    """A file that was made before, and not sealed yet."""

    PLACES: ClassVar[tuple[str, ...]] = ("quarantine",)

    def __init__(self, path: str) -> None:
        """OSError when it is not there, or is no file."""
        self._file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        self.bytes = os.fstat(self._file).st_size

    def head(self, count: int) -> bytes:
        """Its first bytes."""
        return os.pread(self._file, count, 0)

    def patch(self, at: int, raw: bytes) -> None:
        """Puts bytes in place of others. ValueError when they would reach beyond the end."""
        if at < 0 or at + len(raw) > self.bytes:
            raise ValueError(f"bytes {at} to {at + len(raw)} of a file of {self.bytes}")
        view = memoryview(raw)
        while view:
            written = os.pwrite(self._file, view, at)
            at, view = at + written, view[written:]

    def close(self) -> None:
        """Hands everything to the system."""
        os.close(self._file)
