"""Queue: one row a source, oldest first, states as the table of moves says."""

from dataclasses import replace

import pytest

from sonoteca.catalogue import queue
from sonoteca.catalogue.queue import Enqueued, NewJob
from sonoteca.model.lifecycle import JobState
from sonoteca.ports.database import Database
from tests.unit.catalogue import making


@pytest.fixture
def catalogue() -> Database:
    return making.empty_catalogue()


def job(number: int) -> NewJob:
    return NewJob(source_key=f"file:///{number}", root="/r\udce9", name=f"n{number}", plan="{}", added_at=making.AT)


def test_the_oldest_come_first_and_only_once(catalogue: Database) -> None:
    with catalogue.write() as tx:
        assert [queue.enqueue(tx, job(n)) for n in (3, 1, 2)] == [Enqueued.NEW] * 3
        assert [one.source_key for one in queue.claim(tx, 2)] == ["file:///3", "file:///1"]
        assert [one.source_key for one in queue.claim(tx, 2)] == ["file:///2"]
        assert queue.claim(tx, 2) == ()
        assert queue.claim(tx, 0) == ()


def test_adding_again(catalogue: Database) -> None:
    with catalogue.write() as tx:
        queue.enqueue(tx, job(1))
        assert queue.enqueue(tx, replace(job(1), collection="c")) is Enqueued.WAITING
        (taken,) = queue.claim(tx, 1)
        assert (taken.collection, taken.root, taken.state) == ("c", "/r\udce9", JobState.WORKING)
        assert queue.enqueue(tx, replace(job(1), collection="d")) is Enqueued.WORKING
        queue.finish(tx, taken.id, JobState.DONE, "new", "version 1")
        done = queue.find_job(tx, "file:///1")
        assert done is not None
        assert (done.collection, done.outcome, done.detail) == ("c", "new", "version 1")
        assert queue.enqueue(tx, job(1)) is Enqueued.AGAIN
        (again,) = queue.claim(tx, 1)
        assert (again.id, again.outcome, again.attempts) == (taken.id, "", 0)


def test_failures_are_counted_and_tried_again(catalogue: Database) -> None:
    with catalogue.write() as tx:
        queue.enqueue(tx, job(1))
        for attempt in (1, 2, 3):
            (taken,) = queue.claim(tx, 1)
            queue.finish(tx, taken.id, JobState.FAILED, "disk", "…")
            found = queue.find_job(tx, "file:///1")
            assert found is not None
            assert found.attempts == attempt
            queue.retry_failed(tx, 3)
        assert queue.claim(tx, 1) == ()


def test_illegal_moves_are_mistakes(catalogue: Database) -> None:
    with catalogue.write() as tx:
        queue.enqueue(tx, job(1))
        (taken,) = queue.claim(tx, 1)
        queue.finish(tx, taken.id, JobState.DONE, "new")
        with pytest.raises(ValueError, match="no move"):
            queue.finish(tx, taken.id, JobState.DONE, "new")
        with pytest.raises(ValueError, match="no move"):
            queue.finish(tx, taken.id, JobState.FAILED, "x")


def test_after_a_crash_what_was_worked_on_waits_again(catalogue: Database) -> None:
    with catalogue.write() as tx:
        for number in (1, 2, 3):
            queue.enqueue(tx, job(number))
        first, _ = queue.claim(tx, 2)
        queue.requeue(tx, first.id)
        assert queue.reset_working(tx) == 1
        assert [one.state for one in queue.jobs(tx)] == [JobState.QUEUED] * 3
        assert [one.id for one in queue.jobs(tx, JobState.QUEUED, after=first.id, limit=1)] == [first.id + 1]


def test_the_queue_outlives_the_catalogue(catalogue: Database) -> None:
    fresh = making.empty_catalogue()
    with catalogue.write() as old:
        for number in range(1, 1203):
            queue.enqueue(old, job(number))
        queue.claim(old, 1)
        with fresh.write() as tx:
            assert queue.carry_over(old, tx) == 1202
            assert [one.id for one in queue.jobs(tx, limit=2000)] == list(range(1, 1203))
            assert {one.state for one in queue.jobs(tx, limit=2000)} == {JobState.QUEUED}


def test_a_queue_that_cannot_be_read_is_not_carried(catalogue: Database) -> None:
    fresh = making.empty_catalogue()
    with catalogue.write() as old, fresh.write() as tx:
        old.exec_driver_sql("DROP TABLE queue")
        assert queue.carry_over(old, tx) == 0
        assert queue.carry_over(None, tx) == 0
