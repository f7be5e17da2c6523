"""Processes: commands that are watched while they run, for their memory; and the seeder, until it has everything.

Takes  an archive.   Gives  the most resident memory of each kind of process, as the kernel keeps it (VmHWM).
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sonoteca.pipeline import seeding

LOOK_EVERY_S = 0.02
START_TIMEOUT_S = 120.0
# Work for a second or two that fits into a core's own cache.
_TRANSFORMS = "import numpy as n; a = n.arange(4096.0)\nfor _ in range(40000): n.fft.rfft(a)"


def command(root: str, *words: str) -> list[str]:
    """A `sonoteca` command on an archive, for a new process."""
    return [sys.executable, "-m", "sonoteca", "--archive", root, *words]


def environment() -> dict[str, str]:
    """That of this process, with its way to the modules."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(folder for folder in sys.path if folder)}


@contextmanager
def running(words: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process whose output nobody needs; it has ended afterwards."""
    process = subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def peak_bytes(words: Sequence[str]) -> int:
    """The most memory of a command's own process (not of those it starts), looked at until it ends."""
    most = 0
    with running(words) as process:
        while process.poll() is None:
            most = max(most, resident_bytes(process.pid))
            time.sleep(LOOK_EVERY_S)
    if process.returncode:
        raise RuntimeError(f"{words[5:]} ended with {process.returncode}")
    return most


def resident_bytes(pid: int) -> int:
    """The most memory that a process ever had at once, 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            lines = [line.split() for line in file if line.startswith("VmHWM:")]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(lines[0][1]) * 1024 if lines else 0


def cpu_s(pid: int) -> float:
    """Seconds of processor time that a process and its threads have used (proc(5), /proc/PID/stat)."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def wait_for_seeder(root: str, volumes: int) -> dict[str, Any]:
    """Waits until a seeder serves so many volumes; gives its status."""
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        told = seeding.ask(root, "status")
        if told is not None and told["seeding"] >= volumes:
            return told
        time.sleep(LOOK_EVERY_S)
    raise RuntimeError(f"the seeder does not serve {volumes} volumes after {START_TIMEOUT_S:g} s")


def two_cores() -> float:
    """How much sooner two processes are done at once than one after the other: near 2 on two idle cores."""
    words = [sys.executable, "-c", _TRANSFORMS]
    started = time.perf_counter()
    for _ in range(2):
        with running(words) as one:
            one.wait()
    between = time.perf_counter()
    with running(words) as one, running(words) as other:
        one.wait()
        other.wait()
    return (between - started) / (time.perf_counter() - between)
