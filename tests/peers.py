"""Peers for tests: threads that speak the wire as they are told, well or badly, on this machine alone."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sonoteca.formats import peer_wire as wire
from sonoteca.formats.peer_wire import Kind
from sonoteca.model.peers import Block, Call, Endpoint

HASH = bytes(range(20))
PIECE_BYTES = 65_536
PATIENCE_S = 20.0


def call_of(blocks: int = 5, pieces: int = 8) -> Call:
    """Some blocks of a torrent of one file."""
    found = tuple(
        Block(file=0, leaf=4 * n, path="a", piece=n % pieces, begin=0, bytes=16_384 - n) for n in range(blocks)
    )
    return Call(info_hash=HASH, is_v2=False, pieces=pieces, blocks=found)


def content(block: tuple[int, int, int]) -> bytes:
    """What stands at a block (piece, begin, length)."""
    piece, begin, length = block
    return bytes([piece % 251]) * length if begin == 0 else bytes(length)


class Peer:
    """One connection of a peer: how the tests' peers speak."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        channel.settimeout(PATIENCE_S)
        self.theirs = wire.parse_handshake(self.read(68))

    def read(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            part = self.channel.recv(count - len(found))
            if not part:
                raise EOFError
            found += part
        return found

    def send(self, *parts: bytes) -> None:
        self.channel.sendall(b"".join(parts))

    def greet(self, info_hash: bytes = HASH, *, is_fast: bool = True, is_extended: bool = True) -> None:
        said = wire.Handshake(
            info_hash=info_hash, peer_id=b"-TE0100-abcdefghijkl", is_fast=is_fast, is_extended=is_extended
        )
        self.send(wire.format_handshake(said))

    def next_request(self) -> tuple[int, int, int]:
        """The next block that is asked for; other messages are passed over."""
        while True:
            length = struct.unpack(">I", self.read(4))[0]
            body = self.read(length)
            if body[:1] == bytes([Kind.REQUEST]):
                piece, begin, size = struct.unpack(">III", body[1:])
                return piece, begin, size

    def serve(self, give: Callable[[tuple[int, int, int]], bytes] = content, times: int = 1 << 30) -> None:
        """Gives what is asked for."""
        for _ in range(times):
            asked = self.next_request()
            self.send(wire.piece(asked[0], asked[1], give(asked)))


Script = Callable[[Peer], None]


@contextmanager
def peer(script: Script) -> Iterator[Endpoint]:
    """A peer that does for each connection what the script says, until the other side or the test is done."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        is_over = threading.Event()
        open_ones: list[socket.socket] = []

        def run() -> None:
            while not is_over.is_set():
                with suppress(TimeoutError):
                    channel, _ = listening.accept()
                    open_ones.append(channel)
                    with suppress(OSError, EOFError, ValueError):
                        script(Peer(channel))

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield Endpoint(host="127.0.0.1", port=listening.getsockname()[1])
        finally:
            is_over.set()
            for one in open_ones:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            thread.join()
            for one in open_ones:
                one.close()
