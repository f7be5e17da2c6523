"""Swarm stream: a track of another archive, heard through this website while it comes from its swarm.

    /swarm/play?link=magnet:…&path=…        with the word of `stream_token`, as `Authorization: Bearer …` or `&token=…`

Takes  a link and a path from whoever knows the word.   Gives  the file, with ranges.
Never  answers anybody else, or at all when there is no word (the default); hears more than `stream_count` at once;
       calls anybody in the own network because a link names him, unless `stream_own_network`; lets what came be kept by
       anybody in between, or be opened as a page. What came is not published by this: nothing of it is given to the
       swarm, and it is gone a while after the last listener.
"""

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.config import Settings
from sonoteca.formats.naming import portable
from sonoteca.model.errors import Refused, SonotecaError
from sonoteca.model.stream import Wanted
from sonoteca.ports.stream import MAX_READ_BYTES, Stream, StreamLimits, Streams
from sonoteca.ports.stream_process import ProcessStreams
from sonoteca.web.bodies import Stretch
from sonoteca.web.media import BYTES, TYPES, asked, disposition, lasting
from sonoteca.web.ranges import Representation, plan
from sonoteca.web.sending import Sending
from sonoteca.web.site import Site, site_of

IDLE_S = 90.0
MIN_WORD = 20
NOT_KEPT = "private, no-store"
T = TypeVar("T")


@dataclass(slots=True)
class _Kept:
    """A stream that is heard, or was a moment ago."""

    stream: Stream
    users: int = 0
    until: float = 0.0


class Desk:
    """The streams of one website: a player asks for many ranges of one file, and they are one stream."""

    def __init__(self, streams: Streams, count: int) -> None:
        self._streams = streams
        self._count = count
        self._kept: dict[Wanted, _Kept] = {}
        self._lock = Lock()
        self.limiter = CapacityLimiter(2 * count)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Waiting for a swarm keeps nobody else waiting."""
        return await to_thread.run_sync(work, limiter=self.limiter, abandon_on_cancel=True)

    def take(self, wanted: Wanted) -> Stream:
        """The stream, opened if it is not open. Refused "too-many-streams"."""
        with self._lock:
            self._sweep()
            kept = self._kept.get(wanted)
            if kept is not None:
                kept.users += 1
                return kept.stream
            self._make_room()
        stream = self._streams.open(wanted)
        with self._lock:
            kept = self._kept.setdefault(wanted, _Kept(stream))
            kept.users += 1
        if kept.stream is not stream:
            stream.close()  # somebody was sooner
        return kept.stream

    def leave(self, wanted: Wanted, *, is_broken: bool = False) -> None:
        """It is not heard by this listener any more."""
        with self._lock:
            kept = self._kept.get(wanted)
            if kept is None:
                return
            kept.users -= 1
            kept.until = 0.0 if is_broken else time.monotonic() + IDLE_S
            self._sweep()

    def sweep(self) -> None:
        """Ends what nobody has heard for a while."""
        with self._lock:
            self._sweep()

    def close(self) -> None:
        """Ends everything."""
        with self._lock:
            for kept in self._kept.values():
                kept.stream.close()
            self._kept.clear()
        self._streams.close()

    def _sweep(self, now: float | None = None) -> None:
        now = time.monotonic() if now is None else now
        for wanted in [wanted for wanted, kept in self._kept.items() if kept.users <= 0 and kept.until <= now]:
            self._kept.pop(wanted).stream.close()

    def _make_room(self) -> None:
        idle = [(kept.until, wanted) for wanted, kept in self._kept.items() if kept.users <= 0]
        if len(self._kept) >= self._count and idle:
            self._kept.pop(min(idle, key=lambda one: one[0])[1]).stream.close()
        if len(self._kept) >= self._count:
            raise Refused("too-many-streams", f"{self._count} are heard already", where="the swarm", cure="wait")


class SwarmBody:
    """A stream as a Body (bodies.py)."""

    def __init__(self, desk: Desk, wanted: Wanted, stream: Stream) -> None:
        self._desk = desk
        self._wanted = wanted
        self._stream = stream
        self._is_open = True
        self._is_broken = False

    @property
    def size(self) -> int:
        """See Body."""
        return self._stream.size

    async def open(self) -> None:
        """See Body."""

    async def read(self, start: int, end: int) -> bytes:
        """See Body."""
        count = min(end - start, MAX_READ_BYTES if start else MAX_READ_BYTES // 4)  # sound begins sooner
        try:
            return await self._desk.in_thread(lambda: self._stream.read(start, count))
        except SonotecaError as error:
            # The answer has begun: all that can be said now is that it is not whole (sending.py).
            self._is_broken = True
            raise TimeoutError(str(error)) from error

    def stretch(self, start: int, end: int) -> Stretch | None:
        """See Body."""
        return None

    def close(self) -> None:
        """See Body."""
        if self._is_open:
            self._is_open = False
            self._desk.leave(self._wanted, is_broken=self._is_broken)
            asyncio.get_running_loop().call_later(IDLE_S + 1, self._desk.sweep)


def desk_of(site: Site, state: object) -> Desk:
    """That of a website, made with the first that is heard."""
    found: Desk | None = getattr(state, "swarm_desk", None)
    if found is None:
        chosen = site.settings
        # Twice as many: who left while he waited for a piece is forgotten by the process only when it comes or is late.
        limits = StreamLimits(
            streams=2 * chosen.stream_count,
            file_bytes=chosen.stream_max_bytes,
            dht=chosen.seed_dht,
            own_network=chosen.stream_own_network,
        )
        found = Desk(ProcessStreams(os.path.join(site.root, "cache", "stream"), limits), chosen.stream_count)
        setattr(state, "swarm_desk", found)  # noqa: B010
    return found


async def hear(request: Request, desk: Desk, wanted: Wanted) -> Response:
    """The answer with the file, or the part of it, that is asked for."""
    stream = await desk.in_thread(lambda: desk.take(wanted))
    body = SwarmBody(desk, wanted, stream)
    name = portable(stream.path.rpartition("/")[2])
    media_type = TYPES.get(name.rpartition(".")[2].lower(), BYTES)
    headers = (
        ("Content-Disposition", disposition("attachment" if media_type is BYTES else "inline", name)),
        ("Content-Security-Policy", "default-src 'none'; media-src 'self'; sandbox"),
    )
    etag = hashlib.sha256(f"{wanted.link}\0{wanted.path}".encode() + wanted.torrent).hexdigest()[:32]
    what = Representation(
        size=stream.size, etag=f'"{etag}"', media_type=media_type, headers=lasting(headers, cache=NOT_KEPT)
    )
    planned = plan(asked(request), what)
    if planned.parts:
        return Sending(planned, body)
    body.close()
    return Sending(planned)


async def play(request: Request) -> Response:
    """A track of another archive, for who knows the word."""
    site = site_of(request)
    _verify_word(site.settings, request)
    link, path = request.query_params.get("link", ""), request.query_params.get("path", "")
    if not link or len(path) > 4000:
        raise HTTPException(400)
    return await hear(request, desk_of(site, request.app.state), Wanted(link=link, path=path))


def _verify_word(settings: Settings, request: Request) -> None:
    word = settings.stream_token
    if len(word) < MIN_WORD:
        raise HTTPException(404)
    kind, _, said = request.headers.get("authorization", "").partition(" ")
    given = said.strip() if kind.lower() == "bearer" else request.query_params.get("token", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), word.encode()):
        raise HTTPException(404)  # whether there is a word is nobody's business


def address_of(base: str, wanted: Wanted) -> str:
    """Where a website gives this track, without the word."""
    return f"{base}/swarm/play?link={quote(wanted.link, safe='')}&path={quote(wanted.path, safe='')}"


def close(state: object) -> None:
    """Ends what is heard: when the website ends."""
    found: Desk | None = getattr(state, "swarm_desk", None)
    if found is not None:
        found.close()


ROUTES = (Route("/swarm/play", play),)
