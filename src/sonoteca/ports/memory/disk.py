"""MemoryDisk: the double of the disk door. The same contract, the same errors, nothing on any disk.

Takes  `room_bytes`, to be full like a disk: every file counts its bytes, every name one more.
Gives  what ports/disk.py promises; durability is what a Python dict can give.
"""

import errno
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, ClassVar

from sonoteca.model.errors import Conflict, Refused, SonotecaError
from sonoteca.model.source import Kind
from sonoteca.ports.copying import BLOCK_BYTES
from sonoteca.ports.disk import PLACES, Item, Meter, split_move, split_path, split_sealed, verify_lock_name
from sonoteca.ports.troubles import describe

Parts = tuple[str, ...]


class MemoryDisk:
    """Folders are None, files their bytes, by the names on the way."""

    PLACES: ClassVar[Parts] = PLACES

    def __init__(self, room_bytes: int = 1 << 40) -> None:
        self._tree: dict[Parts, bytes | None] = {}
        self._room_bytes = room_bytes
        self._locks: set[str] = set()

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, path: str, max_bytes: int = 64 * 1024 * 1024) -> bytes:
        """See Disk.read."""
        content = self._content(path)
        if len(content) > max_bytes:
            raise Refused("too-large", f"the file has more than {max_bytes} bytes", where=path)
        return content

    def open(self, path: str) -> IO[bytes]:
        """See Disk.open."""
        return io.BytesIO(self._content(path))

    def _content(self, path: str) -> bytes:
        parts = split_path(path)
        self._verify_above(parts, path)
        if parts not in self._tree:
            raise _trouble(errno.ENOENT, path)
        content = self._tree[parts]
        if content is None:
            raise _trouble(errno.EISDIR, path)
        return content

    def full_path(self, path: str) -> str:
        """See Disk.full_path; nothing is there."""
        return "/".join(("", "memory", *split_path(path)))

    def find(self, path: str) -> Item | None:
        """See Disk.find."""
        parts = split_path(path)
        return self._item(parts) if parts in self._tree else None

    def _item(self, parts: Parts) -> Item:
        content = self._tree[parts]
        kind = Kind.FOLDER if content is None else Kind.FILE
        return Item(path="/".join(parts), kind=kind, bytes=len(content or b""))

    def list(self, path: str) -> tuple[str, ...]:
        """See Disk.list."""
        return tuple(parts[-1] for parts in self._below(path))

    def walk(self, path: str) -> Iterator[Item]:
        """See Disk.walk."""
        for parts in self._below(path):
            if parts in self._tree:
                item = self._item(parts)
                yield item
                if item.kind is Kind.FOLDER:
                    yield from self.walk(item.path)

    def _below(self, path: str) -> tuple[Parts, ...]:
        parts = split_path(path)
        self._verify_above((*parts, ""), path)
        return self._children(parts)

    def _children(self, parts: Parts) -> tuple[Parts, ...]:
        return tuple(sorted(found for found in self._tree if found[:-1] == parts))

    def free_bytes(self) -> int:
        """See Disk.free_bytes."""
        return self._room_bytes - sum(len(content or b"") + 1 for content in self._tree.values())

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _all_or_nothing(self, path: str) -> Iterator[None]:
        before, kept = dict(self._tree), False
        try:
            yield
            if self.free_bytes() < 0:
                raise _trouble(errno.ENOSPC, path)
            kept = True
        finally:
            if not kept:
                self._tree = before

    def _verify_above(self, parts: Parts, path: str) -> None:
        for depth in range(1, len(parts)):
            if self._tree.get(parts[:depth]) is not None:
                raise _trouble(errno.ENOTDIR, path)

    def _make_above(self, parts: Parts, path: str) -> None:
        self._verify_above(parts, path)
        for depth in range(1, len(parts)):
            self._tree[parts[:depth]] = None

    def make_folder(self, path: str) -> None:
        """See Disk.make_folder."""
        with self._all_or_nothing(path):
            self._make_above((*split_path(path), ""), path)

    def write(self, path: str, content: bytes) -> None:
        """See Disk.write."""
        self.write_many({path: content})

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """See Disk.write_many."""
        with self._all_or_nothing(next(iter(contents), "")):
            for path, content in sorted(contents.items()):
                parts = split_path(path)
                self._make_above(parts, path)
                if parts in self._tree:
                    raise _trouble(errno.EEXIST, path)
                self._tree[parts] = bytes(content)

    def replace(self, path: str, content: bytes) -> None:
        """See Disk.replace."""
        parts = split_path(path)
        with self._all_or_nothing(path):
            self._make_above(parts, path)
            if parts in self._tree and self._tree[parts] is None:
                raise _trouble(errno.EISDIR, path)
            self._tree[parts] = bytes(content)

    def copy_in(self, source: IO[bytes], path: str, meter: Meter) -> int:
        """See Disk.copy_in."""
        parts = split_path(path)
        with self._all_or_nothing(path):
            self._make_above(parts, path)
            if parts in self._tree:
                raise _trouble(errno.EEXIST, path)
            content = source.read()
            for start in range(0, len(content), BLOCK_BYTES):
                meter.update(memoryview(content)[start : start + BLOCK_BYTES])
            self._tree[parts] = content
        return len(content)

    def seal(self, path: str, meter: Meter) -> int:
        """See Disk.seal; a file here has one name."""
        split_sealed(path)
        content = self._content(path)
        for start in range(0, len(content), BLOCK_BYTES):
            meter.update(memoryview(content)[start : start + BLOCK_BYTES])
        return len(content)

    def rename(self, old: str, new: str) -> None:
        """See Disk.rename."""
        start, end = split_move(old, new)
        with self._all_or_nothing(new):
            self._verify_above(start, old)
            if start not in self._tree:
                raise _trouble(errno.ENOENT, old)
            self._make_above(end, new)
            if end in self._tree:
                raise _trouble(errno.EEXIST, new)
            moved = [parts for parts in self._tree if parts[: len(start)] == start]
            self._tree.update({end + parts[len(start) :]: self._tree.pop(parts) for parts in moved})

    def rename_many(self, moves: Mapping[str, str]) -> None:
        """See Disk.rename_many."""
        for old, new in moves.items():
            self.rename(old, new)

    def remove(self, path: str) -> None:
        """See Disk.remove."""
        parts = split_path(path)
        self._verify_above(parts, path)
        if parts in self._tree and self._tree[parts] is None:
            raise _trouble(errno.EISDIR, path)
        self._tree.pop(parts, None)

    def remove_tree(self, path: str) -> None:
        """See Disk.remove_tree."""
        parts = split_path(path)
        self._verify_above(parts, path)
        for found in [found for found in self._tree if found[: len(parts)] == parts]:
            del self._tree[found]

    def prune_empty(self, path: str) -> None:
        """See Disk.prune_empty."""
        parts = split_path(path)
        while len(parts) > 1 and self._tree.get(parts) is None and not self._children(parts):
            self._tree.pop(parts, None)
            parts = parts[:-1]

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """See Disk.lock; held by one caller at a time."""
        verify_lock_name(name)
        if name in self._locks:
            raise Conflict("locked", "something else works on this archive", where=name)
        self._locks.add(name)
        try:
            yield
        finally:
            self._locks.discard(name)


def _trouble(number: int, path: str) -> SonotecaError:
    return describe(OSError(number, "in memory"), path)
