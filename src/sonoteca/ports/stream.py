"""Stream: a file of somebody else's swarm, read while it comes.

Takes  a Wanted (a link or .torrent of anybody, and a path).   Gives  a Stream: its name, its size, any stretch of it.
Never  gives a byte that the torrent's hashes do not vouch for; gives anything to anyone: what is fetched here is heard
       here and not published; keeps more than its limits say, or anything at all after `close`.

The real thing is ProcessStreams (stream_process.py), its double MemoryStreams (memory/stream.py).
"""

from dataclasses import dataclass
from typing import Protocol

from sonoteca.model.errors import Damaged, Refused, SonotecaError, Unreachable
from sonoteca.model.stream import Wanted

MAX_READ_BYTES = 256 * 1024
ERRORS: dict[str, type[SonotecaError]] = {"refused": Refused, "damaged": Damaged, "unreachable": Unreachable}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """How many streams at once, of files of at most so many bytes; seconds until the torrent is known and its file
    found (`open_s`), and until a stretch comes (`read_s`). `dht`: may peers be sought in the distributed hash table.
    `own_network`: may those whom a link names have special addresses (special_addresses.py)."""

    streams: int = 4
    file_bytes: int = 1 << 30
    open_s: float = 60.0
    read_s: float = 60.0
    dht: bool = False
    own_network: bool = True


class Stream(Protocol):
    """One file that is listened to. Threads may share it; they wait for each other."""

    @property
    def path(self) -> str:
        """Its path in the torrent: to be shown."""

    @property
    def size(self) -> int:
        """In bytes."""

    def read(self, start: int, count: int) -> bytes:
        """`count` bytes from `start`, at most MAX_READ_BYTES. Unreachable "no-peers" when they do not come in time."""

    def close(self) -> None:
        """Lets go of it; what came of it is removed."""


class Streams(Protocol):
    """Opens streams. Threads may share it."""

    def open(self, wanted: Wanted) -> Stream:
        """Refused for a link, torrent or path that cannot be, and when there are too many; Unreachable "no-peers"."""

    def close(self) -> None:
        """Ends all of them."""


def told_error(kind: str, code: str, what: str) -> SonotecaError:
    """An error that another process told."""
    cure = {"no-peers": "somebody must seed it, and be reachable; a link with trackers or x.pe helps, or --dht"}
    return ERRORS.get(kind, Unreachable)(
        code[:40], what[:300], where="the swarm", cure=cure.get(code, "take another link or path")
    )


def too_many(limits: StreamLimits) -> Refused:
    """There are as many as there may be."""
    return Refused(
        "too-many-streams", f"{limits.streams} are heard already", where="the swarm", cure="wait for one to end"
    )
