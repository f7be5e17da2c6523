"""The website's process by itself: who says nothing or too much, addresses that are taken, its end."""

import json
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonoteca.model.errors import Refused
from sonoteca.pipeline.addresses import with_lines
from sonoteca.ports.listening import near, parse_address
from sonoteca.web.serving import MAX_HEAD_BYTES
from tests.running.archive import opened
from tests.running.programs import Told, told
from tests.scenarios.session import Session


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return opened(tmp_path_factory.mktemp("serving") / "archive")


@pytest.fixture
def served(session: Session) -> Iterator[tuple[Told, tuple[str, int]]]:
    command = [sys.executable, "-m", "sonoteca", "--archive", str(session.folder), "serve", "--listen", "127.0.0.1:0"]
    with told(command) as web:
        address = web.until(lambda one: one["event"] == "starting")["address"]
        web.until(lambda one: one["event"] == "listening")
        host, _, port = address.removeprefix("http://").rpartition(":")
        yield web, (host, int(port))


def test_it_keeps_measure_and_ends(served: tuple[Told, tuple[str, int]], session: Session) -> None:
    web, where = served
    with socket.create_connection(where, 40) as channel:
        try:
            for _ in range(64):
                channel.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * (MAX_HEAD_BYTES // 4))
            said = channel.recv(1 << 16)
        except ConnectionError:
            said = b""
        assert b"200 OK" not in said
    with socket.create_connection(where, 40) as channel:
        channel.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        said = channel.makefile("rb").read()
    assert said.startswith(b"HTTP/1.1 200 OK\r\n") and b"\r\nserver:" not in said.lower()
    taken = session.words("serve", "--listen", f"{where[0]}:{where[1]}", "--json", code=5)
    assert json.loads(taken)["error"]["code"] == "no-listening"
    with socket.create_connection(where, 40) as idle:
        assert web.end(signal.SIGINT) == 0
        assert idle.recv(1) == b""
    assert [line["event"] for line in web.lines][-2:] == ["stopping", "stopped"]


def test_a_descriptor_that_is_none(session: Session, tmp_path: Path) -> None:
    assert json.loads(session.words("serve", "--fd", "77", "--json", code=3))["error"]["code"] == "no-socket"


@pytest.mark.parametrize(
    "text", ["", "8000", "localhost:8000", "127.0.0.1", "127.0.0.1:65536", "::1:80", "[1.2.3.4]:1"]
)
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(Refused):
        parse_address(text)


def test_addresses() -> None:
    assert parse_address("[::1]:80") == ("::1", 80)
    assert [near(text) for text in ("0.0.0.0:1", "[::]:2", "10.0.0.1:3")] == ["127.0.0.1:1", "[::1]:2", "10.0.0.1:3"]


def test_lines_of_settings_that_are_chosen() -> None:
    before = b'name = "x"\nweb_listen = "0.0.0.0:80"\n# seed_address is commented\n'
    after = with_lines(before, ("a:1", "b:2", "c:3"))
    assert (
        after
        == b'web_listen = "a:1"\nseed_listen = "b:2"\nseed_address = "c:3"\nname = "x"\n# seed_address is commented\n'
    )
    assert with_lines(after, ("a:1", "b:2", "c:3")) == after
