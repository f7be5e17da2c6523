"""Peers, as values: who is asked for which blocks, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A host (an IP address, or a name) and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSeen:
    """Somebody who is connected to the seeder. `port` is where it listens; 0, not known, when it came to us. `client`
    and `is_complete` are what it says."""

    host: str
    port: int
    client: str
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of 16 KiB, or the rest of a file that ends before: the `leaf`-th of the `file`-th file of a torrent
    (pads not counted); on the wire `bytes` at `begin` of `piece`. `path` is the file's in the torrent."""

    file: int
    leaf: int
    path: str
    piece: int
    begin: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a peer is asked: blocks of a torrent of so many pieces, by the 20 bytes that its swarm goes by."""

    info_hash: bytes
    is_v2: bool
    pieces: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A block that was asked for: the sha256 of what came and after how many ms. `digest` b"": it was refused, or never
    came."""

    block: Block
    ms: float = 0.0
    digest: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a place said. `told` is how many pieces it says it has, None when it did not come to that; `why` "" when all
    went well, else what did not; `is_garbage`: it did not speak the language, or of another torrent."""

    got: tuple[Got, ...] = ()
    client: str = ""
    told: int | None = None
    why: str = ""
    is_garbage: bool = False
