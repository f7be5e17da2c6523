"""Operator: what is held and why, what was refused, what waits: for whoever sits at the machine itself.

Never  opens to anybody else: only to a connection from this machine that no proxy has passed on. A proxy that runs here
       too connects from here, so any header by which proxies say for whom they ask closes the page; so does a Host that
       is not this machine's, which is how pages of other sites could reach it through a browser here.
"""

import ipaddress
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue import status, volumes
from sonoteca.catalogue.status import HeldTrack
from sonoteca.model.finding import FINDINGS
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.memory import Look
from sonoteca.web.operator_rows import jobs, refusals
from sonoteca.web.paper import render
from sonoteca.web.site import Site

PASSED_ON = ("forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip", "client-ip")
MAX_HELD = 200
MAX_REFUSED = 200
MAX_JOBS = 50
NEVER_KEPT = "no-store"


def is_local(client: str, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a program on this machine, for itself."""
    if not _is_loopback(client) or any(name in headers for name in PASSED_ON):
        return False
    if any(name.startswith("x-forwarded") for name in headers):
        return False
    host = headers.get("host", "")
    name = host[: host.find("]") + 1].strip("[]") if host.startswith("[") else host.partition(":")[0]
    return name.lower() == "localhost" or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def operator(site: Site, look: Look, request: Request) -> Page:
    """The page; 403 for everybody else."""
    if not is_local(request.client.host if request.client else "", request.headers):
        raise HTTPException(403)
    rule = request.query_params.get("rule", "")[:8]
    return page(_text(site, look, rule), cache=NEVER_KEPT)


def _text(site: Site, look: Look, rule: str) -> str:
    counted = status.status(look.tx)
    held = status.held(look.tx, rule, limit=MAX_HELD)
    every = [one for one in volumes.listed(look.tx) if one.files]
    return render(
        site,
        "operator.html",
        path="/operator",
        status=counted,
        held=_by_release(held),
        is_cut=len(held) == MAX_HELD,
        rule=rule,
        refused=refusals(look.tx, MAX_REFUSED),
        refused_codes=[(code, FINDINGS[code][1], count) for code, count in counted.refused.items() if code in FINDINGS],
        jobs=jobs(look.tx, MAX_JOBS),
        waiting=volumes.count_waiting(look.tx),
        damages=site.private.damages(),
        damage_told=FINDINGS["S019"][1],
        volumes=sorted(every, key=lambda one: (one.opened_at, one.name), reverse=True)[:10],
        free_bytes=site.disk.free_bytes(),
    )


def _by_release(held: tuple[HeldTrack, ...]) -> list[tuple[HeldTrack, list[HeldTrack]]]:
    """The tracks of one rule and release together, with the first of them."""
    groups: dict[tuple[str, str], list[HeldTrack]] = {}
    for one in held:
        groups.setdefault((one.rule, one.release), []).append(one)
    return [(some[0], some) for some in groups.values()]


ROUTES = (Route("/operator", answering(operator, again=True)),)
