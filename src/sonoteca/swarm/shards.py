"""Shards: which of several seeders has which torrent, and how their answers become one. Pure.

Takes  infohashes and a number of shards; the answers of each of them.
Gives  the shard; the one answer.
Why by infohash  it is all that a peer, a magnet link or a tracker knows, and no shard has to be asked who has it. Two
       seed lists with one infohash meet in one shard, which sees that they are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sonoteca.model.torrent import InfoHashes

_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one of `shards` seeders has: all of it when it is the only one."""

    shard: int = 0
    shards: int = 1

    def has(self, hashes: InfoHashes) -> bool:
        """Whether this torrent is its."""
        return shard_of(hashes, self.shards) == self.shard


ALL = Share()


def shard_of(hashes: InfoHashes, shards: int) -> int:
    """Which shard seeds it: from 0."""
    return int(hashes.short[:_DIGITS], 16) % shards


def peer_address(address: str, hashes: InfoHashes, shards: int) -> str:
    """Where the seeder of this torrent is reached from outside, for magnet links: the archive's "host:port", with the
    port of the torrent's shard; "" when there is none."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return address
    return f"{host}:{int(port) + shard_of(hashes, shards)}"


_SUMS = ("seeding", "adding", "resting", "failed", "peers", "uploaded_bytes", "downloaded_bytes", "announces_waiting")


def merged_status(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One status of those of the shards that answered."""
    torrents = sorted((one for told in answers for one in told.get("torrents", ())), key=lambda one: str(one["name"]))
    return {
        "walls": all(told["walls"] for told in answers),
        "addresses": [address for told in answers for address in told["addresses"]],
        "torrents": torrents,
        "announce_round_s": max((told["announce_round_s"] for told in answers), default=0.0),
        "upload_limit_bytes_s": sum(told["upload_limit_bytes_s"] for told in answers),
        **{key: sum(told[key] for told in answers) for key in _SUMS},
        "shards": [{key: told[key] for key in ("pid", "addresses", *_SUMS)} for told in answers],
    }


def summed(answers: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Numbers by name, added up."""
    names = dict.fromkeys(name for told in answers for name in told)
    return {name: sum(told.get(name, 0) for told in answers) for name in names}
