"""Asking a peer: the real thing beside the double, then whatever a peer can do wrong: it is told, and it ends."""

import hashlib
import socket
import struct
import threading
from collections.abc import Callable

import pytest

from sonoteca.formats import peer_wire as wire
from sonoteca.formats.peer_wire import Kind
from sonoteca.model.peers import Call, Endpoint, Heard
from sonoteca.ports.memory.peer_wire import MemoryPeerWire
from sonoteca.ports.peer_wire import Limits, TcpPeerWire
from tests.peers import HASH, Peer, Script, call_of, content, peer

SHORT = Limits(connect_s=0.5, leave_s=0.5, block_s=0.5, whole_s=2.0, talk_bytes=200_000)
UNCHOKE = wire.format_message(Kind.UNCHOKE)
CHOKE = wire.format_message(Kind.CHOKE)
HAVE_ALL = wire.format_message(Kind.HAVE_ALL)
FULL = wire.format_message(Kind.BITFIELD, b"\xff")


def ask(script: Script, call: Call | None = None, limits: Limits = SHORT) -> Heard:
    with peer(script) as where:
        return TcpPeerWire(limits).ask(where, call or call_of())


def verify_right(heard: Heard, call: Call | None = None) -> None:
    call = call or call_of()
    assert [one.block for one in heard.got] == list(call.blocks)
    for one in heard.got:
        block = one.block
        assert one.digest == hashlib.sha256(content((block.piece, block.begin, block.bytes))).digest()
        assert one.ms >= 0


# ── who is in order ──────────────────────────────────────────────────────────────────────────────────────────────────


def with_all(one: Peer) -> None:
    one.greet()
    one.send(HAVE_ALL, wire.hello("Proper/1.0"), UNCHOKE)
    one.serve()


def with_a_bitfield(one: Peer) -> None:
    one.greet(is_fast=False, is_extended=False)
    one.send(FULL, UNCHOKE)
    one.serve()


def with_haves(one: Peer) -> None:
    one.greet(is_fast=False)
    one.send(b"".join(wire.format_message(Kind.HAVE, struct.pack(">I", n)) for n in range(8)), UNCHOKE)
    one.serve()


def byte_by_byte(one: Peer) -> None:
    one.greet()
    for byte in HAVE_ALL + bytes(4) + UNCHOKE:
        one.send(bytes([byte]))
    one.serve()


def with_unknown_messages(one: Peer) -> None:
    one.greet()
    one.send(HAVE_ALL, bytes(4), struct.pack(">IBH", 3, 9, 6881), struct.pack(">IB", 6, 250), b"12345", UNCHOKE)
    one.serve()


@pytest.mark.parametrize("script", [with_all, with_a_bitfield, with_haves, byte_by_byte, with_unknown_messages])
def test_a_peer_in_order(script: Script) -> None:
    heard = ask(script)
    verify_right(heard)
    assert (heard.told, heard.why, heard.is_garbage) == (8, "", False)


def test_its_name() -> None:
    assert ask(with_all).client == "Proper/1.0"
    assert ask(with_a_bitfield).client == "-TE0100-"


def test_it_is_told_who_asks_and_for_what() -> None:
    seen: list[wire.Handshake] = []

    def script(one: Peer) -> None:
        seen.append(one.theirs)
        with_all(one)

    ask(script)
    (ours,) = seen
    assert (ours.info_hash, ours.is_v2, ours.peer_id[:8]) == (HASH, False, b"-SO0100-")


def test_the_double_does_the_same() -> None:
    wire_double = MemoryPeerWire({"127.0.0.1:1": lambda call: ask(with_all, call)})
    verify_right(wire_double.ask(Endpoint(host="127.0.0.1", port=1), call_of()))
    heard = wire_double.ask(Endpoint(host="127.0.0.1", port=2), call_of())
    assert (heard.got, heard.told) == ((), None)
    assert heard.why.startswith("no connection")


# ── who lacks something ──────────────────────────────────────────────────────────────────────────────────────────────


def test_only_what_it_says_it_has_is_asked_for() -> None:
    def script(one: Peer) -> None:
        one.greet()
        one.send(wire.format_message(Kind.BITFIELD, b"\xa0"), UNCHOKE)
        one.serve()

    heard = ask(script)
    assert [one.block.piece for one in heard.got] == [0, 2]
    assert heard.told == 2


@pytest.mark.parametrize("said", [wire.format_message(Kind.HAVE_NONE), b""])
def test_who_has_nothing(said: bytes) -> None:
    def script(one: Peer) -> None:
        one.greet()
        one.send(said, UNCHOKE)
        one.serve()

    assert ask(script) == Heard(client="-TE0100-", told=0)


def test_a_refusal_is_no_block() -> None:
    def script(one: Peer) -> None:
        one.greet()
        one.send(HAVE_ALL, UNCHOKE)
        asked = one.next_request()
        one.send(wire.reject(*asked))
        one.serve()

    heard = ask(script)
    assert [bool(one.digest) for one in heard.got] == [False, True, True, True, True]
    assert heard.told == 8


@pytest.mark.parametrize("is_fast", [True, False])
def test_a_choke_is_waited_for(is_fast: bool) -> None:
    def script(one: Peer) -> None:
        one.greet(is_fast=is_fast)
        one.send(FULL, UNCHOKE)
        asked = one.next_request()
        one.send(CHOKE, wire.reject(*asked) if is_fast else b"", UNCHOKE)
        one.serve()

    verify_right(ask(script))


# ── who is not ───────────────────────────────────────────────────────────────────────────────────────────────────────


def silent_from_the_start(one: Peer) -> None:
    one.read(1 << 20)


def never_unchokes(one: Peer) -> None:
    one.greet()
    one.send(HAVE_ALL)
    one.read(1 << 20)


def stalls(one: Peer) -> None:
    one.greet()
    one.send(HAVE_ALL, UNCHOKE)
    one.serve(times=2)
    one.read(1 << 20)


def drips(one: Peer) -> None:
    one.greet()
    one.send(HAVE_ALL, UNCHOKE)
    asked = one.next_request()
    for byte in wire.piece(asked[0], asked[1], content(asked)):
        one.send(bytes([byte]))
        threading.Event().wait(0.02)


def hangs_up(one: Peer) -> None:
    one.greet()
    one.send(HAVE_ALL, UNCHOKE)
    one.serve(times=1)
    one.channel.shutdown(socket.SHUT_RDWR)


def keeps_alive(one: Peer) -> None:
    one.greet()
    one.send(HAVE_ALL)
    while True:
        one.send(bytes(4))
        threading.Event().wait(0.05)


@pytest.mark.parametrize(
    ("script", "blocks", "why"),
    [
        (silent_from_the_start, 0, "no handshake"),
        (never_unchokes, 0, "no leave to ask"),
        (keeps_alive, 0, "no leave to ask"),
        (stalls, 2, "stopped answering"),
        (drips, 0, "stopped answering"),
        (hangs_up, 1, "stopped answering"),
    ],
)
def test_who_falls_silent(script: Script, blocks: int, why: str) -> None:
    heard = ask(script)
    assert (len(heard.got), heard.is_garbage) == (blocks, False)
    assert heard.why.startswith(why)


def saying(*parts: bytes, is_fast: bool = True) -> Script:
    def script(one: Peer) -> None:
        one.greet(is_fast=is_fast)
        one.send(*parts)
        one.read(1 << 20)

    return script


def answering(answer: Callable[[tuple[int, int, int]], bytes]) -> Script:
    def script(one: Peer) -> None:
        one.greet()
        one.send(HAVE_ALL, UNCHOKE)
        one.send(answer(one.next_request()))
        one.read(1 << 20)

    return script


def no_protocol(one: Peer) -> None:
    one.send(b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(100))


def another_torrent(one: Peer) -> None:
    one.greet(info_hash=bytes(20))


def floods(one: Peer) -> None:
    one.greet()
    one.send(HAVE_ALL)
    while True:
        one.send(wire.format_message(Kind.HAVE, bytes(4)) * 1000)


GARBAGE = {
    "no protocol": no_protocol,
    "another torrent": another_torrent,
    "a message of 4 GiB": saying(b"\xff\xff\xff\xff"),
    "a message over the limit": saying(struct.pack(">IB", 100_000, 20)),
    "a long choke": saying(struct.pack(">IBB", 2, 0, 0)),
    "a have of no piece": saying(wire.format_message(Kind.HAVE, struct.pack(">I", 8))),
    "a short bitfield": saying(wire.format_message(Kind.BITFIELD, b"")),
    "a long bitfield": saying(wire.format_message(Kind.BITFIELD, b"\xff\xff")),
    "fast without leave": saying(HAVE_ALL, is_fast=False),
    "a block that nobody asked for": saying(HAVE_ALL, wire.piece(0, 0, bytes(16_384)), UNCHOKE),
    "another block": answering(lambda asked: wire.piece(asked[0] + 1, asked[1], content(asked))),
    "too long a block": answering(lambda asked: wire.piece(asked[0], asked[1], bytes(16_385))),
    "a block without its head": answering(lambda asked: wire.format_message(Kind.PIECE, b"1234")),
    "a short reject": answering(lambda asked: wire.format_message(Kind.REJECT, b"1234")),
    "a flood": floods,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_ends_the_conversation(name: str) -> None:
    heard = ask(GARBAGE[name])
    assert heard.is_garbage
    assert heard.why


def test_spare_bits_are_no_pieces() -> None:
    heard = ask(saying(wire.format_message(Kind.BITFIELD, b"\xff")), call_of(pieces=7))
    assert heard.is_garbage


def test_wrong_bytes_have_another_digest() -> None:
    def script(one: Peer) -> None:
        one.greet()
        one.send(HAVE_ALL, UNCHOKE)
        one.serve(lambda asked: bytes(asked[2] - 1) if asked[0] == 3 else bytes(asked[2]))

    heard = ask(script)
    assert heard.got[3].digest == hashlib.sha256(bytes(16_384 - 3 - 1)).digest()
    assert not heard.is_garbage


@pytest.mark.parametrize(
    "name",
    ["\N{LATIN SMALL LETTER E WITH ACUTE}\u202e\x1b[2J" * 99, "x" * 5000, "", "\udcff".encode("utf-8", "ignore")],
)
def test_a_hostile_name_is_short_and_printable(name: str | bytes) -> None:
    raw = name if isinstance(name, bytes) else name.encode()

    def script(one: Peer) -> None:
        one.greet()
        one.send(wire.format_message(Kind.EXTENDED, b"\0d1:v%d:%be" % (len(raw), raw)), HAVE_ALL, UNCHOKE)
        one.serve()

    client = ask(script).client
    assert len(client) <= wire.MAX_CLIENT_CHARACTERS
    assert client.isprintable()


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    for host in ("127.0.0.1", "no-such-host.invalid", "x" * 70 + ".invalid"):
        heard = TcpPeerWire(SHORT).ask(Endpoint(host=host, port=port), call_of())
        assert heard.why.startswith("no connection")
        assert heard.told is None
