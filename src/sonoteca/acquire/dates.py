"""Dates: what people write for a date becomes ISO 8601 at the precision they gave, or nothing.

Takes  "2012-12-15", "2012/12", "15.12.2012", "20121215", "1977", "2012-12-15T00:00:00", "recorded 1999"…
Gives  "2012-12-15", "2012-12", "2012", "" when it cannot be a date of a recording.
Never  guesses a day or month that was not said; 03/04/2012 could be two days, so it is the year alone.
"""

import datetime
import re
from collections.abc import Iterable

from sonoteca.acquire.titles import dominant

FIRST_YEAR = 1857  # Scott de Martinville's phonautograph: nothing was recorded before
LAST_YEAR = 2199

_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T\s][\d:.Z+\s-]*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_ALONE = re.compile(r"(?<!\d)(\d{4})(?!\d)")


def parse_date(text: str) -> str:
    """ISO 8601 at its precision; "" if this cannot be one."""
    text = text[:64].strip()
    if found := _COMPACT.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _date(found[1], found[2] or "", found[3] or "")
    if found := _YEAR_LAST.fullmatch(text):
        return _day_first(found[1], found[2], found[3])
    years = set(_ALONE.findall(text)) if not re.search(r"\d{5}", text) else set()
    return _date(years.pop(), "", "") if len(years) == 1 else ""


def _day_first(one: str, two: str, year: str) -> str:
    """13.05.1999 and 05/13/1999 are plain; 03/04/1999 is not."""
    if int(one) > 12:
        return _date(year, two, one)
    if int(two) > 12 or one == two:
        return _date(year, one, two)
    return _date(year, "", "")


def _date(year: str, month: str, day: str) -> str:
    """As precise as it makes sense: "2012-00-00" is how some programs write a year alone."""
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return ""
    if not int(month or 0):
        return year if not int(day or 0) else ""
    try:
        when = datetime.date(int(year), int(month), int(day or 0) or 1)
    except ValueError:
        return ""
    return when.isoformat() if int(day or 0) else when.isoformat()[:7]


def common_date(dates: Iterable[str], among: int) -> str:
    """The date that most tracks have: to the day, else to the month, else to the year."""
    given = [date for date in dates if date]
    for length in (10, 7, 4):
        if found := dominant([date[:length] for date in given if len(date) >= length], among):
            return found
    return ""
