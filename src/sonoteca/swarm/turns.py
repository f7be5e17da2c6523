"""Turns: which torrents are open when not all of them fit into the memory that the seeder may use. Pure.

Takes  what is open and what rests, how much memory each takes, since when, how many peers it has, and `now`.
Gives  who comes next, and who rests instead.
Why    nobody can ask for a torrent that is not open: an unknown infohash is sent away at the door. So none rests for
       good: each is open for a turn (TURN_S: long enough to be told to trackers and table, and found), stays as long as
       somebody is connected, and then makes room for who has rested longest. Whoever is asked for comes at once.
       Meanwhile the web seed serves all of them.

Memory is estimated from what is known before anything is opened: the sizes of the .torrent and of the seed list
(docs/adr/0010: measured, libtorrent 2.1.1, files of 4 MB).
"""

from collections.abc import Sequence
from dataclasses import dataclass

TURN_S = 1800.0
FIXED_BYTES, TORRENT_FACTOR, LIST_FACTOR = 9_000, 1.2, 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """One that is open."""

    name: str
    bytes: int
    since: float
    peers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """One that waits for its turn; `is_asked`: somebody wants it now."""

    name: str
    bytes: int
    since: float
    is_asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """`comes` is "" when nobody does; `leave` make room for it."""

    comes: str = ""
    leave: tuple[str, ...] = ()


def estimated_bytes(torrent_bytes: int, list_bytes: int) -> int:
    """What a torrent will take when it is open."""
    return int(FIXED_BYTES + TORRENT_FACTOR * torrent_bytes + LIST_FACTOR * list_bytes)


def next_turn(opened: Sequence[Open], resting: Sequence[Resting], budget: int, now: float) -> Turn:
    """One step; to be asked again until nobody comes. `budget` in bytes, 0 is no limit."""
    if not resting:
        return Turn()
    first = min(resting, key=lambda one: (not one.is_asked, one.since, one.name))
    missing = first.bytes - (budget - sum(one.bytes for one in opened))
    if missing <= 0 or not budget or not opened:
        return Turn(comes=first.name)  # the last: larger than all the memory, and alone all the same
    leave = list[str]()
    for one in sorted(opened, key=lambda one: (one.since, one.name)):
        if missing > 0 and not one.peers and (first.is_asked or now - one.since >= TURN_S):
            leave.append(one.name)
            missing -= one.bytes
    return Turn(comes=first.name, leave=tuple(leave)) if missing <= 0 else Turn()
