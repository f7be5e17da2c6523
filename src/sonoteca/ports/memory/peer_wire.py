"""Doubles of peer wire, web seeds and trackers: what each place says is told beforehand."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from sonoteca.model.errors import Unreachable
from sonoteca.model.peers import Call, Endpoint, Got, Heard

Says = Callable[[Call], Heard]


def holding(content: Callable[[str], bytes], pieces: int | None = None) -> Says:
    """Somebody who gives each block out of `content(path)` within a millisecond, and says that it has `pieces`."""

    def says(call: Call) -> Heard:
        got = []
        for block in call.blocks:
            start = block.leaf * 16_384
            digest = hashlib.sha256(content(block.path)[start : start + block.bytes]).digest()
            got.append(Got(block=block, ms=1.0, digest=digest))
        return Heard(got=tuple(got), client="double/1", told=call.pieces if pieces is None else pieces)

    return says


class MemoryPeerWire:
    """Peers by address; `calls` is who was asked for what."""

    def __init__(self, peers: Mapping[str, Says]) -> None:
        self._peers = dict(peers)
        self.calls: list[tuple[str, Call]] = []

    def ask(self, where: Endpoint, call: Call) -> Heard:
        """See PeerWire.ask."""
        self.calls.append((str(where), call))
        says = self._peers.get(str(where))
        return says(call) if says else Heard(why="no connection: nobody is there")


class MemoryWebBlocks:
    """Web seeds by address."""

    def __init__(self, seeds: Mapping[str, Says]) -> None:
        self._seeds = dict(seeds)

    def ask(self, address: str, name: str, call: Call) -> Heard:
        """See WebBlocks.ask."""
        says = self._seeds.get(address)
        return replace(says(call), client=name) if says else Heard(why="no answer")


class MemoryTrackers:
    """Peers by tracker."""

    def __init__(self, named: Mapping[str, tuple[Endpoint, ...]]) -> None:
        self._named = dict(named)

    def peers(self, tracker: str, info_hash: bytes) -> tuple[Endpoint, ...]:
        """See Trackers.peers."""
        if tracker not in self._named:
            raise Unreachable("tracker", "a tracker named nobody", where=tracker)
        return self._named[tracker]
