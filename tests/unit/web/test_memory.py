"""What is remembered is of the newest state of the catalogue, and of no other."""

from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import insert, select

from sonoteca.catalogue.tables import SCHEMA, changed
from sonoteca.ports.database import Database
from sonoteca.web.memory import Memory, look


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """What the website reads."""
    found = Database(str(tmp_path), SCHEMA)
    found.create()
    return found


def waiting(database: Database, memory: Memory) -> tuple[str, ...]:
    """What stands in the catalogue, remembered."""
    with look(database, memory) as here:
        return here.once("waiting", lambda: tuple(here.tx.execute(select(changed.c.release)).scalars()))


def write(folder: Path, name: str) -> None:
    """As another process does it."""
    other = Database(str(folder), SCHEMA)
    with other.write() as tx:
        tx.execute(insert(changed), {"release": name})
    other.close()


def test_a_commit_of_somebody_else_is_seen_at_once(database: Database, tmp_path: Path) -> None:
    memory = Memory()
    for count in range(20):
        assert len(waiting(database, memory)) == count
        assert len(waiting(database, memory)) == count
        write(tmp_path, f"r{count}")


def test_it_is_made_once(database: Database) -> None:
    memory, made = Memory(), []
    for _ in range(5):
        with look(database, memory) as here:
            here.once("key", lambda: made.append(1) or "thing")
    assert len(made) <= 2  # the first look finds a new state, and keeps nothing


def test_several_connections(database: Database, tmp_path: Path) -> None:
    """Whichever connection is taken, it gives what stands there now."""
    memory = Memory()
    for count in range(30):
        with look(database, memory) as first, look(database, memory) as second:
            for here in (first, second):
                found = here.once(
                    "waiting", lambda here=here: tuple(here.tx.execute(select(changed.c.release)).scalars())
                )
                assert len(found) == count
        assert len(waiting(database, memory)) == count
        write(tmp_path, f"r{count:02}")


def test_readers_beside_a_writer(database: Database, tmp_path: Path) -> None:
    """After a commit nobody is given less, whatever others did meanwhile."""
    memory, seen, wrong = Memory(), [0], []

    def read() -> None:
        for _ in range(300):
            before = seen[0]
            if len(waiting(database, memory)) < before:
                wrong.append(before)

    readers = [Thread(target=read) for _ in range(4)]
    for one in readers:
        one.start()
    for count in range(40):
        write(tmp_path, f"r{count:02}")
        seen[0] = count + 1
    for one in readers:
        one.join()
    assert wrong == []


def test_it_does_not_grow(database: Database) -> None:
    memory = Memory(max_things=10)
    waiting(database, memory)
    for number in range(50):
        with look(database, memory) as here:
            here.once(number, lambda: "thing")
    assert sum(memory.find(memory.generation, number) is not None for number in range(50)) == 10
    assert memory.find(memory.generation, 49) == "thing"
