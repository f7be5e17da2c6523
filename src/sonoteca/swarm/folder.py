"""Folder: what lies in torrents/, as far as the seeder has to know.

Takes  paths.   Gives  stamps (other stamps, other bytes) and bytes.
Never  follows a link, waits for a pipe, or reads more than it was told to.
"""

import os
import stat
from collections.abc import Iterator

Stamp = tuple[int, ...]


def scan(folder: str) -> Iterator[tuple[str, Stamp]]:
    """What the files of a folder look like: other stamps, other bytes."""
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                seen = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # gone since the folder was read
            if stat.S_ISREG(seen.st_mode):
                yield entry.name, _stamp(seen)


def _stamp(seen: os.stat_result) -> Stamp:
    return (seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size)


def find_stamp(path: str) -> Stamp:
    """What a file looks like; () when it is not there."""
    try:
        return _stamp(os.lstat(path))
    except OSError:
        return ()


def read(path: str, max_bytes: int) -> bytes:
    """A file's bytes; OSError, or ValueError when it is none, or larger."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(number, "rb", buffering=0) as file:
        seen = os.fstat(number)
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > max_bytes:
            raise ValueError(f"{os.path.basename(path)} is no file of at most {max_bytes} bytes")
        return file.read(max_bytes)
