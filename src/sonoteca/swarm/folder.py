"""Folder: what lies in torrents/, as far as the seeder has to know.

Takes  paths.   Gives  stamps and bytes.
Never  follows a link, waits for a pipe, or reads more than it was told to.
"""

import os
import stat
from collections.abc import Iterator

from sonoteca.ports.swarm import Stamp, stamp_of


def scan(folder: str) -> Iterator[tuple[str, Stamp]]:
    """What the files of a folder look like."""
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                seen = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # gone since the folder was read
            if stat.S_ISREG(seen.st_mode):
                yield entry.name, stamp_of(seen)


def read(path: str, max_bytes: int) -> bytes:
    """A file's bytes; OSError, or ValueError when it is none, or larger."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(number, "rb", buffering=0) as file:
        seen = os.fstat(number)
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > max_bytes:
            raise ValueError(f"{os.path.basename(path)} is no file of at most {max_bytes} bytes")
        # Not more than it has: for what could come a buffer of megabytes is mapped and given back.
        return file.read(seen.st_size)
