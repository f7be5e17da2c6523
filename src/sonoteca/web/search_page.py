"""Search: what words find, narrowed by licence, genre, decade, collection and format; every state has an address.

Takes  the query of the address: cut to length, and what means nothing left out.
Gives  releases and tracks with their play buttons, and for each way to narrow them how many would be left.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue import browse
from sonoteca.catalogue.browse import Found
from sonoteca.holdings.groupings import found_once
from sonoteca.model.search import DocumentKind
from sonoteca.torrents.views import MAX_RECORDINGS
from sonoteca.web import words
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.memory import Look
from sonoteca.web.paper import render
from sonoteca.web.public import PublicRelease, Song, find_release
from sonoteca.web.site import Site

MAX_WORDS = 200
MAX_VALUE = 120
MAX_PAGE = 2_000
TRACKS = 25
RELEASES = 24
FEW_RELEASES = 4
MAX_CHOICES = 12
FACETS = ("licence", "genre", "decade", "collection", "format")
NAMES = {"licence": "Licence", "genre": "Genre", "decade": "Decade", "collection": "Collection", "format": "Format"}
SHOWS = ("", "releases", "tracks")
Genres = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for. `show` "" is some releases and the tracks."""

    q: str = ""
    licence: str = ""
    genre: str = ""
    decade: str = ""
    collection: str = ""
    format: str = ""
    show: str = ""
    page: int = 1

    @property
    def url(self) -> str:
        """The one address of this state."""
        said = {name: getattr(self, name) for name in ("q", *FACETS, "show")}
        kept = {name: value for name, value in said.items() if value}
        if self.page > 1:
            kept["page"] = str(self.page)
        return f"/search?{urlencode(kept, errors='replace')}" if kept else "/search"

    @property
    def feed(self) -> str:
        """The feed of volumes of the collection and genre that are chosen, "" when neither is."""
        kept = {name: getattr(self, name) for name in ("collection", "genre") if getattr(self, name)}
        return f"/volumes.rss?{urlencode(kept, errors='replace')}" if kept else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether a facet is chosen."""
        return any(getattr(self, name) for name in FACETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A way to narrow what was found, or, when it is chosen, to take that back."""

    label: str
    count: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """The choices of one kind, the most frequent first."""

    name: str
    choices: tuple[Choice, ...]
    is_chosen: bool


def asked(query: QueryParams) -> Asked:
    """What an address asks for; anything that cannot be is left out."""
    said = {name: query.get(name, "").replace("\0", "")[:MAX_VALUE] for name in FACETS}
    page_asked = query.get("page", "1")
    number = int(page_asked) if page_asked.isascii() and page_asked.isdigit() and len(page_asked) <= 5 else 1
    show = query.get("show", "")
    return Asked(
        q=" ".join(query.get("q", "").replace("\0", " ")[:MAX_WORDS].split()),
        **said,
        show=show if show in SHOWS else "",
        page=min(max(1, number), MAX_PAGE),
    )


def search(site: Site, look: Look, request: Request) -> Page:
    """The page for what is asked."""
    wanted = asked(request.query_params)
    return page(_text(site, look, wanted))


def _text(site: Site, look: Look, wanted: Asked) -> str:
    genres: Genres = look.once(("genres",), lambda: browse.genres(look.tx))
    tracks = found_once(look.once, look.tx, wanted.q, DocumentKind.TRACK)
    narrowed = [one for one in tracks if _passes(one, wanted, genres, "")]
    found = found_once(look.once, look.tx, wanted.q, DocumentKind.RELEASE)
    releases = [one for one in found if _passes(one, wanted, genres, "")]
    shows_releases = wanted.show == "releases" or (wanted.show == "" and not wanted.q)
    size, among, every = (RELEASES, releases, found) if shows_releases else (TRACKS, narrowed, tracks)
    first = (wanted.page - 1) * size
    here = among[first : first + size]
    cards = _releases(look, here if shows_releases else _few(releases, wanted))
    return render(
        site,
        "search.html",
        path="/search",
        asked=wanted,
        facets=tuple(_facet(name, every, wanted, genres) for name in FACETS),
        cards=cards,
        songs=() if shows_releases else _songs(look, here),
        counts={"tracks": len(narrowed), "releases": len(releases)},
        shows_releases=shows_releases,
        pages=_pages(wanted, len(among), size),
        links={show: replace(wanted, show=show, page=1).url for show in SHOWS},
        cleared=Asked(q=wanted.q, show=wanted.show).url,
        take=take(site, wanted),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """How all that was found may be taken: seeded for so many `days` (0: not at all), the `most` tracks of one torrent,
    and where lists of it are."""

    days: int
    most: int
    text: str
    json: str


def take(site: Site, wanted: Asked) -> Take:
    """For what was found."""
    chosen = site.settings
    query = replace(wanted, show="", page=1).url.removeprefix("/search")
    days = chosen.on_demand_days if chosen.on_demand_torrents else 0
    return Take(days=days, most=MAX_RECORDINGS, text=f"/view.txt{query}", json=f"/view.json{query}")


def _few(releases: list[Found], wanted: Asked) -> list[Found]:
    return releases[:FEW_RELEASES] if wanted.show == "" and wanted.page == 1 else []


def _releases(look: Look, found: list[Found]) -> tuple[PublicRelease, ...]:
    made = (find_release(look, one.release) for one in found)
    return tuple(one for one in made if one is not None)


def _songs(look: Look, found: list[Found]) -> tuple[tuple[PublicRelease, Song], ...]:
    kept = []
    for one in found:
        release = find_release(look, one.release)
        song = next((song for song in release.songs if song.id == one.id), None) if release else None
        if release and song:
            kept.append((release, song))
    return tuple(kept)


# ── facets ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _values(one: Found, name: str, genres: Genres) -> frozenset[str]:
    if name == "licence":
        return one.classes
    if name == "genre":
        return genres.get(one.release, frozenset())
    if name == "format":
        return one.codecs
    if name == "decade":
        return frozenset({str(one.decade)} if one.decade else ())
    return frozenset({one.collection} if one.collection else ())


def _passes(one: Found, wanted: Asked, genres: Genres, but: str) -> bool:
    """Whether it has everything that is chosen, but for one kind."""
    for name in FACETS:
        chosen = getattr(wanted, name)
        if chosen and name != but and chosen not in _values(one, name, genres):
            return False
    return True


def _facet(name: str, found: Sequence[Found], wanted: Asked, genres: Genres) -> Facet:
    """Its counts are of what would be found if this kind alone were chosen otherwise."""
    counts = Counter(
        value for one in found if _passes(one, wanted, genres, name) for value in _values(one, name, genres)
    )
    chosen = getattr(wanted, name)
    order = sorted(counts, key=lambda value: (value != chosen, -counts[value], value))[:MAX_CHOICES]
    if name == "decade":
        order.sort()
    if chosen and chosen not in order:
        order.insert(0, chosen)
    choices = tuple(
        Choice(
            label=_label(name, value),
            count=counts[value],
            url=replace(wanted, page=1, **{name: "" if value == chosen else value}).url,
            is_chosen=value == chosen,
        )
        for value in order
    )
    return Facet(name=NAMES[name], choices=choices, is_chosen=bool(chosen))


def _label(name: str, value: str) -> str:
    if name == "licence":
        return words.CLASSES.get(value, value)
    if name == "format":
        return words.codec(value)
    return f"{value}s" if name == "decade" else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where one is among the pages."""

    number: int
    last: int
    before: str
    after: str


def _pages(wanted: Asked, count: int, size: int) -> Pages:
    last = min(max(1, -(-count // size)), MAX_PAGE)
    return Pages(
        number=wanted.page,
        last=last,
        before=replace(wanted, page=min(wanted.page, last + 1) - 1).url if wanted.page > 1 else "",
        after=replace(wanted, page=wanted.page + 1).url if wanted.page < last else "",
    )


ROUTES = (Route("/search", answering(search, asks=lambda request: asked(request.query_params))),)
