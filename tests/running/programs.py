"""Parts that are nothing but a few lines of Python, and a supervisor over them in a process of its own."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEADLINE_S = 40.0
Line = dict[str, Any]

# Runs the parts of argv[1] ([[name, code, stop, reloads], …]) and prints what it is told.
SUPERVISE = """
import json, signal, sys
from sonoteca.pipeline.supervisor import Part, Supervisor
parts = tuple(
    Part(name=name, command=(sys.executable, "-S", "-c", code), stop=signal.Signals(stop), reloads=reloads)
    for name, code, stop, reloads in json.loads(sys.argv[1])
)
tell = lambda said: print(json.dumps(said), flush=True)
sys.exit(0 if Supervisor(parts, tell, patience_s=float(sys.argv[2])).run() else 1)
"""


class Told:
    """A process that says one JSON object a line, and what it has said."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.lines: list[Line] = []
        self._given: set[int] = set()
        self._rest = b""

    def until(self, is_it: Callable[[Line], bool], what: str = "") -> Line:
        """The first line that is meant and was not given before; parts speak in any order."""
        start, end = 0, time.monotonic() + DEADLINE_S
        while True:
            for number, line in enumerate(self.lines[start:], start):
                if number not in self._given and is_it(line):
                    self._given.add(number)
                    return line
            start = len(self.lines)
            if not self._read(end - time.monotonic()):
                raise AssertionError(f"never said: {what}\n" + "\n".join(map(str, self.lines)))

    def event(self, part: str, event: str) -> Line:
        """The next such event."""
        return self.until(lambda one: (one.get("part"), one.get("event")) == (part, event), f"{part}: {event}")

    def _read(self, left_s: float) -> bool:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, left_s))
        block = os.read(self.process.stdout.fileno(), 1 << 16) if ready else b""
        *whole, self._rest = (self._rest + block).split(b"\n")
        self.lines += [json.loads(line) for line in whole]
        return bool(block)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code, after everything it had to say."""
        if self.process.poll() is None:
            self.send(number)
        while self._read(DEADLINE_S):
            pass
        return self.process.wait(DEADLINE_S)

    @property
    def pids(self) -> list[int]:
        """Of all parts that were started."""
        return [line["pid"] for line in self.lines if line.get("event") in ("started", "reloading")]


@contextmanager
def told(command: list[str], cwd: Path | None = None) -> Iterator[Told]:
    """The process, ended at the end whatever happened."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=cwd) as process:
        found = Told(process)
        try:
            yield found
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.communicate(timeout=DEADLINE_S)
                except subprocess.TimeoutExpired:
                    process.kill()


def supervised(*parts: tuple[str, str, signal.Signals, bool], patience_s: float = 20.0) -> list[str]:
    """The command of a supervisor over these."""
    return [sys.executable, "-c", SUPERVISE, json.dumps(parts), str(patience_s)]


def is_gone(pid: int) -> bool:
    """Whether the process has ended, its parent's call for it aside."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def until(has_come: Callable[[], Any], what: str) -> Any:
    """What `has_come` gives as soon as that is true."""
    end = time.monotonic() + DEADLINE_S
    while not (found := has_come()):
        assert time.monotonic() < end, what
        select.select([], [], [], 0.02)
    return found
