"""The private history, in its file and its double: what was audited stays, what may be a person's goes."""

import dataclasses
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sonoteca.model.copies import Audited, Outcome, Place, Sighting
from sonoteca.model.damage import Damage
from sonoteca.model.errors import Conflict
from sonoteca.ports import private as door
from sonoteca.ports.database import PRIVATE, Database
from sonoteca.ports.memory.private import MemoryPrivate
from sonoteca.ports.migrations import upgrade
from sonoteca.ports.private import Private, SqlitePrivate

HASH = "ab" * 20
AT = "2026-11-2{}T10:00:00Z"
MAKERS: dict[str, Callable[[str], Private]] = {"file": SqlitePrivate, "memory": lambda folder: MemoryPrivate()}


@pytest.fixture(params=MAKERS)
def private(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Private]:
    made = MAKERS[request.param](str(tmp_path))
    yield made
    made.close()


def audited(day: int = 1, volume: str = "Folk [access] 001", address: str = "192.0.2.7:6881") -> Audited:
    return Audited(
        at=AT.format(day),
        volume=volume,
        volume_hash=HASH,
        swarm_hash=HASH,
        place=Place.PEER,
        host=address.rpartition(":")[0],
        address=address,
        outcome=Outcome.PROVED,
        client="qBittorrent/4.5.2 – ünï",
        asked=30,
        right=30,
        pieces=100,
        pieces_told=100,
        median_ms=1.25,
        p99_ms=40.0,
    )


def sighting(day: int = 1, complete: int = 2, volume_hash: str = HASH) -> Sighting:
    return Sighting(at=AT.format(day), volume="Folk", volume_hash=volume_hash, complete=complete, peers=5)


# ── every door ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_there_at_first(private: Private) -> None:
    assert private.audits() == private.sightings() == ()
    assert private.last_asked("192.0.2.7:6881") == ""
    assert private.forget(AT.format(9)) == 0


def test_audits_come_back_oldest_first(private: Private) -> None:
    late, early = audited(3), audited(2, address="[2001:db8::1]:51413")
    private.save([late])
    private.save([early])
    assert private.audits() == (early, late)
    assert private.audits(since=AT.format(3)) == (late,)


def test_of_one_volume(private: Private) -> None:
    private.save([audited(), audited(volume="Jazz")])
    assert [one.volume for one in private.audits(volume="Jazz")] == ["Jazz"]
    assert private.audits(volume="Jazz'; DROP TABLE audits; --") == ()


def test_a_sighting_takes_the_place_of_the_one_before(private: Private) -> None:
    private.save([], [sighting(1), sighting(1, volume_hash="cd" * 20)])
    private.save([], [sighting(2, complete=4)])
    assert private.sightings() == (sighting(2, complete=4), sighting(1, volume_hash="cd" * 20))


def test_when_an_address_was_asked_last(private: Private) -> None:
    private.save([audited(1), audited(4), audited(2), audited(5, address="192.0.2.8:6881")])
    assert private.last_asked("192.0.2.7:6881") == AT.format(4)
    assert private.last_asked("192.0.2.9:6881") == ""


def test_addresses_are_forgotten_and_what_was_proved_stays(private: Private) -> None:
    private.save([audited(1), audited(3)])
    assert private.forget(AT.format(3)) == 1
    assert private.audits() == (dataclasses.replace(audited(1), host="", address=""), audited(3))
    assert private.forget(AT.format(3)) == 0
    assert private.last_asked("") == ""


def test_every_change_has_another_number(private: Private) -> None:
    private.save([audited()])
    before = private.version()
    assert private.version() == before


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_others_see_that_it_changed(tmp_path: Path) -> None:
    one, other = SqlitePrivate(str(tmp_path)), SqlitePrivate(str(tmp_path))
    assert other.version() == 0
    one.save([audited()])
    first = other.version()
    one.save([audited(2)])
    assert len({0, first, other.version()}) == 3
    one.close()
    other.close()


def test_looking_makes_no_file(tmp_path: Path) -> None:
    private = SqlitePrivate(str(tmp_path))
    private.audits()
    private.sightings()
    private.forget(AT.format(9))
    private.version()
    assert os.listdir(tmp_path) == []


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    private = SqlitePrivate(str(tmp_path))
    private.save([audited()])
    assert stat.S_IMODE(os.stat(tmp_path / PRIVATE).st_mode) == 0o600
    private.close()


def test_what_was_forgotten_stands_in_no_file(tmp_path: Path) -> None:
    private = SqlitePrivate(str(tmp_path))
    private.save([audited(1, address="203.0.113.199:6881")])
    private.forget(AT.format(9))
    private.close()
    assert all(b"203.0.113.199" not in path.read_bytes() for path in tmp_path.iterdir())


def test_migrations_give_what_the_tables_say(tmp_path: Path) -> None:
    shapes = []
    for name in ("fresh", "migrated"):
        (tmp_path / name).mkdir()
        made = Database(str(tmp_path / name), door.SCHEMA, PRIVATE)
        if name == "fresh":
            made.create()
        else:
            sqlite3.connect(tmp_path / name / PRIVATE).close()
            upgrade(made)
        with made.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
            shapes.append(sorted((row[0], row[1], "".join(row[2].split())) for row in rows))
        made.close()
    assert shapes[0] == shapes[1]


def test_an_older_file_is_brought_to_this_form(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / PRIVATE).close()
    private = SqlitePrivate(str(tmp_path))
    private.save([audited()])
    assert private.audits() == (audited(),)
    private.close()


def older(folder: Path) -> None:
    """A file as it was before there were damages."""
    made = SqlitePrivate(str(folder))
    made.save([audited()], [sighting()])
    made.close()
    with sqlite3.connect(folder / PRIVATE) as file:
        file.execute("DROP TABLE damages")
        file.execute("UPDATE alembic_version SET version_num = '0001'")
    file.close()


def revision(folder: Path) -> str:
    with sqlite3.connect(folder / PRIVATE) as file:
        found = file.execute("SELECT version_num FROM alembic_version").fetchone()
    file.close()
    return str(found[0])


def test_an_older_file_is_read_as_far_as_it_goes_and_left_as_it_is(tmp_path: Path) -> None:
    older(tmp_path)
    private = SqlitePrivate(str(tmp_path))
    assert (private.audits(), private.sightings(), private.damages()) == ((audited(),), (sighting(),), ())
    assert private.last_asked("192.0.2.7:6881") == AT.format(1)
    assert revision(tmp_path) == "0001"
    private.close()


def test_who_read_an_older_file_may_write_it_then(tmp_path: Path) -> None:
    older(tmp_path)
    private, reader = SqlitePrivate(str(tmp_path)), SqlitePrivate(str(tmp_path))
    assert private.damages() == reader.damages() == ()
    wrong = Damage(path="store/x.opus", at=AT.format(2), torrent="Folk [access] 001")
    private.save_damages([wrong])
    assert private.damages() == reader.damages() == (wrong,)
    assert private.audits() == (audited(),)
    assert revision(tmp_path) == "0002"
    private.close()
    reader.close()


def test_forgetting_brings_an_older_file_to_this_form(tmp_path: Path) -> None:
    older(tmp_path)
    private = SqlitePrivate(str(tmp_path))
    assert private.forget(AT.format(9)) == 1
    assert revision(tmp_path) == "0002"
    private.close()


def test_a_file_in_which_nobody_has_written_is_read_as_empty(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / PRIVATE).close()
    private = SqlitePrivate(str(tmp_path))
    assert (private.audits(), private.sightings(), private.damages()) == ((), (), ())
    private.close()


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    private = SqlitePrivate(str(tmp_path))
    private.save([audited()])
    with sqlite3.connect(tmp_path / PRIVATE) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()
    private.close()
    with pytest.raises(Conflict, match="version"):
        private.save([audited()])
    with pytest.raises(Conflict, match="version"):
        private.audits()
    private.close()
