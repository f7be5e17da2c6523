"""Wrk: a client that asks as fast as it is answered, as the peer that saturates a server.

Takes  a Server.   Gives  what came in so many seconds, and what the server spent meanwhile.
Never  takes an answer for a page that is none: one error is the end.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass

from sonoteca.bench.served import Server, cpu_s

CONNECTIONS = 16
_DONE = re.compile(r"(\d+) requests in ([\d.]+)(ms|s|m),")
_BAD = re.compile(r"Non-2xx or 3xx responses: \d+|Socket errors: .*")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Pages that came, in seconds of wall time and of the server's processor time."""

    pages: int
    wall_s: float
    cpu_s: float = 0.0

    @property
    def pages_s(self) -> float:
        """A second of wall time."""
        return self.pages / self.wall_s

    @property
    def pages_cpu_s(self) -> float:
        """A second of the server's processor time."""
        return self.pages / max(self.cpu_s, 0.01)


def find_wrk() -> str | None:
    """Where the program is."""
    return shutil.which("wrk")


def version() -> str:
    """As the program says: "debian/4.1.0-3+b2"; "?" when it does not."""
    told = subprocess.run(["wrk", "-v"], check=False, capture_output=True, text=True)  # which ends with 1
    found = re.match(r"wrk (\S+)", told.stdout + told.stderr)
    return found[1] if found else "?"


def burst(server: Server, seconds: int) -> Burst:
    """One thread of wrk, which has a core for itself when there are two."""
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-H", "Accept-Encoding: gzip"]
    before = cpu_s(server.pid)
    told = subprocess.run(
        [*words, f"http://127.0.0.1:{server.port}{server.path}"], check=True, capture_output=True, text=True
    )
    spent = cpu_s(server.pid) - before
    came = parse_burst(told.stdout)
    return Burst(pages=came.pages, wall_s=came.wall_s, cpu_s=spent)


def parse_burst(text: str) -> Burst:
    """What wrk printed; RuntimeError when it says that something failed."""
    done, bad = _DONE.search(text), _BAD.search(text)
    if done is None or bad is not None:
        raise RuntimeError(f"wrk: {bad[0] if bad else text[:500]}")
    return Burst(pages=int(done[1]), wall_s=float(done[2]) * _SECONDS[done[3]])
