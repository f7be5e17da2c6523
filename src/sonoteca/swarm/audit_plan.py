"""Audit plan: which blocks a place is asked for, how sure that makes us, and what its answers mean. Pure.

Takes  a torrent as it was parsed, how many blocks, and 32 bytes of chance; later what was heard, and the stored leaves.
Gives  the blocks, each as likely as any other and none twice; the chance that somebody who lacks a share is caught; an
       outcome for each place.
Why    without replacement among all N blocks: who lacks m of them gives k right ones with a chance of
       C(N-m, k) / C(N, k). With 30 blocks of a large volume a peer that lacks 10 % is caught with 95.8 %, whatever it
       lacks; one that lacks a single file of 2,000 is caught with 1.5 %, and no sample that is not most of the volume
       does better. It must not know beforehand what it will be asked: chance comes from the system, anew for each.
"""

import hashlib
import ipaddress
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sonoteca.formats.metainfo import Metainfo
from sonoteca.model.copies import Outcome
from sonoteca.model.files import BLOCK_BYTES
from sonoteca.model.peers import Block, Call, Endpoint, Heard
from sonoteca.model.torrent import Flavour

LACKS = 0.1  # the share that the confidence is told for
MAX_BLOCKS = 1000
MAX_PORT = 65_535
SEED_BYTES = 32
_V6_HOLDER_BITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A file of a torrent and the piece that it begins."""

    path: str
    first_piece: int
    bytes: int

    @property
    def blocks(self) -> int:
        """How many leaves it has."""
        return -(-self.bytes // BLOCK_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the files of a torrent lie in its pieces."""

    piece_bytes: int
    pieces: int
    spans: tuple[Span, ...]

    @property
    def blocks(self) -> int:
        """How many leaves there are."""
        return sum(span.blocks for span in self.spans)


def ground_of(torrent: Metainfo) -> Ground:
    """Pads are passed over. ValueError when a file does not begin a piece: then its leaves are not on block borders."""
    is_v2, start, spans = torrent.flavour is Flavour.V2, 0, []
    for file in torrent.files:
        if not file.is_pad and file.bytes:
            if start % torrent.piece_bytes:
                raise ValueError(f"no piece begins where this file does: {file.path[:80]!r}")
            spans.append(Span(path=file.path, first_piece=start // torrent.piece_bytes, bytes=file.bytes))
        start += file.bytes
        # BEP 52: without a v1 half each file begins a piece, and nothing fills the gap.
        start += -start % torrent.piece_bytes if is_v2 else 0
    return Ground(piece_bytes=torrent.piece_bytes, pieces=-(-start // torrent.piece_bytes), spans=tuple(spans))


def sample(ground: Ground, count: int, chance: bytes) -> tuple[Block, ...]:
    """`count` different blocks, or all when there are not more, in the order in which they are to be asked for."""
    if not 0 < count <= MAX_BLOCKS or len(chance) != SEED_BYTES:
        raise ValueError(f"from 1 to {MAX_BLOCKS} blocks, by {SEED_BYTES} bytes of chance")
    ends = list(accumulate(span.blocks for span in ground.spans))
    numbers = _numbers(ends[-1], min(count, ends[-1]), chance)
    return tuple(_block(ground, ends, number) for number in numbers)


def _numbers(total: int, count: int, chance: bytes) -> list[int]:
    """A sample without replacement (Floyd, CACM 30:9, 1987), then in an order that tells nothing."""
    draws, chosen = _draws(chance), set[int]()
    for top in range(total - count, total):
        number = _below(top + 1, draws)
        chosen.add(top if number in chosen else number)
    found = sorted(chosen)
    for place in range(len(found) - 1, 0, -1):
        other = _below(place + 1, draws)
        found[place], found[other] = found[other], found[place]
    return found


def _draws(chance: bytes) -> Iterator[int]:
    """Numbers below 2**64: SHA-256 over the chance and a counter."""
    counter = 0
    while True:
        raw = hashlib.sha256(chance + counter.to_bytes(8, "big")).digest()
        yield from (int.from_bytes(raw[place : place + 8], "big") for place in range(0, 32, 8))
        counter += 1


def _below(limit: int, draws: Iterator[int]) -> int:
    """A number from 0 to limit - 1, each as likely: what would favour the small ones is drawn again."""
    fair = (1 << 64) - (1 << 64) % limit
    return next(number for number in draws if number < fair) % limit


def _block(ground: Ground, ends: Sequence[int], number: int) -> Block:
    index = bisect_right(ends, number)
    span = ground.spans[index]
    leaf = number - (ends[index] - span.blocks)
    start = leaf * BLOCK_BYTES
    return Block(
        file=index,
        leaf=leaf,
        path=span.path,
        piece=span.first_piece + start // ground.piece_bytes,
        begin=start % ground.piece_bytes,
        bytes=min(BLOCK_BYTES, span.bytes - start),
    )


def confidence(blocks: int, asked: int, lacks: float = LACKS) -> float:
    """The chance that somebody who lacks this share of so many blocks is caught by asking for `asked` of them."""
    missing, asked = math.ceil(blocks * lacks), min(asked, blocks)
    if not missing or not asked:
        return 0.0
    if asked > blocks - missing:
        return 1.0
    kept = math.prod((blocks - missing - place) / (blocks - place) for place in range(asked))
    return 1.0 - kept


# ── what the answers mean ────────────────────────────────────────────────────────────────────────────────────────────


def judge(call: Call, heard: Heard, leaves: Sequence[bytes]) -> tuple[Outcome, int, str]:
    """The outcome, how many blocks were right, and why. `leaves` are the stored ones of `call.blocks`, in order."""
    wanted = dict(zip(call.blocks, leaves, strict=True))
    right = sum(one.digest == wanted[one.block] for one in heard.got)
    wrong = next((one for one in heard.got if one.digest and one.digest != wanted[one.block]), None)
    if wrong is not None:
        return Outcome.FAILED, right, f"a wrong block {wrong.block.leaf} of {wrong.block.path}"
    if heard.is_garbage:
        return Outcome.GARBAGE, right, heard.why
    if heard.told is not None and heard.told < call.pieces:
        return Outcome.PARTIAL, right, f"it says that it has {heard.told} of {call.pieces} pieces"
    if refused := [one for one in heard.got if not one.digest]:
        return Outcome.FAILED, right, f"it says that it has everything, and refused {len(refused)} blocks"
    if heard.told is None or right < len(call.blocks):
        return Outcome.SILENT, right, heard.why or f"{right} of {len(call.blocks)} blocks came"
    return Outcome.PROVED, right, ""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed; 0 of none."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)] if values else 0.0


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def parse_endpoint(text: str) -> Endpoint:
    """ "192.0.2.7:6881", "[2001:db8::1]:6881", "peer.example:6881"; ValueError for anything else."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or not 0 < int(port[:6]) <= MAX_PORT:
        raise ValueError(f"HOST:PORT was expected, not {text[:80]!r}")
    is_bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if is_bracketed else host
    if is_bracketed != (":" in host):
        raise ValueError(f"an IPv6 address stands in brackets: [2001:db8::1]:6881, not {text[:80]!r}")
    if not host or len(host) > 253 or not all(letter.isalnum() or letter in "-.:_%" for letter in host):
        raise ValueError(f"no host: {host[:80]!r}")
    return Endpoint(host=host, port=int(port))


def is_public(host: str) -> bool:
    """Whether this is an address of the wide world, and no name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_global


def holder_of(host: str) -> str:
    """What counts as one holder: who has an IPv6 address has 2**64 of them."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower()
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _V6_HOLDER_BITS), strict=False))
    return str(address)
