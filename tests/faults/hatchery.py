"""A program that imports Sonoteca once and hatches a child for each line it reads, so that two hundred kills do not pay
for two hundred starts of an interpreter.

A line is a JSON object: {"word": "add", "run", "publish", "withdraw" or "reinstate", "archive", "shelf", "after",
"delay_s"}. The child does what `sonoteca add SHELF --trust-manifest` does, or the first half of `sonoteca run`, or all
of it, or withdraws the archive's first release or brings it back, with the real workshop, a clock that stands still and
salts that follow from their purpose: two archives that were given the same are the same to the last byte. When it has
begun `after` deeds (null: never) and `delay_s` more seconds have passed it is killed by SIGKILL, which a timer of the
kernel sends: a process that watches it would come too late on a busy machine. "at", the name of a deed, has it killed
right before that instead.

Lines that come back: {"done": release} for each release that the child said it had; then {"status", "step", "strays"}:
how it ended (minus the signal), which step came last, and processes that outlived it.
"""

import ctypes
import json
import mmap
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sonoteca.pipeline import intake, publish, work
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.publish import Published
from tests.faults import acts
from tests.faults.acts import no_progress, opened
from tests.faults.faulty import Plan

STEP_BYTES = 200
PATIENCE_S = 60.0
SET_CHILD_SUBREAPER = 36  # prctl(2)


class Marks(Plan):
    """Says in memory that outlives the process which step came last, and has it killed when so many were begun."""

    def __init__(self, after: int | None, delay_s: float) -> None:
        super().__init__()
        self._page = mmap.mmap(-1, STEP_BYTES)
        self._after, self._delay_s = after, delay_s

    @property
    def step(self) -> str:
        """What came last."""
        return self._page[:].rstrip(b"\0").decode()

    def _write(self, text: str) -> None:
        self._page[:] = text.encode()[:STEP_BYTES].ljust(STEP_BYTES, b"\0")

    def name(self, label: str, can_be_halved: bool) -> str:
        """A deed begins."""
        self._write(f"in {label}")
        self._here.label = label
        with self._lock:
            self._counts["deeds"] += 1
            if self._counts["deeds"] == self._after:
                kill_after(self._delay_s)
        return label

    @contextmanager
    def doing(self) -> Iterator[None]:
        """Until it is over."""
        yield
        self._write(f"after {self._here.label}")


class Event(ctypes.Structure):
    """struct sigevent of <signal.h>: SIGKILL to this process."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("number", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("pad", ctypes.c_char * 48),
    )


def kill_after(delay_s: float) -> None:
    """timer_create(2): SIGKILL comes from the kernel, in whatever this process is doing then."""
    libc = ctypes.CDLL(None, use_errno=True)
    timer = ctypes.c_void_p()
    event = Event(number=signal.SIGKILL)
    # it_interval, then it_value, each in seconds and nanoseconds; all zero would mean never.
    times = (ctypes.c_long * 4)(0, 0, int(delay_s), int(delay_s % 1 * 1e9) + 1)
    if libc.timer_create(1, ctypes.byref(event), ctypes.byref(timer)) or libc.timer_settime(timer, 0, times, None):
        raise OSError(ctypes.get_errno(), "no timer")


def tell(**words: Any) -> None:
    """One line to whoever started this, in one write."""
    os.write(1, json.dumps(words).encode() + b"\n")


DECISIONS = {"withdraw": acts.withdraw_first, "reinstate": acts.reinstate_first}


def do(order: dict[str, Any], plan: Plan) -> None:
    """One command."""
    word, shelf = order["word"], order["shelf"]
    with opened(Path(order["archive"]), plan, real_workshop=True) as archive:
        if word == "add":
            list(intake.enqueue(archive, intake.Wish(paths=(shelf,), trusts_manifest=True)))
        if word in ("run", "publish"):
            _take(archive)
        if word == "publish":
            _publish(archive)
        if word in DECISIONS:
            DECISIONS[word](archive, Path(shelf))


def _take(archive: Archive) -> None:
    for _, outcome in work.run(archive, 1, no_progress):
        if outcome.word == "failed":
            raise RuntimeError(f"a job failed: {outcome}")
        tell(done=outcome.release)


def _publish(archive: Archive) -> None:
    for one in publish.publish(archive, 1, lambda seconds, name: None):
        if isinstance(one, Published) and one.word == "failed":
            raise RuntimeError(f"a release failed: {one}")


def child(order: dict[str, Any], marks: Plan) -> NoReturn:
    """Ends the process."""
    code = 1
    try:
        do(order, marks)
        code = 0
    finally:
        if code:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(code)


def strays() -> list[int]:
    """Waits until every process that the child left behind has ended; gives those that do not."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                select.select([], [], [], 0.001)
        except ChildProcessError:
            return []
    return [int(pid) for pid in Path("/proc/self/task", str(os.getpid()), "children").read_text().split()]


def main() -> None:
    """Hatch until standard input ends."""
    # What the child leaves behind becomes ours, and not init's.
    if ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("prctl(PR_SET_CHILD_SUBREAPER)")
    for line in sys.stdin:
        order = json.loads(line)
        marks = Marks(order["after"], order["delay_s"])
        plan = Plan(at=order["at"], how="kill") if order.get("at") else marks
        pid = os.fork()
        if pid == 0:
            child(order, plan)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        tell(status=status, step=marks.step, strays=strays())


if __name__ == "__main__":
    main()
