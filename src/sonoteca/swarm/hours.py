"""Hours: how fast the seeder may be at which time of the day. Pure.

Takes  lines like "08:00-23:00 500000" or "Sat,Sun 00:00-24:00 0" (days, from–to, bytes a second), and the local time.
Gives  the limit that counts: the first line whose hours it is, else the one for all other times. 0 is no limit.

A span may go over midnight ("22:00-06:00"): it belongs to the day on which it begins. Its end is not in it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTES = 24 * 60
MAX_BYTES_S = 1 << 40
_DAY = "|".join(DAYS)
_LINE = re.compile(
    rf"(?:(?P<days>(?:{_DAY})(?:[,-](?:{_DAY}))*) )?"
    r"(?P<from>[0-2][0-9]:[0-5][0-9])-(?P<to>[0-2][0-9]:[0-5][0-9]) (?P<bytes>[0-9]{1,13})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From a minute of the day to another (beyond 1,440: of the next day), on these days (0 is Monday)."""

    days: frozenset[int]
    begin: int
    end: int
    bytes_s: int


def parse_hours(line: str) -> Hours:
    """One line; ValueError when it is none."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError('"08:00-23:00 500000" or "Mon-Fri 08:00-23:00 500000" was expected')
    begin, end, limit = _minute(match["from"]), _minute(match["to"]), int(match["bytes"])
    if begin in (MINUTES, end) or limit > MAX_BYTES_S:
        raise ValueError("from 00:00 to 24:00, not the same time twice, at most 1 TiB a second")
    return Hours(
        days=_days(match["days"]) if match["days"] else frozenset(range(7)),
        begin=begin,
        end=end if end > begin else end + MINUTES,
        bytes_s=limit,
    )


def _minute(text: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if (found := hours * 60 + minutes) > MINUTES:
        raise ValueError("a day ends at 24:00")
    return found


def _days(text: str) -> frozenset[int]:
    found = set[int]()
    for part in text.split(","):
        first, *others = (DAYS.index(day) for day in part.split("-"))
        if len(others) > 1:
            raise ValueError("days: Mon,Wed or Mon-Fri")
        last = others[0] if others else first
        found |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    return frozenset(found)


def limit_at(hours: Sequence[Hours], otherwise: int, now: datetime) -> int:
    """The bytes a second that may leave at this local time; 0 is no limit."""
    minute, day = now.hour * 60 + now.minute, now.weekday()
    return next((one.bytes_s for one in hours if _is_in(one, day, minute)), otherwise)


def _is_in(one: Hours, day: int, minute: int) -> bool:
    is_of_today = day in one.days and one.begin <= minute < one.end
    is_of_yesterday = (day - 1) % 7 in one.days and minute + MINUTES < one.end
    return is_of_today or is_of_yesterday
