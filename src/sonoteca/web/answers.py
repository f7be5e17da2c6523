"""Answers: pages as bytes, packed once, sent whole, as gzip, or not at all when the reader has them already.

Takes  a page's text and status.   Gives  a Page that can be kept, and the response to one request for it.
Never  lets anybody show a page again without asking whether it is still so: what is withdrawn vanishes at once.
"""

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Hashable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TypedDict, Unpack

from starlette.requests import Request
from starlette.responses import Response

from sonoteca.web.memory import Look
from sonoteca.web.sending import Whole
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
    return packed(text.encode("utf-8", "replace"), status, media_type, cache)


def packed(body: bytes, status: int = 200, media_type: str = HTML, cache: str = ASK_FIRST) -> Page:
    """A page of these bytes."""
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
    return Whole(body, status_code=found.status, media_type=found.media_type, headers=headers)


def _has(asked: str, etag: str) -> bool:
    return asked.strip() == "*" or etag in (one.strip() for one in asked[:2_000].split(","))


Make = Callable[[Site, Look, Request], Page]
Asks = Callable[[Request], Hashable]
Endpoint = Callable[[Request], Awaitable[Response]]


class Kinds(TypedDict, total=False):
    """`today`: it is another page every day; `private`: it also says what private.sqlite and the seeder say; `hosted`:
    it also says under which host it was asked, unless the settings name the website's address."""

    today: bool
    private: bool
    hosted: bool


def path_of(request: Request) -> Hashable:
    """An address without what stands after "?"."""
    return request.url.path


def weight_of(page: Page | None) -> int:
    """How many bytes a page takes."""
    return len(page.body) + len(page.packed) + 500 if page else 0


def answering(
    make: Make, *, asks: Asks = path_of, again: bool = False, slow: bool = False, **kept: Unpack[Kinds]
) -> Endpoint:
    """The endpoint of a page that `make` makes in a thread, of one snapshot of the catalogue; kept while nobody writes
    to the catalogue, for all who ask the same. What is asked is what `asks` understands, and nothing else that stands
    in an address: `&x=1` makes no other page. `again`: it is made again each time. `slow`: it may have to read much of
    the catalogue, and waits for its turn among those (Site.turn)."""

    async def endpoint(request: Request) -> Response:
        site = site_of(request)
        if again:
            return respond(request, await site.look(lambda look: make(site, look, request)))
        key = ("page", make, asks(request), _state(site, request, kept))
        found: Page | None = site.memory.find(site.memory.version(), key)
        if found is not None:
            return respond(request, found)
        # Errors are not kept: whoever makes addresses up fills nothing.
        async with site.turn if slow else nullcontext():
            made = await site.look(lambda look: look.once(key, lambda: make(site, look, request), weight_of))
        return respond(request, made)

    return endpoint


def _state(site: Site, request: Request, kept: Kinds) -> Hashable:
    """What else a page says."""
    day = site.clock.now()[:10] if kept.get("today") else ""
    told = (site.private.version(), site.seeder.version) if kept.get("private") else ()
    host = site.settings.web_address or (request.url.scheme, request.headers.get("host", ""))
    return day, told, host if kept.get("hosted") else ""
