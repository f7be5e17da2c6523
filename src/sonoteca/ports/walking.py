"""Walking: a tree of folders read from an open one downwards, name by name, no link followed.

Takes  the descriptor of the folder to start in.
Gives  entries in the order of ports/source.py, sorted by the bytes of their names; a folder that cannot be entered is
       an entry that is not readable.
Never  holds more than one descriptor besides the first, or more names than those of the folders on the way down; goes
       round in circles.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sonoteca.model.source import Entry, Kind

MAX_DEPTH = 256
"""Folders nested deeper are listed as not readable and are not entered: far above any shelf."""

ANYBODY_READS = 0o444
# The folder is not to blame for these: a list with a hole would be a lie.
_OUR_TROUBLES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})

Identity = tuple[int, int]


@contextmanager
def closing(number: int) -> Iterator[int]:
    """A descriptor, closed at the end."""
    try:
        yield number
    finally:
        os.close(number)


def open_below(top: int, parts: list[bytes]) -> int:
    """The descriptor of a folder below an open one; OSError when a name is missing, a link, or not a folder."""
    here = os.dup(top)
    for part in parts:
        with closing(here):
            here = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
    return here


@dataclass(slots=True)
class _Level:
    """A folder on the way down: its path, and the folders in it that wait to be entered, last first."""

    path: bytes
    identity: Identity
    waiting: list[bytes]


class Walk:
    """Depth first; besides the top one folder is open at a time, so depth costs no descriptors."""

    def __init__(self, top: int) -> None:
        self._top = top
        self._levels: list[_Level] = []

    def entries(self) -> Iterator[Entry]:
        """Everything below the top folder; OSError when that itself cannot be read."""
        yield from _entries(self._top, self._read(self._top, b""), b"")
        while self._levels:
            level = self._levels[-1]
            if level.waiting:
                yield from self._enter(_joined(level.path, level.waiting.pop()))
            else:
                self._levels.pop()

    def _enter(self, path: bytes) -> Iterator[Entry]:
        """A folder, then what is in it that is not a folder."""
        text = path.decode("utf-8", "surrogateescape")
        folder = self._open(path)
        if folder is None:
            yield Entry(path=text, kind=Kind.FOLDER, readable=False)
            return
        with closing(folder):
            others = self._read_if_allowed(folder, path)
            changed_ns = os.fstat(folder).st_mtime_ns
            yield Entry(path=text, kind=Kind.FOLDER, modified_ns=changed_ns, readable=others is not None)
            yield from _entries(folder, others or [], path)

    def _open(self, path: bytes) -> int | None:
        if len(self._levels) > MAX_DEPTH:
            return None
        try:
            return open_below(self._top, path.split(b"/"))
        except OSError as error:
            if error.errno in _OUR_TROUBLES:
                raise
            return None

    def _read_if_allowed(self, folder: int, path: bytes) -> list[bytes] | None:
        try:
            return self._read(folder, path)
        except OSError:
            return None

    def _read(self, folder: int, path: bytes) -> list[bytes]:
        """The sorted names of what is not a folder; the folders wait in a new level."""
        seen = os.fstat(folder)
        identity = (seen.st_dev, seen.st_ino)
        # Mounts can put a folder inside itself: links are not the only loops.
        if not seen.st_mode & ANYBODY_READS or any(level.identity == identity for level in self._levels):
            raise PermissionError(errno.EACCES, "not to be entered")
        folders: list[bytes] = []
        others: list[bytes] = []
        with os.scandir(folder) as items:
            for item in items:
                (folders if item.is_dir(follow_symlinks=False) else others).append(os.fsencode(item.name))
        self._levels.append(_Level(path, identity, sorted(folders, reverse=True)))
        return sorted(others)


def _joined(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name


def _entries(folder: int, names: list[bytes], path: bytes) -> Iterator[Entry]:
    return (seen_entry(folder, name, _joined(path, name)) for name in names)


def seen_entry(folder: int, name: bytes, path: bytes) -> Entry:
    """What stands under a name in an open folder, other than a folder; `path` is what the entry shall be called."""
    text = path.decode("utf-8", "surrogateescape")
    try:
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        # Gone since its folder was read, or the folder lets itself be listed and not entered.
        return Entry(path=text, kind=Kind.FILE, readable=False)
    if stat.S_ISREG(seen.st_mode):
        readable = bool(seen.st_mode & ANYBODY_READS) and os.access(name, os.R_OK, dir_fd=folder, effective_ids=True)
        return Entry(path=text, kind=Kind.FILE, bytes=seen.st_size, modified_ns=seen.st_mtime_ns, readable=readable)
    return Entry(path=text, kind=Kind.LINK if stat.S_ISLNK(seen.st_mode) else Kind.OTHER, modified_ns=seen.st_mtime_ns)
