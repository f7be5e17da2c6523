"""Torrent files: a .torrent as the website hands it out, in any flavour, for the address that was asked.

Takes  a site, the places of a torrent.   Gives  the bytes, and the answer that has them.
Never  reads audio, or a torrent that the catalogue does not name: whoever calls has looked there.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sonoteca.model.errors import Damaged, Unreachable
from sonoteca.model.torrent import Flavour, Member, Outside, Slot
from sonoteca.model.view import View
from sonoteca.ports.inbox import Inbox
from sonoteca.preserve.packed import PackedHashes
from sonoteca.preserve.shelf import Shelf
from sonoteca.torrents import requests
from sonoteca.torrents.assemble import assemble, magnet
from sonoteca.torrents.outside import parts_of, spliced
from sonoteca.torrents.requests import Wish
from sonoteca.web.answers import ASK_FIRST
from sonoteca.web.memory import Look
from sonoteca.web.sending import Whole
from sonoteca.web.site import Site, site_of
from sonoteca.web.web_seed import address_of

MAX_TORRENT_BYTES = 10_000_000
TORRENT = "application/x-bittorrent"


def flavour_of(said: str) -> Flavour:
    """The flavour that is asked for; 400 for a word that is none."""
    if said and said not in set(Flavour):
        raise HTTPException(400)
    return Flavour(said or Flavour.HYBRID)


def is_wished(request: Request, flavour: Flavour) -> bool:
    """Whether somebody asks for a torrent that is seeded only when it is asked for. A picture in somebody else's page
    asks for nothing: browsers say where a request came from, and clients that are none say nothing."""
    chosen = site_of(request).settings
    is_meant = request.headers.get("sec-fetch-site") in (None, "same-origin", "none")
    return request.method == "GET" and is_meant and flavour not in chosen.flavours and chosen.on_demand_torrents > 0


def torrent_path(name: str, flavour: Flavour) -> str:
    """Where a .torrent lies, if it is kept."""
    return f"torrents/{name}.torrent" if flavour is Flavour.HYBRID else f"torrents/{name}.{flavour}.torrent"


def is_dark(site: Site, name: str) -> bool:
    """Whether nobody is to be given it: what has to lose a file leaves the seed lists first (pipeline/issuing.py). Of
    volumes and of the operator's views; a visitor's may be seeded by nobody because there is no room."""
    lists = (torrent_path(name, one).removesuffix(".torrent") + ".seed.json" for one in Flavour)
    return all(site.disk.find(path) is None for path in lists)


def outside_of(site: Site, request: Request) -> Outside:
    """What stands beside the info dict for whoever asks so."""
    web_seed = address_of(site, request)
    return replace(site.settings.outside, web_seeds=(web_seed,) if web_seed else ())


def kept_or_made(
    site: Site, look: Look, which: tuple[str, Flavour], find_slots: Callable[[], Sequence[Slot]], outside: Outside
) -> bytes | None:
    """A .torrent of this name and flavour: the one that is kept, or one made now; None when nothing is in it."""
    name, flavour = which
    try:
        return kept_torrent(site, torrent_path(name, flavour), outside)
    except Damaged:
        # This flavour is not kept here, or the torrent is being issued anew. What is in it follows from the catalogue
        # alone: strangers may ask for it as often as they like.
        key = ("torrent", name, flavour)
        made = look.once(key, lambda: _made(site, name, find_slots(), flavour), lambda raw: 500 + len(raw))
        return with_outside(site, made, outside) if made else None


def _made(site: Site, name: str, slots: Sequence[Slot], flavour: Flavour) -> bytes:
    """b"" when nothing is in it."""
    present = [slot for slot in slots if slot.present]
    return assembled(site, name, present, flavour, Outside()) if present else b""


def kept_torrent(site: Site, path: str, outside: Outside) -> bytes:
    """The .torrent that lies there, for this visitor; Damaged "missing"."""
    return with_outside(site, site.disk.read(path, MAX_TORRENT_BYTES), outside)


def with_outside(site: Site, torrent: bytes, outside: Outside) -> bytes:
    """One of our torrents with this outside. What is remembered goes by its bytes: issued anew it is another one."""
    mark = hashlib.sha256(torrent).digest()
    parts = site.torrents.find(mark)
    if parts is None:
        parts = parts_of(torrent)
        site.torrents.put(mark, parts)
    return spliced(torrent, parts, outside)


def wish_for(site: Site, wish: Wish) -> None:
    """Asks the coordinator to seed it."""
    Inbox(site.disk).put(requests.name_of(wish.name, wish.flavour), requests.format_wish(wish))


async def seed_for_a_time(request: Request, name: str, flavour: Flavour) -> None:
    """Asks that what was just handed out be seeded, unless it always is. Whoever has it can do without: the web seed
    gives it whole."""
    site = site_of(request)
    if is_wished(request, flavour):
        with suppress(Unreachable):
            await site.in_thread(lambda: wish_for(site, Wish(name=name, flavour=flavour)))


def view_magnet(site: Site, view: View) -> str:
    """The magnet link of a view, "" while it has no torrent."""
    if not view.hashes.short:
        return ""
    return magnet(view.hashes, view.name, site.settings.outside, site.settings.seed_address)


def assembled(site: Site, name: str, slots: Sequence[Slot], flavour: Flavour, outside: Outside) -> bytes:
    """A torrent over these files, from their hash layers."""
    members = [Member(path=slot.path, digest=slot.digest, bytes=slot.bytes) for slot in slots]
    with PackedHashes(site.disk) as packs:
        shelf = Shelf(site.disk, {slot.digest: slot.release for slot in slots}, packs)
        return assemble(name, members, shelf.hashes, flavour, outside).torrent


async def handed_out(request: Request, find: Callable[[Look, str, Flavour, Outside], bytes | None]) -> Response:
    """The .torrent that an address names, in the flavour that is asked for, with the web seed as this visitor reaches
    it. One that is not seeded always is from now on, for some time. 404 when `find` gives none."""
    site, name = site_of(request), request.path_params["name"]
    flavour, outside = flavour_of(request.query_params.get("flavour", "")), outside_of(site, request)
    content = await site.look(lambda look: find(look, name, flavour, outside))
    if content is None:
        raise HTTPException(404)
    await seed_for_a_time(request, name, flavour)
    return torrent_answer(site, content, name, flavour)


def torrent_answer(site: Site, content: bytes, name: str, flavour: Flavour) -> Response:
    """A .torrent to be kept."""
    ending = "" if flavour is Flavour.HYBRID else f".{flavour}"
    headers = {
        "Content-Disposition": f'attachment; filename="{_ascii(name)}{ending}.torrent"',
        "Cache-Control": ASK_FIRST,
    }
    return Whole(content, site.load, media_type=TORRENT, headers=headers)


def _ascii(name: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
