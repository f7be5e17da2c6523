"""Sending: a Plan and a Body become an ASGI answer.

Takes  what ranges.py planned, the body, and a guard that says whether it may still leave.
Gives  the answer, block by block, no faster than the client takes it.
Never  reads on for a client that went away or takes nothing for STALLED_S; never sends another block once the guard has
       said no: the connection is closed, which every client understands as "not whole". Whatever happens, the body is
       closed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sonoteca.web.bodies import Body
from sonoteca.web.ranges import Plan, Span

# A paused player takes nothing; it comes back with a range of its own.
STALLED_S = 120.0
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
            if await self._send_parts(send, gone):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError):
            # The client takes nothing, or is away: whatever is between us and it closes the connection.
            return
        finally:
            if gone is not None:
                gone.cancel()
            if self._what is not None:
                self._what.close()

    async def _send_parts(self, send: Send, gone: "asyncio.Future[None] | None") -> bool:
        """Whether everything was sent."""
        for part in self._plan.parts:
            if isinstance(part, bytes):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            elif not await self._send_span(part, send, gone):
                return False
        return True

    async def _send_span(self, span: Span, send: Send, gone: "asyncio.Future[None] | None") -> bool:
        if self._what is None:
            raise ValueError("a plan with spans needs a body")
        start = span.start
        while start < span.end:
            if (gone is not None and gone.done()) or (self._guard is not None and not await self._guard()):
                return False
            block = await self._what.read(start, span.end)
            start += len(block)
            if block:
                async with asyncio.timeout(STALLED_S):
                    await send({"type": "http.response.body", "body": block, "more_body": True})
            # A client as fast as the page cache would never let anybody else have a turn, nor its own going be noticed.
            await asyncio.sleep(0)
        return True


async def _gone(receive: Receive) -> None:
    """Ends when the client has gone away."""
    with suppress(OSError):
        while (await receive())["type"] != "http.disconnect":
            pass
