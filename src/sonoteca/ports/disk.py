"""Disk: the archive's own folder, and the only door through which its files are written.

Takes  paths relative to the archive ("store/ab/cd/…"), always with "/", never "..", never outside PLACES.
Gives  small durable deeds: each returns only when what it did would survive a power cut (file and folder synced).
Never  overwrites silently (`replace` says so in its name), follows links, or reads settings.

Every deed can fail before it landed or after: whoever calls must be able to run it again (`2-the-house`, order of
deeds). A full disk is Unreachable "disk-full"; the world then looks as it did before the deed.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, ClassVar, Protocol

from sonoteca.model.source import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file or folder found below a path: `path` relative to the archive, size in bytes (0 for folders)."""

    path: str
    kind: Kind
    bytes: int


class Meter(Protocol):
    """What looks at bytes while they pass (formats/pieces.py)."""

    def update(self, block: memoryview) -> None:
        """Takes the next bytes; every block but the last has the size that was agreed."""


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
        """The file or folder, None if there is nothing."""

    def list(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; () when it does not exist."""

    def walk(self, path: str) -> Iterator[Item]:
        """Everything below a folder, files and folders, sorted by name in each folder, memory bounded by the depth."""

    def make_folder(self, path: str) -> None:
        """The folder and the missing ones above it; nothing happens when it is there."""

    def write(self, path: str, content: bytes) -> None:
        """A new file, whole and durable; Conflict "exists" when something is there."""

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """New files, durable all at once (their folders are made); cheaper than `write` one by one; on failure any part may be there."""

    def replace(self, path: str, content: bytes) -> None:
        """The file has these bytes afterwards, atomically: old or new, never half."""

    def copy_in(self, source: IO[bytes], path: str, meter: Meter) -> int:
        """One read of `source` from its position to its end: copied (reflink where the file system can, holes kept), shown to
        `meter`, made durable. Gives the number of bytes."""

    def rename(self, old: str, new: str) -> None:
        """Moves a file or folder to a name that is free, folders of both durable; Conflict "exists" otherwise."""

    def remove(self, path: str) -> None:
        """The file is gone; nothing happens when it was not there."""

    def remove_tree(self, path: str) -> None:
        """The folder and everything below it is gone; nothing happens when it was not there. Links are removed, not followed."""

    def prune_empty(self, path: str) -> None:
        """Removes this folder and the ones above it (not the place itself) while they are empty."""

    def free_bytes(self) -> int:
        """Bytes still free for us on the file system."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Held by one process at a time; Conflict "locked" at once when another has it."""
