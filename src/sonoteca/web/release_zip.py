"""The address of a release's ZIP: what is in it, then the answer (media.py says what all such answers have).

Takes  a release, ?tier=original, archive or access for copies of one kind.
Gives  /zip/<release>.zip, with ranges.
Never  goes on once anything of the release was taken back: the download ends, and starts anew without it.
"""

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.formats.zip_store import Member
from sonoteca.web.media import allowed, answer, disposition, lasting, media_of
from sonoteca.web.memory import Look
from sonoteca.web.permits import Key
from sonoteca.web.public import find_id, find_release
from sonoteca.web.ranges import Representation
from sonoteca.web.site import Site, site_of
from sonoteca.web.zip_contents import ABOUT, about, chosen, named
from sonoteca.web.zips import Entry, ZipBody, zip_etag

CACHE = "private, no-cache"


async def zipped(request: Request) -> Response:
    """A release as one file."""
    release, tier = find_id(request.path_params["release"]), request.query_params.get("tier", "")
    if not release:
        raise HTTPException(404)
    media, site, key = media_of(request), site_of(request), Key("release", release)
    await allowed(media, key)
    name, entries = await site.look(lambda look: contents(site, look, release, tier))
    if not entries:
        raise HTTPException(404)
    body = ZipBody(entries, media.files, media.crcs)
    headers = (("Content-Disposition", disposition("attachment", f"{name}.zip")),)
    what = Representation(
        size=body.size,
        etag=zip_etag(entries),
        media_type="application/zip",
        headers=lasting(headers, cache=CACHE),
    )
    return answer(request, key, what, body)


def contents(site: Site, look: Look, release: str, tier: str) -> tuple[str, tuple[Entry, ...]]:
    """The ZIP's name without its ending, and what is in it; () when there is nothing."""
    found = find_release(look, release)
    files = chosen(found, tier) if found is not None else ()
    if found is None or not files:
        return "", ()
    folder, by_path = named(found, files)
    date = _date(found.kept.changed_at)
    text = about(found, site.settings.name, by_path)
    texts = (Entry(member=Member(name=f"{folder}/{ABOUT}", size=len(text), date=date), content=text),)
    entries = (
        Entry(member=Member(name=f"{folder}/{path}", size=file.bytes, date=date), content=file)
        for path, file in by_path.items()
    )
    return folder, (*texts, *entries)


def _date(text: str) -> tuple[int, int, int, int, int, int]:
    when = datetime.fromisoformat(text)
    return when.year, when.month, when.day, when.hour, when.minute, when.second


ROUTES = (Route("/zip/{release}.zip", zipped),)
