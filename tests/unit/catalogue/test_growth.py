"""Growth: one job costs the same in a large catalogue as in a small one. Counted in steps of SQLite's machine and in
query plans, not in time."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from sonoteca.catalogue import queue, read, status, write
from sonoteca.catalogue.documents import documents_of
from sonoteca.model.lifecycle import JobState
from sonoteca.model.search import DocumentKind, Hit
from sonoteca.ports.database import Database
from sonoteca.ports.search import SqliteSearch
from tests.unit.catalogue import making

SMALL, LARGE = 40, 400
# A bit of growth is the depth of the trees.
MAX_GROWTH = 1.05


def fill(catalogue: Database, start: int, end: int) -> None:
    with catalogue.write() as tx:
        for number in range(start, end):
            rows = making.rows(number, tracks=4)
            write.save_release(tx, rows)
            SqliteSearch(tx).index(documents_of(rows))
            write.save_refused(tx, f"file:///{number}", [refusal(number)])
            queue.enqueue(tx, job(number))
            write.push_outbox(tx, b"entry")
        for one in queue.claim(tx, end):
            queue.finish(tx, one.id, JobState.DONE, "new")


def refusal(number: int) -> write.RefusedRow:
    return write.RefusedRow(original="x", bytes=1, digest=making.digest(number), code="F005", detail="", at=making.AT)


def job(number: int) -> queue.NewJob:
    return queue.NewJob(source_key=f"file:///{number}", root="/r", name="n", plan="{}")


def add(tx: Connection) -> None:
    queue.enqueue(tx, job(100_001))


def add_again(tx: Connection) -> None:
    queue.enqueue(tx, job(1))


def claim(tx: Connection) -> None:
    queue.enqueue(tx, job(100_002))
    (taken,) = queue.claim(tx, 2)
    queue.finish(tx, taken.id, JobState.DONE, "new")


def look(tx: Connection) -> None:
    rows = making.rows(3, tracks=4)
    assert read.by_source_key(tx, "file:///3")
    assert read.by_source_key(tx, "file:///none") is None
    assert read.find_by_digests(tx, [master.digest for master in rows.described.masters])
    assert read.stored(tx, [rows.described.masters[0].digest])
    assert read.release(tx, rows.release)
    assert read.track(tx, rows.described.tracks[0].id)
    assert read.recording(tx, rows.described.masters[0].recording)
    assert read.hydrate(
        tx, [Hit(kind=DocumentKind.TRACK, id=rows.described.tracks[0].id, release=rows.release, score=1)]
    )
    assert read.release_verdicts(tx, rows.release)
    assert read.release_evidence(tx, rows.release)
    assert read.release_findings(tx, rows.release)
    read.all_releases(tx, "c1", limit=2)
    read.record_ids(tx, rows.release, "verdicts")
    write.peek_outbox(tx, 2)
    page = status.held(tx, "R001", limit=5)
    assert len(page) == 5
    status.held(tx, after=page[-1].cursor, limit=5)


def save_new(tx: Connection) -> None:
    write.save_release(tx, making.rows(100_000, tracks=4))


def save_again(tx: Connection) -> None:
    write.save_release(tx, making.rows(5, tracks=4, verdict=making.MAY))


def save_shared(tx: Connection) -> None:
    write.save_release(tx, making.rows(100_003, making.release(100_003, seeds=[(1, 1), (2, 1), "new"])))


def remove(tx: Connection) -> None:
    write.remove_release(tx, making.rows(2, tracks=4).release)


def refuse(tx: Connection) -> None:
    write.save_refused(tx, "file:///7", [refusal(8)])


def owe(tx: Connection) -> None:
    write.open_intent(tx, write.Intent(job=1, release="x", staging="y"))
    write.close_intent(tx, 1)
    write.drop_outbox(tx, [number for number, _ in write.peek_outbox(tx, 2)])


def index(tx: Connection) -> None:
    SqliteSearch(tx).index(documents_of(making.rows(6, tracks=4)))


DEEDS: tuple[Callable[[Connection], None], ...] = (
    add, add_again, claim, look, save_new, save_again, save_shared, remove, refuse, owe, index,
)  # fmt: skip


@pytest.fixture(scope="module")
def catalogues() -> Iterator[tuple[Database, Database]]:
    small, large = making.empty_catalogue(), making.empty_catalogue()
    fill(small, 0, SMALL)
    fill(large, 0, LARGE)
    yield small, large
    small.close()
    large.close()


@contextmanager
def undone(catalogue: Database) -> Iterator[Connection]:
    """A transaction that never was."""
    with catalogue.read() as tx:
        yield tx


def steps(catalogue: Database, deed: Callable[[Connection], None]) -> int:
    """How many steps SQLite's virtual machine takes for a deed."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    with undone(catalogue) as tx:
        driver: Any = tx.connection.driver_connection
        driver.set_progress_handler(count, 1)
        try:
            deed(tx)
        finally:
            driver.set_progress_handler(None, 1)
    return counted[0]


@pytest.mark.parametrize("deed", [one for one in DEEDS if one is not index], ids=lambda deed: deed.__name__)
def test_a_job_takes_as_many_steps_in_a_large_catalogue(
    catalogues: tuple[Database, Database], deed: Callable[[Connection], None]
) -> None:
    small, large = catalogues
    few, many = steps(small, deed), steps(large, deed)
    assert many <= few * MAX_GROWTH + 20, f"{few} steps with {SMALL} releases, {many} with {LARGE}"


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_no_statement_of_a_job_reads_a_whole_table(
    catalogues: tuple[Database, Database], deed: Callable[[Connection], None]
) -> None:
    _, large = catalogues
    said: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        said.append((statement, parameters[0] if isinstance(parameters, list) else parameters))

    event.listen(large.engine, "before_cursor_execute", hear)
    try:
        with undone(large) as tx:
            deed(tx)
    finally:
        event.remove(large.engine, "before_cursor_execute", hear)
    plans = [(statement, line) for statement, parameters in said for line in explain(large, statement, parameters)]
    assert len(plans) > 0
    assert [(line, statement) for statement, line in plans if is_whole_table(line)] == []


def explain(catalogue: Database, statement: str, parameters: Any) -> list[str]:
    if not re.match(r"SELECT|INSERT|UPDATE|DELETE", statement) or "sqlite_master" in statement:
        return []
    with catalogue.read() as tx:
        return [row.detail for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def is_whole_table(line: str) -> bool:
    """Whether a line of a plan is a walk through a table or index. FTS5 says SCAN always; "=" is a look-up by rowid."""
    if not line.startswith("SCAN") or line in ("SCAN CONSTANT ROW",):
        return False
    # The outbox and the intents are small: what is owed is read in order until the limit.
    return not re.match(r"SCAN (search1_words VIRTUAL TABLE INDEX \d+:=|outbox|\(subquery)", line)


def test_a_walk_is_seen(catalogues: tuple[Database, Database]) -> None:
    small, large = catalogues

    def walk(tx: Connection) -> None:
        tx.exec_driver_sql("SELECT count(*) FROM tracks WHERE title = 'x'").all()

    assert steps(large, walk) > steps(small, walk) * 5
    assert any(is_whole_table(line) for line in explain(large, "SELECT * FROM tracks WHERE title = 'x'", ()))
