"""Lines: what the website's process says of itself: one JSON object a line.

Gives  {"time", "event", …}: "listening", "request" (method, path, status, ms, bytes), "warning", "error", "stopped".
Never  an address of a visitor, what their program calls itself, or what they searched for: the part of an address after
       "?" is left out, so a log can be kept and shown to anybody.
"""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Write = Callable[[dict[str, Any]], None]
MAX_PATH_CHARACTERS = 300


def format_line(said: dict[str, Any], now: datetime | None = None) -> str:
    """One line, without its end; ASCII alone, so that nothing in it steers a terminal."""
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": at, **said}, ensure_ascii=True)


class RequestLines:
    """An ASGI application that is told of, one line a request, when its answer has ended."""

    def __init__(self, app: ASGIApp, write: Write) -> None:
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = count = 0

        async def send_counted(message: Message) -> None:
            nonlocal status, count
            if message["type"] == "http.response.start":
                status = int(message["status"])
            elif message["type"] == "http.response.body":
                count += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        finally:
            self._write(
                {
                    "event": "request",
                    "method": scope["method"],
                    "path": scope["path"][:MAX_PATH_CHARACTERS],
                    "status": status,
                    "ms": round((time.perf_counter() - begun) * 1000, 1),
                    "bytes": count,
                }
            )


class LogLines(logging.Handler):
    """What libraries log, as lines of ours."""

    def __init__(self, write: Write) -> None:
        super().__init__(logging.WARNING)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        said: dict[str, Any] = {
            "event": "error" if record.levelno >= logging.ERROR else "warning",
            "text": record.getMessage(),
        }
        if record.exc_info:
            said["trace"] = logging.Formatter().formatException(record.exc_info)
        self._write(said)
