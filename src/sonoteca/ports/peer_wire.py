"""Peer wire: one peer is asked for some blocks, over one TCP connection, and nothing is given or kept.

Takes  where it is, and a Call.   Gives  Heard: what it says it has, and each block's sha256 and time.
Never  raises because of a peer; waits longer than its limits, takes more bytes than they say, asks for the next block
       before the last one came (so that a block's time is its own, and nobody is hammered); believes a length.
Order  handshake → what it has → "interested" → its leave to ask → block by block. A "choke" in between is waited for.

The real thing is TcpPeerWire, its double MemoryPeerWire (memory/peer_wire.py). Peers that demand encryption, or speak
uTP alone, are silent to us.
"""

import hashlib
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sonoteca import __version__
from sonoteca.formats import peer_wire as wire
from sonoteca.formats.peer_wire import Kind, Message
from sonoteca.model.files import BLOCK_BYTES
from sonoteca.model.peers import Block, Call, Endpoint, Got, Heard

OURS = b"-SO0100-"
CLIENT = f"Sonoteca/{__version__} (audit)"
PART_BYTES = 64 * 1024
_QUICKACK = getattr(socket, "TCP_QUICKACK", socket.TCP_NODELAY)  # Linux has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds for each step, and for all of one peer; bytes that it may say beside the blocks that it is asked for."""

    connect_s: float = 10.0
    leave_s: float = 45.0
    block_s: float = 15.0
    whole_s: float = 120.0
    talk_bytes: int = 1 << 20


class PeerWire(Protocol):
    """Asks peers. Many threads use one."""

    def ask(self, where: Endpoint, call: Call) -> Heard:
        """What one peer said, whatever it did."""


class TcpPeerWire:
    """Over TCP, unencrypted."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def ask(self, where: Endpoint, call: Call) -> Heard:
        """See PeerWire.ask."""
        try:
            channel = socket.create_connection((where.host, where.port), self._limits.connect_s)
        except (OSError, UnicodeError) as error:
            # UnicodeError: a name that no resolver takes.
            return Heard(why=f"no connection: {_said(error)}")
        with channel:
            channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            conversation = _Conversation(channel, call, self._limits)
            try:
                conversation.hold()
            except (OSError, EOFError) as error:
                return conversation.heard(f"{conversation.step}: {_said(error)}")
            except ValueError as error:
                return conversation.heard(f"{conversation.step}: {error}", is_garbage=True)
            return conversation.heard()


class _Conversation:
    """One connection, from the handshake to the last block."""

    def __init__(self, channel: socket.socket, call: Call, limits: Limits) -> None:
        self._channel = channel
        self._call = call
        self._limits = limits
        self._end = time.monotonic() + limits.whole_s
        self._bytes_left = limits.talk_bytes + len(call.blocks) * 2 * BLOCK_BYTES
        self._reader: wire.Reader | None = None
        self._messages: deque[Message] = deque()
        self._has = bytearray(-(-call.pieces // 8))
        self._has_told = False
        self._is_choked = True
        self._client = ""
        self._got: list[Got] = []
        self.step = "no handshake"

    def hold(self) -> None:
        """All of it. OSError (also a time-out) or EOFError when it breaks off, ValueError for garbage."""
        self._shake_hands()
        self.step = "no leave to ask"
        self._wait(self._limits.leave_s, lambda: not self._is_choked)
        self.step = "stopped answering"
        for block in self._call.blocks:
            if self._has_piece(block.piece):
                self._got.append(self._fetch(block))

    def heard(self, why: str = "", *, is_garbage: bool = False) -> Heard:
        """What came of it so far."""
        told = sum(byte.bit_count() for byte in self._has) if self._has_told else None
        return Heard(got=tuple(self._got), client=self._client, told=told, why=why, is_garbage=is_garbage)

    # ── the steps ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _shake_hands(self) -> None:
        call = self._call
        ours = wire.Handshake(info_hash=call.info_hash, peer_id=OURS + os.urandom(12), is_v2=call.is_v2)
        self._send(wire.format_handshake(ours))
        end = self._until(self._limits.connect_s)
        raw = b""
        while len(raw) < wire.HANDSHAKE_BYTES:
            raw += self._part(end, wire.HANDSHAKE_BYTES - len(raw))
            if not wire.PROTOCOL.startswith(raw[: len(wire.PROTOCOL)]):
                raise ValueError("it does not speak BitTorrent")
        theirs = wire.parse_handshake(raw)
        if theirs.info_hash != call.info_hash:
            raise ValueError("it answers for another torrent")
        self._client = wire.client_of_id(theirs.peer_id)
        self._reader = wire.Reader(call.pieces, is_fast=theirs.is_fast)
        hello = wire.hello(CLIENT) if theirs.is_extended else b""
        have_none = wire.format_message(Kind.HAVE_NONE) if theirs.is_fast else b""
        # BEP 6: what we have is said first.
        self._send(have_none + hello + wire.format_message(Kind.INTERESTED))

    def _fetch(self, block: Block) -> Got:
        """One block, asked for again after each choke. OSError when it does not come in time."""
        end = self._until(self._limits.block_s)
        while True:
            asked_at = time.monotonic()
            self._send(wire.request(block.piece, block.begin, block.bytes))
            message = self._answer(block, end)
            if message is None:
                self._wait(self._limits.leave_s, lambda: not self._is_choked)
                end = self._until(self._limits.block_s)
                continue
            ms = (time.monotonic() - asked_at) * 1000
            content = message.body[8:] if message.kind is Kind.PIECE else None
            return Got(block=block, ms=ms, digest=b"" if content is None else hashlib.sha256(content).digest())

    def _answer(self, block: Block, end: float) -> Message | None:
        """The block, or its refusal; None when asking was forbidden meanwhile: then the question is void (BEP 3)."""
        while True:
            message = self._next(end)
            if message.kind in (Kind.PIECE, Kind.REJECT):
                if message.numbers[:2] != (block.piece, block.begin):
                    raise ValueError("a block that was not asked for")
                if message.kind is Kind.PIECE or not self._is_choked:
                    return message
            if self._is_choked and not (self._reader and self._reader.is_fast):
                return None
            if self._is_choked and message.kind is Kind.REJECT:
                return None

    def _wait(self, seconds: float, has_come: Callable[[], bool]) -> None:
        end = self._until(seconds)
        while not has_come():
            message = self._next(end)
            if message.kind is Kind.PIECE:
                raise ValueError("a block that was not asked for")

    def _next(self, end: float) -> Message:
        """The next message, taken in."""
        while not self._messages:
            reader = self._reader
            if reader is None:
                raise ValueError("no handshake")
            self._messages.extend(reader.feed(self._part(end, PART_BYTES)))
        message = self._messages.popleft()
        self._take_in(message)
        return message

    def _take_in(self, message: Message) -> None:
        if message.kind in (Kind.CHOKE, Kind.UNCHOKE):
            self._is_choked = message.kind is Kind.CHOKE
            # Who has nothing need not say so (BEP 3).
            self._has_told = True
        elif message.kind in (Kind.BITFIELD, Kind.HAVE_ALL, Kind.HAVE_NONE):
            self._has_told = True
            self._has = bytearray(self._field(message))
        elif message.kind is Kind.HAVE:
            number = message.numbers[0]
            self._has_told = True
            self._has[number // 8] |= 0x80 >> number % 8
        elif message.kind is Kind.EXTENDED:
            self._client = wire.client_of(message.body) or self._client

    def _field(self, message: Message) -> bytes:
        if message.kind is Kind.BITFIELD:
            return message.body
        if message.kind is Kind.HAVE_NONE or not self._has:
            return bytes(len(self._has))
        spare = -self._call.pieces % 8
        return b"\xff" * (len(self._has) - 1) + bytes([0xFF << spare & 0xFF])

    def _has_piece(self, number: int) -> bool:
        return bool(self._has[number // 8] & 0x80 >> number % 8)

    # ── the connection ───────────────────────────────────────────────────────────────────────────────────────────────

    def _until(self, seconds: float) -> float:
        return min(self._end, time.monotonic() + seconds)

    def _send(self, raw: bytes) -> None:
        self._channel.settimeout(max(0.001, self._until(self._limits.block_s) - time.monotonic()))
        self._channel.sendall(raw)

    def _part(self, end: float, most: int) -> bytes:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long")
        self._channel.settimeout(left)
        # A peer that sends a block in two parts may wait with the second for word that the first has come, and the
        # kernel keeps that word back for 40 ms: it would look like a relay. The kernel forgets this wish after use.
        self._channel.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        part = self._channel.recv(most)
        if not part:
            raise EOFError("it closed the connection")
        self._bytes_left -= len(part)
        if self._bytes_left < 0:
            raise ValueError("it talks without end")
        return part


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return str(getattr(error, "strerror", None) or error)[:200]
