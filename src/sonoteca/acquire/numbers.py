"""Numbers: which track and side a tag says it is, and the identifiers others have given.

Takes  "7", "07/12", "A2", "-1/999999999999", "GB-AYE-69-00531", "5 099749 534728"…
Gives  a number and side, or an identifier in its normal form; None and "" when the form is wrong.
Never  repairs: a check digit that does not fit is a wrong number.
"""

import re
from dataclasses import dataclass

MAX_NUMBER = 999
MAX_DISC = 99

_NUMBER = re.compile(r"\s*([A-Za-z]?)\s*0*(\d{1,3})\s*(?:(?:/|of)\s*[A-Za-z]?\d{0,4}\s*)?", re.IGNORECASE)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Number:
    """A place on a disc: `side` "A" … or "", `number` from 1; `text` as printed, without the total."""

    side: str
    number: int
    text: str


def parse_number(text: str) -> Number | None:
    """The track number of a tag or file name; None for 0, below 0, above 999 and all that is no number."""
    found = _NUMBER.fullmatch(text[:32])
    if not found or not 1 <= int(found[2]) <= MAX_NUMBER:
        return None
    return Number(side=found[1].upper(), number=int(found[2]), text=text.split("/")[0].split("of")[0].strip())


def parse_disc(text: str) -> int:
    """The disc number of a tag; 0 if it is none."""
    found = parse_number(text)
    return found.number if found and not found.side and found.number <= MAX_DISC else 0


def parse_isrc(text: str) -> str:
    """ISO 3901, twelve characters without hyphens; "" if the form is wrong."""
    bare = re.sub(r"[\s-]", "", text[:32]).upper()
    return bare if _ISRC.fullmatch(bare) else ""


def parse_barcode(text: str) -> str:
    """A UPC or EAN (8, 12, 13 or 14 digits) whose check digit fits; "" otherwise. All zeros is how programs say
    none."""
    bare = re.sub(r"[\s-]", "", text[:32])
    if not (bare.isascii() and bare.isdigit()) or len(bare) not in (8, 12, 13, 14) or not int(bare):
        return ""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(bare)))
    return bare if weighted % 10 == 0 else ""


def parse_uuid(text: str) -> str:
    """A MusicBrainz identifier; "" if the form is wrong."""
    bare = text[:64].strip().lower()
    return bare if _UUID.fullmatch(bare) else ""
