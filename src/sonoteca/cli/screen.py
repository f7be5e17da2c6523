"""Screen: what people and programs see of a command; the only place that prints.

Takes  a result as plain values, and how to draw it for a person.
Gives  one JSON object on standard output with --json; tables and bars otherwise; errors as three lines.
Never  lets text from outside steer the terminal: control and direction characters are shown as U+FFFD.

Bars go to standard error, so that a pipe gets results only; where that is no terminal, one line a minute says
how far it is.
"""

import json
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from sonoteca.model.errors import SonotecaError

LINE_EVERY_S = 60.0
UNSAFE = {"Cc", "Cs", "Cf", "Co", "Zl", "Zp"}


def shown(text: object, max_characters: int = 300) -> str:
    """Text from outside, safe for a terminal."""
    raw = str(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    safe = "".join(
        "\ufffd" if unicodedata.category(char) in UNSAFE and char != "\u200d" else char
        for char in raw[: max_characters + 1]
    )
    return safe if len(safe) <= max_characters else safe[:max_characters] + "…"


def size(count: float) -> str:
    """Bytes as people read them: "3.1 GB" (powers of 1000, as disks are sold)."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise ValueError("no unit")


def duration(seconds: float) -> str:
    """Seconds as people read them: "3:07", "1:02:33"."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Bar(Protocol):
    """How far a long job is."""

    def advance(self, amount: float, label: str = "") -> None:
        """This much more is done; `label` names what is at work."""

    def expect(self, total: float) -> None:
        """The whole is now known to be this much."""


class Screen:
    """One command's output."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.out = Console(highlight=False, soft_wrap=False)
        self.err = Console(stderr=True, highlight=False)

    def result(self, plain: Any, draw: Callable[[], None]) -> None:
        """The result: as one JSON object a line, or drawn."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain, ensure_ascii=True, sort_keys=True) + "\n")
            sys.stdout.flush()  # here, where what goes wrong is told
        else:
            draw()

    def say(self, text: str, style: str = "") -> None:
        """One line for a person; nothing with --json."""
        if not self.as_json:
            self.out.print(Text(text, style=style))

    def say_aside(self, text: str) -> None:
        """One line beside the result, to standard error; nothing with --json."""
        if not self.as_json:
            self.err.print(text.rstrip(), markup=False, soft_wrap=True)

    def table(
        self, title: str, heads: tuple[str, ...], rows: Sequence[tuple[object, ...]], right: tuple[int, ...] = ()
    ) -> None:
        """A table; cells are text from outside until shown otherwise. `right` are the columns aligned right."""
        self.out.print(Text(title, style="bold"))
        table = Table(box=None, pad_edge=False, header_style="dim")
        for index, head in enumerate(heads):
            is_id = head in ("id", "code", "rule")
            table.add_column(head, justify="right" if index in right else "left", overflow="fold", no_wrap=is_id)
        for row in rows:
            table.add_row(*(Text(shown(cell)) for cell in row))
        self.out.print(table)
        self.out.print()

    def error(self, error: SonotecaError) -> None:
        """Three lines: what happened, where, what to do."""
        if self.as_json:
            told = {
                "code": error.code,
                "what": error.what,
                "where": error.where,
                "cure": error.cure,
                "exit": error.exit_code,
            }
            sys.stdout.write(json.dumps({"error": told}, sort_keys=True) + "\n")
            return
        self.err.print(Text.assemble(("error  ", "bold red"), shown(error.what, 2000)), soft_wrap=True)
        self.err.print(Text.assemble(("where  ", "dim"), shown(error.where or "—", 2000)), soft_wrap=True)
        self.err.print(
            Text.assemble(("do     ", "bold"), shown(error.cure or "see docs/ or report it with these lines", 2000)),
            soft_wrap=True,
        )

    @contextmanager
    def bar(self, title: str, total: float | None, *, of_sound: bool = False) -> Iterator[Bar]:
        """A bar with rate and time left, in bytes or, `of_sound`, in seconds of sound; lines in a pipe; nothing with
        --json."""
        if self.as_json:
            yield _Silent()
        elif self.err.is_terminal:
            with _bars(self.err, of_sound=of_sound) as progress:
                yield _Drawn(progress, title, total)
        else:
            yield _Lines(self.err, title, total, of_sound=of_sound)


class _Silent:
    def advance(self, amount: float, label: str = "") -> None:
        """Nobody looks."""

    def expect(self, total: float) -> None:
        """Nobody looks."""


class _SoundColumn(ProgressColumn):
    """ "1:02:33 of 4:00:00, 62 times as fast as it plays"."""

    def render(self, task: Task) -> Text:
        """See ProgressColumn."""
        total = f" of {duration(task.total)}" if task.total else ""
        speed = f", {task.speed:.0f} times as fast as it plays" if task.speed else ""
        return Text(f"{duration(task.completed)}{total}{speed}")


def _bars(console: Console, *, of_sound: bool) -> Progress:
    amount = (_SoundColumn(),) if of_sound else (DownloadColumn(), TransferSpeedColumn())
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        *amount,
        TimeRemainingColumn(),
        TextColumn("{task.fields[label]}"),
    )
    return Progress(*columns, console=console, transient=True)


class _Drawn:
    def __init__(self, progress: Progress, title: str, total: float | None) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total, label="")

    def advance(self, amount: float, label: str = "") -> None:
        self._progress.update(self._task, advance=amount, label=shown(label, 40))

    def expect(self, total: float) -> None:
        self._progress.update(self._task, total=total)


class _Lines:
    def __init__(self, console: Console, title: str, total: float | None, *, of_sound: bool) -> None:
        self._console, self._title, self._total = console, title, total
        self._amount: Callable[[float], str] = duration if of_sound else size
        self._done, self._started = 0.0, time.monotonic()
        self._next = self._started + LINE_EVERY_S

    def expect(self, total: float) -> None:
        self._total = total

    def advance(self, amount: float, label: str = "") -> None:
        self._done += amount
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + LINE_EVERY_S
        rate = self._done / max(now - self._started, 1e-9)
        line = f"{self._title}: {self._amount(self._done)}"
        if self._total:
            left = duration(max(self._total - self._done, 0) / max(rate, 1e-9))
            line += f" of {self._amount(self._total)}, {self._amount(rate)}/s, {left} left"
        self._console.print(Text(line), soft_wrap=True)
