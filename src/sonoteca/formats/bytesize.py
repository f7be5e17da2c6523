"""Bytesize: an amount of space as people write it, read strictly.

Takes  "4TB", "500 GB", "1.5 TiB": a number, perhaps a blank, a unit, of ten as drives are sold or of two.
Gives  bytes, rounded down; ValueError for anything else: a wrong guess would fill somebody's disk.
"""

import re
from decimal import Decimal

MAX_BYTES = 10**18
UNITS = {
    "B": 1,
    "KB": 1000,
    **{f"{letter}B": 1000**power for power, letter in enumerate("kMGTP", 1)},
    **{f"{letter}iB": 1024**power for power, letter in enumerate("KMGTP", 1)},
}
FORM = "a number and a unit, like 500GB, 4TB or 1.5TiB"
_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,6})?) ?([kKMGTP]i?B|B)")


def parse(text: str) -> int:
    """At least 1 byte, at most 10^18."""
    found = _SIZE.fullmatch(text)
    if found is None or found[2] not in UNITS:
        raise ValueError(f"{FORM} was expected")
    count = int(Decimal(found[1]) * UNITS[found[2]])
    if not 1 <= count <= MAX_BYTES:
        raise ValueError("from 1 byte to 10^18 bytes are expected")
    return count


def format(count: int) -> str:
    """The shortest exact form in units of ten: 4000000000000 is "4TB"."""
    for power, letter in reversed(tuple(enumerate("kMGTP", 1))):
        if count >= 1000**power and count % 1000**power == 0:
            return f"{count // 1000**power}{letter}B"
    return f"{count}B"
