"""Double of the swarm: seeds nothing, and remembers what it was told. It believes a .torrent that is the JSON object
{"hashes": {"v1": …, "v2": …}, "sizes": […]}."""

import os
from typing import ClassVar

from sonoteca.formats import json
from sonoteca.formats.plain import from_plain
from sonoteca.model.errors import Uncertain
from sonoteca.model.peers import PeerSeen
from sonoteca.model.torrent import Announced, InfoHashes, Seed, SeedStatus
from sonoteca.ports.swarm import (
    ERROR,
    MAX_TORRENT_BYTES,
    SEEDING,
    Totals,
    bad_torrent,
    find_stamps,
    mark_of,
    seeded_already,
    verify_files,
)

TOLD_AT = "2026-11-23T10:00:00Z"


class MemorySwarm:
    """What was added and not removed; `deeds` is all that was asked, in order; `stuck` names what will not go,
    `spoilt` what is in error."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, addresses: tuple[str, ...] = ("127.0.0.1:6881",)) -> None:
        self._addresses = addresses
        self._seeds: dict[str, Seed] = {}
        self._told: dict[str, Announced] = {}
        self.upload_bytes_s = 0
        self.deeds: list[tuple[str, str]] = []
        self.stuck: set[str] = set()
        self.spoilt: set[str] = set()
        self.connected: dict[str, tuple[PeerSeen, ...]] = {}

    def add(self, seed: Seed, torrent: bytes, root: str) -> int:
        """See Swarm.add."""
        hashes, sizes = _parse(seed, torrent)
        if hashes.short in self._seeds:
            raise seeded_already(seed)
        if hashes != seed.hashes:
            raise bad_torrent(seed, "it has other hashes")
        stamps = find_stamps(os.path.join(root, path) for path in seed.files)
        verify_files(seed, sizes, stamps)
        self.deeds.append(("add", seed.name))
        self._seeds[hashes.short] = seed
        return mark_of(stamps)

    def remove(self, hashes: InfoHashes) -> None:
        """See Swarm.remove."""
        seed = self._seeds.pop(hashes.short, None)
        self._told.pop(hashes.short, None)
        if seed is None:
            return
        self.deeds.append(("remove", seed.name))
        if seed.name in self.stuck:
            raise Uncertain("still-seeded", "it cannot be known", where=seed.name)

    def announce(self, hashes: InfoHashes) -> None:
        """See Swarm.announce: a table that always answers."""
        if (seed := self._seeds.get(hashes.short)) is not None:
            self.deeds.append(("announce", seed.name))
            self._told[hashes.short] = Announced(way="dht", at=TOLD_AT)

    def limit(self, upload_bytes_s: int) -> None:
        """See Swarm.limit."""
        self.upload_bytes_s = upload_bytes_s

    def states(self) -> dict[InfoHashes, str]:
        """See Swarm.states."""
        return {one.hashes: one.state for one in self.status()}

    def peers(self, hashes: InfoHashes) -> tuple[PeerSeen, ...]:
        """See Swarm.peers: whom `connected` names."""
        return self.connected.get(hashes.short, ()) if hashes.short in self._seeds else ()

    def totals(self) -> Totals:
        """See Swarm.totals."""
        return Totals()

    def status(self) -> tuple[SeedStatus, ...]:
        """See Swarm.status."""
        seeds = sorted(self._seeds.values(), key=lambda seed: seed.name)
        return tuple(self._status(seed) for seed in seeds)

    def _status(self, seed: Seed) -> SeedStatus:
        if seed.name in self.spoilt:
            damaged = seed.files[:1]
            return SeedStatus(
                name=seed.name, hashes=seed.hashes, state=ERROR, error="a piece is wrong", damaged=damaged
            )
        told = self._told.get(seed.hashes.short)
        return SeedStatus(name=seed.name, hashes=seed.hashes, state=SEEDING, announced=(told,) if told else ())

    def addresses(self) -> tuple[str, ...]:
        """See Swarm.addresses."""
        return self._addresses

    def drain(self) -> None:
        """See Swarm.drain: nothing ever happens by itself."""

    def wakes(self) -> int | None:
        """See Swarm.wakes."""
        return None

    def close(self) -> None:
        """See Swarm.close."""
        self._seeds.clear()


def _parse(seed: Seed, torrent: bytes) -> tuple[InfoHashes, list[int]]:
    if len(torrent) > MAX_TORRENT_BYTES:
        raise bad_torrent(seed, "it is too large")
    try:
        told = json.parse_object(torrent)
        return from_plain(InfoHashes, told["hashes"]), [int(size) for size in told["sizes"]]
    except (ValueError, KeyError, TypeError) as error:
        raise bad_torrent(seed, "it is none") from error
