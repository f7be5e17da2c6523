"""SQLite's result codes, by blame: which of the five errors each one is, and what to do about it.

Takes  an extended result code, the file, the cure for a broken one, and whether it came out of a commit.
Gives  the error to raise; None for what is our own mistake (constraints, bad SQL), which passes through unchanged.
"""

import os
import sqlite3

from sonoteca.model.errors import Conflict, Damaged, SonotecaError, Uncertain, Unreachable

STOP_OTHERS = "wait until the other sonoteca has ended, or stop it"
# IOERR_SHMSIZE is how a full disk shows when SQLite grows its shared-memory index.
DISK_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
# Primary result code: who is to blame, the word, and what happened.
BLAME: dict[int, tuple[type[SonotecaError], str, str]] = {
    sqlite3.SQLITE_BUSY: (Conflict, "locked", "another process is writing"),
    sqlite3.SQLITE_LOCKED: (Conflict, "locked", "another part of this process is writing"),
    sqlite3.SQLITE_CORRUPT: (Damaged, "database", "the database is damaged"),
    sqlite3.SQLITE_NOTADB: (Damaged, "database", "the file is not a database"),
    sqlite3.SQLITE_IOERR: (Unreachable, "disk", "the disk did not answer"),
    sqlite3.SQLITE_CANTOPEN: (Unreachable, "cannot-open", "the database cannot be opened"),
    sqlite3.SQLITE_READONLY: (Unreachable, "read-only", "the database cannot be written"),
    sqlite3.SQLITE_PERM: (Unreachable, "permission", "the database cannot be opened by this user"),
}
CURES: dict[str, str] = {
    "disk": "check the disk, then run it again",
    "cannot-open": "look at the folder's permissions, and at what is free on its disk",
    "read-only": "look at the file's permissions and how its disk is mounted",
    "permission": "look at the file's permissions",
}


def find_blame(code: int, path: str, cure: str, *, is_commit: bool = False) -> SonotecaError | None:
    """The error for one result code; `cure` is the command that mends a damaged or missing file."""
    if code in DISK_FULL:
        return Unreachable("disk-full", "the disk is full", where=path, cure="free some space, then run it again")
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_IOERR and is_commit:
        what = "the disk failed while a change was being made durable"
        return Uncertain("commit", what, where=path, cure="check the disk; the next start reads again what is there")
    if primary == sqlite3.SQLITE_CANTOPEN and not os.path.exists(path):
        return Damaged("missing", "the database is not there", where=path, cure=cure)
    if primary not in BLAME:
        return None
    kind, word, what = BLAME[primary]
    if kind is Conflict:
        return kind(word, what, where=path, cure=STOP_OTHERS)
    return kind(word, what, where=path, cure=cure if kind is Damaged else CURES[word])
