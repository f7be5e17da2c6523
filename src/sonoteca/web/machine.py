"""Machine: the small addresses that programs ask for: health, robots, the description of the search, the icon."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sonoteca.model.errors import SonotecaError
from sonoteca.web.assets import Assets
from sonoteca.web.memory import Look
from sonoteca.web.operator_page import is_local
from sonoteca.web.site import site_of
from sonoteca.web.text import xml

PROMETHEUS = "text/plain; version=0.0.4"
OPENSEARCH = "application/opensearchdescription+xml"
# What only leads to copies of what is listed already, and what costs much and says nothing to a crawler.
DISALLOWED = ("/operator", "/search?", "/zip/", "/stream/", "/seed/", "/view.", "/*?flavour=")
ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {one}\n" for one in DISALLOWED)


async def healthz(request: Request) -> Response:
    """The process lives."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


async def readyz(request: Request) -> Response:
    """It can answer: the catalogue opens and is of this version."""
    site = site_of(request)

    def work(look: Look) -> int:
        return int(look.tx.exec_driver_sql("SELECT count(*) FROM (SELECT 1 FROM releases LIMIT 1)").scalar_one())

    try:
        await site.look(work)
    except SonotecaError as error:
        return JSONResponse({"ready": False, "why": error.code}, status_code=503, headers={"Cache-Control": "no-store"})
    return JSONResponse({"ready": True}, headers={"Cache-Control": "no-store"})


async def metrics(request: Request) -> Response:
    """The seeder's numbers, for a Prometheus on this machine; 403 for everybody else, as the operator's page."""
    if not is_local(request.client.host if request.client else "", request.headers):
        raise HTTPException(403)
    site = site_of(request)
    text = await site.in_thread(site.seeder.metrics)
    return PlainTextResponse(text, headers={"Cache-Control": "no-store"}, media_type=PROMETHEUS)


async def robots(request: Request) -> Response:
    """For crawlers."""
    return PlainTextResponse(ROBOTS)


async def opensearch(request: Request) -> Response:
    """So that browsers offer to search here."""
    base = xml(str(request.base_url).rstrip("/"), 200)
    name = xml(site_of(request).settings.name, 16)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{name}</ShortName><Description>{name}</Description><InputEncoding>UTF-8</InputEncoding>"
        f'<Url type="text/html" template="{base}/search?q={{searchTerms}}"/>'
        "</OpenSearchDescription>\n"
    )
    return Response(text, media_type=OPENSEARCH)


async def favicon(request: Request) -> Response:
    """For browsers that ask without being told."""
    assets: Assets = site_of(request).assets
    icon = assets.files["icon.svg"]
    return Response(icon.content, media_type=icon.media_type, headers={"Cache-Control": "public, max-age=86400"})


ROUTES = (
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
    Route("/robots.txt", robots),
    Route("/opensearch.xml", opensearch),
    Route("/favicon.ico", favicon),
)
