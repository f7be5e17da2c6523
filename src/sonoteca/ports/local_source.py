"""LocalSource: the source door on folders of this machine.

Takes  roots and paths.   Gives  what ports/source.py promises.
Never  follows a link below the root: every path is walked from the root name by name, each opened O_NOFOLLOW relative
       to the one before (openat(2)), so neither a length beyond PATH_MAX nor a folder that becomes a link between two
       calls matters; what was opened is judged after it is open. The root itself may be a link: a person named it.

It has no state and may be sent to other processes.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, ClassVar

from sonoteca.model.errors import SonotecaError, Unreachable
from sonoteca.model.source import Entry
from sonoteca.ports import source
from sonoteca.ports.walking import ANYBODY_READS, Identity, Walk, closing, open_below, seen_entry

_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# O_NONBLOCK: a FIFO that took a file's place must not hold us for ever; to a regular file it does nothing.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LINK_ERRORS = frozenset({errno.ELOOP, errno.ENXIO, errno.ENOTDIR, errno.EISDIR})


class LocalSource:
    """See SourceFolder."""

    PLACES: ClassVar[tuple[str, ...]] = ("source",)

    def resolve(self, path: str, archive: str) -> str:
        """See SourceFolder.resolve."""
        root = os.path.abspath(path or "\0")  # "" is nothing, not the folder that we stand in
        folder, only = _split_root(root)
        if _identity(os.fsencode(archive)) in _identities_above(folder):
            raise source.source_in_archive(path)
        if only is None and _identity(folder) in _identities_above(os.fsencode(archive)):
            raise source.archive_in_source(path)
        os.close(_open_root(root, folder))
        return root

    def exists(self, root: str) -> bool:
        """See SourceFolder.exists."""
        try:
            mode = os.stat(root).st_mode
        except (OSError, ValueError):  # ValueError: a NUL in it
            return False
        return stat.S_ISDIR(mode) or stat.S_ISREG(mode)

    def list(self, root: str) -> Iterator[Entry]:
        """See SourceFolder.list."""
        folder, only = _split_root(root)
        with closing(_open_root(root, folder)) as top:
            if only is not None:
                yield seen_entry(top, only, only)
            else:
                yield from _walked(root, top)

    def open(self, root: str, path: str) -> IO[bytes]:
        """See SourceFolder.open."""
        *above, name = source.path_parts(path)
        with _folder(root, path, above) as folder:
            return os.fdopen(_open_regular(folder, name, path), "rb", buffering=0)

    def read_small(self, root: str, path: str, max_bytes: int) -> bytes:
        """See SourceFolder.read_small."""
        found = bytearray()
        with self.open(root, path) as file:
            while len(found) <= max_bytes and (block := file.read(max_bytes + 1 - len(found))):
                found += block
        if len(found) > max_bytes:
            raise source.too_large(path, max_bytes)
        return bytes(found)

    def remove_original(self, root: str, path: str, size_bytes: int, modified_ns: int) -> bool:
        """See SourceFolder.remove_original."""
        *above, name = source.path_parts(path)
        try:
            with _folder(root, path, above) as folder:
                seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if not stat.S_ISREG(seen.st_mode) or (seen.st_size, seen.st_mtime_ns) != (size_bytes, modified_ns):
                    return False
                os.unlink(name, dir_fd=folder)
        except (OSError, SonotecaError):
            return False  # nothing was done
        return True

    def key(self, root: str, folder: str) -> str:
        """See SourceFolder.key."""
        below = folder.encode("utf-8", "surrogateescape")
        return source.file_address(os.path.normpath(os.path.join(os.path.abspath(os.fsencode(root)), below)))


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _split_root(root: str) -> tuple[bytes, bytes | None]:
    """The folder to stand in, and the one name in it when the root is a file."""
    raw = os.fsencode(root)
    try:
        mode = os.stat(raw).st_mode
    except PermissionError as error:
        raise _closed_root(root) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        raise source.missing(root) from error
    if stat.S_ISDIR(mode):
        return raw, None
    if not stat.S_ISREG(mode):
        raise source.not_a_folder(root)
    folder, name = os.path.split(os.path.realpath(raw))
    return folder, name


def _closed_root(root: str) -> Unreachable:
    return Unreachable(
        "source-unreadable", "The folder may not be read", where=root, cure="chmod u+rx, or run as its owner"
    )


def _walked(root: str, top: int) -> Iterator[Entry]:
    try:
        yield from Walk(top).entries()
    except OSError as error:
        if isinstance(error, PermissionError):
            raise _closed_root(root) from error
        raise _told(error, root) from error


def _open_root(root: str, folder: bytes) -> int:
    try:
        return os.open(folder, _ROOT)
    except PermissionError as error:
        raise _closed_root(root) from error
    except OSError as error:
        raise source.missing(root) from error


@contextmanager
def _folder(root: str, path: str, above: list[bytes]) -> Iterator[int]:
    """The open folder that holds the file; OSErrors inside become errors of the house."""
    folder, only = _split_root(root)
    if only is not None and source.path_parts(path) != [only]:
        raise source.gone(path)
    try:
        with closing(_open_root(root, folder)) as top, closing(open_below(top, above)) as here:
            yield here
    except OSError as error:
        raise _told(error, path) from error


def _open_regular(folder: int, name: bytes, path: str) -> int:
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise source.not_a_file(path)  # opening a device may already do something
    number = os.open(name, _FILE, dir_fd=folder)
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode) and mode & ANYBODY_READS:
        return number
    os.close(number)
    raise source.unreadable(path) if stat.S_ISREG(mode) else source.not_a_file(path)


def _told(error: OSError, path: str) -> SonotecaError:
    if isinstance(error, FileNotFoundError):
        return source.gone(path)
    if isinstance(error, PermissionError):
        return source.unreadable(path)
    if error.errno in _LINK_ERRORS:
        return source.not_a_file(path)
    return Unreachable(
        "source-failed", f"The source did not answer ({error.strerror})", where=path, cure="check the drive, run again"
    )


# ── who lies in whom ─────────────────────────────────────────────────────────────────────────────────────────────────


def _identity(path: bytes) -> Identity | None:
    try:
        seen = os.stat(path)
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


def _identities_above(path: bytes) -> frozenset[Identity]:
    """Of a folder and every folder above it."""
    here = os.path.realpath(path)
    found = {_identity(here)}
    while (above := os.path.dirname(here)) != here:
        here = above
        found.add(_identity(here))
    return frozenset(one for one in found if one is not None)
