"""Views: what somebody puts together for himself as a torrent, at one click; and the groupings that the archive offers.

    POST /view.torrent     a torrent of everything that a search found (its form: q, facets, tier, flavour)
    /view.txt /view.json   the same as a list of files in volumes, for what is too much for one torrent; by pages
    /view/<name>           a grouping of the archive's; .torrent of it, or of what a visitor asked for before

Takes  the query of the search page.
Gives  the .torrent at once, with the web seed; the coordinator is asked, by the inbox, to seed it for some time.
Never  puts in what may not be in a swarm; does anything for a form on other people's pages; keeps who asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sonoteca.catalogue import views as rows
from sonoteca.formats import json
from sonoteca.holdings import groupings
from sonoteca.holdings.offers import Offers, offer_of
from sonoteca.holdings.told import list_text, told_list
from sonoteca.model.errors import Refused
from sonoteca.model.search import DocumentKind
from sonoteca.model.torrent import Flavour, Outside, Slot
from sonoteca.model.view import View, Where
from sonoteca.torrents import views
from sonoteca.torrents.requests import Wish
from sonoteca.torrents.volumes import Offer
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.memory import Look
from sonoteca.web.paper import render
from sonoteca.web.public import find_release
from sonoteca.web.search_page import FACETS, Asked, asked, found_of
from sonoteca.web.site import Site, site_of
from sonoteca.web.torrent_files import (
    assembled,
    flavour_of,
    handed_out,
    is_dark,
    kept_or_made,
    outside_of,
    torrent_answer,
    view_magnet,
    wish_for,
)

MAX_FORM_BYTES = 16 * 1024
TOO_MUCH = frozenset({"view-too-large", "torrent-limit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A visitor's torrent, and what the coordinator is asked for; `too_much` when there is none."""

    wish: Wish
    torrent: bytes
    too_much: bool = False


NOTHING = Selection(wish=Wish(name=""), torrent=b"", too_much=True)


async def select(request: Request) -> Response:
    """The torrent of what a search found."""
    site = site_of(request)
    if not _is_our_form(site, request):
        raise HTTPException(403)
    if not site.settings.on_demand_torrents:
        raise HTTPException(404)
    form = await _form(request)
    wanted, tier, flavour = asked(form), _tier(form), flavour_of(form.get("flavour", ""))
    outside = outside_of(site, request)
    async with site.turn:
        found = await site.look(lambda look: _selected(site, look, wanted, (tier, flavour, outside)))
    if found.too_much:
        return RedirectResponse(f"/view.txt?{_query(wanted, tier)}", status_code=303)
    await site.in_thread(lambda: wish_for(site, found.wish))
    return torrent_answer(site, found.torrent, found.wish.name, flavour)


def _is_our_form(site: Site, request: Request) -> bool:
    """Whether the form stood on a page of ours, as far as the browser says; older ones name the page's origin alone."""
    if (said := request.headers.get("sec-fetch-site")) is not None:
        return said in ("same-origin", "none")
    origin = request.headers.get("origin")
    hosts = {request.headers.get("host", ""), site.settings.web_address.rstrip("/").partition("://")[2]} - {""}
    return origin is None or origin.partition("://")[2] in hosts


async def _form(request: Request) -> QueryParams:
    """An urlencoded form, at most so large."""
    raw = b""
    async for block in request.stream():
        raw += block
        if len(raw) > MAX_FORM_BYTES:
            raise HTTPException(413)
    try:
        return QueryParams(parse_qsl(raw.decode("ascii"), max_num_fields=50, errors="replace"))
    except ValueError as error:
        raise HTTPException(400) from error


def _tier(form: Mapping[str, str]) -> str:
    tier = form.get("tier", "access")
    if tier not in views.TIERS:
        raise HTTPException(400)
    return tier


def _query(wanted: Asked, tier: str) -> str:
    said = {name: getattr(wanted, name) for name in ("q", *FACETS)}
    return urlencode({**{name: value for name, value in said.items() if value}, "tier": tier}, errors="replace")


def where_of(wanted: Asked) -> Where:
    """What a search page shows, as what is asked for."""
    chosen = {name: (getattr(wanted, name),) for name in FACETS if getattr(wanted, name)}
    return Where(words=wanted.q, **chosen)


def _selected(site: Site, look: Look, wanted: Asked, how: tuple[str, Flavour, Outside]) -> Selection:
    tier, flavour, outside = how
    where = where_of(wanted)
    # What is too much is seen before all of it is looked for.
    if not found_of(site, look, wanted, DocumentKind.TRACK).is_whole:
        return NOTHING

    def find_offer(release: str) -> Offer:
        return look.once(
            ("offer", release), lambda: offer_of(look.tx, release), lambda one: 1_000 + 800 * len(one.items)
        )

    try:
        slots = groupings.grouped(look.tx, where, tier, (), find_offer)
        name = views.selection_name(site.settings.word, slots)
        content = assembled(site, name, slots, flavour, outside)
    except Refused as refused:
        if refused.code in TOO_MUCH:
            return NOTHING
        raise HTTPException(404) from refused
    said = json.format(list(views.words_of(where))).decode()
    view = View(name=name, title=views.title_of(where), asked=said, tier=tier, revision=1, made_at="", slots=slots)
    return Selection(wish=Wish(name=name, flavour=flavour, view=view), torrent=content)


def _weight(offer: Offer) -> int:
    return 1_000 + 800 * len(offer.items)


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """What the address of a list asks for."""

    wanted: Asked
    tier: str

    def url(self, page: int) -> str:
        """The address of a page of it, without its beginning."""
        return f"?{_query(self.wanted, self.tier)}&page={page}"


def list_of(request: Request) -> List:
    """That of a request."""
    wanted = asked(request.query_params)
    return List(wanted=replace(wanted, show=""), tier=_tier(request.query_params))


def as_text(site: Site, look: Look, request: Request) -> Page:
    """A page of a list of files in volumes."""
    found, after = _listed(site, look, list_of(request))
    return page(list_text(found, after and f"/view.txt{after}"), media_type="text/plain; charset=utf-8")


def as_json(site: Site, look: Look, request: Request) -> Page:
    """The same for programs."""
    found, after = _listed(site, look, list_of(request))
    said = told_list(found, after and f"/view.json{after}")
    return page(json.format(said).decode(), media_type="application/json")


def _listed(site: Site, look: Look, said: List) -> tuple[groupings.FileList, str]:
    """A page of it, and the query of the next."""
    asking = groupings.Asking(where=where_of(said.wanted), tier=said.tier, page=said.wanted.page)
    links = (site.settings.outside, site.settings.seed_address)
    found = groupings.file_list(look.tx, asking, links, look.once)
    parts = tuple(one for one in found.parts if not is_dark(site, one.volume.name))
    return replace(found, parts=parts), said.url(found.page + 1) if found.page < found.pages else ""


# ── the archive's own ────────────────────────────────────────────────────────────────────────────────────────────────


def one(site: Site, look: Look, request: Request) -> Page:
    """A grouping that the archive offers."""
    found = rows.find_view(look.tx, request.path_params["name"])
    if found is None or found.until or not found.members or not _is_given(site, look, found):
        raise HTTPException(404)
    return page(_text(site, look, found))


def _is_given(site: Site, look: Look, view: View) -> bool:
    """Whether anybody is to be given it: not while it has to lose a file, which its torrent names."""
    if not view.until and is_dark(site, view.name):
        return False
    offers, waiting = Offers(look.tx), rows.waiting(look.tx)
    return all(offers.may(slot) for slot in view.slots if slot.present and slot.release in waiting)


def _text(site: Site, look: Look, view: View) -> str:
    shares: dict[str, list[Slot]] = {}
    for slot in view.slots:
        if slot.present:
            shares.setdefault(slot.release, []).append(slot)
    releases = ((find_release(look, release), slots) for release, slots in shares.items())
    return render(
        site,
        "view.html",
        path=f"/view/{view.name}",
        view=view,
        size=sum(member.bytes for member in view.members),
        asked=asked_line(view),
        magnet=view_magnet(site, view),
        shares=[(release, len(some), sum(slot.bytes for slot in some)) for release, some in releases if release],
    )


def asked_line(view: View) -> str:
    """What it was made of, in words."""
    said = json.parse(view.asked.encode())
    return ", ".join(map(str, said)) if isinstance(said, list) and said else "everything"


async def torrent(request: Request) -> Response:
    """The .torrent of a view."""
    site = site_of(request)
    return await handed_out(request, lambda look, *which: _torrent(site, look, *which))


def _torrent(site: Site, look: Look, name: str, flavour: Flavour, outside: Outside) -> bytes | None:
    view = rows.find_view(look.tx, name)
    if view is None or not _is_given(site, look, view):
        return None
    return kept_or_made(site, look, (name, flavour), lambda: view.slots, outside)


ROUTES = (
    Route("/view.torrent", select, methods=["POST"]),
    Route("/view.txt", answering(as_text, asks=list_of, slow=True)),
    Route("/view.json", answering(as_json, asks=list_of, slow=True)),
    Route("/view/{name}.torrent", torrent),
    Route("/view/{name}", answering(one)),
)
