"""Telling: what a run says while it works, and what came of it."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from sonoteca.catalogue.queue import Job
from sonoteca.cli.screen import Bar, Screen, duration, shown
from sonoteca.model.finding import FINDINGS
from sonoteca.pipeline.publish import Published
from sonoteca.pipeline.settle import Outcome
from sonoteca.pipeline.volumes import Issued

MAX_SAME = 200


@dataclass(slots=True)
class Came:
    """What came of a run: folders by outcome, releases rendered, files made, seconds of sound decoded, volumes issued,
    what failed, and what is here already in another form (the first MAX_SAME)."""

    outcomes: dict[str, int] = field(default_factory=dict)
    rendered: int = 0
    made: int = 0
    seconds: float = 0.0
    volumes: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    same: list[dict[str, str]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """For --json; what failed is told with what else failed."""
        return {
            "rendered": self.rendered,
            "made": self.made,
            "seconds": self.seconds,
            "volumes": self.volumes,
            "same": self.same,
        }


class Telling:
    """A bar for each half of a run, a line for each folder and release; nothing but the result with --json."""

    def __init__(self, screen: Screen, came: Came) -> None:
        self._screen, self._came = screen, came
        self._open = ExitStack()
        self._bar: Bar | None = None

    def close(self) -> None:
        """The bar goes; the next half has another."""
        self._open.close()
        self._bar = None

    def taking(self, total_bytes: int) -> None:
        """See Teller."""
        self.close()
        self._bar = self._open.enter_context(self._screen.bar("taking", total_bytes))

    def rendering(self, total_s: float) -> None:
        """See Teller."""
        self.close()
        self._bar = self._open.enter_context(self._screen.bar("rendering", total_s, of_sound=True))

    def took(self, count: int, name: str) -> None:
        """See Teller."""
        if self._bar is not None:
            self._bar.advance(count, name)

    def rendered(self, seconds: float, name: str) -> None:
        """See Teller."""
        if self._bar is not None:
            self._bar.advance(seconds, name)

    def settled(self, job: Job, outcome: Outcome) -> None:
        """See Teller."""
        came = self._came
        came.outcomes[outcome.word] = came.outcomes.get(outcome.word, 0) + 1
        if outcome.word == "failed":
            came.failed.append({"folder": shown(job.name), "why": shown(outcome.detail)})
        self._screen.say_aside(f"{outcome.word:>9}  {shown(job.name, 100)}  {shown(outcome.detail)}")

    def published(self, one: Published | Issued) -> None:
        """See Teller."""
        came = self._came
        if isinstance(one, Issued):
            came.volumes += [name for name in one.names if name not in came.volumes]
            came.failed += [{"folder": shown(bad.where), "why": shown(bad.what)} for bad in one.troubles]
            return
        came.rendered += one.word == "rendered"
        came.made += one.made
        came.seconds += one.seconds
        self._same(one)
        if one.word == "failed":
            came.failed.append({"folder": one.release, "why": shown(one.detail)})
        if one.word != "unchanged":
            self._screen.say_aside(f"{one.word:>9}  {one.release}  {shown(one.detail)}")

    def _same(self, one: Published) -> None:
        """What is here already in another form, a line each."""
        room = max(0, MAX_SAME - len(self._came.same))
        for found in one.same:
            said = f"{found.code} {FINDINGS[found.code][1]}: {shown(found.detail)}"
            self._screen.say_aside(f"{'same':>9}  {shown(found.where, 100)}  {said}")
        told = [{"code": found.code, "title": shown(found.where), "detail": shown(found.detail)} for found in one.same]
        self._came.same += told[:room]


def drawn_came(screen: Screen, came: Came) -> None:
    """What came of it, for a person; nothing when nothing did."""
    if came.rendered:
        screen.say(f"{came.rendered} releases rendered: {came.made} files made of {duration(came.seconds)} of sound.")
    if came.volumes:
        screen.say(f"{len(came.volumes)} volumes issued. Next: sonoteca seed shares them; sonoteca volumes lists them.")
