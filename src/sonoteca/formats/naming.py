"""Naming: a name from outside becomes a logical name that every system, browser and torrent client takes as it is.

Takes  names and paths as found (surrogateescape).
Gives  portable names: NFC, at most 180 bytes, no character that some system forbids or that turns the line around, no
       two in one folder that any system would take for the same.
Never  loses which file it was: the original stands in source.json. Never counts: a name that clashes gets digits of
       the hash of the original, so it stays the same when other files come and go.

The rules are those of the strictest reader of each: Windows (forbidden characters, reserved names, blanks and dots at
the end), APFS and NTFS (case and composition do not distinguish), Unix (a leading dot hides; ".pad" belongs to
torrents), Transmission (renames what it does not like, and then asks the web seed for the new name).
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import count

MAX_NAME_BYTES = 180
MAX_PATH_BYTES = 700
MAX_ENDING_BYTES = 24
HASH_DIGITS = 8

# Controls; what Windows forbids; lone surrogates (bytes that were not UTF-8); no-break marks and everything that is
# invisible or reverses the line. The joiners U+200C and U+200D stay: Persian and emoji need them.
_FORBIDDEN = re.compile(
    '[\0-\x1f\x7f-\x9f/\\\\?*:"<>|\ud800-\udfff\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f'
    "\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)\s*(\..*)?", re.IGNORECASE)
_BLANKS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_JOINERS = dict.fromkeys((0x200C, 0x200D))
_DIGITS = re.compile(r"([0-9]+)")


def portable(name: str, taken: Collection[str] = ()) -> str:
    """The logical name for one name. `taken` are the logical names given already in the same folder; the result clashes
    with none of them. (`portable_paths` does a whole release in one go.)"""
    return _free_name(name, {clash_key(one) for one in taken})


def portable_paths(paths: Iterable[str]) -> dict[str, str]:
    """{path as found: logical path} for a whole release: every folder and file portable, nothing clashes, the same
    result for the same set of paths, at most MAX_PATH_BYTES each."""
    folders = {"": ""}
    taken: dict[str, set[str]] = {}
    found = {}
    for path in sorted(set(paths), key=raw_name):
        *above, name = path.split("/")
        folder = _shortened(_folder(above, folders, taken), above)
        found[path] = _joined(folder, _taken_name(name, folder, taken))
    return found


def _folder(above: list[str], folders: dict[str, str], taken: dict[str, set[str]]) -> str:
    """The logical path of a folder; each is named once, however many files it has."""
    for depth in range(1, len(above) + 1):
        path = "/".join(above[:depth])
        if path not in folders:
            parent = folders["/".join(above[: depth - 1])]
            folders[path] = _joined(parent, _taken_name(above[depth - 1], parent, taken))
    return folders["/".join(above)]


def _taken_name(name: str, folder: str, taken: dict[str, set[str]]) -> str:
    keys = taken.setdefault(folder, set())
    chosen = _free_name(name, keys)
    keys.add(clash_key(chosen))
    return chosen


def _shortened(folder: str, above: list[str]) -> str:
    """A folder path that leaves room for a name; the rest of a deep one becomes a hash."""
    if len(folder.encode()) <= MAX_PATH_BYTES - MAX_NAME_BYTES - 1:
        return folder
    first = folder.split("/", 1)[0]
    return f"{first}/deep-{_hash('/'.join(above), 2 * HASH_DIGITS)}"


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _free_name(name: str, keys: Collection[str]) -> str:
    plain = _plain(name)
    chosen = plain if len(plain.encode()) <= MAX_NAME_BYTES else _marked(plain, _hash(name, HASH_DIGITS))
    for turn in count():
        if clash_key(chosen) not in keys:
            return chosen
        chosen = _marked(plain, _hash(name if not turn else f"{name}\0{turn}", HASH_DIGITS))
    raise RuntimeError("counting ended")


def _plain(name: str) -> str:
    """Every rule but length and clashes."""
    text = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name))
    text = text.lstrip(_BLANKS).rstrip(_BLANKS + ".")
    if text.startswith("."):
        text = f"_{text}" if text.strip(".") else ""
    if _RESERVED.fullmatch(text):
        text = f"_{text}"
    return unicodedata.normalize("NFC", text) or "_"


def _marked(plain: str, mark: str) -> str:
    """The name with digits before its ending, cut so that all of it fits."""
    stem, ending = split_ending(plain)
    room = MAX_NAME_BYTES - len(ending.encode()) - len(mark) - 1
    short = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". \u200c\u200d") or "_"
    return f"{short}-{mark}{ending}"


def split_ending(name: str) -> tuple[str, str]:
    """("01 Aria", ".flac"); what is long or has blanks is no ending."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending.encode("utf-8", "surrogateescape")) >= MAX_ENDING_BYTES or " " in ending:
        return name, ""
    return stem, f".{ending}"


def is_device(name: str) -> bool:
    """Whether Windows opens a device instead of a file of this name; it drops dots and blanks at the end first."""
    return _RESERVED.fullmatch(name.rstrip(". ")) is not None


def clash_key(name: str) -> str:
    """Equal for names that some file system takes for the same: composition and case do not count."""
    if name.isascii():
        return name.lower()  # the same, thirty times as fast
    # Unicode §3.13, D145: canonical caseless matching. Torrent clients drop the joiners, so they tell nothing apart.
    name = name.translate(_JOINERS)
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def natural_key(text: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """Sorts "2 b" before "10 a", and "A 1" between "a 1" and "a 2"; total, and the same on every machine. Digits are
    compared by value without ever making a number of them."""
    parts = [(0, part.casefold()) for part in _DIGITS.split(text)]
    parts[1::2] = [(len(bare), bare) for bare in (digits.lstrip("0") for _, digits in parts[1::2])]
    return tuple(parts), text


def _hash(name: str, digits: int) -> str:
    return hashlib.sha256(raw_name(name)).hexdigest()[:digits]


def raw_name(name: str) -> bytes:
    """The bytes of a name as it was found."""
    # surrogatepass: a name made in memory may hold surrogates that no byte stands for.
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogatepass")
