"""The website as a process of its own on a free port of this machine, for tests that look at it from outside.

python -m tests.web.serving ARCHIVE      prints the port, serves until it is told to end
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from sonoteca.config import Settings
from sonoteca.web.app import create_app
from sonoteca.web.lines import format_line
from sonoteca.web.serving import Way, serve
from tests.scenarios.session import environment
from tests.tools import PROJECT


@dataclass(frozen=True)
class Served:
    """A website that is running."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def store_files(self) -> int:
        """How many files of the store it has open."""
        folder, count = f"/proc/{self.pid}/fd", 0
        for name in os.listdir(folder):
            try:
                count += "/store/" in os.readlink(f"{folder}/{name}")
            except FileNotFoundError:
                continue
        return count

    def most_memory_kib(self) -> int:
        """The most that it had in memory so far."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) if found else 0


@contextmanager
def served(archive: Path, module: str = "tests.web.serving") -> Iterator[Served]:
    """Runs as long as the block; a mistake that it logs fails the test."""
    command = [sys.executable, "-m", module, os.fspath(archive)]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise AssertionError(process.stderr.read() if process.stderr else "")
        try:
            yield Served(int(line), process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            told = process.communicate(timeout=60)[1]
    assert "Traceback" not in told and "raised exception" not in told, told


def main(archive: str) -> None:
    run(create_app(archive, Settings()))


def run(app: ASGIApp) -> None:
    """The application as `sonoteca serve` serves it; what goes wrong is told on standard error."""

    def write(said: dict[str, Any]) -> None:
        if said["event"] in ("warning", "error"):
            print(format_line(said), file=sys.stderr)  # noqa: T201

    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)  # noqa: T201
        serve(app, Way(listening=listening, grace_s=5, write=write))


if __name__ == "__main__":
    main(sys.argv[1])
