"""Search: what words find, narrowed by licence, genre, decade, collection and format; every state has an address.

Takes  the query of the address: cut to length, and what means nothing left out.
Gives  releases and tracks with their play buttons, and for each way to narrow them how many would be left. When words
       find more than a window (catalogue/window.py) the best are shown, and counts are "at least".
Never  keeps more of made-up words than their page: a question costs about the same in every archive, and holds no more
       memory than its answer.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue.browse import Found
from sonoteca.catalogue.window import Narrowing, Seen, Wanted, Window, sample, window
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
    def narrowing(self) -> Narrowing:
        """What is chosen of each facet."""
        return Narrowing(**{name: getattr(self, name) for name in FACETS})

    @property
    def shows_releases(self) -> bool:
        """Whether the page is one of releases; else of tracks."""
        return self.show == "releases" or (self.show == "" and not self.q)

    @property
    def is_narrowed(self) -> bool:
        """Whether a facet is chosen."""
        return any(getattr(self, name) for name in FACETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A way to narrow what was found, or, when it is chosen, to take that back. `is_more`: `count` is the least."""

    label: str
    count: int
    is_more: bool
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
    shows_releases = wanted.shows_releases
    tracks, releases = (found_of(site, look, wanted, kind) for kind in (DocumentKind.TRACK, DocumentKind.RELEASE))
    size, among = (RELEASES, releases) if shows_releases else (TRACKS, tracks)
    first = (wanted.page - 1) * size
    here = [one.found for one in among.shown[first : first + size]]
    return render(
        site,
        "search.html",
        path="/search",
        asked=wanted,
        facets=_facets(site, look, wanted, among),
        cards=_releases(look, here if shows_releases else _few(releases, wanted)),
        songs=() if shows_releases else _songs(look, here),
        counts={"tracks": len(tracks.shown), "releases": len(releases.shown)},
        more={"tracks": _more(site, tracks), "releases": _more(site, releases), "here": not among.is_whole},
        shows_releases=shows_releases,
        pages=_pages(wanted, len(among.shown), size),
        links={show: replace(wanted, show=show, page=1).url for show in SHOWS},
        cleared=Asked(q=wanted.q, show=wanted.show).url,
        take=take(site, wanted),
    )


def found_of(site: Site, look: Look, wanted: Asked, kind: DocumentKind) -> Window:
    """The best of what is asked for."""
    return _window(site, look, _wanted(wanted, kind))


def _wanted(wanted: Asked, kind: DocumentKind) -> Wanted:
    return Wanted(words=wanted.q, kind=kind, narrowing=wanted.narrowing)


def _window(site: Site, look: Look, wanted: Wanted) -> Window:
    # Everything is asked for by everybody, and has two keys; words are as many as visitors make up.
    if not wanted.is_everything:
        return window(look.tx, wanted, site.bounds)
    return look.once(
        ("window", wanted), lambda: window(look.tx, wanted, site.bounds), lambda one: 1_000 + 500 * len(one.shown)
    )


def _more(site: Site, found: Window) -> str:
    if found.is_whole:
        return ""
    return "more than" if len(found.shown) == site.bounds.most else "at least"


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


def _few(releases: Window, wanted: Asked) -> list[Found]:
    few = FEW_RELEASES if wanted.show == "" and wanted.page == 1 else 0
    return [one.found for one in releases.shown[:few]]


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


def _facets(site: Site, look: Look, wanted: Asked, among: Window) -> tuple[Facet, ...]:
    """Their counts are of what would be found if this kind alone were chosen otherwise."""
    kind = DocumentKind.RELEASE if wanted.shows_releases else DocumentKind.TRACK
    same = _counted(site, look, _wanted(wanted, kind), among)
    facets = []
    for name in FACETS:
        if not getattr(wanted, name):
            facets.append(_facet(name, *same, wanted))
            continue
        others = Wanted(words=wanted.q, kind=kind, narrowing=replace(wanted.narrowing, **{name: ""}))
        facets.append(_facet(name, *_counted(site, look, others, _window(site, look, others)), wanted))
    return tuple(facets)


def _counted(site: Site, look: Look, wanted: Wanted, found: Window) -> tuple[Sequence[Seen], bool]:
    """What is counted, and whether there is more: the best, and when they are not all, some from everywhere."""
    if found.is_whole:
        return found.shown, False
    return tuple(dict.fromkeys((*found.shown, *sample(look.tx, wanted, site.bounds)))), True


def _facet(name: str, found: Sequence[Seen], is_more: bool, wanted: Asked) -> Facet:
    counts = Counter(value for one in found for value in one.values(name))
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
            is_more=is_more,
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
