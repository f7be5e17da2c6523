"""Small deeds below LocalDisk: a walk through the tree that follows no link, files written together, a rename that
never overwrites.

Takes  descriptors of folders and names in them.
Gives  OSError as it is, or told as an error of the house where a path is known.
"""

import ctypes
import errno
import fcntl
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import ClassVar

from sonoteca.model.errors import Conflict, Unreachable
from sonoteca.ports.disk import PRIVATE, split_path
from sonoteca.ports.troubles import landing, told

Parts = tuple[str, ...]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_RENAME_NOREPLACE = 1  # linux/fs.h
_NO_SUCH_CALL = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
_OPENAT2 = 437  # the same on every architecture
_RESOLVE_NO_SYMLINKS, _RESOLVE_BENEATH = 0x04, 0x08  # linux/openat2.h
_libc = ctypes.CDLL(None, use_errno=True)
_renameat2 = getattr(_libc, "renameat2", None)  # glibc 2.28, musl 1.2.5
_syscall = _libc.syscall
_syscall.restype = ctypes.c_long
_syscall.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t)


class _How(ctypes.Structure):
    """openat2(2)'s struct open_how."""

    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_below(root: str, parts: Sequence[str], flags: int) -> int:
    """The descriptor of a file or folder below the archive's folder, no link on the way or at its end followed.

    In one call where the kernel has it (Linux 5.6 and no filter that forbids it), else folder by folder.
    """
    top = _open_root(root)
    try:
        how = _How(flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0, _RESOLVE_BENEATH | _RESOLVE_NO_SYMLINKS)
        path = os.fsencode("/".join(parts))
        found = int(_syscall(_OPENAT2, top, path, ctypes.byref(how), ctypes.sizeof(how)))
        if found >= 0:
            return found
        code = ctypes.get_errno()
    finally:
        os.close(top)
    if code not in (errno.ENOSYS, errno.EPERM, errno.EAGAIN):
        raise OSError(code, os.strerror(code))
    return open_by_steps(root, parts, flags)


def open_by_steps(root: str, parts: Sequence[str], flags: int) -> int:
    """As `open_below`, folder by folder."""
    with Reach(root) as place:
        return os.open(parts[-1], flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place.at(parts[:-1]))


class Reach:
    """Where a deed stands in the tree: one descriptor a level, moved from folder to folder without following a link.

    Remembers the folders that changed, to make them durable once at the end; takes back the folders that it made when
    the deed fails.
    """

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

    def __init__(self, root: str) -> None:
        self._names: list[str] = []
        self._open = [_open_root(root)]
        self._made: list[Parts] = []
        self.changed: dict[Parts, None] = {}

    def __enter__(self) -> "Reach":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for parts in reversed(self._made):
                with suppress(OSError):
                    os.rmdir(parts[-1], dir_fd=self.at(parts[:-1]))
        while self._open:
            os.close(self._open.pop())

    def at(self, parts: Sequence[str], *, make: bool = False) -> int:
        """The descriptor of a folder, good until the next call; with `make` the missing ones are made."""
        while self._names != list(parts[: len(self._names)]):
            self._names.pop()
            os.close(self._open.pop())
        for name in parts[len(self._names) :]:
            self._enter(name, make)
        return self._open[-1]

    def _enter(self, name: str, make: bool) -> None:
        here = self._open[-1]
        if make:
            private = (self._names or [name])[0] in PRIVATE
            with suppress(FileExistsError):
                os.mkdir(name, 0o700 if private else 0o755, dir_fd=here)
                self.changed[tuple(self._names)] = None
                self._made.append((*self._names, name))
        self._open.append(os.open(name, _FOLDER, dir_fd=here))
        self._names.append(name)

    def settle(self, path: str) -> None:
        """Makes every folder that changed durable."""
        with landing(path):
            for parts in self.changed:
                with suppress(FileNotFoundError):  # moved away itself: the folder that had it is in the list
                    os.fsync(self.at(parts))


def _open_root(root: str) -> int:
    try:
        return os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        cure = "give the folder of an archive, or make one: sonoteca init"
        raise Unreachable("no-archive", "there is no archive", where=root, cure=cure) from error


def make_root(root: str) -> None:
    """The archive's folder and the missing ones above it, durable."""
    if os.path.isdir(root):
        return
    if os.path.lexists(root):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    above = os.path.dirname(root)
    if above != root:
        make_root(above)
    os.mkdir(root, 0o755)
    folder = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def mode_of(path: str) -> int:
    """The mode of a new file."""
    return 0o600 if path.split("/")[0] in PRIVATE else 0o644


def _write_all(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


def create(folder: int, name: str, content: bytes, mode: int) -> None:
    """A new file, durable but for its name; not there when it raises."""
    file = os.open(name, NEW, mode, dir_fd=folder)
    try:
        _write_all(file, content)
        os.fsync(file)
    except OSError:
        os.unlink(name, dir_fd=folder)
        raise
    finally:
        os.close(file)


def write_together(place: Reach, contents: Mapping[str, bytes], written: list[Parts]) -> None:
    """New files: all written, all sent on their way to the disk, then waited for, so that one commit of the journal
    serves many. Those that are there when it raises are named in `written`."""
    files: dict[str, int] = {}
    try:
        for path, content in contents.items():
            parts = split_path(path)
            with told(path):
                folder = place.at(parts[:-1], make=True)
                files[path] = os.open(parts[-1], NEW, mode_of(path), dir_fd=folder)
                written.append(parts)
                _write_all(files[path], content)
                # Linux starts to write at once what is advised to be dropped: ten fsyncs then take half the time.
                os.posix_fadvise(files[path], 0, 0, os.POSIX_FADV_DONTNEED)
        for path, file in files.items():
            with told(path):
                os.fsync(file)
    finally:
        for file in files.values():
            os.close(file)


def move(start: int, old: str, end: int, new: str) -> None:
    """Renames, and never over something: atomically where the file system can, else it looks first (there is one
    coordinator)."""
    if _renameat2 is not None:
        if _renameat2(start, os.fsencode(old), end, os.fsencode(new), _RENAME_NOREPLACE) == 0:
            return
        code = ctypes.get_errno()
        if code not in _NO_SUCH_CALL:
            raise OSError(code, os.strerror(code))
    with suppress(FileNotFoundError):
        os.stat(new, dir_fd=end, follow_symlinks=False)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    os.rename(old, new, src_dir_fd=start, dst_dir_fd=end)


def is_removed(name: str, place: Reach, folder: Parts) -> bool:
    """Whether an empty folder is gone now, or was not there."""
    try:
        os.rmdir(name, dir_fd=place.at(folder))
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.ELOOP):
            return False
        raise
    return True


def take_lock(file: int, path: str) -> None:
    """The lock of an open file, empty then; Conflict "locked" names the process that has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
        what = f"another process works on this archive (process {holder})"
        raise Conflict("locked", what, where=path, cure="wait until it has ended, or end it") from error
    os.ftruncate(file, 0)
