"""Sending: a Plan and a Body become an ASGI answer.

Takes  what ranges.py planned, the body, and a guard that says whether it may still leave; or bytes (Whole).
Gives  the answer, block by block, no faster than the client takes it.
Never  reads on for a client that went away or takes nothing for STALLED_S; never sends another block once the guard has
       said no: the connection is closed, which every client understands as "not whole". Whatever happens, the body is
       closed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sonoteca.model.errors import Unreachable
from sonoteca.web.bodies import BLOCK_BYTES, Body
from sonoteca.web.ranges import Plan, Span
from sonoteca.web.zero_copy import SendFile, find_send_file

# A paused player takes nothing; it comes back with a range of its own.
STALLED_S = 120.0
MAX_LOAD_BYTES = 256_000_000
Guard = Callable[[], Awaitable[bool]]


class Sending(Response):
    """One answer."""

    def __init__(self, plan: Plan, body: Body | None = None, guard: Guard | None = None) -> None:
        self.status_code = plan.status
        self.background = None
        self.body = b""
        self.raw_headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in plan.headers]
        self._plan = plan
        self._what = body
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        gone = asyncio.ensure_future(_gone(receive)) if self._plan.parts else None
        try:
            if self._what is not None and self._plan.parts:
                # Here, because what fails now can still be told with a status of its own.
                await self._what.open()
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if await self._send_parts(Way(send, find_send_file(scope), gone)):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError):
            # The client takes nothing, or is away: whatever is between us and it closes the connection.
            return
        finally:
            if gone is not None:
                gone.cancel()
            if self._what is not None:
                self._what.close()

    async def _send_parts(self, way: "Way") -> bool:
        """Whether everything was sent."""
        for part in self._plan.parts:
            if isinstance(part, bytes):
                await way.send({"type": "http.response.body", "body": part, "more_body": True})
            elif not await self._send_span(part, way):
                return False
        return True

    async def _send_span(self, span: Span, way: "Way") -> bool:
        if self._what is None:
            raise ValueError("a plan with spans needs a body")
        start = span.start
        while start < span.end:
            if way.is_gone() or (self._guard is not None and not await self._guard()):
                return False
            stretch = self._what.stretch(start, span.end) if way.send_file is not None else None
            if stretch is not None and way.send_file is not None:
                async with asyncio.timeout(STALLED_S):
                    if not await way.send_file(*stretch):
                        return False
                start += stretch.length
            else:
                start += await self._send_block(self._what, Span(start, span.end), way)
            if start < span.end:
                # A client as fast as the page cache would let nobody else have a turn, nor its own going be noticed.
                await asyncio.sleep(0)
        return True

    async def _send_block(self, what: Body, span: Span, way: "Way") -> int:
        block = await what.read(span.start, span.end)
        if block:
            async with asyncio.timeout(STALLED_S):
                await way.send({"type": "http.response.body", "body": block, "more_body": True})
        return len(block)


@dataclass(slots=True)
class Load:
    """How many bytes that were made for one visitor alone are on their way, of those that are large."""

    bytes: int = 0


class Whole(Response):
    """An answer from memory. asyncio keeps a copy of what a connection does not take: that is one block, and not all of
    it. `load` counts it, and refuses what is too much (Unreachable "busy")."""

    def __init__(self, content: bytes, load: Load | None = None, **said: Any) -> None:
        super().__init__(content, **said)
        self._load = load if len(content) > BLOCK_BYTES else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if self._load is None:
            await self._send(send)
            return
        if self._load.bytes + len(self.body) > MAX_LOAD_BYTES:
            raise Unreachable("busy", "too many large answers are being sent at once", cure="try again in a minute")
        self._load.bytes += len(self.body)
        try:
            await self._send(send)
        finally:
            self._load.bytes -= len(self.body)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        last = max(0, len(self.body) - BLOCK_BYTES)
        start = 0
        while start < last:
            block = self.body[start : start + BLOCK_BYTES]
            await send({"type": "http.response.body", "body": block, "more_body": True})
            start += len(block)
        await send({"type": "http.response.body", "body": self.body[start:], "more_body": False})


class Way(NamedTuple):
    """How to reach the client; `gone` is done when it went away."""

    send: Send
    send_file: SendFile | None
    gone: "asyncio.Future[None] | None"

    def is_gone(self) -> bool:
        """Whether nobody takes it any more."""
        return self.gone is not None and self.gone.done()


async def _gone(receive: Receive) -> None:
    """Ends when the client has gone away."""
    with suppress(OSError):
        while (await receive())["type"] != "http.disconnect":
            pass
