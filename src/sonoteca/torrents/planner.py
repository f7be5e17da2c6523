"""Planner: which volumes somebody with some space should hold. Pure: needs, space and chance in, a plan out.

Takes  what is known of each volume's copies, the space in bytes, `now`, and a chance for each volume: a number above 0
       and below 1, from `chances(seed)` or elsewhere.
Gives  a Plan: the chosen volumes, those that matter most first, never of more bytes than the space.
Never  chooses what is obsolete or empty; never gives everybody the same: the needy are likely, not certain.

The weight of a volume falls with the square of the copies that count: a proved one counts whole on the day of its
proof and half after HALF_LIFE_DAYS; one that only says that it is whole counts a fifth. Volumes are drawn one after the
other without putting back, each as likely as its weight is among those that are left. (Efraimidis and Spirakis, 2006:
that is the same as sorting by -ln(chance) / weight, so the draw of one volume does not depend on which others there
are: with the same seed a new volume pushes in where it belongs, and the others stay in their order.) What does not fit
any more is passed over for smaller ones.
"""

import hashlib
import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sonoteca.model.need import Need

HALF_LIFE_DAYS = 180.0
SEEN_COUNTS = 0.2
MAX_SEEN = 50  # whoever runs many clients cannot make a volume look safe
DAY_S = 86_400.0
Chance = Callable[[str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to hold, in the order of the draw. `offered` is how many volumes there were to choose from."""

    chosen: tuple[Need, ...]
    bytes: int
    offered: int


def plan(needs: Iterable[Need], space_bytes: int, chance: Chance, now: str) -> Plan:
    """The draw for one volunteer."""
    offered = [one for one in needs if not one.obsolete and one.files > 0 and one.bytes > 0]
    chosen, left = [], space_bytes
    for one in sorted(offered, key=lambda one: (_turn(one, chance, now), one.volume)):
        if one.bytes <= left:
            chosen.append(one)
            left -= one.bytes
    return Plan(chosen=tuple(chosen), bytes=space_bytes - left, offered=len(offered))


def neediest(needs: Iterable[Need], now: str) -> tuple[Need, ...]:
    """Without chance: who needs a copy most, first."""
    offered = [one for one in needs if not one.obsolete and one.files > 0]
    return tuple(sorted(offered, key=lambda one: (-weight(one, now), one.volume)))


def mark(volume: str) -> str:
    """A volume in 8 letters, for an address that says which ones somebody drew: among 20,000 volumes, one in 200,000 is
    taken for another."""
    return hashlib.sha256(volume.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def kept(needs: Iterable[Need], marks: Collection[str]) -> Plan:
    """Those that somebody drew before, as far as they are still there."""
    offered = [one for one in needs if not one.obsolete and one.files > 0]
    chosen = tuple(one for one in offered if mark(one.volume) in marks)
    return Plan(chosen=chosen, bytes=sum(one.bytes for one in chosen), offered=len(offered))


def weight(one: Need, now: str) -> float:
    """How much it needs another copy: 1 when there is none."""
    count = 1.0 + copies(one, now)
    return 1.0 / (count * count)


def copies(one: Need, now: str) -> float:
    """How many copies count."""
    proved = one.proved * math.exp2(-_age_days(one.proved_at, now) / HALF_LIFE_DAYS)
    return proved + SEEN_COUNTS * min(MAX_SEEN, max(0, one.seen - one.proved))


def chances(seed: str) -> Chance:
    """The chance of each volume that follows from a seed: the same for the same seed, evenly spread."""

    def of(volume: str) -> float:
        digest = hashlib.sha256(f"{seed}\0{volume}".encode("utf-8", "surrogateescape")).digest()
        # 52 bits and a half: never 0, never 1.
        return (int.from_bytes(digest[:8]) // 2**12 + 0.5) / 2.0**52

    return of


def _turn(one: Need, chance: Chance, now: str) -> float:
    return -math.log(chance(one.volume)) / weight(one, now)


def _age_days(at: str, now: str) -> float:
    if not at:
        return 0.0  # it counts for nothing anyway, or somebody counted and did not say when
    return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(at)).total_seconds() / DAY_S)
