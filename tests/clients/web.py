"""HTTP to a client's own control port: never through a proxy, never for long."""

import http.client
import json
from typing import Any
from urllib.parse import urlencode

TIMEOUT_S = 10
BOUNDARY = "a-boundary-that-no-torrent-holds"


class NotOk(Exception):
    """An answer that is not 200; `headers` may say what to do."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__(f"HTTP {status}: {body[:300]!r}")
        self.status = status
        self.headers = headers


def ask(address: tuple[str, int], path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
    """POST when there is a body, GET otherwise."""
    connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_S)
    try:
        connection.request("GET" if body is None else "POST", path, body, headers or {})
        answer = connection.getresponse()
        raw = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise NotOk(answer.status, {key.lower(): value for key, value in answer.getheaders()}, raw)
    return raw


def ask_json(address: tuple[str, int], path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    """JSON there and back."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    return json.loads(ask(address, path, json.dumps(body).encode(), sent))


def send_form(address: tuple[str, int], path: str, fields: dict[str, str]) -> bytes:
    """An ordinary form."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return ask(address, path, urlencode(fields).encode(), kind)


def send_file(address: tuple[str, int], path: str, fields: dict[str, str], file: tuple[str, bytes]) -> bytes:
    """A form with one file: (field, bytes)."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{file[0]}"; filename="a.torrent"\r\n'
    parts.append(head.encode() + b"Content-Type: application/x-bittorrent\r\n\r\n" + file[1] + b"\r\n")
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return ask(address, path, body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
