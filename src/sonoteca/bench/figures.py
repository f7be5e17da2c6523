"""Figures: what a bench prints, and how processor time and wall time are read.

Processor time is that of this process with its threads, and of the processes that it started and that have ended, as
the kernel counts it (getrusage, RUSAGE_CHILDREN): the limited processes of the workshop are in it.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number. `against` names the peer or limit, with its version."""

    figure: str
    value: float
    unit: str
    against: str
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A figure that cannot be read here, and why."""

    figure: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds of processor and of wall time."""

    cpu_s: float
    wall_s: float


def spend(deed: Callable[[], object]) -> Spent:
    """What this process, its threads, and the processes that it started and saw end spent on a deed."""
    cpu, wall = _cpu_s(), time.perf_counter()
    deed()
    return Spent(cpu_s=_cpu_s() - cpu, wall_s=time.perf_counter() - wall)


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def load() -> str:
    """How busy the machine was lately, for figures in wall time."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def busy_s() -> float:
    """Seconds of processor time that the whole machine has used since it started, ours included (proc(5), /proc/stat:
    everything but idle and waiting for disks)."""
    with open("/proc/stat", "rb") as file:
        user, nice, system, _, _, irq, soft, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def spend_command(*words: str) -> Spent:
    """What a `sonoteca` command and everything it started spent, the interpreter's start included."""
    # A machine for development may forbid compiled modules to be kept; an archivist's has them after the first command.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "sonoteca", *words]

    def run() -> None:
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return spend(run)


def median(values: Iterable[float]) -> float:
    """The middle one, rounded to what such a measurement can say."""
    return float(f"{statistics.median(values):.4g}")


def flush() -> None:
    """What earlier steps left unwritten must not be paid by the next one."""
    os.sync()
