"""Zero copy: stretches of files go from the page cache to the socket without passing through this process.

Takes  a connection of uvicorn's.
Gives  its requests a way to send a stretch of an open file (SEND_FILE among the scope's extensions); where it is
       missing (another server, a double) bytes are read and sent as usual.
Never  lets sent bytes go uncounted: uvicorn holds an answer to its Content-Length, and so it does here.

asyncio's own sendfile does the work. ASGI has an extension "http.response.zerocopysend" for this, uvicorn does not have
it; what is here needs two names of uvicorn's that are not promised (`cycle`, `expected_content_length`), which a test
holds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import IO

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

SEND_FILE = "sonoteca.send_file"
SendFile = Callable[[IO[bytes], int, int], Awaitable[bool]]


class ZeroCopy(HttpToolsProtocol):
    """A connection whose requests can send stretches of files."""

    def on_headers_complete(self) -> None:
        """See HttpToolsProtocol."""
        super().on_headers_complete()
        if isinstance(self.cycle, RequestResponseCycle):
            # The request's task begins later than this.
            scope: Scope = dict(self.cycle.scope)
            scope["extensions"] = {**(scope.get("extensions") or {}), SEND_FILE: partial(self._send_file, self.cycle)}
            self.cycle.scope = scope  # type: ignore[assignment]

    async def _send_file(self, cycle: RequestResponseCycle, file: IO[bytes], start: int, count: int) -> bool:
        """Sends `count` bytes of the file; False when the client has gone away."""
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if cycle.disconnected or cycle.transport.is_closing():
            return False
        if count > cycle.expected_content_length:
            raise ValueError("more than the answer's Content-Length")
        # With its fallback: the first sendfile(2) also fails on a connection that was just reset, and only the fallback
        # says that as what it is, a ConnectionError.
        sent = await asyncio.get_running_loop().sendfile(cycle.transport, file, start, count, fallback=True)
        cycle.expected_content_length -= sent
        return sent == count


def find_send_file(scope: Scope) -> SendFile | None:
    """The way of this request, None when it has none."""
    found: SendFile | None = (scope.get("extensions") or {}).get(SEND_FILE)
    return found
