"""Conventions: what people put into the names of folders and files, taken apart again.

Takes  the name of a folder, or of a file without its ending.
Gives  artist, date, title, label, number …: "" and 0 where the name says nothing. The title is never empty.
Never  decides: "99 Luftballons" reads as track 99, and only whoever sees the whole folder can know better. A name is a
       claim like any other, and the weakest.

Names in use (docs/formats/folders.md):

    releases  Artist - Year - Title · Artist - Title (Year) [Label CAT 001] · (1999) Title · 1999 - Title
    concerts  bbYYYY-MM-DD.source.taper.shnid.flac16 (etree)
    tracks    01 - Title · 01. Title · 07_Title · 1-07 Title · A1. Title · Artist - 07 - Title · d1t05
              bb1999-05-04d1t01 Title (etree)
"""

import re
from dataclasses import dataclass

from sonoteca.acquire.parts import find_format, find_part

MAX_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseName:
    """What the name of a release's folder says. `date` is ISO 8601 at its precision."""

    title: str
    artist: str = ""
    date: str = ""
    label: str = ""
    catalogue_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EtreeName:
    """What the name of a concert's folder says: the band's abbreviation, the date ("1977-05" when the day is unknown),
    how it was recorded ("sbd", "aud", microphones), by whom, the number in the etree database."""

    band: str
    date: str
    source: str = ""
    taper: str = ""
    shnid: str = ""
    format: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackName:
    """What the name of a file says. `number` as printed ("07", "A1"), `disc` 0 and `side` "" when it does not say."""

    title: str = ""
    number: str = ""
    disc: int = 0
    side: str = ""
    artist: str = ""
    album: str = ""
    band: str = ""
    date: str = ""


# ── releases ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_YEAR = r"(?:18[5-9]\d|19\d\d|20\d\d)"
_DATE = rf"{_YEAR}(?:[-._/](?:0[1-9]|1[0-2])(?:[-._/](?:0[1-9]|[12]\d|3[01]))?)?"
_WHOLE_DATE = re.compile(rf"\s*({_DATE})\s*")
_DATE_FIRST = re.compile(
    rf"(?:(?P<date>{_DATE})(?:\s*[-–—.]\s+)|(?P<day>{_YEAR}[-._/][01]\d[-._/][0-3]\d)\s+)(?P<rest>.+)"
)
_BRACKETS = re.compile(r"([(\[{])([^()\[\]{}]*)[)\]}]")
_CATALOGUE = re.compile(r"(?:(?P<label>\S.*?)[ ,:-]+)?(?P<number>[A-Z]{1,8}[A-Z0-9]{0,6}[ -]?\d{2,}[A-Z0-9-]{0,8})")
_CARRIER = re.compile(
    r"\d?x?(?:cd|cdr|cds|lp|ep|dvd|web|vinyl|tape|cassette|digital|digipak|rip|vbr|v0|v2|320)", re.IGNORECASE
)
_DASH = re.compile(r"\s+[-–—]+\s+")


def parse_release_name(name: str) -> ReleaseName:
    """What a folder's name says of the release in it."""
    brackets = _Brackets()
    text = " ".join(_BRACKETS.sub(brackets.read, _spaced(name[:MAX_CHARS])).split()).strip(" -–—")
    date = brackets.date
    if first := _DATE_FIRST.fullmatch(text):
        date, text = date or _iso(first["date"] or first["day"]), first["rest"]
    parts = [part for part in _DASH.split(text) if part]
    for place in (1, len(parts) - 1):
        if len(parts) > 2 and not date and _WHOLE_DATE.fullmatch(parts[place]):
            date = _iso(parts.pop(place).strip())
    artist = parts.pop(0) if len(parts) > 1 else ""
    title = " - ".join(parts) or _spaced(name).strip() or "_"
    return ReleaseName(
        title=title, artist=artist, date=date, label=brackets.label, catalogue_number=brackets.catalogue_number
    )


class _Brackets:
    """What stood in brackets and was understood; what was not stays in the title."""

    def __init__(self) -> None:
        self.date = self.label = self.catalogue_number = ""

    def read(self, found: re.Match[str]) -> str:
        inside = found[2].strip()
        if not self.date and _WHOLE_DATE.fullmatch(inside):
            self.date = _iso(inside)
            return " "
        if _is_carrier(inside):
            return " "
        catalogue = _CATALOGUE.fullmatch(inside) if found[1] in "[{" and not self.catalogue_number else None
        if catalogue is None:
            return found[0]
        self.label, self.catalogue_number = (catalogue["label"] or "").strip(), catalogue["number"]
        return " "


def _is_carrier(text: str) -> bool:
    """[FLAC], (24bit-96kHz), [WEB], [2CD], (CD1): how it is stored, no part of a title."""
    words = re.split(r"[\s,/+_-]+", text)
    return bool(
        find_format(text) or find_part(text) or all(_CARRIER.fullmatch(word) or find_format(word) for word in words)
    )


def _iso(text: str) -> str:
    return re.sub(r"[._/]", "-", text)


def _spaced(name: str) -> str:
    return name if " " in name else name.replace("_", " ")


# ── concerts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

# wiki.etree.org, Seeding Guidelines: band and date, then facts between dots, the format last.
_ETREE = re.compile(
    r"(?P<band>[a-z&+]{1,20}[0-9]?[a-z]*?)(?P<year>(?:19|20)\d\d|\d\d)-(?P<month>0[1-9]|1[0-2]|xx)-(?P<day>0[1-9]|[12]\d|3[01]|xx)"
    r"(?P<show>[a-e]?)(?P<rest>(?:[._ -].*)?)",
    re.IGNORECASE,
)
_ETREE_FORMAT = re.compile(
    r"(?:shn|flac|mp3|wav|alac|m4a|ogg|aiff?)f?(?:16|24|1644|1648|2444|2448|2488|2496|24192|64|128|192|256|320|v0|vbr)?(?:eof|f)?",
    re.IGNORECASE,
)
_ETREE_NOISE = re.compile(r"sbeok|sbefixed|sbefail|fixed|remaster(?:ed)?|patched", re.IGNORECASE)


def find_etree(name: str) -> EtreeName | None:
    """The parts of "gd1977-05-08.sbd.hicks.4982.sbeok.shnf"; None when it is not such a name."""
    found = _ETREE.fullmatch(name[:MAX_CHARS].strip())
    if found is None:
        return None
    facts = [fact for fact in re.split(r"[._\s]+", found["rest"].strip("._- ")) if fact]
    formats = [fact for fact in facts if _ETREE_FORMAT.fullmatch(fact)]
    numbers = [
        fact for fact in facts if re.fullmatch(r"(?:shnid)?\d{3,7}", fact, re.IGNORECASE) and fact not in formats
    ]
    others = [
        fact for fact in facts if fact not in formats and fact not in numbers and not _ETREE_NOISE.fullmatch(fact)
    ]
    return EtreeName(
        band=found["band"].lower(),
        date=_etree_date(found["year"], found["month"], found["day"]),
        source=others[0] if others else "",
        taper=others[1] if len(others) > 1 else "",
        shnid=re.sub(r"\D", "", numbers[-1]) if numbers else "",
        format=formats[-1].lower() if formats else "",
        others=tuple(others[2:]),
    )


def _etree_date(year: str, month: str, day: str) -> str:
    """Two digits are a year of the century that had tapers: 65 to 99, then 00 to 64."""
    full = year if len(year) == 4 else ("19" if int(year) >= 65 else "20") + year
    if month.lower() == "xx":
        return full
    return f"{full}-{month}" if day.lower() == "xx" else f"{full}-{month}-{day}"


# ── tracks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_SEPARATOR = r"(?:\s*[-–—._:)\]]+\s*|\s+|_+)"
_TRACK_FORMS = tuple(
    re.compile(form, re.DOTALL)
    for form in (
        # bb1999-05-04d1t01.flac and what follows it; d1t05 Title
        r"(?P<concert>[a-z&+]{1,20}[0-9]?[a-z]*?(?:(?:19|20)\d\d|\d\d)-\d\d-\d\d[a-e]?)?(?:[ ._-][a-z0-9]+)*?[ ._-]*"
        r"(?:d|cd|disc|s|set)(?P<disc>\d{1,2})[ ._-]?t(?:rack)?(?P<number>\d{1,3})(?:[ ._-]+(?P<title>.*))?",
        # 1-07 Title, 1.07 Title
        r"(?P<disc>\d{1,2})[-.](?P<number>\d{2,3})(?:\s*[-–—._]\s+|\s+|_+)(?P<title>.+)",
        # A1. Title, B2 - Title, A1
        rf"(?P<number>(?P<side>[A-H])(?:[1-9]|[0-2]\d))(?:{_SEPARATOR}(?P<title>.+))?",
        # 01 - Title, 01. Title, (01) Title, 7 - Title; not 1.5 Degrees, not 10-4
        r"[(\[]?(?P<number>\d{1,3})(?:\s+[-–—]+\s*|[-–—._:)\]]+\s*(?!\d))(?P<title>.+)",
        # 01 Title; not 7 Seconds
        r"(?P<number>0\d{1,2}|\d{2})\s+(?P<title>.+)",
        # Artist - 07 - Title, Artist - Album - 07. Title
        r"(?P<artist>.+?)\s+[-–—]\s+(?:(?P<album>.+?)\s+[-–—]\s+)?(?P<number>\d{1,3})(?:\s+[-–—]\s+|\.\s+)(?P<title>.+)",
        # Track 01, AudioTrack 1, Titel 3, 01
        r"(?:(?i:(?:audio)?[ _-]?(?:track|titel|piste|pista|traccia|faixa|spur|трек))[ _.#-]*)?(?P<number>\d{1,3})",
    )
)


def parse_track_name(stem: str) -> TrackName:
    """What a file's name without its ending says of the track in it."""
    text = stem[:MAX_CHARS].strip()
    for form in _TRACK_FORMS:
        if found := form.fullmatch(text):
            said = {name: value for name, value in found.groupdict().items() if value}
            return _track(said)
    return TrackName(title=_spaced(text).strip())


def _track(said: dict[str, str]) -> TrackName:
    concert = find_etree(said.get("concert", ""))
    return TrackName(
        title=_spaced(said.get("title", "")).strip(" -–—_"),
        number=said["number"],
        disc=int(said.get("disc", 0)),
        side=said.get("side", ""),
        artist=_spaced(said.get("artist", "")).strip(),
        album=said.get("album", "").strip(),
        band=concert.band if concert else "",
        date=concert.date if concert else "",
    )
