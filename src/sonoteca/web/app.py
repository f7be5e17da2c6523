"""App: the website put together: routes of every module, errors as pages, headers on every answer.

Takes  an archive's folder and its settings.   Gives  an ASGI application.
"""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from sonoteca.config import Settings
from sonoteca.model.errors import SonotecaError
from sonoteca.web import (
    about_page,
    assets,
    cover_files,
    feeds,
    home_page,
    machine,
    media,
    operator_page,
    plan_page,
    recalls,
    release_page,
    release_zip,
    search_page,
    spectra,
    swarm_stream,
    track_page,
    view_pages,
    volume_pages,
    waveforms,
    web_seed,
)
from sonoteca.web.errors import blamed, broken, http_error
from sonoteca.web.media import Media
from sonoteca.web.security import SecurityHeaders
from sonoteca.web.site import Site, open_site

ROUTES = (
    *media.ROUTES,  # first: routes are tried in order, and these are asked for most
    *web_seed.ROUTES,
    *home_page.ROUTES,
    *search_page.ROUTES,
    *release_page.ROUTES,
    *track_page.ROUTES,
    *volume_pages.ROUTES,
    *swarm_stream.ROUTES,
    *view_pages.ROUTES,
    *plan_page.ROUTES,
    *feeds.ROUTES,
    *recalls.ROUTES,
    *about_page.ROUTES,
    *operator_page.ROUTES,
    *cover_files.ROUTES,
    *release_zip.ROUTES,
    *waveforms.ROUTES,
    *spectra.ROUTES,
    *assets.ROUTES,
    *machine.ROUTES,
)


def create_app(root: str, settings: Settings) -> Starlette:
    """The website of the archive in this folder."""
    return app_of(open_site(root, settings))


def app_of(site: Site) -> Starlette:
    """The website of a site whose doors are open already."""
    app = Starlette(
        routes=list(ROUTES),
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: http_error, SonotecaError: blamed, Exception: broken},
    )
    app.state.site = site
    return app


def close(app: Starlette) -> None:
    """Lets go of the catalogue and of files that nobody is being sent. The next request opens them again."""
    files: Media | None = getattr(app.state, "media", None)
    if files is not None:
        files.files.close_idle()
        files.permits.close()
    swarm_stream.close(app.state)
    app.state.site.memory.close()
    app.state.site.database.close()
    app.state.site.private.close()
