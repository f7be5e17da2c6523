"""Figures: what a bench prints, and how processor time and wall time are read.

Processor time of a command is that of the whole tree of its processes, as the kernel counts it when they have ended
(getrusage, RUSAGE_CHILDREN); of code in this process, that of the process with its threads.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

WAIT_S = 7200


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number. `against` names the peer or limit, with its version."""

    figure: str
    value: float
    unit: str
    against: str
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds of processor and of wall time."""

    cpu_s: float
    wall_s: float


def spend(deed: Callable[[], object]) -> Spent:
    """What this process, with its threads, spent on a deed."""
    cpu, wall = time.process_time(), time.perf_counter()
    deed()
    return Spent(cpu_s=time.process_time() - cpu, wall_s=time.perf_counter() - wall)


def spend_command(*words: str) -> Spent:
    """What a `sonoteca` command and everything it started spent."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "sonoteca", *words],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=WAIT_S,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(cpu_s=cpu, wall_s=time.perf_counter() - wall)


def median(values: Iterable[float]) -> float:
    """The middle one, rounded to what such a measurement can say."""
    return float(f"{statistics.median(values):.4g}")


def total(spent: Sequence[Spent]) -> Spent:
    """The sum."""
    return Spent(cpu_s=sum(one.cpu_s for one in spent), wall_s=sum(one.wall_s for one in spent))


def flush() -> None:
    """What earlier steps left unwritten must not be paid by the next one."""
    os.sync()
