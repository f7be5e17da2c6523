"""Rounds: the queue and what waits for publication, worked in turns that make way for others.

Takes  the archive, opened; how many recordings at once; where to tell what came.
Gives  whether a round came to its end, or made way; whether another one is due.
Order  in a round: what visitors asked for and what of that is over, what a crash left, what time has ended, the queue,
       rendering, volumes. Between two releases it looks whether somebody waits, and ends early: everything done stays
       done, what was being decoded begins again.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sonoteca.catalogue import queue
from sonoteca.catalogue import volumes as rows
from sonoteca.catalogue.queue import Job
from sonoteca.pipeline import on_demand, publish, work
from sonoteca.pipeline.archive import Archive, coordinator
from sonoteca.pipeline.publish import Published
from sonoteca.pipeline.recover import recover
from sonoteca.pipeline.renewal import NOTHING, Ask
from sonoteca.pipeline.settle import Outcome
from sonoteca.pipeline.volumes import Issued
from sonoteca.ports.turns import is_awaited

T = TypeVar("T")
PAGE = 1000


class Teller(Protocol):
    """Where a round tells what it does."""

    def taking(self, total_bytes: int) -> None:
        """The queue is begun; so much waits."""

    def took(self, count: int, name: str) -> None:
        """So many bytes more were read. Called in threads."""

    def settled(self, job: Job, outcome: Outcome) -> None:
        """A folder came to its end."""

    def rendering(self, total_s: float) -> None:
        """Rendering is begun; about so much sound waits."""

    def rendered(self, seconds: float, name: str) -> None:
        """So much more was decoded. Called in threads."""

    def published(self, one: Published | Issued) -> None:
        """A release is ready, or volumes were issued."""


@dataclass(slots=True)
class Rounds:
    """Rounds of one run. `stuck` are releases that still waited when a round was over, because they failed or a volume
    could not be issued: they alone are no reason for another round. `ask` is for the first round that comes to its
    end."""

    archive: Archive
    teller: Teller
    jobs: int
    ask: Ask = NOTHING
    stuck: set[str] = field(default_factory=set)

    def round(self) -> bool:
        """One turn; False when it made way for somebody."""
        with coordinator(self.archive, self.archive.settings.patience_s):
            return self._attends() and self._takes() and self._publishes()

    def is_due(self) -> bool:
        """Whether there is something that was not tried yet."""
        with self.archive.database.read() as tx:
            has_work = queue.has_queued(tx) or not set(rows.waiting(tx, PAGE)) <= self.stuck
        return has_work or on_demand.is_due(self.archive)

    def _attends(self) -> bool:
        if on_demand.is_due(self.archive):
            recover(self.archive)  # what is half done is no ground to build on
            on_demand.attend(self.archive)
        return not is_awaited(self.archive.disk)

    def _takes(self) -> bool:
        archive, teller = self.archive, self.teller
        teller.taking(work.waiting_bytes(archive))
        with closing(work.run(archive, self.jobs, teller.took)) as outcomes:
            for job, outcome in self._while_nobody_waits(outcomes):
                teller.settled(job, outcome)
        return not is_awaited(archive.disk)

    def _publishes(self) -> bool:
        archive, teller = self.archive, self.teller
        teller.rendering(publish.seconds_waiting(archive))
        with closing(publish.publish(archive, self.jobs, teller.rendered, ask=self.ask)) as came:
            for one in self._while_nobody_waits(came):
                teller.published(one)
        if is_awaited(archive.disk):
            return False
        with archive.database.read() as tx:
            self.stuck = set(rows.waiting(tx, PAGE))
        self.ask = NOTHING
        return True

    def _while_nobody_waits(self, came: Iterable[T]) -> Iterator[T]:
        for one in came:
            yield one
            if is_awaited(self.archive.disk):
                return
