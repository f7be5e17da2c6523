"""LocalDisk: the disk door on a folder of a POSIX file system.

Takes  the archive's folder.   Gives  what ports/disk.py promises.
Never  follows a link: every path is walked from the archive's folder name by name, each opened O_NOFOLLOW relative to
       the one before (openat(2)), so a link that appears in between is met too; what is found is judged when open.
Order  bytes, fsync of the file, name, fsync of the folder. A file is written under another name (HALF) where half of it
       must never be seen. There is no state but the folder's name, so it may be sent to other processes.
"""

import errno
import io
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, ClassVar

from sonoteca.model.errors import Damaged, Refused, SonotecaError
from sonoteca.model.source import Kind
from sonoteca.ports.copying import copy, look
from sonoteca.ports.disk import HALF, Item, Meter, split_move, split_path, split_sealed, verify_lock_name
from sonoteca.ports.local_tree import (
    NEW,
    Parts,
    Reach,
    create,
    is_removed,
    make_root,
    mode_of,
    move,
    open_below,
    take_lock,
    write_together,
)
from sonoteca.ports.troubles import told

# O_NONBLOCK: opening a FIFO that somebody put there must not wait for ever.
_FILE = os.O_RDONLY | os.O_NONBLOCK
_OPEN_AT_ONCE = 64
_KINDS = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.FOLDER, stat.S_IFLNK: Kind.LINK}


class LocalDisk:
    """The archive in the folder `root`, which must exist, or is made with `create` (and what is missing above it)."""

    PLACES: ClassVar[Parts] = (
        "store",
        "records",
        "ledger",
        "keys",
        "quarantine",
        "inbox",
        "torrents",
        "cache",
        "index",
    )

    def __init__(self, root: str, *, create: bool = False) -> None:
        self._root = os.path.abspath(root)
        if create:
            with told(self._root):
                make_root(self._root)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, path: str, max_bytes: int = 64 * 1024 * 1024) -> bytes:
        """See Disk.read."""
        with told(path), self.open(path) as file:
            # Asked before: read(max_bytes) would make room for so many, and give it back.
            if os.fstat(file.fileno()).st_size > max_bytes:
                raise Refused("too-large", f"the file has more than {max_bytes} bytes", where=path)
            return file.read()

    def open(self, path: str) -> IO[bytes]:
        """See Disk.open."""
        with told(path):
            file = open_below(self._root, split_path(path), _FILE)
            if not stat.S_ISREG(os.fstat(file).st_mode):
                os.close(file)
                raise IsADirectoryError(errno.EISDIR, "not a file")
            return io.FileIO(file)

    def full_path(self, path: str) -> str:
        """See Disk.full_path."""
        return os.path.join(self._root, *split_path(path))

    def find(self, path: str) -> Item | None:
        """See Disk.find."""
        *folder, name = split_path(path)
        try:
            with told(path), _folder(self._root, folder) as here:
                return _item(path, os.stat(name, dir_fd=here, follow_symlinks=False))
        except SonotecaError as error:
            if error.code in ("missing", "in-the-way"):
                return None
            raise

    def list(self, path: str) -> tuple[str, ...]:
        """See Disk.list."""
        parts = split_path(path)
        try:
            with told(path), _folder(self._root, parts) as here:
                return tuple(sorted(os.listdir(here)))
        except Damaged:
            return ()

    def walk(self, path: str) -> Iterator[Item]:
        """See Disk.walk."""
        levels = [iter(self._items(path))]
        while levels:
            item = next(levels[-1], None)
            if item is None:
                levels.pop()
                continue
            yield item
            if item.kind is Kind.FOLDER:
                levels.append(iter(self._items(item.path)))

    def _items(self, path: str) -> Sequence[Item]:
        parts = split_path(path)
        try:
            with told(path), _folder(self._root, parts) as here, os.scandir(here) as found:
                return sorted(_seen(path, found), key=lambda item: item.path)
        except Damaged:
            return ()

    def free_bytes(self) -> int:
        """See Disk.free_bytes."""
        with told("."):
            seen = os.statvfs(self._root)
        return seen.f_bavail * seen.f_frsize

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def make_folder(self, path: str) -> None:
        """See Disk.make_folder."""
        parts = split_path(path)
        with told(path), Reach(self._root) as place:
            place.at(parts, make=True)
            place.settle(path)

    def write(self, path: str, content: bytes) -> None:
        """See Disk.write."""
        with self._written_aside(path, content) as (start, half, end, name):
            move(start, half, end, name)

    def replace(self, path: str, content: bytes) -> None:
        """See Disk.replace."""
        with self._written_aside(path, content) as (start, half, end, name):
            os.replace(half, name, src_dir_fd=start, dst_dir_fd=end)

    @contextmanager
    def _written_aside(self, path: str, content: bytes) -> Iterator[tuple[int, str, int, str]]:
        """The content as a durable file under another name; inside, it is moved to where it belongs."""
        *folder, name = split_path(path)
        # Beside its target it would be a stray in an OCFL object after a crash. The website may write to inbox/ only.
        aside = "inbox" if folder and folder[0] == "inbox" else "quarantine"
        half = HALF + os.urandom(8).hex()
        with told(path), Reach(self._root) as near, Reach(self._root) as far:
            start, end = near.at((aside,), make=True), far.at(folder, make=True)
            create(start, half, content, mode_of(path))
            try:
                yield start, half, end, name
            except OSError:
                os.unlink(half, dir_fd=start)
                raise
            far.changed[tuple(folder)] = None
            far.settle(path)

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """See Disk.write_many."""
        paths = sorted(contents)
        with Reach(self._root) as place:
            written: list[Parts] = []
            try:
                for start in range(0, len(paths), _OPEN_AT_ONCE):
                    some = paths[start : start + _OPEN_AT_ONCE]
                    write_together(place, {path: contents[path] for path in some}, written)
            except SonotecaError:
                for parts in written:
                    with suppress(OSError):
                        os.unlink(parts[-1], dir_fd=place.at(parts[:-1]))
                # None of the files is there; the folders that were made go with the place.
                raise
            place.changed.update(dict.fromkeys(parts[:-1] for parts in written))
            place.settle(paths[0] if paths else "")

    def copy_in(self, source: IO[bytes], path: str, meter: Meter) -> int:
        """See Disk.copy_in."""
        *folder, name = split_path(path)
        with told(path), Reach(self._root) as place:
            here = place.at(folder, make=True)
            file = os.open(name, NEW, mode_of(path), dir_fd=here)
            kept = False
            try:
                count = copy(source, file, meter)
                os.ftruncate(file, count)
                os.fsync(file)
                kept = True
            finally:
                os.close(file)
                if not kept:
                    os.unlink(name, dir_fd=here)
            place.changed[tuple(folder)] = None
            place.settle(path)
        return count

    def seal(self, path: str, meter: Meter) -> int:
        """See Disk.seal."""
        *folder, name = split_sealed(path)
        with told(path), Reach(self._root) as place, io.FileIO(open_below(self._root, (*folder, name), _FILE)) as file:
            seen = os.fstat(file.fileno())
            if not stat.S_ISREG(seen.st_mode):
                raise IsADirectoryError(errno.EISDIR, "not a file")
            if seen.st_nlink != 1:
                what = f"a file with {seen.st_nlink} names: another one could change it later"
                raise Refused("several-names", what, where=path, cure="make it again")
            count = look(file, meter)
            # Its maker may have given it any mode; the folder was made here, under the operator's umask.
            above = os.fstat(place.at(folder)).st_mode
            os.fchmod(file.fileno(), mode_of(path) & stat.S_IMODE(above))
            os.fsync(file.fileno())
            place.changed[tuple(folder)] = None
            place.settle(path)
        return count

    def rename(self, old: str, new: str) -> None:
        """See Disk.rename."""
        self.rename_many({old: new})

    def rename_many(self, moves: Mapping[str, str]) -> None:
        """See Disk.rename_many."""
        with Reach(self._root) as near, Reach(self._root) as far:
            for old, new in moves.items():
                (*start, old_name), (*end, new_name) = split_move(old, new)
                with told(f"{old} -> {new}"):
                    here = near.at(start)
                    os.stat(old_name, dir_fd=here, follow_symlinks=False)  # before any folder is made
                    move(here, old_name, far.at(end, make=True), new_name)
                far.changed.update({tuple(end): None, tuple(start): None})
            far.settle(next(iter(moves), ""))

    def remove(self, path: str) -> None:
        """See Disk.remove."""
        *folder, name = split_path(path)
        with told(path), Reach(self._root) as place, suppress(FileNotFoundError):
            os.unlink(name, dir_fd=place.at(folder))
            place.changed[tuple(folder)] = None
            place.settle(path)

    def remove_tree(self, path: str) -> None:
        """See Disk.remove_tree."""
        *folder, name = split_path(path)
        with told(path), Reach(self._root) as place, suppress(FileNotFoundError):
            here = place.at(folder)
            if stat.S_ISDIR(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                shutil.rmtree(name, dir_fd=here)
            else:
                os.unlink(name, dir_fd=here)
            place.changed[tuple(folder)] = None
            place.settle(path)

    def prune_empty(self, path: str) -> None:
        """See Disk.prune_empty."""
        parts = split_path(path)
        with told(path), Reach(self._root) as place:
            while len(parts) > 1 and is_removed(parts[-1], place, parts[:-1]):
                parts = parts[:-1]
                place.changed = {parts: None}
            place.settle(path)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """See Disk.lock."""
        verify_lock_name(name)
        path = os.path.join(self._root, name)
        with told(path):
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            take_lock(file, path)
            with suppress(OSError):
                # For people who look; the lock holds without it, also on a full disk that is about to be emptied.
                os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            yield
            with suppress(OSError):
                os.ftruncate(file, 0)
        finally:
            os.close(file)  # and the lock goes with it, however the process ends


@contextmanager
def _folder(root: str, parts: Sequence[str]) -> Iterator[int]:
    """The descriptor of a folder, for reading."""
    folder = open_below(root, parts or (".",), os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield folder
    finally:
        os.close(folder)


def _item(path: str, seen: os.stat_result) -> Item:
    kind = _KINDS.get(stat.S_IFMT(seen.st_mode), Kind.OTHER)
    if kind is Kind.FILE:
        return Item(path=path, kind=kind, bytes=seen.st_size, names=seen.st_nlink)
    return Item(path=path, kind=kind, bytes=0)


def _seen(path: str, entries: Iterator[os.DirEntry[str]]) -> Iterator[Item]:
    for entry in entries:
        try:
            seen = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # gone since the folder was read
        yield _item(f"{path}/{entry.name}", seen)
