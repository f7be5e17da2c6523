"""Answers: pages as bytes, packed once, sent whole, as gzip, or not at all when the reader has them already.

Takes  a page's text and status.   Gives  a Page that can be kept, and the response to one request for it.
Never  lets anybody show a page again without asking whether it is still so: what is withdrawn vanishes at once.
"""

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sonoteca.web.memory import Look
from sonoteca.web.site import Site, site_of

HTML = "text/html; charset=utf-8"
ASK_FIRST = "no-cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and its gzip. `etag` names the bytes."""

    body: bytes
    packed: bytes
    etag: str
    status: int = 200
    media_type: str = HTML
    cache: str = ASK_FIRST


def page(text: str, status: int = 200, media_type: str = HTML, cache: str = ASK_FIRST) -> Page:
    """A page of this text."""
    body = text.encode("utf-8", "replace")
    return Page(
        body=body,
        packed=gzip.compress(body, 6, mtime=0),
        etag=f'W/"{hashlib.sha256(body).hexdigest()[:24]}"',
        status=status,
        media_type=media_type,
        cache=cache,
    )


def respond(request: Request, found: Page) -> Response:
    """The page for this request: 304 when the reader has it."""
    headers = {"Cache-Control": found.cache, "ETag": found.etag, "Vary": "Accept-Encoding"}
    if found.status == 200 and _has(request.headers.get("if-none-match", ""), found.etag):
        return Response(status_code=304, headers=headers)
    body = found.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(body, status_code=found.status, media_type=found.media_type, headers=headers)


def _has(asked: str, etag: str) -> bool:
    return asked.strip() == "*" or etag in (one.strip() for one in asked[:2_000].split(","))


def answering(make: Callable[[Site, Look, Request], Page]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page that `make` makes in a thread, of one snapshot of the catalogue."""

    async def endpoint(request: Request) -> Response:
        site = site_of(request)

        def work() -> Page:
            with site.look() as look:
                return make(site, look, request)

        return respond(request, await site.in_thread(work))

    return endpoint
