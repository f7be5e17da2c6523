"""Groupings: what somebody asks for, as the places of a torrent; or, when it is too much for one, as a list of files in
the volumes that are there.

Takes  a snapshot, a Where, a tier.   Gives  slots; a FileList.
Never  takes a file that may not be in a swarm.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sonoteca.catalogue import choosing, volumes
from sonoteca.catalogue.choosing import Chosen
from sonoteca.catalogue.volumes import InVolume, Listed
from sonoteca.holdings.offers import offer_of
from sonoteca.model.errors import Refused
from sonoteca.model.torrent import Member, Outside, Slot
from sonoteca.model.view import Where
from sonoteca.torrents import layout, views
from sonoteca.torrents.assemble import magnet
from sonoteca.torrents.volumes import Offer

FindOffer = Callable[[str], Offer]


def count(chosen: Chosen) -> int:
    """How many tracks."""
    return sum(map(len, chosen.values()))


def grouped(
    tx: Connection, where: Where, tier: str, before: Sequence[Slot] = (), find_offer: FindOffer | None = None
) -> tuple[Slot, ...]:
    """The places of a torrent over everything that is asked for. Refused "view-too-large" beyond MAX_RECORDINGS tracks,
    "view-empty" when nothing of it may be in a swarm."""
    chosen = choosing.chosen(tx, where)
    if count(chosen) > views.MAX_RECORDINGS:
        what = f"{count(chosen)} tracks; a view has at most {views.MAX_RECORDINGS}"
        cure = "ask for less, or take the list of files in volumes (--list)"
        raise Refused("view-too-large", what, where=views.asked_of(where), cure=cure)
    find = find_offer or (lambda release: offer_of(tx, release))
    offers = (views.of_tier(find(release), tracks, tier) for release, tracks in chosen.items())
    slots = views.laid_out([(one, volumes.folders_of(tx, one.release)) for one in offers if one.items], before)
    if not slots:
        cure = "sonoteca search shows what is here; what is not yet rendered comes with the next sonoteca run"
        raise Refused("view-empty", "nothing that may be in a swarm", where=views.asked_of(where), cure=cure)
    return slots


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The files that are wanted of a volume: `magnet` selects them (BEP 53); each with its number in the torrent."""

    volume: Listed
    magnet: str
    files: tuple[tuple[int, InVolume], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileList:
    """Everything that is asked for, by volume."""

    asked: str
    tier: str
    parts: tuple[Part, ...]


def file_list(tx: Connection, where: Where, tier: str, outside: Outside, peer: str = "") -> FileList:
    """The list: of each track the copy that a view would have, with its credits."""
    chosen = choosing.chosen(tx, where)
    wanted: dict[str, list[InVolume]] = {}
    for one in _wanted(tx, chosen, tier):
        wanted.setdefault(one.volume, []).append(one)
    listed = {one.name: one for one in volumes.listed(tx) if one.name in wanted}
    parts = (_part(tx, listed[name], wanted[name], outside, peer) for name in sorted(wanted))
    return FileList(asked=views.asked_of(where), tier=tier, parts=tuple(parts))


def _wanted(tx: Connection, chosen: Chosen, tier: str) -> Iterator[InVolume]:
    for release, tracks in chosen.items():
        here = volumes.in_volumes(tx, release)
        for track, whole in tracks.items():
            for one in views.TIERS[tier]:
                name = whole if one.value == "original" else track
                if found := [file for file in here if file.tier is one and file.track == name]:
                    yield from found
                    break


def _part(tx: Connection, listed: Listed, files: list[InVolume], outside: Outside, peer: str) -> Part:
    members = [slot for slot in volumes.slots_of(tx, listed.name) if slot.present]
    entries = layout.entries([Member(path=one.path, digest=one.digest, bytes=one.bytes) for one in members])
    numbers = {entry.path: number for number, entry in enumerate(entries)}
    numbered = sorted({numbers[one.path]: one for one in files}.items())
    link = magnet(listed.hashes, listed.name, outside, peer)
    return Part(volume=listed, magnet=f"{link}&so={views.ranges(dict(numbered))}", files=tuple(numbered))
