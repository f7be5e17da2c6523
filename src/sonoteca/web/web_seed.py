"""Web seed (BEP 19): the files of every torrent of this archive over HTTP, under the names that they have there.

    /seed/<torrent>/<path>      a file of the torrent, with ranges; zeros for its pads (".pad/…")

Takes  addresses that follow from a torrent: one base address for all of them, the torrent's name, the path in it.
Gives  the bytes; `address_of`, the base address, for whoever hands out a .torrent.
Never  gives a file that may not leave by the swarm at that moment, or is in no torrent now: 410 when it was there.

A torrent that was replaced goes on working here but for what was taken out of it, since a file keeps its path; 404 and
410 are kept for those: Transmission gives a web seed up for good after one of them. So pads are zeros whichever torrent
is meant, also one that is gone: that the pad of a file is asked for tells nobody whether the file is here.
"""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.model.files import PIECE_BYTES
from sonoteca.web.bodies import BLOCK_BYTES, FileBody, Stretch
from sonoteca.web.media import BYTES, allowed, answer, asked, lasting, media_of
from sonoteca.web.permits import Key
from sonoteca.web.ranges import Representation, plan
from sonoteca.web.sending import Sending
from sonoteca.web.site import Site

PLACE = "/seed/"
# The bytes of a path may be others after a new revision: whoever keeps them asks whether they are still so.
CACHE = "private, no-cache"
_PAD = re.compile(r"\.pad/[0-9a-f]{32}\.([1-9][0-9]{0,6})")
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?")
MAX_PLACE = 4_000


def address_of(site: Site, request: Request | None = None) -> str:
    """The base address: by the settings, else as it was asked for; "" when nobody can know it."""
    if site.settings.web_seed:
        return site.settings.web_seed
    if request is None or not _HOST.fullmatch(request.headers.get("host", "")):
        return ""
    return f"{request.url.scheme}://{request.headers['host']}{PLACE}"


async def seeded(request: Request) -> Response:
    """A file of a torrent."""
    name, path = request.path_params["name"], request.path_params["path"]
    pad = _PAD.fullmatch(path)
    if pad is not None and int(pad[1]) < PIECE_BYTES:
        return _zeros(request, int(pad[1]))
    if len(name) + len(path) > MAX_PLACE:
        raise HTTPException(404)
    media, key = media_of(request), Key("seed", f"{name}/{path}")
    one = (await allowed(media, key)).files[0]
    what = Representation(size=one.bytes, etag=f'"{one.digest}"', media_type=BYTES, headers=lasting(cache=CACHE))
    return answer(request, key, what, FileBody(one, media.files))


def _zeros(request: Request, size: int) -> Response:
    what = Representation(size=size, etag=f'"pad.{size}"', media_type=BYTES, headers=lasting(cache=CACHE))
    planned = plan(asked(request), what)
    return Sending(planned, ZeroBody(size)) if planned.parts else Sending(planned)


class ZeroBody:
    """What fills the last piece of a file."""

    def __init__(self, size: int) -> None:
        self._size = size

    @property
    def size(self) -> int:
        """See Body."""
        return self._size

    async def open(self) -> None:
        """See Body."""

    async def read(self, start: int, end: int) -> bytes:
        """See Body."""
        return bytes(min(end - start, BLOCK_BYTES))

    def stretch(self, start: int, end: int) -> Stretch | None:
        """See Body."""
        return None

    def close(self) -> None:
        """See Body."""


ROUTES = (Route("/seed/{name}/{path:path}", seeded),)
