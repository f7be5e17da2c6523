"""Volumes: what can be taken whole over BitTorrent: all of them, one of them, and its .torrent.

Never  hands out a .torrent that the catalogue does not name: when a volume is taken back its files vanish with it; or
       shows one that is dark: it has to lose a file and cannot be issued without it, and its .torrent names that file.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.catalogue import browse, volumes
from sonoteca.catalogue import views as view_rows
from sonoteca.catalogue.views import ListedView
from sonoteca.catalogue.volumes import Listed
from sonoteca.model.copies import NO_COPIES, Copies
from sonoteca.model.torrent import Flavour, Outside
from sonoteca.swarm.copies import copies_book
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.memory import Look
from sonoteca.web.paper import render
from sonoteca.web.public import find_release
from sonoteca.web.release_page import magnet_of
from sonoteca.web.seeder import Seen
from sonoteca.web.site import Site, site_of
from sonoteca.web.torrent_files import (
    handed_out,
    is_dark,
    kept_or_made,
    view_magnet,
)

NO_COLLECTION = "No collection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A volume with its links."""

    volume: Listed
    magnet: str
    copies: Copies
    seen: Seen | None

    @property
    def collection(self) -> str:
        """Never empty."""
        return self.volume.group.collection or NO_COLLECTION


Endpoint = Callable[[Request], Awaitable[Response]]


def seeing(endpoint: Endpoint) -> Endpoint:
    """Asks the seeder before, when that is long ago."""

    async def refreshed(request: Request) -> Response:
        site = site_of(request)
        if site.seeder.is_stale:
            await site.in_thread(site.seeder.refresh)
        return await endpoint(request)

    return refreshed


def every(site: Site, look: Look, request: Request) -> Page:
    """All volumes that have files."""
    return page(_every_text(site, look))


def _every_text(site: Site, look: Look) -> str:
    offered = sorted(_offered(site, look), key=lambda one: (one.collection, one.volume.name))
    groups = [(name, tuple(some)) for name, some in groupby(offered, key=lambda one: one.collection)]
    size, now = sum(one.volume.bytes for one in offered), site.clock.now()
    views = tuple((one, view_magnet(site, one.view)) for one in _views(site, look))
    more = {"count": len(offered), "size": size, "now": now, "seeder_runs": site.seeder.runs}
    return render(site, "volumes.html", path="/volumes", groups=groups, views=views, **more)


def _views(site: Site, look: Look) -> Iterator[ListedView]:
    return (one for one in view_rows.listed(look.tx) if one.files and not is_dark(site, one.view.name))


def _offered(site: Site, look: Look) -> Iterator[Offered]:
    book = copies_book(site.private, site.clock.now())
    for one in volumes.listed(look.tx):
        if one.files and not is_dark(site, one.name):
            copies = book.get(one.hashes.short, NO_COPIES)
            seen = site.seeder.find(one.hashes)
            yield Offered(volume=one, magnet=magnet_of(site, one), copies=copies, seen=seen)


def _find(site: Site, look: Look, name: str) -> Listed | None:
    found = next((one for one in volumes.listed(look.tx) if one.name == name and one.files), None)
    return None if found is None or is_dark(site, name) else found


def one(site: Site, look: Look, request: Request) -> Page:
    """One volume."""
    found = _find(site, look, request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    return page(_one_text(site, look, found))


def _one_text(site: Site, look: Look, found: Listed) -> str:
    shares = browse.shares(look.tx, found.name)
    return render(
        site,
        "volume.html",
        path=f"/volume/{found.name}",
        volume=found,
        magnet=magnet_of(site, found),
        shares=[(one, find_release(look, one.release)) for one in shares],
        copies=copies_book(site.private, site.clock.now()).get(found.hashes.short, NO_COPIES),
        now=site.clock.now(),
        seen=site.seeder.find(found.hashes),
        seeder_runs=site.seeder.runs,
    )


async def torrent(request: Request) -> Response:
    """The .torrent of a volume."""
    site = site_of(request)
    return await handed_out(request, lambda look, *which: _torrent(site, look, *which))


def _torrent(site: Site, look: Look, name: str, flavour: Flavour, outside: Outside) -> bytes | None:
    found = _find(site, look, name)
    if found is None:
        return None
    site.seeder.wake(found.hashes)
    return kept_or_made(site, look, (name, flavour), lambda: volumes.slots_of(look.tx, name), outside)


ROUTES = (
    Route("/volumes", seeing(answering(every, today=True, private=True))),
    Route("/volume/{name}.torrent", torrent),
    Route("/volume/{name}", seeing(answering(one, today=True, private=True))),
)
