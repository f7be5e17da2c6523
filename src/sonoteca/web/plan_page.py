"""Plan: "I have 4 TB": the volumes that need a copy most, drawn for one volunteer, in every form that clients take.

    /plan?space=4TB             the draw: sent on to an address with a seed of its own
    /plan?space=4TB&seed=…      the page; the same address gives the same draw, as long as needs are the same
    /plan.txt .json .zip .rss   the same as magnet links, for programs, as .torrent files, as a feed
    ?volumes=mark,mark,…        in the place of space and seed: what was drawn, whatever needs become. The page's feed
                                has this form: a client that follows it never gets more than its space because the
                                archive's needs changed

Never  puts a volume into a plan that nobody is to be given (offered.py); what was taken back is in no later answer.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sonoteca.formats import bytesize
from sonoteca.torrents.planner import Plan, chances, kept, mark, plan
from sonoteca.web.answers import Page, page, respond
from sonoteca.web.feeds import NEEDIEST, feed, json_page, told
from sonoteca.web.memory import Look
from sonoteca.web.offered import Offered, base_of, offered_lately
from sonoteca.web.paper import render
from sonoteca.web.rss import Channel
from sonoteca.web.site import Site, site_of
from sonoteca.web.torrent_files import outside_of
from sonoteca.web.torrent_zip import zipped

SCHEMA = "sonoteca/plan/1"
MAX_SEED = 64
MAX_MARKS = 1_000
MAX_SHOWN = 100
MARK_DIGITS = frozenset("0123456789abcdef")
SPACES = ("100 GB", "500 GB", "1 TB", "4 TB", "10 TB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for: `space` as it was written and in bytes, and a seed; or marks of volumes."""

    space: str = ""
    space_bytes: int = 0
    seed: str = ""
    marks: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The one query of this plan."""
        if self.marks:
            return f"volumes={','.join(self.marks)}"
        return urlencode({"space": self.space, "seed": self.seed}, errors="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A plan with the links of its volumes."""

    asked: Asked
    plan: Plan
    volumes: tuple[Offered, ...]


def asked(query: QueryParams) -> Asked:
    """What is asked for; ValueError in words for people when it cannot be read. `space` and, of the form, `unit`."""
    if "volumes" in query:
        marks = tuple(dict.fromkeys(query["volumes"].split(",")))
        if len(marks) > MAX_MARKS or not all(len(one) == 8 and set(one) <= MARK_DIGITS for one in marks):
            raise ValueError(f"up to {MAX_MARKS} marks of eight letters are expected")
        return Asked(marks=marks)
    text = query.get("space", "").strip().replace(",", ".") + query.get("unit", "")
    size = bytesize.parse(text[:40])
    seed = query.get("seed", "")
    if len(seed) > MAX_SEED or not seed.isprintable():
        raise ValueError(f"a seed has at most {MAX_SEED} letters")
    return Asked(space=text.replace(" ", ""), space_bytes=size, seed=seed)


def drawn(site: Site, look: Look, wanted: Asked) -> Drawn:
    """The draw."""
    every = offered_lately(site, look)
    needs = [one.need for one in every]
    if wanted.marks:
        made = kept(needs, frozenset(wanted.marks))
    else:
        made = plan(needs, wanted.space_bytes, chances(wanted.seed), site.clock.now())
    by_name = {one.name: one for one in every}
    return Drawn(asked=wanted, plan=made, volumes=tuple(by_name[one.volume] for one in made.chosen))


# ── what asks and what answers ───────────────────────────────────────────────────────────────────────────────────────


async def plan_page(request: Request) -> Response:
    """The page; what cannot be read is asked for again."""
    site = site_of(request)
    try:
        wanted = asked(request.query_params)
    except ValueError as error:
        text = _ask_again(site, request.query_params, str(error))
        return respond(request, page(text, status=400 if request.query_params else 200))
    if not wanted.marks and (not wanted.seed or "unit" in request.query_params):
        return _with_seed(request, wanted)
    return respond(request, await site.look(lambda look: page(_text(site, drawn(site, look, wanted)))))


async def plan_file(request: Request) -> Response:
    """The plan in another form."""
    site = site_of(request)
    try:
        wanted = asked(request.query_params)
    except ValueError as error:
        raise HTTPException(400) from error
    if not wanted.marks and not wanted.seed:
        return _with_seed(request, wanted)
    base = base_of(site, request)
    form = request.path_params["form"]
    if form == "zip":
        volumes = await site.look(lambda look: drawn(site, look, wanted).volumes)
        return zipped(site, volumes, outside_of(site, request))
    make = FORMS.get(form)
    if make is None:
        raise HTTPException(404)
    return respond(request, await site.look(lambda look: make(site, drawn(site, look, wanted), base)))


def _with_seed(request: Request, wanted: Asked) -> Response:
    """Everybody who asks gets a draw of their own, under an address that stays."""
    seed = wanted.seed or secrets.token_hex(4)
    query = urlencode({"space": wanted.space, "seed": seed})
    return RedirectResponse(f"{request.url.path}?{query}", status_code=303, headers={"Cache-Control": "no-store"})


def _ask_again(site: Site, query: QueryParams, why: str) -> str:
    given = query.get("space", "")[:40] + query.get("unit", "")[:4]
    return render(
        site, "plan.html", path="/plan", drawn=None, given=given, why=why if query else "", spaces=SPACES, more=0
    )


def _text(site: Site, found: Drawn) -> str:
    marks = [mark(one.name) for one in found.volumes]
    return render(
        site,
        "plan.html",
        path="/plan",
        drawn=found,
        given="",
        why="",
        spaces=SPACES,
        shown=found.volumes[:MAX_SHOWN],
        more=max(0, len(found.volumes) - MAX_SHOWN),
        feed=f"/plan.rss?volumes={','.join(marks)}" if 0 < len(marks) <= MAX_MARKS else "",
        many=len(found.volumes) > NEEDIEST,
        now=site.clock.now(),
    )


def _magnets(site: Site, found: Drawn, base: str) -> Page:
    return page("".join(f"{one.magnet}\n" for one in found.volumes), media_type="text/plain; charset=utf-8")


def _json(site: Site, found: Drawn, base: str) -> Page:
    said = {
        "schema": SCHEMA,
        "archive": site.settings.name,
        "space_bytes": found.asked.space_bytes,
        "seed": found.asked.seed,
        "bytes": found.plan.bytes,
        "offered": found.plan.offered,
        "torrents": [told(one, base) for one in found.volumes],
    }
    return json_page(said)


def _rss(site: Site, found: Drawn, base: str) -> Page:
    what = found.asked.space or _plural(found.volumes)
    channel = Channel(
        title=f"{site.settings.name}: a plan for {what}",
        about="The volumes that were drawn for you, as they are now.",
        link=f"{base}/plan?{found.asked.query}",
        itself=f"{base}/plan.rss?{found.asked.query}",
    )
    return feed(site, channel, found.volumes, base)


def _plural(volumes: Sequence[Offered]) -> str:
    return f"{len(volumes)} volume{'s' if len(volumes) != 1 else ''}"


FORMS = {"txt": _magnets, "json": _json, "rss": _rss}
ROUTES = (Route("/plan", plan_page), Route("/plan.{form}", plan_file))
