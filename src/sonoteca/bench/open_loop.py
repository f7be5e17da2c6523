"""Open loop: requests at fixed moments, whether or not earlier ones have been answered; a program of its own.

Takes  a port, a path, how many requests a second, and how many.
Gives  one JSON object: for every request the milliseconds from the moment it was due to the last byte of its answer,
       and how late this program itself was in sending it, which is in those as well.
Never  waits for an answer before the next request: a server that stalls is charged for everyone who would have come
       meanwhile (what wrk2 is for). A request that finds no idle connection opens one, and pays for it.
"""

import asyncio
import json
import math
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from sonoteca.bench.processes import environment

CONNECTIONS = 8
PATIENCE_S = 120.0
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is asked, and how often."""

    port: int
    path: str
    rate: float
    count: int


@dataclass(slots=True, kw_only=True)
class Came:
    """What came of it, in milliseconds: from due to answered, and from due to sent."""

    answered_ms: list[float] = field(default_factory=list)
    sent_ms: list[float] = field(default_factory=list)


def offered(offer: Offer) -> Came:
    """The requests made by a process of their own."""
    words = [sys.executable, "-m", "sonoteca.bench.open_loop", str(offer.port), offer.path]
    told = subprocess.run(
        [*words, str(offer.rate), str(offer.count)],
        check=True,
        env=environment(),
        stdout=subprocess.PIPE,
        timeout=PATIENCE_S + offer.count / offer.rate,
    )
    return Came(**json.loads(told.stdout))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of them does not exceed (nearest rank)."""
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


async def make(offer: Offer) -> Came:
    """All requests, in this process."""
    loop, came = asyncio.get_running_loop(), Came()
    idle = [await _connect(offer) for _ in range(CONNECTIONS)]
    start = loop.time() + 0.05

    async def one(due: float) -> None:
        connection = idle.pop() if idle else await _connect(offer)
        came.sent_ms.append((loop.time() - due) * 1000)
        await _ask(connection, offer.path)
        came.answered_ms.append((loop.time() - due) * 1000)
        idle.append(connection)

    async with asyncio.TaskGroup() as group:
        for number in range(offer.count):
            due = start + number / offer.rate
            await asyncio.sleep(max(0.0, due - loop.time()))
            group.create_task(one(due))
    for _, writer in idle:
        writer.close()
    return came


async def _connect(offer: Offer) -> Connection:
    return await asyncio.open_connection("127.0.0.1", offer.port)


async def _ask(connection: Connection, path: str) -> None:
    reader, writer = connection
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 200 ") or length is None:
        raise RuntimeError(f"not a page: {head[:200]!r}")
    await reader.readexactly(int(length[1]))


def _main(port: str, path: str, rate: str, count: str) -> None:
    came = asyncio.run(make(Offer(port=int(port), path=path, rate=float(rate), count=int(count))))
    sys.stdout.write(json.dumps(asdict(came)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
