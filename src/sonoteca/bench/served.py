"""Served: the website of an archive as a program of its own, to be asked and watched.

Takes  an archive.   Gives  a Server that answers, gone afterwards; what its process spent.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sonoteca.bench.processes import command, running

START_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that answers: its process, port, and the path of what is asked of it."""

    pid: int
    port: int
    path: str


@contextmanager
def website(archive: str, path: str) -> Iterator[Server]:
    """`sonoteca serve` on a free port; its lines go nowhere, but are written."""
    port = free_port()
    with running(command(archive, "serve", "--listen", f"127.0.0.1:{port}")) as process:
        wait_for(port, process.poll)
        yield Server(pid=process.pid, port=port, path=path)


def free_port() -> int:
    """One that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def wait_for(port: int, ended: Callable[[], int | None]) -> None:
    """Until somebody listens there; RuntimeError when the process ended instead."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and ended() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"no server at port {port}: code {ended()}")


def cpu_s(pid: int) -> float:
    """Processor time of a process and its threads so far (proc(5), utime and stime; in steps of 10 ms)."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
