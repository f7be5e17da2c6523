"""What is remembered is of the newest state of the catalogue, and of no other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from sonoteca.catalogue.tables import SCHEMA, changed
from sonoteca.ports.database import Database
from sonoteca.ports.watch import Watch
from sonoteca.web.memory import HEAVY, MAX_HEAVY, Look, Memory


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """What the website reads."""
    found = Database(str(tmp_path), SCHEMA)
    found.create()
    yield found
    found.close()


def once(database: Database, memory: Memory, key: object, make: Callable[[Look], object]) -> object:
    """What is made in a look, as the website does it: the number first, then the snapshot."""
    version = memory.version()
    with database.read() as tx:
        here = Look(tx=tx, memory=memory, version=version)
        return here.once(key, lambda: make(here))


def waiting(database: Database, memory: Memory) -> tuple[str, ...]:
    """What stands in the catalogue, remembered."""
    return once(database, memory, "waiting", rows)


def rows(here: Look) -> tuple[str, ...]:
    return tuple(here.tx.execute(select(changed.c.release)).scalars())


def write(folder: Path, name: str) -> None:
    """As another process does it."""
    other = Database(str(folder), SCHEMA)
    with other.write() as tx:
        tx.execute(insert(changed), {"release": name})
    other.close()


@pytest.fixture
def memory(database: Database) -> Iterator[Memory]:
    """Empty."""
    found = Memory(Watch(database.path))
    yield found
    found.close()


def test_a_commit_of_somebody_else_is_seen_at_once(database: Database, memory: Memory, tmp_path: Path) -> None:
    for count in range(20):
        assert len(waiting(database, memory)) == count
        assert len(waiting(database, memory)) == count
        write(tmp_path, f"r{count}")


def test_it_is_made_once(database: Database, memory: Memory) -> None:
    made: list[int] = []
    for _ in range(5):
        once(database, memory, "key", lambda _: made.append(1) or "thing")
    assert made == [1]


def test_a_commit_between_number_and_snapshot(database: Database, memory: Memory, tmp_path: Path) -> None:
    """What is made of the newer state is not given for the older one, nor the other way round."""
    version = memory.version()
    write(tmp_path, "r0")
    with database.read() as tx:
        here = Look(tx=tx, memory=memory, version=version)
        assert here.once("waiting", lambda: rows(here)) == ("r0",)
    assert waiting(database, memory) == ("r0",)
    assert memory.find(version, "waiting") is None


def test_a_slow_look_does_not_come_back(database: Database, memory: Memory, tmp_path: Path) -> None:
    """It ends after others have seen a newer state."""
    waiting(database, memory)
    version = memory.version()
    with database.read() as tx:
        here = Look(tx=tx, memory=memory, version=version)
        write(tmp_path, "r0")
        assert waiting(database, memory) == ("r0",)
        assert here.once("other", lambda: rows(here)) == ()
    assert once(database, memory, "other", rows) == ("r0",)


def test_nothing_is_remembered_where_nothing_is(database: Database, memory: Memory) -> None:
    made: list[int] = []
    for _ in range(3):
        once(database, memory, "key", lambda _: made.append(1))
    assert made == [1, 1, 1]


def test_it_does_not_grow(database: Database) -> None:
    memory = Memory(Watch(database.path), max_weight=20_000)
    for number in range(50):
        once(database, memory, number, lambda _: "thing")
    version = memory.version()
    assert sum(memory.find(version, number) is not None for number in range(50)) == 10
    assert memory.find(version, 49) == "thing"
    memory.close()


def test_what_is_heavy_pushes_nothing_light_out(memory: Memory) -> None:
    """Nor holds more than it may itself."""
    version = memory.version()
    memory.keep(version, "page", "light", HEAVY)
    for number in range(10):
        memory.keep(version, number, "heavy", MAX_HEAVY // 2)
    assert memory.find(version, "page") == "light"
    assert [number for number in range(10) if memory.find(version, number)] == [8, 9]
    assert len(memory) == 3
