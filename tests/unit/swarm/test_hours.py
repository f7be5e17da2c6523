"""Upload limits by the hour."""

from datetime import datetime

import pytest

from sonoteca.swarm.hours import limit_at, parse_hours

# 2026-11-23 is a Monday.
CASES = [
    (["08:00-18:00 5"], "2026-11-23 08:00", 5),
    (["08:00-18:00 5"], "2026-11-23 17:59", 5),
    (["08:00-18:00 5"], "2026-11-23 18:00", 99),
    (["08:00-18:00 5"], "2026-11-23 07:59", 99),
    (["22:00-06:00 5"], "2026-11-23 23:00", 5),
    (["22:00-06:00 5"], "2026-11-24 05:59", 5),
    (["22:00-06:00 5"], "2026-11-24 06:00", 99),
    (["Mon 22:00-06:00 5"], "2026-11-24 05:00", 5),
    (["Mon 22:00-06:00 5"], "2026-11-23 05:00", 99),
    (["Sun 22:00-06:00 5"], "2026-11-23 05:00", 5),
    (["Sat,Sun 00:00-24:00 0"], "2026-11-22 12:00", 0),
    (["Sat,Sun 00:00-24:00 0"], "2026-11-23 12:00", 99),
    (["Fri-Mon 00:00-24:00 1"], "2026-11-23 12:00", 1),
    (["Fri-Mon 00:00-24:00 1"], "2026-11-24 12:00", 99),
    (["Mon-Fri 08:00-18:00 5", "00:00-24:00 7"], "2026-11-23 12:00", 5),
    (["Mon-Fri 08:00-18:00 5", "00:00-24:00 7"], "2026-11-22 12:00", 7),
    ([], "2026-11-22 12:00", 99),
]


@pytest.mark.parametrize(("lines", "now", "limit"), CASES)
def test_the_first_line_whose_hours_it_is_counts(lines: list[str], now: str, limit: int) -> None:
    hours = [parse_hours(line) for line in lines]
    assert limit_at(hours, 99, datetime.fromisoformat(now)) == limit


@pytest.mark.parametrize(
    "line",
    [
        *("", "08:00-18:00", "8:00-18:00 5", "08:00-18:60 5", "24:00-25:00 5", "24:00-01:00 5", "08:00-08:00 5"),
        *("Mo 08:00-18:00 5", "Mon-Tue-Wed 08:00-18:00 5", "08:00-18:00 -5", "08:00-18:00 5 ", "08:00-18:00 5\n"),
        *("08:00-18:00 1099511627777", "Mon,08:00-18:00 5", "Mon  08:00-18:00 5", "08:00-24:01 5"),
    ],
)
def test_what_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        parse_hours(line)
