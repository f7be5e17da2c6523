"""Copying: one read of a source into a file that was just made, shown to a meter on the way; or the read alone.

Takes  the source, the new file's descriptor (open for reading and writing, empty), the meter.
Gives  the number of bytes. The caller sets the file's length to it and makes it durable: holes at the end need that.
Never  reads a byte twice. Where the file system can share extents (FICLONE: btrfs, XFS), nothing is written at all and
       the clone is what is read, so the digest is of what is kept.
"""

import errno
import fcntl
import io
import os
import threading
from typing import IO

from sonoteca.model.errors import Unreachable
from sonoteca.model.files import PIECE_BYTES
from sonoteca.ports.disk import Meter

# A megabyte stays in the second-level cache between read, hash and write, and is a multiple of every piece.
BLOCK_BYTES = 4 * PIECE_BYTES
_ZEROS = bytes(BLOCK_BYTES)
_FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)


class _Buffer(threading.local):
    """Each thread reads into its own, again and again: new memory costs more than hashing what a small file has."""

    def __init__(self) -> None:
        self.block = bytearray(BLOCK_BYTES)


_BUFFER = _Buffer()


def copy(source: IO[bytes], target: int, meter: Meter) -> int:
    """Copies from the source's position to its end."""
    if _clone(source, target):
        with io.FileIO(target, closefd=False) as cloned:
            return _pass(cloned, None, meter)
    return _pass(source, target, meter)


def look(file: IO[bytes], meter: Meter) -> int:
    """Shows a file to the meter, from its position to its end."""
    return _pass(file, None, meter)


def _clone(source: IO[bytes], target: int) -> bool:
    try:
        if source.tell() != 0:
            return False
        descriptor = source.fileno()
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        fcntl.ioctl(target, _FICLONE, descriptor)
    except io.UnsupportedOperation:
        return False  # nothing that the system knows as a file: a pipe's end, bytes in memory
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        return False  # another file system, or one that cannot: the bytes go through our hands
    return True


def _pass(source: IO[bytes], target: int | None, meter: Meter) -> int:
    buffer = _BUFFER.block
    done = 0
    with memoryview(buffer) as view:
        while count := _fill(source, view):
            # bytearray == bytes is one memcmp, which ends at the first byte of sound. A hole reads as zeros as well.
            if target is not None and not (count == BLOCK_BYTES and buffer == _ZEROS):
                _write_at(target, view[:count], done)
            meter.update(view[:count])
            done += count
            if count < BLOCK_BYTES:
                break
    return done


def _fill(source: IO[bytes], view: memoryview) -> int:
    """Reads until the view is full or the source ends: pipes and network file systems give less than was asked for."""
    count = 0
    try:
        while count < len(view) and (got := source.readinto(view[count:])):  # type: ignore[attr-defined]
            count += got
    except OSError as error:
        what = f"the source cannot be read ({error.strerror})"
        name = str(getattr(source, "name", ""))
        raise Unreachable("source-unreadable", what, where=name, cure="check the drive it is on, run again") from error
    return count


def _write_at(target: int, view: memoryview, offset: int) -> None:
    while view:
        written = os.pwrite(target, view, offset)
        view = view[written:]
        offset += written
