"""New files: what a limited process makes grows here, in the one folder that it may write.

Takes  the path of a file that is not there yet.
Gives  a file that grows at its end; bytes that are known only later are put in place of as many that were left for
       them.
Never  opens what exists, follows a link, or makes anything durable: the coordinator seals the file afterwards.
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
