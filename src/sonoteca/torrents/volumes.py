"""Volumes: which file stands in which volume, and under which path. Pure: values in, the next revision out.

Takes  the volumes in which a release has places, what of it may be published now (an Offer), and the newest volume of
       each group.
Gives  the same volumes at their next state: places taken back or given again, new places at the end of the newest one.
Undoes itself: a file that leaves keeps its place (path and all), so that coming back gives the former infohash.
Never  moves a file that has a place, gives a path twice, or lets a recording travel without its credits.

A volume is full at `Room.max_files` or `Room.max_bytes`, counting places that are empty now; it takes new files for
`Room.open_days`. Folder names are given once, when a release is first published.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from sonoteca.formats.fold import fold
from sonoteca.formats.naming import clash_key, portable, split_ending
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Group, Slot, Volume

AUDIO, CREDITS = "audio", "credits"
CREDITS_ENDING = ".credits.txt"
SIMILAR = 8  # predecessors named in a torrent, the newest first
MAX_WORD = 40
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much a volume takes, and for how long."""

    max_files: int
    max_bytes: int
    open_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """The credits of a published file."""

    file: str
    digest: Digest
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file that may be published: `name` is what it should be called ("cd1/01 Aria.flac"), `file` its logical
    path."""

    group: Group
    track: str
    file: str
    name: str
    digest: Digest
    bytes: int
    credits: Sidecar


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Everything of a release that may be published now; `folder` is what its folder should be called."""

    release: str
    folder: str
    items: tuple[Item, ...]


def revise(volumes: Iterable[Volume], offer: Offer) -> tuple[list[Volume], tuple[Item, ...]]:
    """The volumes with the places of this release as the offer wants them, and the items that have none yet."""
    rest = {(one.group, one.file): one for one in offer.items}
    found = []
    for volume in volumes:
        mine = {file: one for (group, file), one in rest.items() if group == volume.group}
        slots = _revised(volume.slots, offer.release, mine)
        for slot in slots:
            if slot.release == offer.release and slot.kind == AUDIO:
                rest.pop((volume.group, slot.file), None)
        found.append(replace(volume, slots=slots))
    return found, tuple(rest.values())


def _revised(slots: Sequence[Slot], release: str, mine: Mapping[str, Item]) -> tuple[Slot, ...]:
    """A recording and its credits stand one after the other: both stay or both leave."""
    found: list[Slot] = []
    above: Item | None = None
    for slot in slots:
        if slot.release != release:
            found.append(slot)
            continue
        if slot.kind == AUDIO:
            above = mine.get(slot.file)
        found.append(_given(slot, above))
    return tuple(found)


def _given(slot: Slot, item: Item | None) -> Slot:
    if item is None:
        return replace(slot, present=False)
    if slot.kind == AUDIO:
        return replace(slot, track=item.track, digest=item.digest, bytes=item.bytes, present=True)
    one = item.credits
    return replace(slot, track=item.track, file=one.file, digest=one.digest, bytes=one.bytes, present=True)


def is_open(volume: Volume, room: Room, now: str) -> bool:
    """Whether it still takes new files, as far as its age goes."""
    age = datetime.fromisoformat(now) - datetime.fromisoformat(volume.opened_at)
    return age.days < max(1, room.open_days)


def has_room(volume: Volume, items: Sequence[Item], room: Room) -> bool:
    """Whether all of these fit. An empty volume takes what it is given, up to the number of files."""
    files = len(volume.slots) + 2 * len(items)
    size = sum(one.bytes for one in volume.slots) + sum(one.bytes + one.credits.bytes for one in items)
    return files <= room.max_files and (size <= room.max_bytes or not volume.slots)


def parts_of(items: Sequence[Item], room: Room) -> list[list[Item]]:
    """The items of one release and group in parts that each fit into an empty volume: mostly one part."""
    parts: list[list[Item]] = []
    size = 0
    for item in items:
        wanted = item.bytes + item.credits.bytes
        if not parts or 2 * len(parts[-1]) + 2 > room.max_files or size + wanted > room.max_bytes:
            parts.append([])
            size = 0
        parts[-1].append(item)
        size += wanted
    return parts


def placed(volume: Volume, release: str, folder: str, items: Iterable[Item]) -> Volume:
    """The volume with places for these at its end, below this folder."""
    slots = list(volume.slots)
    taken = {clash_key(slot.path) for slot in slots}
    for item in items:
        path = _path(folder, item, taken)
        sidecar = path + CREDITS_ENDING
        taken |= {clash_key(path), clash_key(sidecar)}
        recording = Slot(
            path=path,
            release=release,
            track=item.track,
            file=item.file,
            kind=AUDIO,
            digest=item.digest,
            bytes=item.bytes,
        )
        given = item.credits
        credits = replace(
            recording, path=sidecar, file=given.file, kind=CREDITS, digest=given.digest, bytes=given.bytes
        )
        slots += [recording, credits]
    return replace(volume, slots=tuple(slots))


def _path(folder: str, item: Item, taken: Collection[str]) -> str:
    above, _, name = item.name.rpartition("/")
    home = "/".join([folder, *(portable(part) for part in above.split("/") if part)])
    for mark in _marks(item):
        stem, ending = split_ending(portable(name))
        chosen = f"{home}/{stem}{mark}{ending}"
        if clash_key(chosen) not in taken and clash_key(chosen + CREDITS_ENDING) not in taken:
            return chosen
    raise RuntimeError("counting ended")


def _marks(item: Item) -> Iterator[str]:
    yield ""
    mark = f"{item.track[-8:]}-{item.digest[:8]}"
    yield f" [{mark}]"
    yield from (f" [{mark}-{number}]" for number in count(2))


def folder_for(volume: Volume, offer: Offer, given: Iterable[str]) -> str:
    """The folder of a release in a volume: one that it has (`given`), or what it should be called; never that of
    another release there, by no system's reckoning."""
    names = {slot.path.partition("/")[0] for slot in volume.slots if slot.release != offer.release}
    others = {clash_key(one) for one in names}
    wanted = portable(offer.folder)
    free = (one for one in (*sorted(given), wanted) if clash_key(one) not in others)
    return next(free, "") or portable(f"{wanted} [{offer.release[-12:]}]", names)


def opened(archive: str, group: Group, taken: Callable[[str], Collection[str]], now: str) -> Volume:
    """A new, empty volume of a group. `taken` gives the names that begin so."""
    words = (_word(archive), _word(group.collection or "unsorted"), group.tier.value, group.licence_class or "custom")
    beginning = "-".join(one for one in words if one)
    names = taken(beginning + "-")
    numbers = [int(name.rpartition("-")[2]) for name in names if name.rpartition("-")[2].isdecimal()]
    number = max(numbers, default=0) + 1
    return Volume(name=f"{beginning}-{number:04}", group=group, number=number, revision=0, opened_at=now)


def _word(text: str) -> str:
    """Letters and digits that every system takes; what has none is named by its hash."""
    word = _NO_WORD.sub("-", fold(text)).strip("-")[:MAX_WORD].strip("-")
    return word or hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def succeeded(before: Volume | None, after: Volume) -> Volume:
    """The next revision: one higher, with the infohashes before it as `similar`."""
    if before is None:
        return replace(after, revision=1)
    known = [one for one in (before.hashes.v1, *before.similar) if one]
    return replace(after, revision=before.revision + 1, similar=tuple(dict.fromkeys(known))[:SIMILAR])
