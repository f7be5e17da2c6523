"""Disk: the archive's own folder, and the only door through which its files are written.

Takes  paths relative to the archive ("store/ab/cd/…"), always with "/", never "..", never outside PLACES.
Gives  small durable deeds: each returns only when what it did would survive a power cut (file and folder synced).
Never  overwrites silently (`replace` says so in its name), follows links, or reads settings.

Every deed can fail before it landed or after: whoever calls must be able to run it again (the order of deeds). A full
disk is Unreachable "disk-full"; the world then looks as it did before the deed. Deeds that put something somewhere make
the missing folders above it. The real thing is LocalDisk (local_disk.py), its double MemoryDisk (memory/disk.py).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, ClassVar, Protocol

from sonoteca.model.errors import Refused
from sonoteca.model.source import Kind

# The parts of the archive that this door opens (docs/formats/archive.md), and the files that stand beside them.
PLACES = ("store", "records", "ledger", "keys", "quarantine", "inbox", "torrents", "cache", "index")
LOCKS = frozenset({"sonoteca.lock", "sonoteca.waiting.lock", "sonoteca.run.lock", "sonoteca.up.lock"})
TOP_FILES = LOCKS | {"sonoteca.toml", "recovery-key.txt"}
# What is private: folders 0700, files 0600. All else is 0755 and 0644, less what the operator's umask takes away.
PRIVATE = frozenset({"keys", "recovery-key.txt"})
# A file that is being written elsewhere than where it will stand; left over by a crash, swept at the next start.
HALF = ".half-"

MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 3072
_NO_NAMES = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file or folder found below a path: `path` relative to the archive, size in bytes (0 unless a file), and how
    many names the file has (more than one: hard links)."""

    path: str
    kind: Kind
    bytes: int
    names: int = 1


class Meter(Protocol):
    """What looks at bytes while they pass (formats/pieces.py)."""

    def update(self, block: memoryview) -> None:
        """Takes the next bytes: of every block but the last a multiple of 256 KiB. It must not be kept: the buffer is
        used again."""


class Disk(Protocol):
    """The archive's folder. Paths are relative, "/"-separated text."""

    PLACES: ClassVar[tuple[str, ...]]

    def read(self, path: str, max_bytes: int = 64 * 1024 * 1024) -> bytes:
        """The whole file; Damaged "missing" if it is not there; Refused "too-large" above max_bytes."""

    def open(self, path: str) -> IO[bytes]:
        """The file for reading, unbuffered, links not followed."""

    def full_path(self, path: str) -> str:
        """The path as other processes need it (workers, libtorrent). For reading only."""

    def find(self, path: str) -> Item | None:
        """The file or folder, None if there is nothing (and when a link or a file stands where a folder should)."""

    def list(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; () when it does not exist."""

    def walk(self, path: str) -> Iterator[Item]:
        """Everything below a folder, files and folders, sorted by name in each folder, memory bounded by the depth."""

    def make_folder(self, path: str) -> None:
        """The folder and the missing ones above it; nothing happens when it is there."""

    def write(self, path: str, content: bytes) -> None:
        """A new file, whole and durable, never half; Conflict "exists" when something is there."""

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """New files, durable all at once; cheaper than `write` one by one. When it raises, none is there (unless it is
        Uncertain); after a power cut any part may be, the last ones half."""

    def replace(self, path: str, content: bytes) -> None:
        """The file has these bytes afterwards, atomically: old or new, never half."""

    def copy_in(self, source: IO[bytes], path: str, meter: Meter) -> int:
        """One read of `source` from its position to its end: copied (reflink where the file system can, holes kept),
        shown to `meter`, made durable. Gives the number of bytes. A new file as in `write_many`; for the quarantine."""

    def seal(self, path: str, meter: Meter) -> int:
        """One read of a file below quarantine/ that another process (a limited one, which has ended) wrote: shown to
        `meter`, made durable with its folder, its mode made that of the archive's files. Gives the number of bytes.
        Refused "in-the-way" for anything but a regular file, "several-names" for a file that has more than one,
        "bad-path" outside quarantine/."""

    def rename(self, old: str, new: str) -> None:
        """Moves a file or folder to a name that is free, folders of both durable; Conflict "exists" otherwise."""

    def rename_many(self, moves: Mapping[str, str]) -> None:
        """`rename` of each old name to its new one, durable all at once; when it raises any part may have moved."""

    def remove(self, path: str) -> None:
        """The file is gone; nothing happens when it was not there."""

    def remove_tree(self, path: str) -> None:
        """The folder and everything below it is gone; nothing happens when it was not there. Links are removed, not
        followed."""

    def prune_empty(self, path: str) -> None:
        """Removes this folder and the ones above it (not the place itself) while they are empty."""

    def free_bytes(self) -> int:
        """Bytes still free for us on the file system."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Held by one process at a time; Conflict "locked" at once when another has it. `name` is that of a file beside
        the places, "sonoteca.lock"; it stays, empty."""


def split_path(path: str) -> tuple[str, ...]:
    """The names in a path that this door opens; Refused "bad-path" for every other."""
    parts = tuple(path.split("/"))
    if parts[0] not in PLACES and path not in TOP_FILES:
        raise _bad_path(path, "it is outside the parts of the archive")
    if not _NO_NAMES.isdisjoint(parts) or "\0" in path:
        raise _bad_path(path, 'a name in it is empty, ".", ".." or has a NUL')
    try:
        raw = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise _bad_path(path, "no file can have this name") from error
    if len(raw) > MAX_NAME_BYTES and (len(raw) > MAX_PATH_BYTES or max(map(len, raw.split(b"/"))) > MAX_NAME_BYTES):
        raise _bad_path(path, f"at most {MAX_NAME_BYTES} bytes a name, {MAX_PATH_BYTES} a path")
    return parts


def split_move(old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Both paths of a rename; Refused "bad-path" when a folder should go into itself."""
    start, end = split_path(old), split_path(new)
    if len(end) > len(start) and end[: len(start)] == start:
        raise _bad_path(new, "a folder cannot move into itself")
    return start, end


def split_sealed(path: str) -> tuple[str, ...]:
    """The names in the path of a file to be sealed; Refused "bad-path" where nobody else writes."""
    parts = split_path(path)
    if parts[0] != "quarantine" or len(parts) < 3:
        raise _bad_path(path, "only what another process wrote into a folder of the quarantine is sealed")
    return parts


def verify_lock_name(name: str) -> None:
    """Refused "bad-path" unless it is a lock of the archive."""
    if name not in LOCKS:
        raise _bad_path(name, "no lock has this name")


def _bad_path(path: str, why: str) -> Refused:
    return Refused("bad-path", f"not a path of the archive: {why}", where=ascii(path[:200]))
