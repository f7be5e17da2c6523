"""Volumes: what can be taken whole over BitTorrent: all of them, one of them, and its .torrent.

Never  hands out a .torrent that the catalogue does not name: when a volume is taken back its files vanish with it.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.catalogue import browse, volumes
from sonoteca.catalogue.volumes import Listed
from sonoteca.model.copies import NO_COPIES, Copies
from sonoteca.model.errors import Damaged
from sonoteca.model.torrent import Flavour, Member, Outside, Slot
from sonoteca.preserve.packed import PackedHashes
from sonoteca.preserve.shelf import Shelf
from sonoteca.swarm.copies import copies_book
from sonoteca.torrents.assemble import assemble
from sonoteca.torrents.outside import rewritten
from sonoteca.web.answers import ASK_FIRST, Page, answering, page
from sonoteca.web.memory import Look
from sonoteca.web.paper import render
from sonoteca.web.public import find_release
from sonoteca.web.release_page import magnet_of
from sonoteca.web.seeder import Seen
from sonoteca.web.site import Site, site_of
from sonoteca.web.web_seed import address_of

MAX_TORRENT_BYTES = 10_000_000
TORRENT = "application/x-bittorrent"
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
    more = {"size": size, "now": now, "seeder_runs": site.seeder.runs}
    return render(site, "volumes.html", path="/volumes", groups=groups, count=len(offered), **more)


def _offered(site: Site, look: Look) -> Iterator[Offered]:
    book = copies_book(site.private, site.clock.now())
    for one in volumes.listed(look.tx):
        if one.files:
            copies = book.get(one.hashes.short, NO_COPIES)
            seen = site.seeder.find(one.hashes)
            yield Offered(volume=one, magnet=magnet_of(site, one), copies=copies, seen=seen)


def _find(look: Look, name: str) -> Listed | None:
    return next((one for one in volumes.listed(look.tx) if one.name == name and one.files), None)


def one(site: Site, look: Look, request: Request) -> Page:
    """One volume."""
    found = _find(look, request.path_params["name"])
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
        flavours=flavours(site, found.name),
        copies=copies_book(site.private, site.clock.now()).get(found.hashes.short, NO_COPIES),
        now=site.clock.now(),
        seen=site.seeder.find(found.hashes),
        seeder_runs=site.seeder.runs,
    )


def flavours(site: Site, name: str) -> tuple[Flavour, ...]:
    """Those whose .torrent is there."""
    return tuple(one for one in Flavour if site.disk.find(torrent_path(name, one)) is not None)


def torrent_path(name: str, flavour: Flavour) -> str:
    """Where the .torrent of a volume lies."""
    return f"torrents/{name}.torrent" if flavour is Flavour.HYBRID else f"torrents/{name}.{flavour}.torrent"


async def torrent(request: Request) -> Response:
    """The .torrent of a volume, in any flavour, with the web seed as this visitor reaches it."""
    site, name = site_of(request), request.path_params["name"]
    said = request.query_params.get("flavour", Flavour.HYBRID.value)
    if said not in set(Flavour):
        raise HTTPException(400)
    flavour = Flavour(said)
    outside = outside_of(site, request)
    content = await site.look(lambda look: _torrent(site, look, name, flavour, outside))
    if content is None:
        raise HTTPException(404)
    return torrent_answer(content, name, flavour)


def _torrent(site: Site, look: Look, name: str, flavour: Flavour, outside: Outside) -> bytes | None:
    found = _find(look, name)
    if found is None:
        return None
    site.seeder.wake(found.hashes)
    try:
        return rewritten(site.disk.read(torrent_path(name, flavour), MAX_TORRENT_BYTES), outside)
    except Damaged:
        # This flavour is not kept here: it is assembled from the hash layers. Or the volume is being issued anew.
        slots = [slot for slot in volumes.slots_of(look.tx, name) if slot.present]
        return assembled(site, name, slots, flavour, outside) if slots else None


def assembled(site: Site, name: str, slots: Sequence[Slot], flavour: Flavour, outside: Outside) -> bytes:
    """A torrent over these files; no audio is read."""
    members = [Member(path=slot.path, digest=slot.digest, bytes=slot.bytes) for slot in slots]
    with PackedHashes(site.disk) as packs:
        shelf = Shelf(site.disk, {slot.digest: slot.release for slot in slots}, packs)
        return assemble(name, members, shelf.hashes, flavour, outside).torrent


def torrent_answer(content: bytes, name: str, flavour: Flavour) -> Response:
    """A .torrent to be kept."""
    ending = "" if flavour is Flavour.HYBRID else f".{flavour}"
    headers = {
        "Content-Disposition": f'attachment; filename="{_ascii(name)}{ending}.torrent"',
        "Cache-Control": ASK_FIRST,
    }
    return Response(content, media_type=TORRENT, headers=headers)


def outside_of(site: Site, request: Request) -> Outside:
    """What stands beside the info dict for whoever asks so."""
    web_seed = address_of(site, request)
    return replace(site.settings.outside, web_seeds=(web_seed,) if web_seed else ())


def _ascii(name: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)


ROUTES = (
    Route("/volumes", seeing(answering(every, today=True, private=True))),
    Route("/volume/{name}.torrent", torrent),
    Route("/volume/{name}", seeing(answering(one, today=True, private=True))),
)
