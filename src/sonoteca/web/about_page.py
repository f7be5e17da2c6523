"""About: who runs the archive, what it promises, its keys, how anybody can verify it, how to help."""

from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue import browse
from sonoteca.model.rights import Channel
from sonoteca.web.answers import Page, answering, page, weight_of
from sonoteca.web.memory import Look
from sonoteca.web.paper import render
from sonoteca.web.site import Site

CHECKPOINT = "ledger/checkpoint"
MAX_CHECKPOINT_BYTES = 64 * 1024


def about(site: Site, look: Look, request: Request) -> Page:
    """The page. The checkpoint moves with the ledger, so it is read each time."""
    found = site.disk.find(CHECKPOINT)
    checkpoint = site.disk.read(CHECKPOINT, MAX_CHECKPOINT_BYTES) if found else b""
    return look.once(("about", checkpoint), lambda: page(_text(site, look, checkpoint)), weight_of)


def _text(site: Site, look: Look, checkpoint: bytes) -> str:
    lines = checkpoint.decode("utf-8", "replace").splitlines()
    return render(
        site,
        "about.html",
        path="/about",
        totals=look.once(("totals",), lambda: browse.totals(look.tx)),
        checkpoint=checkpoint.decode("utf-8", "replace"),
        origin=lines[0] if lines else "",
        entries=lines[1] if len(lines) > 1 else "",
        channels=tuple(str(one) for one in site.settings.publish_channels if one is not Channel.ON_SITE),
        noncommercial=site.settings.noncommercial_archive,
    )


ROUTES = (Route("/about", answering(about, again=True)),)
