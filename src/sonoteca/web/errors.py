"""Errors: pages for what is not there, not any more, not allowed, or not possible now.

Never  repeats what was asked for, or tells strangers where on the disk something is wrong.
"""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sonoteca.model.errors import Conflict, SonotecaError
from sonoteca.web.answers import page, respond
from sonoteca.web.paper import render
from sonoteca.web.security import HEADERS
from sonoteca.web.site import site_of

TOLD = {
    400: ("This address cannot be read", "Something in it is not what it should be."),
    403: ("Not for this place", "This page opens only on the machine that the archive runs on."),
    404: (
        "Nothing is here",
        "No recording, release or page has this address. It may have been mistyped, or what it names is kept and not "
        "public.",
    ),
    405: ("This page can only be read", "The address is right, the way it was asked is not."),
    410: ("This was withdrawn", "What stood here was public and is not any more."),
    416: ("There is no such part", "The file is shorter than what was asked for."),
    422: (
        "This is damaged",
        "What is kept here is not what it should be. The archive’s operator can read more in the log.",
    ),
    503: ("Not just now", "The archive is busy or out of reach. Trying again in a minute may help."),
}
ELSE = ("Something went wrong", "The mistake is the archive’s, not yours, and stands in its log.")


async def http_error(request: Request, error: Exception) -> Response:
    """An HTTPException as a page."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _told(request, status, headers)


async def blamed(request: Request, error: Exception) -> Response:
    """One of the archive's own errors: its text may name folders, so only its kind is told."""
    # A catalogue that is locked, or being carried over to another form, is nothing that a reader did.
    if isinstance(error, Conflict):
        return _told(request, 503, {"Retry-After": "30"})
    return _told(request, error.http_status if isinstance(error, SonotecaError) else 500, {})


async def broken(request: Request, error: Exception) -> Response:
    """A mistake of ours. It is made outside of the other layers, so the guarding headers are added here."""
    return _told(request, 500, dict(HEADERS))


def _told(request: Request, status: int, headers: dict[str, str]) -> Response:
    title, text = TOLD.get(status, ELSE)
    template = "withdrawn.html" if status == HTTPStatus.GONE else "error.html"
    html = render(site_of(request), template, status=status, title=title, text=text, path="")
    response = respond(request, page(html, status))
    response.headers.update(headers)
    return response
