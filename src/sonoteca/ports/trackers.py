"""Trackers: who is in a swarm, as a tracker tells it. Nothing is announced that stays: each question is taken back.

Takes  a tracker's address (http, https, udp) and the 20 bytes that a swarm goes by.   Gives  Endpoints.
Never  follows a redirect, reads more than MAX_ANSWER_BYTES, waits longer than `patience_s` for a part. Unreachable
       "tracker" when there is no answer, or none that says anything.

A tracker is asked as a peer that has just come, on a port of this moment that nobody listens at, and told at once that
it has gone: so it names seeds too, and does not take our seeder for somebody who lacks something.
"""

import http.client
import os
import socket
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import urlsplit

from sonoteca import __version__
from sonoteca.formats import tracker as form
from sonoteca.model.errors import Unreachable
from sonoteca.model.peers import Endpoint
from sonoteca.ports.peer_wire import OURS

TRIES = 2
PACKET_BYTES = 16 * 1024


class Trackers(Protocol):
    """Asks trackers."""

    def peers(self, tracker: str, info_hash: bytes) -> tuple[Endpoint, ...]:
        """Whom it names; Unreachable "tracker"."""


class NetTrackers:
    """Over HTTP and UDP."""

    def __init__(self, patience_s: float = 5.0) -> None:
        self._patience_s = patience_s

    def peers(self, tracker: str, info_hash: bytes) -> tuple[Endpoint, ...]:
        """See Trackers.peers."""
        ask = {"http": self._http, "https": self._http, "udp": self._udp}.get(urlsplit(tracker).scheme)
        if ask is None:
            raise _silent(tracker, "only http, https and udp are spoken")
        peer_id = OURS + os.urandom(12)
        with socket.socket() as nobody:
            nobody.bind(("", 0))
            port = int(nobody.getsockname()[1])
            try:
                return ask(tracker, info_hash, peer_id, port)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise _silent(tracker, str(error)) from error

    def _http(self, tracker: str, info_hash: bytes, peer_id: bytes, port: int) -> tuple[Endpoint, ...]:
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        opener.addheaders = [("User-Agent", f"Sonoteca/{__version__}")]

        def say(event: str) -> bytes:
            address = form.http_address(tracker, info_hash, peer_id, port, event)
            with opener.open(address, timeout=self._patience_s) as answer:
                found: bytes = answer.read(form.MAX_ANSWER_BYTES + 1)
                return found

        raw = say(form.STARTED)
        with suppress(OSError, http.client.HTTPException):
            say(form.STOPPED)
        return form.parse_http(raw)

    def _udp(self, tracker: str, info_hash: bytes, peer_id: bytes, port: int) -> tuple[Endpoint, ...]:
        host, number = urlsplit(tracker).hostname or "", urlsplit(tracker).port or 0
        family, _, _, _, where = socket.getaddrinfo(host, number, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as channel:
            channel.settimeout(self._patience_s)
            channel.connect(where)  # answers of others are not taken
            turn = int.from_bytes(os.urandom(4), "big")
            connection = form.parse_udp_connect(_asked(channel, form.udp_connect(turn)), turn)
            question = form.udp_announce(connection, turn, info_hash, peer_id, (port, form.STARTED))
            raw = _asked(channel, question)
            with suppress(OSError):
                channel.send(form.udp_announce(connection, turn, info_hash, peer_id, (port, form.STOPPED)))
        return form.parse_udp_announce(raw, turn, 16 if family == socket.AF_INET6 else 4)


def _asked(channel: socket.socket, question: bytes) -> bytes:
    """The answer to a packet, which may be lost."""
    for left in reversed(range(TRIES)):
        channel.send(question)
        try:
            return channel.recv(PACKET_BYTES)
        except TimeoutError:
            if not left:
                raise
    raise TimeoutError("no answer")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A tracker does not send us elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        """Nowhere: the answer is then an error."""


def _silent(tracker: str, why: str) -> Unreachable:
    cure = "name a peer (--peer HOST:PORT), or try again later"
    return Unreachable("tracker", f"a tracker named nobody: {why[:200]}", where=tracker, cure=cure)
