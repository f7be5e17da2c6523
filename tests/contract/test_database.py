"""Database: what ports/database.py promises, of a file and of its double in memory; then what only a file can do."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, ForeignKey, Integer, MetaData, Table, Text
from sqlalchemy.exc import IntegrityError

from sonoteca.catalogue.tables import SCHEMA as CATALOGUE
from sonoteca.model.errors import Conflict, Damaged, Uncertain, Unreachable
from sonoteca.ports.database import BACKUP, PRIVATE, REBUILD, Database, Schema, revision_of
from sonoteca.ports.migrations import upgrade
from sonoteca.ports.sqlite_blame import find_blame
from tests.mounts import tmpfs
from tests.tools import PROJECT

METADATA = MetaData()
Table("parents", METADATA, Column("id", Integer, primary_key=True), Column("word", Text))
Table("children", METADATA, Column("parent", ForeignKey("parents.id", ondelete="CASCADE"), primary_key=True))
SCHEMA = Schema(METADATA, "7", "nowhere:migrations")
ADD = "INSERT INTO parents (word) VALUES (?)"


def count(tx: Connection) -> int:
    return int(tx.exec_driver_sql("SELECT count(*) FROM parents").scalar_one())


def words(database: Database) -> list[str]:
    with database.read() as tx:
        return list(tx.exec_driver_sql("SELECT word FROM parents ORDER BY id").scalars())


def add(database: Database, word: str) -> None:
    with database.write() as tx:
        tx.exec_driver_sql(ADD, (word,))


@pytest.fixture(params=["file", "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the suite's schema."""
    made = Database(str(tmp_path) if request.param == "file" else None, SCHEMA, busy_timeout_s=0.05)
    made.create()
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Database]:
    """The same, certainly in a file."""
    made = Database(str(tmp_path), SCHEMA, busy_timeout_s=0.05)
    made.create()
    yield made
    made.close()


# ── what both promise ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_written_can_be_read(database: Database) -> None:
    add(database, "one")
    assert words(database) == ["one"]


def test_an_error_undoes_everything(database: Database) -> None:
    with pytest.raises(KeyError), database.write() as tx:
        tx.exec_driver_sql(ADD, ("one",))
        raise KeyError("ours")
    assert words(database) == []


def test_writing_in_a_snapshot_is_undone(database: Database) -> None:
    with database.read() as tx:
        tx.exec_driver_sql(ADD, ("one",))
    assert words(database) == []


def test_tables_can_be_made_and_unmade_in_a_transaction(database: Database) -> None:
    with pytest.raises(KeyError), database.write() as tx:
        tx.exec_driver_sql("CREATE TABLE more (x)")
        raise KeyError("ours")
    with database.read() as tx:
        assert tx.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'more'").first() is None


def test_children_go_with_their_parents(database: Database) -> None:
    with database.write() as tx:
        tx.exec_driver_sql("INSERT INTO parents VALUES (1, 'x')")
        tx.exec_driver_sql("INSERT INTO children VALUES (1)")
        tx.exec_driver_sql("DELETE FROM parents")
        assert tx.exec_driver_sql("SELECT count(*) FROM children").scalar() == 0


def test_our_own_mistakes_pass_through(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as tx:
        tx.exec_driver_sql("INSERT INTO children VALUES (5)")


def test_deleted_text_is_overwritten(database: Database) -> None:
    with database.read() as tx:
        assert tx.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_it_is_made_once(database: Database) -> None:
    with pytest.raises(Conflict, match="already") as caught:
        database.create()
    assert caught.value.code == "exists"
    add(database, "still there")


def test_it_is_stamped(database: Database) -> None:
    with database.read() as tx:
        assert revision_of(tx) == "7"


def test_writers_take_turns(database: Database) -> None:
    def work() -> None:
        for _ in range(20):
            with database.write() as tx:
                before = count(tx)
                tx.exec_driver_sql(ADD, (str(before),))

    patient = database if database.path == ":memory:" else Database(os.path.dirname(database.path), SCHEMA)
    database = patient
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert words(database) == [str(number) for number in range(60)]
    if patient.path != ":memory:":
        patient.close()


def test_it_is_sound(database: Database) -> None:
    add(database, "x")
    database.verify_sound()
    assert database.checkpoint()


def test_readable_gives_a_snapshot(database: Database) -> None:
    add(database, "x")
    with database.readable() as tx:
        assert tx is not None
        assert count(tx) == 1


# ── what a file promises ─────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_durable_and_has_a_write_ahead_log(file: Database) -> None:
    with file.read() as tx:
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_snapshot_does_not_move(file: Database) -> None:
    add(file, "one")
    with file.read() as tx:
        add(file, "two")
        assert count(tx) == 1
    assert words(file) == ["one", "two"]


def test_a_second_writer_is_told(file: Database) -> None:
    other = Database(os.path.dirname(file.path), SCHEMA, busy_timeout_s=0.05)
    with file.write() as tx:
        tx.exec_driver_sql(ADD, ("one",))
        with pytest.raises(Conflict) as caught:
            add(other, "two")
        assert caught.value.code == "locked"
        assert words(other) == []
    add(other, "two")
    assert words(file) == ["one", "two"]
    other.close()


def test_what_was_acknowledged_survives_a_kill(file: Database) -> None:
    """Another process writes and dies at once; what it said was done is there."""
    code = (
        "import os, sys\n"
        "from tests.contract.test_database import SCHEMA, Database, add\n"
        "database = Database(sys.argv[1], SCHEMA)\n"
        "add(database, 'one')\n"
        "with database.write() as tx:\n"
        "    tx.exec_driver_sql('INSERT INTO parents (word) VALUES (2)')\n"
        "    os._exit(9)\n"
    )
    path = os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])
    folder = os.path.dirname(file.path)
    ended = subprocess.run([sys.executable, "-c", code, folder], env={**os.environ, "PYTHONPATH": path}, check=False)
    assert ended.returncode == 9
    assert words(file) == ["one"]


def test_a_reader_in_the_way_of_the_log_is_reported(file: Database) -> None:
    add(file, "one")
    with file.read() as tx:
        assert count(tx) == 1
        add(file, "two")
        assert not file.checkpoint()
    assert file.checkpoint()
    assert os.path.getsize(file.path + "-wal") == 0


def test_deleted_text_is_gone_from_the_file(file: Database) -> None:
    add(file, "a name to be forgotten")
    file.checkpoint()
    assert b"to be forgotten" in Path(file.path).read_bytes()
    with file.write() as tx:
        tx.exec_driver_sql("DELETE FROM parents")
    assert file.checkpoint()
    assert b"to be forgotten" not in Path(file.path).read_bytes() + Path(file.path + "-wal").read_bytes()


def test_a_missing_file_is_damaged_and_not_made(tmp_path: Path) -> None:
    for name, cure in (("catalogue.sqlite", "sonoteca rebuild"), (PRIVATE, BACKUP)):
        absent = Database(str(tmp_path), SCHEMA, name)
        with pytest.raises(Damaged) as caught:
            words(absent)
        assert (caught.value.code, caught.value.cure) == ("missing", cure)
        with absent.readable() as tx:
            assert tx is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_damaged(file: Database) -> None:
    file.close()
    Path(file.path).write_bytes(b"no database at all" * 500)
    with pytest.raises(Damaged) as caught:
        words(file)
    assert caught.value.cure == "sonoteca rebuild"
    with file.readable() as tx:
        assert tx is None


def test_a_broken_page_is_damaged(file: Database) -> None:
    with file.write() as tx:
        for number in range(2000):
            tx.exec_driver_sql(ADD, (f"{number} " + "x" * 100,))
    file.checkpoint()
    file.close()
    raw = bytearray(Path(file.path).read_bytes())
    raw[8192:-4096] = b"\xff" * (len(raw) - 8192 - 4096)
    Path(file.path).write_bytes(raw)
    with pytest.raises(Damaged):
        words(file)
    with pytest.raises(Damaged):
        file.verify_sound()


def test_another_version_is_refused(file: Database) -> None:
    newer = Database(os.path.dirname(file.path), Schema(METADATA, "8", "nowhere:migrations"))
    with pytest.raises(Conflict) as caught:
        words(newer)
    assert caught.value.code == "version"
    assert "sonoteca run" in caught.value.cure
    newer.close()


@pytest.mark.needs_root
def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small") as small:
        database = Database(str(small.folder), SCHEMA)
        database.create()
        add(database, "one")
        for free_pages in range(0, 40, 3):
            small.limit(free_pages=free_pages)
            # The log keeps the room that the failed write before took: each write wants more than that.
            with pytest.raises(Unreachable) as caught, database.write() as tx:
                for _ in range(1000):
                    tx.exec_driver_sql(ADD, ("x" * 4000,))
            assert caught.value.code == "disk-full"
            assert words(database) == ["one"]
        small.limit()
        add(database, "two")
        assert words(database) == ["one", "two"]
        database.close()


@pytest.mark.needs_root
def test_a_full_disk_at_the_first_opening(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small") as small:
        database = Database(str(small.folder), SCHEMA)
        failures = 0
        for free_pages in range(30):
            small.limit(free_pages=free_pages)
            try:
                database.create()
            except Unreachable as error:
                assert error.code == "disk-full"
                failures += 1
            else:
                break
            finally:
                database.close()
        assert failures > 5
        small.limit()
        add(database, "one")
        assert words(database) == ["one"]
        database.close()


class FaultyConnection(sqlite3.Connection):
    """Fails at the next commit: before it landed, or after."""

    fails: str = ""

    def commit(self) -> None:
        failing, FaultyConnection.fails = FaultyConnection.fails, ""
        if failing != "before":
            super().commit()
        if failing:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error


@pytest.mark.parametrize("failing", ["before", "after"])
def test_a_commit_that_fails_is_uncertain_and_the_next_look_tells(tmp_path: Path, failing: str) -> None:
    def opener(*arguments: Any, **more: Any) -> sqlite3.Connection:
        return sqlite3.connect(*arguments, factory=FaultyConnection, **more)

    database = Database(str(tmp_path), SCHEMA, opener=opener)
    database.create()
    FaultyConnection.fails = failing
    with pytest.raises(Uncertain) as caught:
        add(database, "one")
    assert caught.value.code == "commit"
    assert words(database) == (["one"] if failing == "after" else [])
    add(database, "two")
    database.close()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, Unreachable),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Conflict),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, Conflict),
        (sqlite3.SQLITE_CORRUPT_INDEX, Damaged),
        (sqlite3.SQLITE_IOERR_READ, Unreachable),
        (sqlite3.SQLITE_READONLY_DBMOVED, Unreachable),
        (sqlite3.SQLITE_PERM, Unreachable),
    ],
)
def test_every_error_has_a_cure(code: int, kind: type[Exception]) -> None:
    blame = find_blame(code, "/catalogue.sqlite", "sonoteca rebuild")
    assert type(blame) is kind
    assert blame.where
    assert blame.cure


@pytest.mark.parametrize("code", [0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_MISUSE])
def test_our_mistakes_are_not_blamed_on_others(code: int) -> None:
    assert find_blame(code, "/catalogue.sqlite", "") is None


def test_a_folder_with_strange_names(tmp_path: Path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/50% ?mode=memory&x=#1 \xe9")
    os.mkdir(folder)
    database = Database(folder, SCHEMA)
    database.create()
    add(database, "one")
    database.close()
    assert sorted(os.listdir(folder)) == ["catalogue.sqlite"]


# ── rebuilding ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_successor_takes_the_place(file: Database) -> None:
    add(file, "old")
    fresh = file.successor()
    add(fresh, "new")
    assert words(file) == ["old"]
    file.replace_with(fresh)
    assert words(file) == ["new"]
    add(file, "more")
    file.close()
    assert os.listdir(os.path.dirname(file.path)) == ["catalogue.sqlite"]


def test_a_successor_begins_empty_whatever_an_earlier_one_left(file: Database) -> None:
    left = file.successor()
    add(left, "left")
    fresh = file.successor()
    assert words(fresh) == []
    fresh.close()
    left.close()


@pytest.mark.parametrize("broken", ["missing", "noise", "version"])
def test_a_successor_takes_the_place_of_what_is_broken(file: Database, broken: str) -> None:
    add(file, "old")
    if broken == "version":
        with file.write() as tx:
            tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0'")
    file.close()
    if broken == "missing":
        os.unlink(file.path)
    if broken == "noise":
        Path(file.path).write_bytes(b"\xff" * 9000)
        Path(file.path + "-wal").write_bytes(b"\xff" * 9000)
    fresh = file.successor()
    add(fresh, "new")
    file.replace_with(fresh)
    assert words(file) == ["new"]


def test_nobody_is_replaced_while_read(file: Database) -> None:
    add(file, "old")
    other = Database(os.path.dirname(file.path), SCHEMA, busy_timeout_s=0.05)
    fresh = file.successor()
    with other.read() as tx:
        with pytest.raises(Conflict) as caught:
            file.replace_with(fresh)
        assert caught.value.code == "locked"
        assert count(tx) == 1
    other.close()
    assert words(file) == ["old"]
    file.replace_with(fresh)
    assert words(file) == []


@pytest.mark.parametrize("name", [PRIVATE, REBUILD])
def test_only_the_catalogue_has_a_successor(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="catalogue"):
        Database(str(tmp_path), SCHEMA, name).successor()


def test_no_other_place(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="place"):
        Database(str(tmp_path), SCHEMA, "../elsewhere.sqlite")


def test_nobody_else_can_read_accounts(tmp_path: Path) -> None:
    private = Database(str(tmp_path), SCHEMA, PRIVATE)
    private.create()
    add(private, "x")
    for suffix in ("", "-wal", "-shm"):
        assert stat.S_IMODE(os.stat(private.path + suffix).st_mode) == 0o600
    private.close()


# ── migrating ────────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(database: Database) -> list[tuple[str, str, str]]:
    """Every table and index, as SQL without its blanks."""
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
        return sorted((row[0], row[1], "".join(row[2].split())) for row in rows)


@pytest.fixture
def blank(tmp_path: Path) -> Iterator[Database]:
    """A file of the catalogue's schema with no table in it."""
    sqlite3.connect(tmp_path / "catalogue.sqlite").close()
    made = Database(str(tmp_path), CATALOGUE)
    yield made
    made.close()


def test_all_migrations_give_what_the_tables_say(blank: Database) -> None:
    assert upgrade(blank) == ""
    made = Database(None, CATALOGUE)
    made.create()
    assert shape(blank) == shape(made)
    made.close()
    with blank.write():
        pass


def test_a_new_database_needs_no_migration(tmp_path: Path) -> None:
    made = Database(str(tmp_path), CATALOGUE)
    made.create()
    before = shape(made)
    assert upgrade(made) == CATALOGUE.revision
    assert shape(made) == before
    made.close()


def test_what_was_made_before_there_were_covers_carries_none(tmp_path: Path) -> None:
    """A catalogue as it was at 0005, with a file in it."""
    made = Database(str(tmp_path), CATALOGUE)
    made.create()
    wanted = shape(made)
    made.close()
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as old:
        old.execute("ALTER TABLE renditions DROP COLUMN cover")
        old.execute("DROP TABLE inside")
        old.execute("ALTER TABLE masters DROP COLUMN pictures")
        old.execute("ALTER TABLE masters DROP COLUMN picture")
        old.execute("UPDATE alembic_version SET version_num = '0005'")
        old.execute("INSERT INTO renditions VALUES ('r', 'access/t.opus', 't', 'access', 'access-1', 'd', 1, '')")
    old.close()
    upgraded = Database(str(tmp_path), CATALOGUE)
    assert upgrade(upgraded) == "0005"
    assert shape(upgraded) == wanted
    with upgraded.read() as tx:
        assert tx.exec_driver_sql("SELECT recipe, cover FROM renditions").all() == [("access-1", "")]
    upgraded.close()


def test_a_newer_database_is_left_as_it_is(blank: Database) -> None:
    upgrade(blank)
    with blank.write() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    blank.close()
    before = shape(blank)
    with pytest.raises(Conflict) as caught:
        upgrade(blank)
    assert caught.value.code == "version"
    assert shape(blank) == before


def test_a_migration_that_fails_leaves_nothing(blank: Database) -> None:
    with blank.migrate() as tx:
        tx.exec_driver_sql("CREATE TABLE outbox (in_the_way)")
    before = shape(blank)
    with pytest.raises(Exception, match="outbox"):
        upgrade(blank)
    assert shape(blank) == before


def test_only_those_who_migrate_import_alembic() -> None:
    modules = "sonoteca.ports.database, sonoteca.catalogue.read, sonoteca.ports.search"
    code = f"import sys, {modules}; print('alembic' in sys.modules)"
    path = str(PROJECT / "src")
    said = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, check=True, capture_output=True, text=True
    )
    assert said.stdout == "False\n"
