"""Groupings: what somebody asks for, as the places of a torrent; or, when it is too much for one, as a list of files in
the volumes that are there.

Takes  a snapshot, a Where, a tier.   Gives  slots; a FileList.
Never  takes a file that may not be in a swarm.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from sonoteca.catalogue import browse, choosing, volumes
from sonoteca.catalogue.browse import Found
from sonoteca.catalogue.choosing import Chosen
from sonoteca.catalogue.volumes import InVolume, Listed
from sonoteca.holdings.offers import offer_of
from sonoteca.model.errors import Refused
from sonoteca.model.search import DocumentKind
from sonoteca.model.torrent import Member, Outside, Slot
from sonoteca.model.view import Where
from sonoteca.torrents import layout, views
from sonoteca.torrents.assemble import magnet
from sonoteca.torrents.volumes import Offer

FindOffer = Callable[[str], Offer]
T = TypeVar("T")
PAGE_TRACKS = 1000


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
    """Everything that is asked for, by volume; or page `page` of `pages`."""

    asked: str
    tier: str
    parts: tuple[Part, ...]
    page: int = 1
    pages: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a list is asked for: `page` has PAGE_TRACKS tracks of it; 0 is all of them at once."""

    where: Where
    tier: str
    page: int = 0


class Once(Protocol):
    """What gives a thing that was made before, while it is still so; `weight` says how many bytes it takes."""

    def __call__(self, key: Hashable, make: Callable[[], T], weight: Callable[[T], int]) -> T:
        """The thing."""


def made_anew(key: Hashable, make: Callable[[], T], weight: Callable[[T], int]) -> T:
    """Nothing is remembered."""
    return make()


def found_once(once: Once, tx: Connection, words: str, kind: DocumentKind) -> Sequence[Found]:
    """What words find: the search page and its lists ask for the same."""
    return once(("found", words, kind), lambda: browse.found(tx, words, kind), lambda some: 1_000 + 300 * len(some))


def file_list(tx: Connection, asking: Asking, links: tuple[Outside, str], once: Once = made_anew) -> FileList:
    """The list: of each track the copy that a view would have, with its credits. `links` is what stands in the magnet
    links: the outside and a peer ("" for none)."""
    find = partial(found_once, once)
    every = once(
        ("chosen", asking.where), lambda: choosing.chosen(tx, asking.where, find), lambda one: 1_000 + 200 * count(one)
    )
    wanted: dict[str, list[InVolume]] = {}
    for one in _wanted(tx, page_of(every, asking.page) if asking.page else every, asking.tier):
        wanted.setdefault(one.volume, []).append(one)
    listed = {one.name: one for one in volumes.listed(tx) if one.name in wanted}
    parts = []
    for name in sorted(wanted):
        numbers = once(("numbers", name), partial(_numbers, tx, name), lambda one: 1_000 + 250 * len(one))
        parts.append(_part(listed[name], sorted({numbers[one.path]: one for one in wanted[name]}.items()), links))
    pages = max(1, -(-count(every) // PAGE_TRACKS)) if asking.page else 1
    asked = views.asked_of(asking.where)
    return FileList(asked=asked, tier=asking.tier, parts=tuple(parts), page=max(1, asking.page), pages=pages)


def page_of(chosen: Chosen, page: int) -> Chosen:
    """The tracks of one page, in their order."""
    first = (page - 1) * PAGE_TRACKS
    every = ((release, track, whole) for release, tracks in chosen.items() for track, whole in tracks.items())
    found: dict[str, dict[str, str]] = {}
    for release, track, whole in islice(every, first, first + PAGE_TRACKS):
        found.setdefault(release, {})[track] = whole
    return found


def _wanted(tx: Connection, chosen: Chosen, tier: str) -> Iterator[InVolume]:
    for release, tracks in chosen.items():
        here = volumes.in_volumes(tx, release)
        for track, whole in tracks.items():
            for one in views.TIERS[tier]:
                name = whole if one.value == "original" else track
                if found := [file for file in here if file.tier is one and file.track == name]:
                    yield from found
                    break


def _numbers(tx: Connection, volume: str) -> dict[str, int]:
    """The number that each file of a volume has in its torrent."""
    members = [slot for slot in volumes.slots_of(tx, volume) if slot.present]
    entries = layout.entries([Member(path=one.path, digest=one.digest, bytes=one.bytes) for one in members])
    return {entry.path: number for number, entry in enumerate(entries)}


def _part(listed: Listed, numbered: Sequence[tuple[int, InVolume]], links: tuple[Outside, str]) -> Part:
    link = magnet(listed.hashes, listed.name, *links)
    return Part(volume=listed, magnet=f"{link}&so={views.ranges(dict(numbered))}", files=tuple(numbered))
