"""Fetch: one question to a website of this machine, over HTTP.

Gives  status, headers and body; Unreachable "no-answer" when nobody answers in time.
Never  follows anything, or takes more than MAX_BYTES.
"""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

from sonoteca.model.errors import Unreachable

MAX_BYTES = 8 * 1024 * 1024
PATIENCE_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer. Names of headers are small."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(where: str, path: str, headers: Mapping[str, str] | None = None) -> Fetched:
    """What "127.0.0.1:8000" answers to GET of a path."""
    connection = http.client.HTTPConnection(where, timeout=PATIENCE_S)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        found = connection.getresponse()
        body = found.read(MAX_BYTES)
        return Fetched(
            status=found.status, headers={name.lower(): value for name, value in found.getheaders()}, body=body
        )
    except (OSError, http.client.HTTPException) as error:
        cure = "sonoteca up --status says what runs"
        raise Unreachable("no-answer", f"nobody answers: {error}", where=f"{where}{path}", cure=cure) from error
    finally:
        connection.close()
