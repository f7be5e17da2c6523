"""Download: a file that a person asked for, written where they said.

Takes  a path.   Gives  a file to write to; it has its name when all of it is there and durable.
Never  replaces what is there, or leaves half a file under the name: Refused "exists".
"""

import os
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO, ClassVar

from sonoteca.model.errors import Refused
from sonoteca.ports.troubles import told


class Download:
    """A context: the file inside, the name afterwards, nothing after an error."""

    PLACES: ClassVar[tuple[str, ...]] = ("where the person said",)

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self._half = f"{self._path}.part"
        self._file: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        if os.path.lexists(self._path):
            raise Refused("exists", "there is a file of this name", where=self._path, cure="name another one")
        with told(self._half):
            number = os.open(self._half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        self._file = os.fdopen(number, "wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is None:
            return
        if kind is not None:
            self._file.close()
            with suppress(OSError):
                os.unlink(self._half)
            return
        with told(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.rename(self._half, self._path)
