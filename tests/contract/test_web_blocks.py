"""Asking a web seed: ranges that are right, and servers that are not."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import unquote

import pytest

from sonoteca.model.peers import Block, Call, Heard
from sonoteca.ports.memory.peer_wire import MemoryWebBlocks, holding
from sonoteca.ports.web_blocks import HttpWebBlocks

PATH = "Foo – Live/01 “Aria” 100%?#.opus"
CONTENT = hashlib.shake_128(b"web").digest(100_000)
BLOCKS = tuple(
    Block(file=0, leaf=leaf, path=PATH, piece=0, begin=leaf * 16_384, bytes=min(16_384, 100_000 - leaf * 16_384))
    for leaf in (6, 0, 3)
)
CALL = Call(info_hash=bytes(20), is_v2=False, pieces=1, blocks=BLOCKS)
FAST = HttpWebBlocks(step_s=0.5, whole_s=1.0)


class Server(BaseHTTPRequestHandler):
    """Gives ranges; the first folder of the path says how it misbehaves."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Tried/1.0", ""
    asked: ClassVar[list[str]] = []
    connections: ClassVar[set[tuple[str, int]]] = set()

    def do_GET(self) -> None:
        self.asked.append(unquote(self.path))
        self.connections.add(self.client_address)
        start, end = (int(part) for part in self.headers["Range"].removeprefix("bytes=").split("-"))
        getattr(self, self.path.split("/")[1])(CONTENT[start : end + 1])

    def answer(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def good(self, part: bytes) -> None:
        self.answer(206, part)

    def wrong(self, part: bytes) -> None:
        self.answer(206, bytes(len(part)))

    def gone(self, part: bytes) -> None:
        self.answer(404, b"not here" * 10_000)

    def busy(self, part: bytes) -> None:
        self.answer(503, b"")

    def whole(self, part: bytes) -> None:
        self.answer(200, CONTENT)

    def longer(self, part: bytes) -> None:
        self.answer(206, part + b"x")

    def shorter(self, part: bytes) -> None:
        self.answer(206, part[:-1], len(part))
        self.close_connection = True

    def elsewhere(self, part: bytes) -> None:
        self.send_response(302)
        self.send_header("Location", "http://192.0.2.1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def garbage(self, part: bytes) -> None:
        self.wfile.write(b"\xff" * 100_000)
        self.close_connection = True

    def drips(self, part: bytes) -> None:
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        for byte in part:
            self.wfile.write(bytes([byte]))
            threading.Event().wait(0.02)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as found:
        yield found


@contextmanager
def serving() -> Iterator[str]:
    server = Quiet(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Quiet(ThreadingHTTPServer):
    """Askers that hang up are expected."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def digests(heard: Heard) -> list[bytes]:
    return [one.digest for one in heard.got]


RIGHT = [hashlib.sha256(CONTENT[block.begin : block.begin + block.bytes]).digest() for block in BLOCKS]


def test_blocks_over_one_connection(address: str) -> None:
    Server.asked.clear()
    Server.connections.clear()
    heard = FAST.ask(f"{address}/good/", "volume", CALL)
    assert digests(heard) == RIGHT
    assert (heard.told, heard.why, heard.client) == (1, "", "Tried/1.0 ")
    assert Server.asked == [f"/good/volume/{PATH}"] * 3
    assert len(Server.connections) == 1


def test_the_double_does_the_same() -> None:
    double = MemoryWebBlocks({"http://a/": holding(lambda path: CONTENT)})
    assert digests(double.ask("http://a/", "volume", CALL)) == RIGHT
    assert double.ask("http://b/", "volume", CALL).told is None


def test_an_address_that_is_the_file(address: str) -> None:
    Server.asked.clear()
    assert digests(FAST.ask(f"{address}/good/one.opus", "", CALL)) == RIGHT
    assert set(Server.asked) == {"/good/one.opus"}


def test_wrong_bytes_have_another_digest(address: str) -> None:
    heard = FAST.ask(f"{address}/wrong/", "volume", CALL)
    assert digests(heard)[1] == hashlib.sha256(bytes(16_384)).digest()


def test_what_is_gone_is_no_block(address: str) -> None:
    heard = FAST.ask(f"{address}/gone/", "volume", CALL)
    assert (digests(heard), heard.told) == ([b""] * 3, 1)


@pytest.mark.parametrize("name", ["whole", "longer", "elsewhere"])
def test_no_range_is_garbage(address: str, name: str) -> None:
    heard = FAST.ask(f"{address}/{name}/", "volume", CALL)
    assert heard.is_garbage
    assert heard.got == ()


@pytest.mark.parametrize("name", ["busy", "shorter", "garbage", "drips"])
def test_no_answer(address: str, name: str) -> None:
    heard = FAST.ask(f"{address}/{name}/", "volume", CALL)
    assert (heard.is_garbage, heard.told, digests(heard)) == (False, None, [])
    assert heard.why.startswith("no answer")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", ""])
def test_no_address(address: str) -> None:
    assert FAST.ask(address, "volume", CALL).is_garbage


def test_nobody_there() -> None:
    assert FAST.ask("http://127.0.0.1:9/", "volume", CALL).why.startswith("no answer")
