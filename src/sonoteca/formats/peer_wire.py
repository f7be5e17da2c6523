"""Peer wire: what one peer says to another (BEP 3, 6, 10, 52), as far as asking for blocks needs it. Pure.

Takes  bytes from anybody, in parts of any size (Reader); or what is to be said.
Gives  Handshake and messages; the bytes of ours.
Never  holds more than one message of at most `most_bytes`; passes over a known message of another length than it has;
       accepts a bitfield with bits beyond the last piece. ValueError says what is wrong: such a peer is not listened to
       any longer. What is not known (other ids) is passed over, as BEP 3's successors want it.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from sonoteca.formats import bencode
from sonoteca.model.files import BLOCK_BYTES

PROTOCOL = b"\x13BitTorrent protocol"
HANDSHAKE_BYTES = 68
ID_BYTES = HASH_BYTES = 20
MAX_EXTENDED_BYTES = 64 * 1024
MAX_CLIENT_CHARACTERS = 60
_EXTENDED, _FAST, _V2 = (5, 0x10), (7, 0x04), (7, 0x10)  # reserved bits: byte and mask (BEP 10, BEP 6, BEP 52)


class Kind(IntEnum):
    """The messages that are understood."""

    CHOKE = 0
    UNCHOKE = 1
    INTERESTED = 2
    HAVE = 4
    BITFIELD = 5
    REQUEST = 6
    PIECE = 7
    HAVE_ALL = 14
    HAVE_NONE = 15
    REJECT = 16
    EXTENDED = 20


_KNOWN = frozenset(Kind)
# What follows the kind, in bytes, for those that always have the same length.
_LENGTHS = {
    Kind.CHOKE: 0,
    Kind.UNCHOKE: 0,
    Kind.INTERESTED: 0,
    Kind.HAVE: 4,
    Kind.REQUEST: 12,
    Kind.HAVE_ALL: 0,
    Kind.HAVE_NONE: 0,
    Kind.REJECT: 12,
}
_FAST_ONLY = frozenset({Kind.HAVE_ALL, Kind.HAVE_NONE, Kind.REJECT})
_PIECE_HEAD = struct.Struct(">II")
_REQUEST = struct.Struct(">III")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The first 68 bytes. `is_fast`, `is_extended`, `is_v2`: what it says it understands."""

    info_hash: bytes
    peer_id: bytes
    is_fast: bool = True
    is_extended: bool = True
    is_v2: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a known kind; `body` is what follows the kind."""

    kind: Kind
    body: bytes = b""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The whole numbers of a have, request, reject, or at the beginning of a piece."""
        count = {Kind.HAVE: 1, Kind.PIECE: 2}.get(self.kind, 3)
        return struct.unpack(f">{count}I", self.body[: 4 * count])


def format_handshake(said: Handshake) -> bytes:
    """The bytes of a handshake."""
    if len(said.info_hash) != HASH_BYTES or len(said.peer_id) != ID_BYTES:
        raise ValueError("an infohash and a peer's id have 20 bytes each")
    reserved = bytearray(8)
    for is_set, (place, mask) in ((said.is_extended, _EXTENDED), (said.is_fast, _FAST), (said.is_v2, _V2)):
        reserved[place] |= mask if is_set else 0
    return PROTOCOL + bytes(reserved) + said.info_hash + said.peer_id


def parse_handshake(raw: bytes) -> Handshake:
    """The handshake in exactly 68 bytes."""
    if len(raw) != HANDSHAKE_BYTES or not raw.startswith(PROTOCOL):
        raise ValueError("it does not speak BitTorrent")
    reserved = raw[20:28]
    found = [bool(reserved[place] & mask) for place, mask in (_EXTENDED, _FAST, _V2)]
    return Handshake(info_hash=raw[28:48], peer_id=raw[48:], is_extended=found[0], is_fast=found[1], is_v2=found[2])


class Reader:
    """Messages out of the bytes that follow a handshake. `pieces` is how many the torrent has."""

    def __init__(self, pieces: int, *, is_fast: bool) -> None:
        self._bitfield_bytes = -(-pieces // 8)
        self._spare_bits = -pieces % 8
        self._pieces = pieces
        self.is_fast = is_fast
        self._waiting = bytearray()
        self.most_bytes = 1 + max(self._bitfield_bytes, 8 + BLOCK_BYTES, MAX_EXTENDED_BYTES)

    def feed(self, part: bytes) -> list[Message]:
        """The messages that are whole now, in order. ValueError for what no peer says."""
        self._waiting += part
        found = []
        place = 0
        while len(self._waiting) - place >= 4:
            length = int.from_bytes(self._waiting[place : place + 4], "big")
            if length > self.most_bytes:
                raise ValueError(f"a message of {length} bytes")
            if len(self._waiting) - place < 4 + length:
                break
            body = bytes(self._waiting[place + 4 : place + 4 + length])
            place += 4 + length
            if length and body[0] in _KNOWN:  # a length of 0 keeps the connection alive
                found.append(self._verified(Message(kind=Kind(body[0]), body=body[1:])))
        del self._waiting[:place]
        return found

    def _verified(self, message: Message) -> Message:
        kind, length = message.kind, len(message.body)
        if kind in _FAST_ONLY and not self.is_fast:
            raise ValueError(f"a message ({kind.name.lower()}) that was not agreed upon")
        if length != _LENGTHS.get(kind, length):
            raise ValueError(f"a message ({kind.name.lower()}) of {length} bytes")
        if kind is Kind.PIECE and not 8 <= length <= 8 + BLOCK_BYTES:
            raise ValueError(f"a block of {length - 8} bytes")
        if kind is Kind.HAVE and message.numbers[0] >= self._pieces:
            raise ValueError(f"it has piece {message.numbers[0]} of {self._pieces}")
        if kind is Kind.BITFIELD:
            self._verify_bitfield(message.body)
        return message

    def _verify_bitfield(self, body: bytes) -> None:
        if len(body) != self._bitfield_bytes:
            raise ValueError(f"a bitfield of {len(body)} bytes, not of {self._bitfield_bytes}")
        if body and body[-1] & ((1 << self._spare_bits) - 1):
            raise ValueError("a bitfield with pieces that there are not")


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────────


def format_message(kind: Kind, body: bytes = b"") -> bytes:
    """The bytes of one message."""
    return struct.pack(">IB", 1 + len(body), kind) + body


def request(piece: int, begin: int, length: int) -> bytes:
    """Asks for a block."""
    return format_message(Kind.REQUEST, _REQUEST.pack(piece, begin, length))


def piece(number: int, begin: int, block: bytes) -> bytes:
    """Gives a block."""
    return format_message(Kind.PIECE, _PIECE_HEAD.pack(number, begin) + block)


def reject(number: int, begin: int, length: int) -> bytes:
    """Will not give a block (BEP 6)."""
    return format_message(Kind.REJECT, _REQUEST.pack(number, begin, length))


def hello(client: str) -> bytes:
    """The handshake of BEP 10: no extension is offered, the client says its name."""
    said: dict[bytes, bencode.Value] = {b"m": {}, b"v": client.encode()}
    return format_message(Kind.EXTENDED, b"\0" + bencode.format(said))


# ── what is understood ───────────────────────────────────────────────────────────────────────────────────────────────


def client_of(extended: bytes) -> str:
    """What a peer calls itself in the body of its BEP 10 handshake, printable and short; "" when it does not."""
    if not extended.startswith(b"\0"):
        return ""
    try:
        said = bencode.parse(extended[1:], max_depth=10, max_tokens=1000)
    except ValueError:
        return ""
    name = said.get(b"v") if isinstance(said, dict) else None
    return _printable(name) if isinstance(name, bytes) else ""


def client_of_id(peer_id: bytes) -> str:
    """What the convention of BEP 20 makes of a peer's id: "-qB4520-" and noise; "" for another form."""
    if peer_id[:1] != b"-" or peer_id[7:8] != b"-" or not peer_id[1:7].isalnum():
        return ""
    return _printable(peer_id[:8])


def _printable(raw: bytes) -> str:
    text = raw[: 4 * MAX_CLIENT_CHARACTERS].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)[
        :MAX_CLIENT_CHARACTERS
    ]
