"""Troubles of a file system, told as errors of the house.

Takes  the OSError of a deed and the path it was for.
Gives  the error by blame, with what to do. The table is the law; what it does not name is Unreachable "disk-failed",
       because trying again is harmless: every deed can be repeated.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import (
    EACCES,
    EDQUOT,
    EEXIST,
    EFBIG,
    EILSEQ,
    EINVAL,
    EISDIR,
    ELOOP,
    EMFILE,
    ENAMETOOLONG,
    ENFILE,
    ENOENT,
    ENOSPC,
    ENOTDIR,
    ENOTEMPTY,
    ENXIO,
    EPERM,
    EROFS,
    EXDEV,
)

from sonoteca.model.errors import Conflict, Damaged, Refused, SonotecaError, Uncertain, Unreachable

# error numbers: by blame, code, what happened, what to do
_ROWS: tuple[tuple[tuple[int, ...], type[SonotecaError], str, str, str], ...] = (
    ((ENOSPC, EDQUOT), Unreachable, "disk-full", "the disk is full", "make room on it, then run again"),
    ((EFBIG,), Unreachable, "disk-full", "too large a file for this file system", "move the archive to another one"),
    ((EROFS, EACCES, EPERM), Unreachable, "not-allowed", "the system says no", "let sonoteca's user write here"),
    ((ENOENT,), Damaged, "missing", "it is not there", "sonoteca verify tells what else is missing"),
    ((ELOOP, ENOTDIR, EISDIR, ENXIO), Refused, "in-the-way", "a link or another thing is there", "move it away"),
    ((EEXIST, ENOTEMPTY), Conflict, "exists", "something is there already", "run again: it goes on from what it finds"),
    ((EINVAL, EILSEQ, ENAMETOOLONG), Refused, "bad-path", "the file system has no such name", "choose a plainer name"),
    ((EXDEV,), Refused, "two-disks", "the archive is on two file systems", "keep store and quarantine on one"),
    ((EMFILE, ENFILE), Unreachable, "too-many-open", "too many files are open", "raise the limit: ulimit -n 4096"),
)
_FAILED = (Unreachable, "disk-failed", "the disk did not do it", "read the kernel's log, check the drive, run again")

TROUBLES = {number: row[1:] for row in _ROWS for number in row[0]}


def describe(error: OSError, path: str) -> SonotecaError:
    """The error of the house for this one."""
    kind, code, what, cure = TROUBLES.get(error.errno or 0, _FAILED)
    reason = os.strerror(error.errno) if error.errno else str(error)
    return kind(code, f"{what} ({reason})", where=path, cure=cure)


@contextmanager
def told(path: str) -> Iterator[None]:
    """Inside, an OSError becomes the error of the house, about `path`."""
    try:
        yield
    except OSError as error:
        raise describe(error, path) from error


@contextmanager
def landing(path: str) -> Iterator[None]:
    """As `told`, for what follows after the deed was done: it stands, but a power cut may take it back."""
    try:
        yield
    except OSError as error:
        what = f"done, but it is not certain that the disk keeps it ({error.strerror})"
        cure = "check the drive, run again: it goes on from what it finds"
        raise Uncertain("not-durable", what, where=path, cure=cure) from error
