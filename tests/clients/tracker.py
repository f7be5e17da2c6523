"""A tracker for tests: one announce address that answers every asker with the same peers (BEP 3, BEP 23)."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clients.binding import libtorrent

INTERVAL_S = 1800


class Tracker:
    """`peers` may change at any time; `askers` are the (address, infohash) seen so far, `ports` where each listens."""

    def __init__(self, address: str) -> None:
        self.peers: list[tuple[str, int]] = []
        self.askers: list[tuple[str, str]] = []
        self.ports: dict[str, int] = {}
        self._server = ThreadingHTTPServer((address, 0), handler_for(self))
        self._server.daemon_threads = True
        # libtorrent asks a tracker on loopback only below /announce.
        self.url = f"http://{address}:{self._server.server_address[1]}/announce"

    def answer(self, path: str, asker: str) -> bytes:
        """The bencoded answer to an announce."""
        query = parse_qs(urlsplit(path).query, encoding="latin-1")
        self.askers.append((asker, query.get("info_hash", [""])[0].encode("latin-1").hex()))
        self.ports[asker] = int(query.get("port", ["0"])[0])
        compact = b"".join(socket.inet_aton(address) + struct.pack(">H", port) for address, port in self.peers)
        answer: Any = {b"interval": INTERVAL_S, b"complete": 1, b"incomplete": 0, b"peers": compact}
        return libtorrent.bencode(answer)

    @contextmanager
    def running(self) -> Iterator["Tracker"]:
        """Serves in a thread until the end."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def handler_for(tracker: Tracker) -> type[BaseHTTPRequestHandler]:
    """http.server wants a class."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            raw = tracker.answer(self.path, str(self.client_address[0]))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # it did not wait for the answer
                self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def with_tracker(torrent: bytes, url: str) -> bytes:
    """The torrent with one tracker and no other; its info dict stays, byte by byte."""
    outer: Any = libtorrent.bdecode(torrent)
    kept = {key: value for key, value in outer.items() if key not in (b"announce", b"announce-list")}
    changed = libtorrent.bencode({**kept, b"announce": url.encode()})
    if libtorrent.bencode(outer[b"info"]) not in torrent:
        raise AssertionError("the info dict is not canonical: it would be another torrent")
    return bytes(changed)
