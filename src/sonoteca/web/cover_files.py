"""Cover files: the picture of a release: its artwork where that may be shown, else one that is drawn for it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.web.answers import Page, answering, page
from sonoteca.web.covers import draw
from sonoteca.web.memory import Look
from sonoteca.web.public import PublicRelease, find_id, find_release, ident_of
from sonoteca.web.sending import Whole
from sonoteca.web.site import Site, site_of
from sonoteca.web.stored import find_picture

SVG = "image/svg+xml"
# A picture is asked for again after a while, so that what was withdrawn does not stay in caches for long.
SHORT = "public, max-age=600"
# What a picture is follows from its first bytes, not from its name.
MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


def drawn(site: Site, look: Look, request: Request) -> Page:
    """The picture that is drawn for a release."""
    found = _found(look, request)
    return page(draw(found.release.id, found.title, found.artist), media_type=SVG, cache=SHORT)


def _found(look: Look, request: Request) -> PublicRelease:
    found_id = find_id(request.path_params["ident"])
    found = find_release(look, found_id) if found_id else None
    if found is None:
        raise HTTPException(404)
    return found


async def artwork(request: Request) -> Response:
    """The picture that came with a release."""
    site = site_of(request)

    def load(look: Look) -> bytes:
        found = _found(look, request)
        is_its_own = request.url.path == found.cover
        return find_picture(site, look, found) if is_its_own else b""

    content = await site.look(load)
    media_type = type_of(content)
    if not media_type:
        raise HTTPException(404)
    return Whole(content, site.load, media_type=media_type, headers={"Cache-Control": SHORT})


def type_of(content: bytes) -> str:
    """The media type of a picture of a kind that is shown, "" for everything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((name for start, name in MAGIC if content.startswith(start)), "")


ROUTES = (Route("/cover/{ident}.svg", answering(drawn, asks=ident_of)), Route("/cover/{ident}.{ending}", artwork))
