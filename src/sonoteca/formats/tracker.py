"""Tracker: how peers of a swarm are asked for (BEP 3, 7, 15, 23), and what trackers answer. Pure.

Takes  what to say, or the bytes of an answer from anybody.   Gives  bytes or addresses; Endpoints.
Never  gives more than MAX_PEERS, a port 0, or a host that is not an IP address: a name would let a tracker make us ask
       resolvers for anything. ValueError for an answer that is none, or says why it is refused.
"""

import ipaddress
import struct
from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

from sonoteca.formats import bencode
from sonoteca.formats.bencode import Value
from sonoteca.formats.peer_wire import HASH_BYTES, ID_BYTES
from sonoteca.model.peers import Endpoint

MAX_PEERS = 200
MAX_ANSWER_BYTES = 1 << 20
STARTED, STOPPED = "started", "stopped"
UDP_EVENTS = {STARTED: 2, STOPPED: 3}
_UDP_MAGIC = 0x41727101980
_CONNECT, _ANNOUNCE, _ERROR = 0, 1, 3
_UDP_HEAD = struct.Struct(">II")


def http_address(tracker: str, info_hash: bytes, peer_id: bytes, port: int, event: str) -> str:
    """The address that asks a tracker over HTTP. We lack one byte, as it were: seeds are named to who lacks any."""
    if len(info_hash) != HASH_BYTES or len(peer_id) != ID_BYTES:
        raise ValueError("an infohash and a peer's id have 20 bytes each")
    said = {
        "info_hash": quote(info_hash, safe=""),
        "peer_id": quote(peer_id, safe=""),
        "port": port,
        "uploaded": 0,
        "downloaded": 0,
        "left": 1,
        "compact": 1,
        "numwant": 0 if event == STOPPED else MAX_PEERS,
        "event": event,
    }
    found = urlsplit(tracker)
    query = "&".join(filter(None, [found.query, *(f"{key}={value}" for key, value in said.items())]))
    return urlunsplit((found.scheme, found.netloc, found.path, query, ""))


def parse_http(raw: bytes) -> tuple[Endpoint, ...]:
    """The peers of an answer over HTTP."""
    if len(raw) > MAX_ANSWER_BYTES:
        raise ValueError(f"an answer of more than {MAX_ANSWER_BYTES} bytes")
    said = bencode.parse(raw, max_depth=10, max_tokens=10 * MAX_PEERS * 10)
    if not isinstance(said, dict):
        raise ValueError("the answer is not a dict")
    why = said.get(b"failure reason")
    if why is not None:
        text = why.decode("utf-8", "replace") if isinstance(why, bytes) else "without a reason"
        raise ValueError(f"refused: {text[:200]}")
    found = [*_peers(said.get(b"peers", b""), 4), *_peers(said.get(b"peers6", b""), 16)]
    return tuple(dict.fromkeys(found))[:MAX_PEERS]


def _peers(value: Value, address_bytes: int) -> Iterator[Endpoint]:
    if isinstance(value, bytes):
        yield from compact(value, address_bytes)
    elif isinstance(value, list):
        for one in value[:MAX_PEERS]:
            yield from _named(one)


def _named(one: Value) -> Iterator[Endpoint]:
    """A peer as a dict, as the first trackers gave it."""
    host = one.get(b"ip") if isinstance(one, dict) else None
    port = one.get(b"port") if isinstance(one, dict) else None
    if isinstance(host, bytes) and isinstance(port, int) and 0 < port < 1 << 16:
        try:
            yield Endpoint(host=str(ipaddress.ip_address(host.decode("ascii", "replace"))), port=port)
        except ValueError:
            return


def compact(raw: bytes, address_bytes: int) -> Iterator[Endpoint]:
    """Addresses of 4 or 16 bytes with a port behind each."""
    size = address_bytes + 2
    if len(raw) % size:
        raise ValueError(f"{len(raw)} bytes are not addresses of {size} bytes")
    for start in range(0, min(len(raw), MAX_PEERS * size), size):
        port = int.from_bytes(raw[start + address_bytes : start + size], "big")
        if port:
            yield Endpoint(host=str(ipaddress.ip_address(raw[start : start + address_bytes])), port=port)


# ── UDP (BEP 15) ─────────────────────────────────────────────────────────────────────────────────────────────────────


def udp_connect(turn: int) -> bytes:
    """The first packet; `turn` is a number that the answer repeats."""
    return struct.pack(">QII", _UDP_MAGIC, _CONNECT, turn)


def parse_udp_connect(raw: bytes, turn: int) -> int:
    """The number of the connection."""
    _verify_udp(raw, turn, _CONNECT, 16)
    return int.from_bytes(raw[8:16], "big")


def udp_announce(connection: int, turn: int, info_hash: bytes, peer_id: bytes, port_event: tuple[int, str]) -> bytes:
    """The second packet; `port_event` is where we are and what happened."""
    port, event = port_event
    head = struct.pack(">QII", connection, _ANNOUNCE, turn)
    amounts = struct.pack(">QQQ", 0, 1, 0)
    wanted = 0 if event == STOPPED else MAX_PEERS
    return head + info_hash + peer_id + amounts + struct.pack(">IIIiH", UDP_EVENTS[event], 0, 0, wanted, port)


def parse_udp_announce(raw: bytes, turn: int, address_bytes: int) -> tuple[Endpoint, ...]:
    """The peers of an answer over UDP."""
    _verify_udp(raw, turn, _ANNOUNCE, 20)
    return tuple(dict.fromkeys(compact(raw[20:], address_bytes)))


def _verify_udp(raw: bytes, turn: int, action: int, least: int) -> None:
    if len(raw) < _UDP_HEAD.size:
        raise ValueError(f"an answer of {len(raw)} bytes")
    said, theirs = _UDP_HEAD.unpack(raw[: _UDP_HEAD.size])
    if theirs != turn:
        raise ValueError("an answer to another question")
    if said == _ERROR:
        raise ValueError(f"refused: {raw[8:208].decode('utf-8', 'replace')}")
    if said != action or len(raw) < least:
        raise ValueError("an answer that is none")
