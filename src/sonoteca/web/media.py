"""Media: the addresses under which sound leaves the archive: files, what players play, waveforms, a release as ZIP.

    /file/<sha256>/<name>                 a public file, to be heard or read in place; ?download=1 to be kept
    /stream/<track>.opus .webm .mp4       the copy for listening, as it is or in another container (remux.py)
    /stream/low/<track>.opus …            the small copy; the usual one where there is none

What is made of several: waveforms.py (/waveform), release_zip.py (/zip).

Takes  addresses and headers from anybody.   Gives  answers with ranges (ranges.py, sending.py).
Never  gives a byte that `holdings.public_files` does not let out by the channel asked for, at that moment; never lets a
       name from outside reach the disk.

Caching: the bytes of an address never change, whether they may leave does. So only the listener's own browser keeps
them, for an hour and without asking (`private, immutable`); what stands between us would go on handing out what was
withdrawn, and nobody could call it back.
"""

import re
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.formats.naming import portable
from sonoteca.holdings import PublicFile
from sonoteca.model.ids import DIGEST_FORM, TRACK_FORM
from sonoteca.web.bodies import Body, FileBody
from sonoteca.web.open_files import OpenFiles
from sonoteca.web.permits import Answer, Key, Permits
from sonoteca.web.ranges import Asked, Representation, plan
from sonoteca.web.remux import CONTAINERS, RemuxBody, Remuxer
from sonoteca.web.sending import Sending
from sonoteca.web.site import Site
from sonoteca.web.zips import Crcs

LOW = "/stream/low/"
CACHE = "private, max-age=3600, immutable"
# What a browser may take a file for. A name is the source's word: all else is bytes to be kept, never to be opened.
TYPES = {
    "opus": "audio/ogg; codecs=opus",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "aif": "audio/aiff",
    "aiff": "audio/aiff",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "wv": "audio/x-wavpack",
    "ape": "audio/x-ape",
    "txt": "text/plain; charset=utf-8",
}
BYTES = "application/octet-stream"
# RFC 8187 §3.2.1: attr-char
_ATTR_CHARS = "!#$&+-.^_`|~"
_UNQUOTABLE = re.compile(r'[^\x20-\x7e]|["\\%]')


class Media(NamedTuple):
    """What the answers of one site have in common."""

    permits: Permits
    files: OpenFiles
    remuxer: Remuxer
    crcs: Crcs

    def close(self) -> None:
        """Lets go of what nobody is being sent: when the website ends."""
        self.files.close_idle()
        self.permits.close()


def media_of(request: Request) -> Media:
    """That of the site that a request is for, made with its first request."""
    state = request.app.state
    found: Media | None = getattr(state, "media", None)
    if found is None:
        site: Site = state.site
        files = OpenFiles(site.disk)
        found = state.media = Media(Permits(site, files.close_idle), files, Remuxer(files), Crcs())
    return found


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def file(request: Request) -> Response:
    """A public file by its digest. The name in the address is for people."""
    digest = named(DIGEST_FORM, request.path_params["digest"])
    keep = request.query_params.get("download") == "1"
    media, key = media_of(request), Key("download" if keep else "file", digest)
    one = (await allowed(media, key)).files[0]
    name = portable(one.name.rpartition("/")[2])
    media_type = TYPES.get(name.rpartition(".")[2].lower(), BYTES)
    kind = "attachment" if keep or media_type is BYTES else "inline"
    headers = (
        ("Content-Disposition", disposition(kind, name)),
        # Other people's pages may play what may be shared; nothing in it runs, wherever it is opened.
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("Access-Control-Allow-Origin", "*"),
        ("Content-Security-Policy", "default-src 'none'; media-src 'self'; sandbox"),
    )
    what = Representation(size=one.bytes, etag=f'"{one.digest}"', media_type=media_type, headers=lasting(headers))
    return answer(request, key, what, FileBody(one, media.files))


async def stream(request: Request) -> Response:
    """A copy for listening of a track."""
    media, key = media_of(request), _listened(request)
    one = (await allowed(media, key)).files[0]
    what = Representation(
        size=one.bytes, etag=f'"{one.digest}"', media_type=TYPES["opus"], headers=lasting((inline(one, ".opus"),))
    )
    return answer(request, key, what, FileBody(one, media.files))


async def remuxed(request: Request) -> Response:
    """A copy for listening in another container."""
    ending = request.path_params["ending"]
    if ending not in CONTAINERS:
        raise HTTPException(404)
    media, key = media_of(request), _listened(request)
    one, container = (await allowed(media, key)).files[0], CONTAINERS[ending]
    layout = await media.remuxer.layout(one, ending)
    what = Representation(
        size=layout.size,
        etag=f'"{one.digest}.{ending}.{container.version}"',
        media_type=container.media_type,
        headers=lasting((inline(one, f".{ending}"),)),
    )
    return answer(request, key, what, RemuxBody(one, layout, media.files))


def _listened(request: Request) -> Key:
    track = named(TRACK_FORM, request.path_params["track"])
    return Key("low", track) if request.url.path.startswith(LOW) else Key("stream", track)


# ── what all of them do ──────────────────────────────────────────────────────────────────────────────────────────────


def named(form: re.Pattern[str], text: str) -> str:
    """The text, when it has the form of what it should name; 404 otherwise."""
    if form.fullmatch(text) is None:
        raise HTTPException(404)
    return text


async def allowed(media: Media, key: Key) -> Answer:
    """What may leave; HTTPException 404 or 410 when nothing may."""
    found = await media.permits.ask(key)
    if not found.files:
        raise HTTPException(found.status, headers={"Cache-Control": "no-store"})
    return found


def answer(request: Request, key: Key, what: Representation, body: Body) -> Response:
    """The answer to this request, which ends when what is sent may not leave any more."""
    planned = plan(asked(request), what)
    media = media_of(request)
    return Sending(planned, body, guard_of(media.permits, key)) if planned.parts else Sending(planned)


def guard_of(permits: Permits, key: Key) -> Callable[[], Awaitable[bool]]:
    """Says whether everything that a key stood for when it was first asked still may leave."""
    version: int | None = None
    meant: frozenset[str] | None = None

    async def guard() -> bool:
        nonlocal version, meant
        now = permits.version()
        if now == version:
            return True
        found = frozenset(one.digest for one in (await permits.ask(key)).files)
        meant, version = found if meant is None else meant, now
        return bool(found) and meant <= found

    return guard


def asked(request: Request) -> Asked:
    """What the request says that matters for ranges. A header given several times is a list (RFC 9110 §5.3)."""

    def header(name: str) -> str | None:
        found = request.headers.getlist(name)
        return ", ".join(found) if found else None

    return Asked(
        method=request.method,
        range=header("range"),
        if_range=header("if-range"),
        if_match=header("if-match"),
        if_none_match=header("if-none-match"),
    )


def lasting(headers: tuple[tuple[str, str], ...] = (), cache: str = CACHE) -> tuple[tuple[str, str], ...]:
    """Headers of what does not change under its ETag."""
    return (("Cache-Control", cache), ("X-Content-Type-Options", "nosniff"), *headers)


def inline(file: PublicFile, ending: str) -> tuple[str, str]:
    """The header that names a stream, for those who keep it."""
    return ("Content-Disposition", disposition("inline", portable(file.name.rpartition(".")[0] + ending)))


def disposition(kind: str, name: str) -> str:
    """Content-Disposition (RFC 6266 §4.3): the name for old readers, and as it is for all others (RFC 8187)."""
    plain = _UNQUOTABLE.sub("_", name)
    value = f'{kind}; filename="{plain}"'
    if plain == name:
        return value
    return f"{value}; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe=_ATTR_CHARS)}"


ROUTES = (
    Route("/file/{digest}/{name:path}", file),
    Route(LOW + "{track}.opus", stream),
    Route(LOW + "{track}.{ending}", remuxed),
    Route("/stream/{track}.opus", stream),
    Route("/stream/{track}.{ending}", remuxed),
)
