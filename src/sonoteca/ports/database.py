"""Database: the archive's SQLite files, and the only door through which they are changed.

Takes  the archive's folder, the schema a room defines (SQLAlchemy tables and their revision), and the file's name.
Gives  `write()`, one short transaction that is durable when the block ends or never happened; `read()`, a snapshot that
       does not move while others write; `successor()` and `replace_with()`, by which a rebuilt catalogue takes the old
       one's place in one rename.
Never  waits without end (busy_timeout_s), holds a transaction open across a call, or hides a failed commit; never
       migrates (ports/migrations.py does, so that only those who migrate pay for importing alembic).

Errors by blame: no room is Unreachable "disk-full", another writer Conflict "locked", a file of another version
Conflict "version", a broken file Damaged. When a commit ends in an I/O error nobody can know what a power cut would
leave: Uncertain "commit". Constraint violations are our own mistakes and pass through as SQLAlchemy raises them.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import ClassVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, MetaData, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from sonoteca.model.errors import Conflict, Damaged, SonotecaError
from sonoteca.ports.sqlite_blame import STOP_OTHERS, find_blame
from sonoteca.ports.troubles import told

CATALOGUE = "catalogue.sqlite"
PRIVATE = "private.sqlite"
REBUILD = "catalogue.rebuild.sqlite"
MEMORY = ":memory:"
CARRIED = "sonoteca run carries an older one over; sonoteca rebuild makes it again"
BACKUP = "put it back from a backup of the archive; nothing makes it again"
NEWER = "use the newer sonoteca: this file is made by no rebuild"
CACHE_KIB = 16 * 1024  # more is slower: every commit walks through it
WAL_LIMIT_BYTES = 64 * 1024 * 1024
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit survives a power cut, not only a crash
    "foreign_keys=ON",
    "secure_delete=ON",  # deleted text is overwritten, not only unlinked
    "temp_store=MEMORY",  # no sorted copies of personal text in /tmp
    "cell_size_check=ON",
    "trusted_schema=OFF",
    f"cache_size=-{CACHE_KIB}",
    "wal_autocheckpoint=4000",  # pages: four times the default, a quarter of its syncs
    f"journal_size_limit={WAL_LIMIT_BYTES}",
)
Opener = Callable[..., sqlite3.Connection]


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database holds. `revision` is the newest revision of `scripts`, which alembic finds by that name
    ("package:folder"); a file stamped otherwise is refused, but may be read when it is one of `older`: revisions that
    lack tables and have no other difference."""

    metadata: MetaData
    revision: str
    scripts: str
    older: frozenset[str] = frozenset()


class Database:
    """One SQLite file of the archive. `folder` None keeps it in memory (tests); `opener` stands for sqlite3.connect."""

    PLACES: ClassVar[tuple[str, ...]] = ("catalogue.sqlite", "catalogue.rebuild.sqlite", "private.sqlite")

    def __init__(
        self,
        folder: str | None,
        schema: Schema,
        name: str = CATALOGUE,
        *,
        busy_timeout_s: float = 10.0,
        opener: Opener = sqlite3.connect,
    ) -> None:
        if name not in self.PLACES:
            raise ValueError(f"{name} is no place of this door")
        self.schema = schema
        self.name = name
        self.path = MEMORY if folder is None else os.path.join(folder, name)
        self._folder = folder
        self._busy_timeout_s = busy_timeout_s
        self._opener = opener
        self._is_verified = False
        # One connection cannot hold two transactions: in memory, readers wait for the writer.
        self._turn = RLock()
        self.engine = self._new_engine()

    # ── transactions ─────────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, the only one that writes meanwhile. Durable when the block ends; an error undoes all of it.

        Conflict "locked" when another writer stays longer than busy_timeout_s.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection
            self._commit(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot: every query in the block sees the same state. Writing in it is a mistake and is undone. Of a file
        of an older revision that may be read, tables may be missing."""
        with self._transaction("BEGIN", also=self.schema.older) as connection:
            yield connection

    @contextmanager
    def readable(self) -> Iterator[Connection | None]:
        """Like `read`, but None when the file is missing, damaged or of another version. For rebuilding it."""
        try:
            with self.read():
                pass
        except (Damaged, Conflict):
            yield None
            return
        with self.read() as connection:
            yield connection

    @contextmanager
    def migrate(self) -> Iterator[Connection]:
        """Like `write`, for whoever brings a file of another version to this schema (ports/migrations.py)."""
        with self._transaction("BEGIN IMMEDIATE", is_verified=True) as connection:
            yield connection
            self._commit(connection)
        self._is_verified = False

    @contextmanager
    def _transaction(
        self, begin: str, *, is_verified: bool = False, also: frozenset[str] = frozenset()
    ) -> Iterator[Connection]:
        with self._turns(), self._blamed(), self.engine.connect() as connection:
            connection.exec_driver_sql(begin)
            # The first read fixes the snapshot; the first use of this object reads the revision.
            connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")
            if not (self._is_verified or is_verified):
                self._verify_revision(connection, also)
            yield connection

    def _commit(self, connection: Connection) -> None:
        try:
            with self._blamed(is_commit=True):
                connection.commit()
        except SonotecaError:
            # It landed or it did not: what this connection believes is worth nothing, the next one opens the file anew.
            connection.invalidate()
            self._is_verified = False
            raise

    @contextmanager
    def _turns(self) -> Iterator[None]:
        if self._folder is not None:
            yield
            return
        with self._turn:
            yield

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def create(self) -> None:
        """The tables of the schema, stamped with its revision, in a file that has none; Conflict "exists" otherwise."""
        if self._folder is not None:
            self._make_file()
        with self._turns(), self._blamed(), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar():
                raise Conflict("exists", "there is a database here already", where=self.path)
            self.schema.metadata.create_all(connection)
            stamp(connection, self.schema.revision)
            self._commit(connection)
        self._is_verified = True
        if self._folder is not None:
            _sync_folder(self._folder)

    def close(self) -> None:
        """Lets go of the file. The next transaction opens it again."""
        self.engine.dispose()
        self._is_verified = False

    def checkpoint(self) -> bool:
        """Moves everything from the WAL into the file and empties the WAL; False when a reader was in the way, so that
        deleted text may still stand in the WAL."""
        with self._blamed(), self.engine.connect() as connection:
            row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return bool(row[0] == 0)

    def verify_sound(self) -> None:
        """Raises Damaged when SQLite's own check finds the file inconsistent. Reads all of it."""
        with self._blamed(), self.engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if said != "ok":
            raise Damaged("database", f"the database is inconsistent: {said}", where=self.path, cure=self._cure)

    def successor(self) -> "Database":
        """An empty database of the same schema beside this one, to be filled and to take its place. What an earlier
        rebuild left there is removed."""
        if self._folder is None or self.name != CATALOGUE:
            raise ValueError("only the catalogue in a folder can be rebuilt")
        fresh = Database(self._folder, self.schema, REBUILD, busy_timeout_s=self._busy_timeout_s, opener=self._opener)
        fresh._remove_files()
        fresh.create()
        return fresh

    def replace_with(self, successor: "Database") -> None:
        """The successor's file takes this one's name, atomically: old or new, never a mixture.

        Conflict "locked" when someone else has this database open, or the successor's WAL cannot be emptied.
        """
        if self._folder is None or successor.name != REBUILD:
            raise ValueError("only a successor can replace a catalogue")
        successor._settle()
        self._retire()
        # Neither file has a WAL now, so no frame of one can ever be replayed into the other.
        with told(self.path):
            os.replace(successor.path, self.path)
            _sync_folder(self._folder)
        self._is_verified = False

    def _retire(self) -> None:
        if not os.path.exists(self.path):
            return
        try:
            self._settle()
        except Damaged:
            # Nothing of it can be saved; its WAL must not outlive it.
            self.engine.dispose()
            for suffix in ("-wal", "-shm"):
                _remove(self.path + suffix)

    def _settle(self) -> None:
        """All content in the one file, durable, no WAL beside it. Needs to be alone: Conflict "locked" otherwise."""
        with self._blamed(), self.engine.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode=DELETE").scalar_one()
        self.engine.dispose()
        if mode != "delete":
            raise Conflict("locked", "someone else has the database open", where=self.path, cure=STOP_OTHERS)

    def _make_file(self) -> None:
        # Accounts are nobody else's business; SQLite gives the files beside it the same mode.
        mode = 0o600 if self.name == PRIVATE else 0o666
        with told(self.path):
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, mode))

    def _remove_files(self) -> None:
        for suffix in ("", "-wal", "-shm", "-journal"):
            _remove(self.path + suffix)

    # ── connecting ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _new_engine(self) -> Engine:
        if self._folder is None:
            return create_engine("sqlite+pysqlite://", creator=self._connect, poolclass=StaticPool)
        return create_engine("sqlite+pysqlite://", creator=self._connect, poolclass=QueuePool, max_overflow=-1)

    def _connect(self) -> sqlite3.Connection:
        # isolation_level None: transactions begin where we say BEGIN, not where the driver guesses.
        connection = self._opener(
            self._address(),
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").close()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _address(self) -> str:
        if self._folder is None:
            return "file::memory:"
        return f"file:{quote(os.fsencode(os.path.abspath(self.path)))}?mode=rw"

    def _verify_revision(self, connection: Connection, also: frozenset[str]) -> None:
        found = revision_of(connection)
        if found in also:
            return  # looked at again the next time: whoever writes needs the newest, and may have made it so by then
        if found != self.schema.revision:
            what = f"the database is of another version ({found or 'none'}, this program needs {self.schema.revision})"
            raise Conflict("version", what, where=self.path, cure=NEWER if self.name == PRIVATE else CARRIED)
        self._is_verified = True

    # ── blame ────────────────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _blamed(self, *, is_commit: bool = False) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            code = getattr(error.orig, "sqlite_errorcode", 0)
            blame = find_blame(code, self.path, self._cure, is_commit=is_commit)
            if blame is None:
                raise
            raise blame from error

    @property
    def _cure(self) -> str:
        return BACKUP if self.name == PRIVATE else "sonoteca rebuild"


def stamp(connection: Connection, revision: str) -> None:
    """Writes the revision where alembic keeps it."""
    key = "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
    connection.exec_driver_sql(f"CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, {key})")
    connection.exec_driver_sql("INSERT INTO alembic_version (version_num) VALUES (?)", (revision,))


def revision_of(connection: Connection) -> str:
    """The revision the file is stamped with, "" when it has none."""
    if not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first():
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def _remove(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
