"""House: the website of a small archive on a port of loopback, as people run it, with two things a test needs besides.

Takes  the archive's folder.
Gives  an address; `reports`, what browsers say that the pages tried against the Content-Security-Policy; `refuse`,
       paths that are answered with an error for a while.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sonoteca.config import parse_settings
from sonoteca.web.app import create_app
from tests.clients.waiting import until

REPORTS = "/policy-report"


class Watched:
    """The website with a letter box for reports and a door that can be shut."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.reports: list[Any] = []
        self.refuse: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        path = scope["path"]
        if path == REPORTS:
            self.reports.append(json.loads(await whole(receive)))
            return await PlainTextResponse("thank you")(scope, receive, send)
        for begin, status in self.refuse.items():
            if path.startswith(begin):
                return await PlainTextResponse("refused for a test", status)(scope, receive, send)

        async def with_letter_box(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.get("Content-Security-Policy")
                if policy is not None:  # pages have one; scripts, styles and fonts need none
                    headers["Content-Security-Policy"] = f"{policy}; report-uri {REPORTS}"
            await send(message)

        await self._app(scope, receive, with_letter_box)


async def whole(receive: Receive) -> bytes:
    """The body of a request."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


class House:
    """A running website."""

    def __init__(self, address: str, watched: Watched) -> None:
        self.address = address
        self.reports = watched.reports
        self._watched = watched

    @contextmanager
    def refusing(self, path: str, status: int) -> Iterator[None]:
        """Whatever begins with this path is answered so."""
        self._watched.refuse[path] = status
        try:
            yield
        finally:
            del self._watched.refuse[path]


@contextmanager
def open_house(archive: Path) -> Iterator[House]:
    """The website of an archive, in a thread of its own."""
    app = create_app(str(archive), parse_settings((archive / "sonoteca.toml").read_bytes()))
    watched = Watched(app)
    # Browsers hold their connections open; nobody waits for them at the end.
    config = uvicorn.Config(watched, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive(), "the website")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield House(f"http://127.0.0.1:{port}", watched)
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        if hasattr(app.state, "media"):
            app.state.media.files.close_idle()
