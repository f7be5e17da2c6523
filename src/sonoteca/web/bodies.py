"""Bodies: what can be sent, as something of known length that is read from any place in it.

Takes  open files of the store.   Gives  blocks of at most BLOCK_BYTES; nothing of a body is kept in memory.
Never  lets the event loop wait for the disk: what the page cache has is read at once (a thread costs more than the
       copy), all else in a thread.
"""

import os
import sys
from functools import partial
from typing import IO, NamedTuple, Protocol

from sonoteca.holdings import PublicFile
from sonoteca.model.errors import Damaged
from sonoteca.web.open_files import OpenFile, OpenFiles

# Measured: smaller ones cost more calls, larger ones more copying of what the socket does not take at once.
BLOCK_BYTES = 256 * 1024
# What the kernel sends by itself costs no memory; so much lies between two looks whether it still may leave.
STRETCH_BYTES = 4 * 1024 * 1024
_IS_CACHED_FLAG = getattr(os, "RWF_NOWAIT", 0) if sys.platform == "linux" else 0


class Body(Protocol):
    """What is sent: `open` before anything is read; `close` lets everything go, and may be called at any time."""

    @property
    def size(self) -> int:
        """In bytes."""

    async def open(self) -> None:
        """Makes sure that it can be read; Damaged or Unreachable otherwise."""

    async def read(self, start: int, end: int) -> bytes:
        """The bytes from `start`: as many as are convenient, none from `end` on. b"" says that work was done which is
        not at its end yet: whoever still wants them asks again."""

    def stretch(self, start: int, end: int) -> "Stretch | None":
        """The bytes from `start` as they stand in an open file of which nobody has to wait for the disk; None when they
        have to be read."""

    def close(self) -> None:
        """Nothing more is read."""


class Stretch(NamedTuple):
    """Bytes of an open file."""

    file: IO[bytes]
    start: int
    length: int


class FileBody:
    """A file of the store as it is."""

    def __init__(self, file: PublicFile, files: OpenFiles) -> None:
        self._wanted = file
        self._files = files
        self._open: OpenFile | None = None

    @property
    def size(self) -> int:
        """See Body."""
        return self._wanted.bytes

    async def open(self) -> None:
        """See Body."""
        self._open = await self._files.take(self._wanted)

    async def read(self, start: int, end: int) -> bytes:
        """See Body."""
        if self._open is None:
            raise ValueError("read before it was opened")
        return await read_block(self._files, self._open.number, start, min(end - start, BLOCK_BYTES))

    def stretch(self, start: int, end: int) -> Stretch | None:
        """See Body."""
        return find_stretch(self._open, start, end)

    def close(self) -> None:
        """See Body."""
        if self._open is not None:
            self._files.let_go(self._open)
            self._open = None


def find_stretch(opened: OpenFile | None, start: int, end: int) -> Stretch | None:
    """As much of an open file as can be sent without waiting for the disk."""
    count = min(end - start, STRETCH_BYTES)
    if opened is None or count <= BLOCK_BYTES // 4 or not is_cached(opened.number, start + count - 1):
        return None
    return Stretch(opened.file, start, count)


async def read_block(files: OpenFiles, number: int, start: int, count: int) -> bytes:
    """`count` bytes of an open file; Damaged when it ends before."""
    read = partial(os.pread, number, count, start)
    block = read() if is_cached(number, start + count - 1) else await files.in_thread(read)
    if len(block) < count:
        raise Damaged("altered", "it became shorter while it was sent", cure="sonoteca verify")
    return block


def is_cached(number: int, place: int) -> bool:
    """Whether this byte can be had without waiting for the disk (preadv2(2), RWF_NOWAIT). It is the last one of what is
    wanted: readahead goes forward. A wrong guess costs a moment, not correctness."""
    if not _IS_CACHED_FLAG:
        return False
    try:
        return os.preadv(number, [bytearray(1)], place, _IS_CACHED_FLAG) == 1
    except OSError:  # not there, or a file system that cannot tell
        return False
