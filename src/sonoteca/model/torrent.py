"""Torrents and volumes, as values: what is in a swarm, and under which names.

A volume's info dict is a function of its name and the members that are present, and of nothing else; trackers, web
seeds and predecessors (BEP 38) stand outside it.
"""

from dataclasses import dataclass
from enum import StrEnum

from sonoteca.model.ids import Digest
from sonoteca.model.sound import Tier


class Flavour(StrEnum):
    """hybrid: v1 and v2 in one (BEP 52), the default. v1: for clients that cannot open a hybrid. v2: the newest only.
    Each flavour is a swarm of its own."""

    HYBRID = "hybrid"
    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of a torrent: its path below the torrent's name ("Artist - Title/01 Aria.opus"), portable and NFC."""

    path: str
    digest: Digest
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoHashes:
    """`v1` 40 hexadecimal digits or "", `v2` 64 or ""; at least one is given."""

    v1: str = ""
    v2: str = ""

    @property
    def short(self) -> str:
        """20 bytes as libtorrent, trackers and DHT use them: v1, or v2 cut off."""
        return self.v1 or self.v2[:40]


NO_HASHES = InfoHashes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What stands in a .torrent beside its info dict, and never changes an infohash. `similar` are the infohashes of
    predecessors (BEP 38, hexadecimal): a peer that has one takes its files over without downloading."""

    trackers: tuple[tuple[str, ...], ...] = ()
    web_seeds: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """A .torrent: its bytes, its hashes, and the members in the order of its files (pads and nothing else left out)."""

    torrent: bytes
    hashes: InfoHashes
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What volumes never mix: collection, tier and licence class."""

    collection: str
    tier: Tier
    licence_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in a volume, given once and kept: path, release and `file` (the logical path in its object) stay, also
    while the file is out of the public (`present` False). `kind` is "audio" or "credits"."""

    path: str
    release: str
    track: str
    file: str
    kind: str
    digest: Digest
    bytes: int
    present: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume at one revision: what its record says (docs/formats/volumes.md). `hashes` are those of the hybrid, empty
    when no slot is present; `similar` the newest infohashes before, which tell peers what they have already."""

    name: str
    group: Group
    number: int
    revision: int
    opened_at: str
    slots: tuple[Slot, ...] = ()
    hashes: InfoHashes = InfoHashes()
    similar: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[Member, ...]:
        """The files that are in its torrent."""
        return tuple(Member(path=one.path, digest=one.digest, bytes=one.bytes) for one in self.slots if one.present)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What the seeder needs of one torrent: where the .torrent is, and for each of its files, in order and without
    pads, where its bytes lie. All paths are relative to the archive's folder ("torrents/…", "store/…"). `until` ends it
    without anybody doing anything: ISO 8601 in whole seconds, UTC ("2026-11-23T10:00:00Z"); "" is no end."""

    name: str
    torrent: str
    hashes: InfoHashes
    files: tuple[str, ...]
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """When one way by which strangers find a torrent was last told of it: `way` is a tracker's address or "dht", `at`
    when it took that (ISO 8601, UTC; "" is not yet), `trouble` why it did not the last time."""

    way: str
    at: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedStatus:
    """What the seeder says of one torrent: `state` is seeding, adding, resting or error; totals in bytes since it was
    added; `damaged` are files of the archive in which pieces were found wrong, and that are served no more."""

    name: str
    hashes: InfoHashes
    state: str
    peers: int = 0
    uploaded_bytes: int = 0
    downloaded_bytes: int = 0
    error: str = ""
    damaged: tuple[str, ...] = ()
    announced: tuple[Announced, ...] = ()
