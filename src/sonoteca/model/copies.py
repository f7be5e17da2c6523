"""Copies: who holds a volume besides us; what was seen in its swarm, and what was proved by asking for blocks.

A copy is *seen* when a peer says that it has everything. It is *proved* when a peer (or a web seed) was asked for
random blocks and every one came and was right. Both are of one revision: `volume_hash` is the short infohash of its
hybrid torrent, whatever flavour was asked.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How an audit of one place ended. proved: all that was asked came and was right, and it says that it has all.
    partial: it says itself that it has not all. failed: it gave a wrong block. silent: it could not be reached, did not
    let itself be asked, or stopped answering. garbage: what it said was no peer's language, or of another torrent."""

    PROVED = "proved"
    PARTIAL = "partial"
    FAILED = "failed"
    SILENT = "silent"
    GARBAGE = "garbage"


# An outcome that says something of the copy; after the others it is what it was before.
DECISIVE = frozenset({Outcome.PROVED, Outcome.PARTIAL, Outcome.FAILED})


class Place(StrEnum):
    """What was asked."""

    PEER = "peer"
    WEB_SEED = "web seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One audit of one place. `host` is what counts as one holder (an IPv4 address, the first 64 bits of an IPv6 one, a
    web seed's host name); `address` where it was asked, "" when it is no longer kept. `swarm_hash` is the short
    infohash of the flavour that was asked. Of `asked` blocks `right` came and were right; it said that it has
    `pieces_told` of `pieces`. Times are of single blocks, in ms; a relay that fetches on demand shows in them. `why`
    says what went wrong."""

    at: str
    volume: str
    volume_hash: str
    swarm_hash: str
    place: Place
    host: str
    address: str
    outcome: Outcome
    client: str = ""
    asked: int = 0
    right: int = 0
    pieces: int = 0
    pieces_told: int = 0
    median_ms: float = 0.0
    p99_ms: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """How many peers of a volume's swarms say that they have everything, and how many there are."""

    at: str
    volume: str
    volume_hash: str
    complete: int
    peers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Copies of a volume besides ours. `seen_at` and `proved_at` are the newest sighting and proof, "" when there is
    none. 0 seen and a `seen_at`: looked, and there was nobody."""

    seen: int = 0
    proved: int = 0
    seen_at: str = ""
    proved_at: str = ""


NO_COPIES = Copies()
