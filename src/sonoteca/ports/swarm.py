"""Swarm: the client that seeds, behind a Protocol: files of the store leave through it, and nothing comes in.

Takes  a Seed, the bytes of its .torrent (from torrents/, data like any other) and the archive's folder.
Gives  what is seeded and how it goes; after `remove` returns, a torrent is certainly no longer served.
Never  downloads, writes, makes or renames a file; serves a piece that it knows to be wrong; tells anyone anything that
       its settings do not name.

The real thing is LibtorrentSwarm (libtorrent_swarm.py), its double MemorySwarm (memory/swarm.py).
"""

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from sonoteca.model.errors import Conflict, Damaged
from sonoteca.model.peers import PeerSeen
from sonoteca.model.torrent import InfoHashes, Seed, SeedStatus

ADDING, SEEDING, RESTING, ERROR = "adding", "seeding", "resting", "error"
# What stock clients open by default; a .torrent beyond it is none of ours.
MAX_TORRENT_BYTES = 10_000_000
MAX_PIECES = 2_097_152
MAX_TOKENS = 3_000_000
MAX_DEPTH = 100

# Inode, when its bytes and when anything of it changed, and its size: other bytes, another stamp.
Stamp = tuple[int, ...]
SIZE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmSettings:
    """What the client may do. `listen` are addresses with ports ("127.0.0.1:6881", "[::1]:6881"; port 0 lets the system
    choose); without `trackers`, `dht` and `lsd` it speaks to nobody who did not come to it. 0 bytes a second: no
    limit. `dht_nodes` ("host:port") are whom the table is entered by; () is the client's own choice. `announces_s` is
    what the table is allowed to cost: so many torrents are told a second."""

    listen: tuple[str, ...]
    dht: bool = False
    dht_nodes: tuple[str, ...] = ()
    lsd: bool = False
    trackers: tuple[str, ...] = ()
    upload_bytes_s: int = 0
    connections: int = 400
    announces_s: int = 10

    @property
    def is_quiet(self) -> bool:
        """Whether nobody is told what is seeded here."""
        return not (self.dht or self.lsd or self.trackers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of everything since the client began, what was removed since included."""

    peers: int = 0
    uploaded_bytes: int = 0
    downloaded_bytes: int = 0
    connections_taken: int = 0
    wrong_pieces: int = 0
    requests_refused: int = 0
    dht_nodes: int = 0


class Swarm(Protocol):
    """What is seeded. One thread uses it."""

    PLACES: ClassVar[tuple[str, ...]]

    def add(self, seed: Seed, torrent: bytes, root: str) -> int:
        """Seeds these files from now on: `status` says "adding", then "seeding". Gives the mark of the files as they
        were when their sizes were looked at. Damaged when the .torrent is none, has other hashes, or a file is missing
        or has another size; Conflict "seeded-already" when the hashes are there."""

    def remove(self, hashes: InfoHashes) -> None:
        """No peer gets anything more and none of its files is open any more; nothing happens when it was not there.
        Uncertain when that cannot be known."""

    def announce(self, hashes: InfoHashes) -> None:
        """Tells the trackers and the table of this torrent; `status` says what they answered. From then on trackers are
        told again as often as they want it, the table is not. Nothing happens when it is not there or not well."""

    def limit(self, upload_bytes_s: int) -> None:
        """At most so many bytes a second leave from now on; 0 is no limit."""

    def status(self) -> tuple[SeedStatus, ...]:
        """Every torrent, by name."""

    def states(self) -> Mapping[InfoHashes, str]:
        """The state of each, without asking the client anew: cheap with many."""

    def peers(self, hashes: InfoHashes) -> tuple[PeerSeen, ...]:
        """Who is connected because of this torrent; () when it is not there."""

    def totals(self) -> Totals:
        """Sums over everything."""

    def addresses(self) -> tuple[str, ...]:
        """Where peers can connect: "127.0.0.1:6881"."""

    def drain(self) -> None:
        """Takes in what happened since the last time. To be called when `wakes` is readable, and now and then."""

    def wakes(self) -> int | None:
        """A descriptor that becomes readable when something happened; None when there is none to wait for."""

    def close(self) -> None:
        """Serves nobody any more; closing twice is closing once."""


def stamp_of(seen: os.stat_result) -> Stamp:
    """What a file looks like."""
    return (seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size)


def find_stamps(paths: Iterable[str]) -> list[Stamp]:
    """What these files look like; () where there is none, or a link or another thing."""
    return [_find_stamp(path) for path in paths]


def _find_stamp(path: str) -> Stamp:
    try:
        seen = os.lstat(path)
    except OSError:
        return ()
    return stamp_of(seen) if stat.S_ISREG(seen.st_mode) else ()


def mark_of(stamps: Sequence[Stamp]) -> int:
    """One number for many stamps: another when a file is another. With millions of files no more is kept."""
    return hash(tuple(stamps))


def verify_files(seed: Seed, expected: Sequence[int], found: Sequence[Stamp]) -> None:
    """Damaged unless each file is there and has the size in bytes that the .torrent says."""
    if len(expected) != len(seed.files):
        raise bad_torrent(seed, f"it has {len(expected)} files, its seed file names {len(seed.files)}")
    for path, wanted, stamp in zip(seed.files, expected, found, strict=True):
        here = stamp[SIZE] if stamp else None
        if here != wanted:
            what = "a file is missing" if here is None else f"a file has {here} bytes, not {wanted}"
            raise Damaged("seed-file", what, where=path, cure="sonoteca verify tells what else is damaged")


def bad_torrent(seed: Seed, why: str) -> Damaged:
    """The .torrent of this seed is not what it should be."""
    return Damaged("bad-torrent", f"it cannot be seeded: {why}", where=seed.torrent, cure="sonoteca volumes refresh")


def seeded_already(seed: Seed) -> Conflict:
    """These hashes are seeded under another name, or this one twice."""
    return Conflict("seeded-already", "this torrent is seeded already", where=seed.name, cure="remove it first")
