"""Web blocks: a web seed (BEP 19) is asked for some blocks, over one connection, as a peer is.

Takes  the web seed's address, the torrent's name, and a Call.   Gives  Heard, as ports/peer_wire.py does.
Never  raises because of the other side; follows a redirect; takes a whole file for a range; reads more than a block, or
       longer than `whole_s`.

Who answers as a web seed says with it that it has everything.
"""

import hashlib
import http.client
import socket
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Timer
from typing import Protocol
from urllib.parse import quote, urlsplit

from sonoteca.model.files import BLOCK_BYTES
from sonoteca.model.peers import Block, Call, Got, Heard
from sonoteca.ports.peer_wire import CLIENT

_GONE = frozenset({401, 403, 404, 410, 416, 451})
MAX_SERVER_CHARACTERS = 60


class WebBlocks(Protocol):
    """Asks web seeds. Many threads use one."""

    def ask(self, address: str, name: str, call: Call) -> Heard:
        """What one web seed said. `name` is the torrent's; "" when it is its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpWebBlocks:
    """Over HTTP or HTTPS."""

    step_s: float = 15.0
    whole_s: float = 120.0

    def ask(self, address: str, name: str, call: Call) -> Heard:
        """See WebBlocks.ask."""
        found = urlsplit(address)
        kind = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}.get(found.scheme)
        if kind is None or not found.hostname:
            return Heard(why="no http or https address", is_garbage=True)
        got: list[Got] = []
        server = ""
        with closing(kind(found.hostname, found.port, timeout=self.step_s)) as connection:
            watchdog = Timer(self.whole_s, _hang_up, [connection])
            watchdog.daemon = True
            watchdog.start()
            try:
                for block in call.blocks:
                    one, server = _fetch(connection, _path(found.path, name, block), block)
                    got.append(one)
            except (OSError, http.client.HTTPException) as error:
                told = call.pieces if got else None
                return Heard(got=tuple(got), client=server, told=told, why=f"no answer: {error!s:.200}")
            except ValueError as error:
                return Heard(got=tuple(got), client=server, why=str(error), is_garbage=True)
            finally:
                watchdog.cancel()
        return Heard(got=tuple(got), client=server, told=call.pieces)


def _path(base: str, name: str, block: Block) -> str:
    """BEP 19: an address that ends with a slash is a folder in which the torrent lies."""
    base = quote(base or "/", safe="/%:@!$&'()*+,;=-._~")
    if not base.endswith("/"):
        return base
    return base + quote("/".join(filter(None, (name, block.path))).encode("utf-8", "surrogateescape"))


def _fetch(connection: http.client.HTTPConnection, path: str, block: Block) -> tuple[Got, str]:
    start = block.leaf * BLOCK_BYTES
    asked_at = time.monotonic()
    headers = {"Range": f"bytes={start}-{start + block.bytes - 1}", "User-Agent": CLIENT, "Accept-Encoding": "identity"}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    server = _server(answer)
    if answer.status in _GONE:
        connection.close()  # whatever else it says is not read
        return Got(block=block), server
    if answer.status in (429, 503):
        raise OSError(f"it is busy ({answer.status})")
    whole = answer.status == 200 and start == 0 and answer.length == block.bytes
    if answer.status != 206 and not whole:
        raise ValueError(f"asked for a range, it answers {answer.status}")
    content = answer.read(block.bytes + 1)
    ms = (time.monotonic() - asked_at) * 1000
    if len(content) > block.bytes:
        raise ValueError("it sends more than was asked for")
    if len(content) < block.bytes:
        raise OSError("it broke off")
    return Got(block=block, ms=ms, digest=hashlib.sha256(content).digest()), server


def _server(answer: http.client.HTTPResponse) -> str:
    said = (answer.getheader("Server") or "")[:MAX_SERVER_CHARACTERS]
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in said)


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """Ends what waits for a server that drips."""
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
