"""Audit: who holds a volume besides us, asked and written down.

Takes  the archive, a volume's name, and what the operator wants asked (Wish).
Gives  each Audited as it comes; at the end what is to be told; the history in private.sqlite.
Order  whom to ask → all are asked → one transaction writes audits and sighting, and forgets old addresses. Broken off
       in between, nothing is known that was not known before, and nothing has to be mended.
Never  asks us ourselves; asks an address again before `audit_pause_s` has passed; calls addresses of this machine or a
       private network because a tracker in the wide world named them.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sonoteca.catalogue.volumes import Listed
from sonoteca.formats import plain
from sonoteca.model.copies import NO_COPIES, Audited, Outcome, Place, Sighting
from sonoteca.model.errors import Refused, Unreachable
from sonoteca.model.peers import Endpoint, PeerSeen
from sonoteca.model.torrent import Flavour
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.audit_ground import StoredLeaves, find_volume, question_of
from sonoteca.pipeline.torrents import torrent_path
from sonoteca.ports.control import ask
from sonoteca.ports.own_addresses import is_here
from sonoteca.ports.peer_wire import TcpPeerWire
from sonoteca.ports.trackers import NetTrackers, Trackers
from sonoteca.ports.web_blocks import HttpWebBlocks
from sonoteca.swarm.audit import Doors, Question, Target, audit, says_complete
from sonoteca.swarm.audit_plan import LACKS, confidence, holder_of, is_public, parse_endpoint
from sonoteca.swarm.copies import copies_book
from sonoteca.swarm.tally import PROOF_DAYS, earliest

OF_ONE_HOLDER = 3  # addresses that are asked, of those that a tracker names


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator asks for. Without peers and web seeds the trackers and the seeder name whom to ask."""

    peers: tuple[str, ...] = ()
    web_seeds: tuple[str, ...] = ()
    blocks: int = 30
    flavour: Flavour | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who is asked, and why others are not: (address, why)."""

    targets: tuple[Target, ...]
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Whom:
    """Gathers whom to ask."""

    archive: Archive
    found: dict[Target, None] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def add(self, target: Target, *, is_ours: bool) -> None:
        """Unless it is us, or was asked a moment ago, or there are enough."""
        asked_at, now = self.archive.private.last_asked(str(target)), self.archive.clock.now()
        if is_ours:
            self.skipped[str(target)] = "this is us"
        elif asked_at and _seconds(asked_at, now) < self.archive.settings.audit_pause_s:
            self.skipped[str(target)] = f"asked {asked_at}; again after {self.archive.settings.audit_pause_s} s"
        elif len(self.found) >= self.archive.settings.audit_places:
            self.skipped[str(target)] = f"more than {self.archive.settings.audit_places}: another time"
        else:
            self.found[target] = None


def audit_volume(
    archive: Archive, name: str, wish: Wish, note: Callable[[Audited], None], doors: Doors | None = None
) -> dict[str, Any]:
    """The whole audit, and what is to be told. Refused for a wish that cannot be; Unreachable "nobody-to-ask"."""
    volume = find_volume(archive, name)
    flavour = wish.flavour or _first_flavour(archive, name)
    question = question_of(archive, volume, flavour, wish.blocks)
    seeder = _seeder(archive, question)
    chosen = whom(archive, question, wish, NetTrackers(), seeder)
    _verify_somebody(chosen)
    doors = doors or Doors(wire=TcpPeerWire(), web=HttpWebBlocks(), clock=archive.clock, chance=secrets.token_bytes)
    done = []
    for one in audit(question, chosen.targets, doors, StoredLeaves(archive, name).of):
        note(one)
        done.append(one)
    now = archive.clock.now()
    archive.private.save(done, [_sighting(volume, done, seeder.who, now)])
    archive.private.forget(earliest(now, PROOF_DAYS))
    return _told(archive, volume, question, (flavour, chosen, done))


def _first_flavour(archive: Archive, name: str) -> Flavour:
    here = (one for one in Flavour if archive.disk.find(torrent_path(name, one)) is not None)
    return next(here, Flavour.HYBRID)


# ── whom to ask ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeder:
    """What our seeder says: where it listens, and who is connected because of the volume."""

    addresses: tuple[str, ...] = ()
    who: tuple[PeerSeen, ...] = ()


def whom(archive: Archive, question: Question, wish: Wish, trackers: Trackers, seeder: Seeder) -> Ask:
    """Who is asked. Those that were named first; the others only when nobody was named."""
    gathered = _Whom(archive)
    ours = _our_ports(archive, seeder.addresses)
    for address in wish.web_seeds:
        _verify_web(address)
        gathered.add(address, is_ours=_is_our_web(archive, address))
    for text in wish.peers:
        where = _endpoint(text)
        gathered.add(where, is_ours=_is_us(archive, where, ours))
    if not wish.peers and not wish.web_seeds:
        for one in seeder.who:
            if one.port:
                gathered.add(Endpoint(host=one.host, port=one.port), is_ours=False)
        for where in _named(archive, question, trackers, gathered.skipped):
            gathered.add(where, is_ours=_is_us(archive, where, ours))
    return Ask(targets=tuple(gathered.found), skipped=tuple(gathered.skipped.items()))


def _named(archive: Archive, question: Question, trackers: Trackers, skipped: dict[str, str]) -> Iterator[Endpoint]:
    """Whom the trackers name, no holder more than a few times."""
    seen: dict[str, int] = {}
    for tracker in archive.settings.seed_trackers:
        try:
            named = trackers.peers(tracker, question.info_hash)
        except Unreachable as error:
            skipped[tracker] = error.what
            continue
        is_near = is_here(urlsplit(tracker).hostname or "")
        for where in named:
            holder = holder_of(where.host)
            seen[holder] = seen.get(holder, 0) + 1
            if seen[holder] <= OF_ONE_HOLDER and (is_near or is_public(where.host)):
                yield where


def _verify_somebody(chosen: Ask) -> None:
    if not chosen.targets:
        why = "; ".join(f"{address}: {why}" for address, why in chosen.skipped[:3]) or "nobody is known"
        cure = "name one: --peer HOST:PORT, or --web-seed URL; or set seed_trackers"
        raise Unreachable("nobody-to-ask", "there is nobody to ask for this volume", where=why, cure=cure)


def _endpoint(text: str) -> Endpoint:
    try:
        return parse_endpoint(text)
    except ValueError as error:
        raise Refused("peer", str(error), where="--peer", cure="--peer 192.0.2.7:6881") from error


def _verify_web(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(address) > 2000 or not address.isprintable():
        cure = "--web-seed https://mirror.example/seed/"
        raise Refused(
            "web-seed", "a web seed's address begins with http:// or https://", where=address[:100], cure=cure
        )


def _seeder(archive: Archive, question: Question) -> Seeder:
    """Nothing when none runs, or it is busy, or of a version that does not know the question."""
    try:
        told = ask(archive.root, "status", timeout_s=5.0, about=question.infohash)
    except (Unreachable, Refused):
        told = None
    if not told:
        return Seeder()
    who = [plain.from_plain(PeerSeen, peer) for one in told["torrents"] for peer in one.get("who", ())]
    return Seeder(addresses=tuple(told["addresses"]), who=tuple(who))


def _our_ports(archive: Archive, addresses: tuple[str, ...]) -> frozenset[int]:
    said = [*archive.settings.seed_listen.split(","), *addresses]
    ends = (address.strip().rpartition(":")[2] for address in said)
    return frozenset(int(port) for port in ends if port.isdecimal())


def _is_us(archive: Archive, where: Endpoint, ports: frozenset[int]) -> bool:
    ours = archive.settings.seed_address
    if str(where) == ours:
        return True
    # Each shard has a port of its own, on this machine as behind the address that others know.
    our_host = ours.rpartition(":")[0].strip("[]")
    return where.port in ports and (where.host == our_host or is_here(where.host))


def _is_our_web(archive: Archive, address: str) -> bool:
    host, ours = urlsplit(address).netloc.lower(), urlsplit(archive.settings.web_address).netloc.lower()
    port = archive.settings.web_listen.rpartition(":")[2]
    return host == ours or (host.rpartition(":")[2] == port and is_here(urlsplit(address).hostname or ""))


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sighting(volume: Listed, done: list[Audited], who: tuple[PeerSeen, ...], now: str) -> Sighting:
    """Of those who were asked, and those who are connected to the seeder; each holder once."""
    peers = {one.host: False for one in done if one.place is Place.PEER and one.pieces_told}
    peers |= {holder_of(one.host): False for one in who}
    peers |= {one.host: True for one in done if one.place is Place.PEER and says_complete(one)}
    peers |= {holder_of(one.host): True for one in who if one.is_complete}
    complete = sum(peers.values())
    return Sighting(at=now, volume=volume.name, volume_hash=volume.hashes.short, complete=complete, peers=len(peers))


def _told(
    archive: Archive, volume: Listed, question: Question, came: tuple[Flavour, Ask, list[Audited]]
) -> dict[str, Any]:
    flavour, chosen, done = came
    copies = copies_book(archive.private, archive.clock.now()).get(volume.hashes.short, NO_COPIES)
    asked = min(question.blocks, question.ground.blocks)
    return {
        "volume": volume.name,
        "flavour": str(flavour),
        "blocks": asked,
        "of_blocks": question.ground.blocks,
        "lacks": LACKS,
        "confidence": round(confidence(question.ground.blocks, asked), 4),
        "places": [plain_audited(one) for one in sorted(done, key=lambda one: (one.place, one.address))],
        "skipped": [{"address": address, "why": why} for address, why in chosen.skipped],
        "copies": plain.to_plain(copies) | {"seen": copies.seen, "proved": copies.proved},
        "failed": sum(one.outcome is Outcome.FAILED for one in done),
    }


def plain_audited(one: Audited) -> dict[str, Any]:
    """As --json tells it."""
    names = ("address", "place", "client", "outcome", "asked", "right", "pieces", "pieces_told", "median_ms", "p99_ms")
    share = one.right / one.asked if one.asked else 0.0
    return {**{name: getattr(one, name) for name in names}, "share": round(share, 4), "why": one.why, "at": one.at}
