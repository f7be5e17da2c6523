"""Words: sizes, times, dates and facts as people read them. Pure.

Takes  numbers with their unit.   Gives  short English; "" or "–" for what is not known.
"""

from datetime import datetime
from urllib.parse import unquote

from sonoteca.web.text import line

CODECS = {
    "pcm_s16le": "WAV, 16 bit",
    "pcm_s24le": "WAV, 24 bit",
    "flac": "FLAC",
    "vorbis": "Ogg Vorbis",
    "opus": "Opus",
    "mp3": "MP3",
    "aac": "AAC",
    "alac": "ALAC",
    "dwvw": "AIFF, DWVW",
    "wavpack": "WavPack",
    "speex": "Speex",
    "wmav2": "WMA",
    "ape": "Monkey’s Audio",
    "tta": "TTA",
}
CLASSES = {
    "free": "Free to use and change",
    "nc": "Not for commerce",
    "nd": "Unchanged only",
    "nc-nd": "Unchanged, not for commerce",
    "custom": "Own terms",
}
TIERS = {"original": "Originals", "access": "For listening", "low": "Small", "archive": "Lossless"}
TIER_TOLD = {
    "original": "the files exactly as they were received",
    "access": "Opus at 96 kbit/s, small and good",
    "low": "Opus at 64 kbit/s, where every byte counts",
    "archive": "FLAC made of lossless originals in other forms",
}
ROLES = {
    "artist": "Artist",
    "composer": "Composer",
    "performer": "Performer",
    "conductor": "Conductor",
    "engineer": "Engineer",
    "taper": "Recorded by",
    "label": "Label",
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def clock(seconds: float) -> str:
    """ "3:07", "1:02:33"."""
    whole = max(1 if seconds > 0 else 0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def spoken(seconds: float) -> str:
    """ "3 minutes 7 seconds", for those who listen to the page."""
    minutes, left = divmod(max(0, round(seconds)), 60)
    parts = [_count(minutes, "minute")] if minutes else []
    return " ".join([*parts, _count(left, "second")])


def length(seconds: float) -> str:
    """ "14 hours", "52 minutes": about how long."""
    if seconds >= 36_000:
        return _count(round(seconds / 3600), "hour")
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} hours"
    return _count(round(seconds / 60), "minute") if seconds >= 60 else _count(round(seconds), "second")


def length_short(seconds: float) -> str:
    """ "14 h", "1.4 h", "52 min", "24 s"."""
    if seconds >= 3600:
        return f"{seconds / 3600:.{0 if seconds >= 36_000 else 1}f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def size(count: int) -> str:
    """ "5.4 MB": powers of ten, as drives and torrents are sold."""
    number, unit = float(count), 0
    while number >= 999.5 and unit < len(UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.0f} {UNITS[unit]}" if unit == 0 or number >= 99.95 else f"{number:.1f} {UNITS[unit]}"


def number(count: int) -> str:
    """ "12,345"."""
    return f"{count:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """ "1 track", "12 tracks"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def date(text: str) -> str:
    """An ISO 8601 date or time at its own precision, in words; other text as it is."""
    parts = text[:10].split("-")
    try:
        year, month, day = (int(parts[place]) if place < len(parts) else 0 for place in range(3))
    except ValueError:
        return line(text, 40)
    if not 1 <= month <= 12:
        return line(text[:10], 40)
    return f"{day} {MONTHS[month - 1]} {year}" if day else f"{MONTHS[month - 1]} {year}"


def age(text: str, now: str) -> str:
    """How long ago a day was: "today", "yesterday", "12 days ago", "5 months ago"."""
    try:
        days = (datetime.fromisoformat(now[:10]) - datetime.fromisoformat(text[:10])).days
    except ValueError:
        return line(text, 40)
    if days < 2:
        return "yesterday" if days == 1 else "today"
    return f"{days} days ago" if days < 60 else f"{days // 30} months ago"


def codec(name: str, container: str = "") -> str:
    """A codec as people call it."""
    if name.startswith("pcm_") and container in ("aiff", "au", "w64", "caf"):
        return container.upper()
    return CODECS.get(name, "WAV" if name.startswith("pcm_") else line(name, 40))


def level(value: float | None, unit: str) -> str:
    """ "−14.2 LUFS"; "–" when there is none."""
    return "–" if value is None else f"{value:.1f} {unit}".replace("-", "−")


def place(address: str) -> str:
    """Where something came from, without this machine's folders: the address of a page, or the last folder's name."""
    if address.startswith(("http://", "https://")):
        return line(address)
    return line(unquote(address.rstrip("/").rpartition("/")[2]))


def _count(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"
