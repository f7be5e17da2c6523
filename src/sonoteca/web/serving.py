"""Serving: the website's process, from the first connection to the last.

Takes  an ASGI application and a socket that listens; where to write lines.
Gives  answers until SIGTERM or SIGINT; then new connections are left to whoever else has the socket, requests that
       were on their way are answered, and streams in flight may end within `grace_s`. A second SIGINT ends at once.
Never  tells which versions it is made of, or waits for ever for somebody who says nothing or takes nothing.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from sonoteca.web.lines import LogLines, RequestLines, Write
from sonoteca.web.sending import STALLED_S
from sonoteca.web.zero_copy import ZeroCopy

MAX_HEAD_BYTES = 32 * 1024
HEAD_S = 20.0
KEEP_ALIVE_S = 20
MAX_CONNECTIONS = 1000
BACKLOG = 512
# Time for what was accepted and not yet read: its sender believes that it is being served.
LINGER_S = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to serve: where, how long the last streams may take, where to write lines."""

    listening: socket.socket
    grace_s: int
    write: Write


def serve(app: ASGIApp, way: Way) -> None:
    """Serves until a signal asks for the end."""
    logger = logging.getLogger("uvicorn.error")
    handler = LogLines(way.write)
    logger.addHandler(handler)
    logger.propagate = False
    try:
        Window(_config(RequestLines(app, way.write), way.grace_s), way).run(sockets=[way.listening])
    finally:
        logger.removeHandler(handler)
    way.write({"event": "stopped"})


def _config(app: ASGIApp, grace_s: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Guarded,
        ws="none",
        loop="asyncio",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        # Who is behind a proxy is nobody's business here; addresses are those of web_address.
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=grace_s,
    )


class Window(uvicorn.Server):
    """The server: says when it listens, and ends without turning anybody away."""

    def __init__(self, config: uvicorn.Config, way: Way) -> None:
        super().__init__(config)
        self._way = way

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server."""
        await super().startup(sockets)
        self._way.write({"event": "listening"})

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server."""
        for server in self.servers:
            server.close()
        streams = len(self.server_state.tasks)
        self._way.write({"event": "stopping", "streams": streams})
        await asyncio.sleep(LINGER_S)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn.Server does, but a signal that was heeded is not raised once more at the end."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Guarded(ZeroCopy):
    """A connection whose heads have an end, in bytes and in time, and which ends when nobody takes what it gives."""

    _head_bytes = 0
    _is_in_head = True
    _late: asyncio.TimerHandle | None = None
    _next_look: asyncio.TimerHandle | None = None
    _unsent = 0
    _has_moved = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol. Who connects and says nothing is not waited for."""
        super().connection_made(transport)
        self._await_head()
        self._next_look = self.loop.call_later(STALLED_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._head_is_here()
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > MAX_HEAD_BYTES:
            self.transport.close()

    def resume_writing(self) -> None:
        """See asyncio.Protocol. Some of what waited was taken."""
        super().resume_writing()
        self._has_moved = True

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head_bytes, self._is_in_head = 0, True
        self._await_head()

    def on_headers_complete(self) -> None:
        """It is whole."""
        self._head_is_here()
        super().on_headers_complete()

    def _look(self) -> None:
        """Whether anything was taken since the last look. A page is small enough to wait here when its answer is over
        for uvicorn, which would wait for ever to close the connection."""
        before, self._unsent = self._unsent, self.transport.get_write_buffer_size()
        has_moved, self._has_moved = self._has_moved, False
        if self._unsent and self._unsent == before and not has_moved:
            self._next_look = None
            self.transport.abort()
        else:
            self._next_look = self.loop.call_later(STALLED_S, self._look)

    def _await_head(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_S, self._give_up)

    def _head_is_here(self) -> None:
        self._is_in_head = False
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        self.transport.close()
