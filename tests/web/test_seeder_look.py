"""What the website knows of the seeder: asked now and then, never waited for; its numbers for programs here alone."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sonoteca.model.torrent import InfoHashes
from sonoteca.ports.control import Control
from sonoteca.web.seeder import FRESH_S, NOBODY, SeederLook, Seen
from tests.swarms import DEADLINE_S
from tests.web.asking import AWAY, HERE, Visitor

ONE, TWO, THREE = (InfoHashes(v1=digit * 40) for digit in "123")


def torrent(hashes: InfoHashes, state: str, *ways: tuple[str, str]) -> dict[str, Any]:
    announced = [{"way": str(number), "at": at, "trouble": trouble} for number, (at, trouble) in enumerate(ways)]
    return {"v1": hashes.v1, "v2": hashes.v2, "state": state, "announced": announced}


class Answers:
    """What the seeder says; `asked` is what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.free, self.is_waking = threading.Event(), threading.Event()
        self.free.set()
        self.torrents = [
            torrent(ONE, "seeding", ("2026-11-29T10:00:00Z", ""), ("", "timed out"), ("2026-11-29T09:00:00Z", "")),
            torrent(TWO, "resting"),
        ]

    def to(self, command: str) -> dict[str, Any]:
        if command == "wake":
            self.is_waking.set()
            self.free.wait(DEADLINE_S)
        if command == "metrics":
            return {"text": "sonoteca_seeder_up 1\n", "numbers": {"up": 1}}
        return {"torrents": self.torrents} if command == "status" else {"rests": True}


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "torrents").mkdir()
    return os.fspath(tmp_path)


@contextmanager
def answering(root: str) -> Iterator[Answers]:
    control, ended, answers = Control(root), threading.Event(), Answers()

    def serve() -> None:
        while not ended.is_set():
            for asked in control.wait(0.05):
                answers.asked.append((asked.command, asked.about))
                asked.answer(answers.to(asked.command))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join(DEADLINE_S)
        control.close()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_asks_now_and_then_and_says_when_it_is_another(root: str) -> None:
    clock = Clock()
    look = SeederLook(root, clock)
    with answering(root) as answers:
        assert look.is_stale
        look.refresh()
        look.refresh()
        assert (look.runs, look.version, look.is_stale, answers.asked) == (True, 1, False, [("status", "")])
        assert look.find(ONE) == Seen(state="seeding", told_at="2026-11-29T10:00:00Z", ways=2, troubles=1)
        assert (look.find(THREE), look.find(InfoHashes())) == (None, None)
        clock.now += FRESH_S
        look.refresh()
        assert look.version == 1
        answers.torrents.pop()
        clock.now += FRESH_S
        look.refresh()
        assert (look.version, look.find(TWO)) == (2, None)
    clock.now += FRESH_S
    look.refresh()
    assert (look.runs, look.version, look.find(ONE)) == (False, 3, None)


def test_only_what_rests_is_woken(root: str) -> None:
    look = SeederLook(root)
    with answering(root) as answers:
        look.refresh()
        for hashes in (ONE, TWO, THREE):
            look.wake(hashes)
        assert answers.asked == [("status", ""), ("wake", TWO.v1)]
        assert look.metrics() == "sonoteca_seeder_up 1\n"
    assert look.metrics() == NOBODY


def test_a_seeder_that_is_busy_keeps_one_visitor_waiting_and_no_more(root: str) -> None:
    """Each waits in a thread of the few that look everything up."""
    look = SeederLook(root)
    with answering(root) as answers:
        look.refresh()
        first = threading.Thread(target=look.wake, args=[TWO])
        answers.free.clear()
        first.start()
        assert answers.is_waking.wait(DEADLINE_S)
        look.wake(TWO)
        answers.free.set()
        first.join(DEADLINE_S)
        assert look.metrics() == "sonoteca_seeder_up 1\n"  # what came before it was heard by now
        assert answers.asked.count(("wake", TWO.v1)) == 1
        look.wake(TWO)
        assert answers.asked.count(("wake", TWO.v1)) == 2


def test_where_there_is_no_seeder_nobody_is_asked() -> None:
    look = SeederLook()
    assert (look.is_stale, look.metrics(), look.find(ONE)) == (False, NOBODY, None)


def test_its_numbers_are_for_programs_here(visitor: Visitor) -> None:
    answer = visitor.get("/metrics")
    assert (answer.status, answer.text) == (200, NOBODY)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for other in (Visitor(visitor._app, AWAY), Visitor(visitor._app, HERE, "archive.example")):
        assert other.get("/metrics").status == 403
    assert visitor.get("/metrics", x_forwarded_for="127.0.0.1").status == 403


def test_pages_say_that_nothing_seeds(visitor: Visitor) -> None:
    links = [part for part in visitor.get("/volumes").text.split('"') if part.startswith("/volume/")]
    page = visitor.get(links[0].removesuffix(".torrent")).text
    assert "Seeded from here" in page and "nothing seeds at this moment" in page
