"""Home: what this archive is, a search box, what is new, a shelf that changes every day, totals, how to help."""

import hashlib
from collections.abc import Iterator

from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue import browse
from sonoteca.catalogue.browse import Totals
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.memory import Look
from sonoteca.web.paper import render
from sonoteca.web.public import find_releases
from sonoteca.web.site import Site

NEWEST = 8
SHELF = 6
UUID_DIGITS = 32


def home(site: Site, look: Look, request: Request) -> Page:
    """The first page."""
    day = site.clock.now()[:10]
    return page(_text(site, look, day))


def _text(site: Site, look: Look, day: str) -> str:
    newest = find_releases(look, browse.newest(look.tx, NEWEST))
    named = {one.release.id for one in newest}
    points = points_of(day, SHELF * 3)
    others = (one for one in find_releases(look, browse.shelf(look.tx, points)) if one.release.id not in named)
    shelf = tuple(others)[:SHELF]
    counted: Totals = look.once(("totals",), lambda: browse.totals(look.tx))
    return render(site, "home.html", newest=newest, shelf=shelf, totals=counted, path="/")


def points_of(day: str, count: int) -> Iterator[str]:
    """Release ids that nobody has, spread by chance: the same all day, others tomorrow."""
    for place in range(count):
        digits = hashlib.sha256(f"sonoteca shelf {day} {place}".encode()).hexdigest()[:UUID_DIGITS]
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        yield "urn:uuid:" + "-".join(parts)


ROUTES = (Route("/", answering(home, today=True)),)
