"""A visitor: asks an application over ASGI, without a port, and gives the answer whole."""

import gzip
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import anyio
from starlette.types import ASGIApp

HERE = ("127.0.0.1", 40_000)
AWAY = ("203.0.113.7", 40_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers by lower-case name, the body as it went over the wire, and without gzip."""

    status: int
    headers: dict[str, str]
    wire: bytes

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.wire) if self.headers.get("content-encoding") == "gzip" else self.wire

    @property
    def text(self) -> str:
        return self.body.decode()


class Visitor:
    """Somebody at `client` who asks `host`."""

    def __init__(self, app: ASGIApp, client: tuple[str, int] = HERE, host: str = "localhost") -> None:
        self._app = app
        self._client = client
        self._host = host

    def get(self, address: str, method: str = "GET", **headers: str) -> Answer:
        """The answer; `headers` with _ for -."""
        return anyio.run(partial(self.ask, address, method, headers))

    async def ask(self, address: str, method: str, headers: dict[str, str]) -> Answer:
        """The same for whoever waits for several answers."""
        said = {"host": self._host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        parts = urlsplit(address)
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in said.items()],
            "client": self._client,
            "server": ("127.0.0.1", 80),
        }
        sent: list[dict[str, Any]] = []
        waiting = anyio.Event()

        async def receive() -> dict[str, Any]:
            if not sent and not waiting.is_set():
                waiting.set()
                return {"type": "http.request", "body": b"", "more_body": False}
            await anyio.sleep_forever()
            raise RuntimeError("nobody wakes it")

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        start = next(one for one in sent if one["type"] == "http.response.start")
        body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
        names = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(status=start["status"], headers=names, wire=body)
