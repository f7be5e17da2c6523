"""Layout: which files a torrent has, in which order, under which names, and what fills the gaps between them.

Takes  a torrent's name and its members, in any order.
Gives  the entries of its file list: members in BEP 52's order, each followed by the pad that ends its last piece.
Never  reads a file; repairs a name: names that some client would write otherwise are refused, because that client
       would then ask a web seed for a file that is not there.

Order: path component by path component, as UTF-8 bytes. That is the order of the file tree of BEP 52, and a hybrid's
file list must be in it. Whole paths in byte order are another one (" - Live" comes before "/"): libtorrent's own
creator uses it, and libtorrent's own loader then refuses what it made.

Pads: every file of a torrent of several begins a piece, so that each file has pieces of its own in v1 too, and those
of the others stay when one leaves. The last one has a pad as well: it must not change when it stops being the last. A
torrent of one file needs none. The name of a pad follows from the path of the file before it: rtorrent refuses two pads
with one name, and a number counted up would change the info dict behind every file that leaves.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sonoteca.formats.naming import clash_key
from sonoteca.model.errors import Refused
from sonoteca.model.files import PIECE_BYTES
from sonoteca.model.torrent import Member

PAD_FOLDER = ".pad"
MAX_NAME_BYTES = 240  # a file system takes 255; libtorrent cuts off what is longer than this
PAD_DIGITS = 32

# Controls, what Windows forbids, surrogates; what libtorrent drops silently: invisible or turning the line.
_FORBIDDEN = re.compile(
    '[\0-\x1f\x7f-\x9f/\\\\?*:"<>|\ud800-\udfff\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]'
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)\s*(\..*)?", re.IGNORECASE)
# libtorrent drops these two as well. Persian and emoji need them: they may stand in a name, but not distinguish two.
_JOINERS = re.compile("[\u200c\u200d]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the file list: its path below the torrent's name, its size, and whether it is a pad (zeros)."""

    path: str
    is_pad: bool
    bytes: int


def is_one_file(name: str, members: Sequence[Member]) -> bool:
    """Whether the torrent is the file, with no folder around it: its only member bears its name."""
    # BEP 52: a file tree of one file that bears the torrent's name cannot mean anything else.
    return len(members) == 1 and members[0].path == name


def ordered(members: Iterable[Member]) -> tuple[Member, ...]:
    """The members as BEP 52 orders a file tree."""
    # No name has a NUL, and every byte of a name is above it: so the names are compared one after the other.
    return tuple(sorted(members, key=lambda member: member.path.replace("/", "\0").encode()))


def entries(members: Iterable[Member]) -> tuple[Entry, ...]:
    """The file list of a v1 or hybrid torrent over these members: in order, with pads."""
    members = ordered(members)
    found = []
    for member, (pad, gap) in zip(members, pads(members), strict=True):
        found.append(Entry(path=member.path, is_pad=False, bytes=member.bytes))
        if gap:
            found.append(Entry(path=f"{PAD_FOLDER}/{pad}", is_pad=True, bytes=gap))
    return tuple(found)


def pads(members: Sequence[Member]) -> list[tuple[str, int]]:
    """For each member the name of the pad behind it in PAD_FOLDER, and its size; ("", 0) where none is needed."""
    if len(members) == 1:
        return [("", 0)]
    gaps = [-member.bytes % PIECE_BYTES for member in members]
    return [(pad_name(one.path, gap), gap) if gap else ("", 0) for one, gap in zip(members, gaps, strict=True)]


def pad_name(path: str, pad_bytes: int) -> str:
    """The name of the pad behind the file at `path`; no two files have the same, whichever others there are."""
    return f"{hashlib.sha256(path.encode()).hexdigest()[:PAD_DIGITS]}.{pad_bytes}"


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def normal_form_c(name: str) -> bool:
    """Composed: macOS and libtorrent compose names, others compare bytes."""
    return unicodedata.is_normalized("NFC", name)


def no_forbidden_character(name: str) -> bool:
    """None of ? * : " < > | \\, no control, nothing invisible that a client drops."""
    return _FORBIDDEN.search(name) is None


def no_blank_or_dot_at_the_edge(name: str) -> bool:
    """Windows drops dots and blanks at the end, Transmission blanks at the beginning too; "." and ".." are no names."""
    return name == name.strip(" ").rstrip(". ")


def no_reserved_name(name: str) -> bool:
    """Not a device of Windows."""
    return _RESERVED.fullmatch(name) is None


def not_empty(name: str) -> bool:
    """A name at all: "a//b" and "/a" have one that is none."""
    return name != ""


def at_most_240_bytes(name: str) -> bool:
    """As long as every client keeps it."""
    return len(name.encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES


# What a name must be, and how a refusal says that it is not.
LAWS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (not_empty, "an empty name"),
    (no_forbidden_character, "a character that some system or client does not write"),
    (normal_form_c, "not in Unicode's normal form C"),
    (no_blank_or_dot_at_the_edge, "a blank at an end, or a dot at the end"),
    (no_reserved_name, "reserved by Windows"),
    (at_most_240_bytes, f"longer than {MAX_NAME_BYTES} bytes"),
)


def verify_names(name: str, members: Sequence[Member]) -> None:
    """Raises Refused when some client would write another name than the torrent says, or two files into one."""
    _verify_name(name, name)
    seen: set[str] = set()
    for member in members:
        for part in member.path.split("/"):
            if part not in seen:
                _verify_name(part, member.path)
                seen.add(part)
    _verify_distinct(members)


def _verify_name(name: str, where: str) -> None:
    for is_kept, said in LAWS:
        if not is_kept(name):
            raise _refused(f"a name in a torrent is {said}: {name[:80]!r}", where)


def _verify_distinct(members: Sequence[Member]) -> None:
    """No system may take two paths for one, nor a file for a folder; the pads' folder belongs to the pads."""
    spelled: dict[str, str] = {PAD_FOLDER: ""}
    folders: set[str] = set()
    files: set[str] = set()
    for member in members:
        if member.path in files:
            raise _refused("two files of a torrent have one path", member.path)
        files.add(member.path)
        for folder in _new_folders(member.path, folders):
            folders.add(folder)
            _spell(folder, spelled)
        _spell(member.path, spelled)
    if both := sorted(files & folders):
        raise _refused("a path of a torrent is a file and a folder", both[0])


def _new_folders(path: str, known: set[str]) -> list[str]:
    """The folders above a path that were not seen yet, the outermost last."""
    found = []
    folder = path.rpartition("/")[0]
    while folder and folder not in known:
        found.append(folder)
        folder = folder.rpartition("/")[0]
    return found


def _spell(path: str, spelled: dict[str, str]) -> None:
    first = spelled.setdefault(clash_key(_JOINERS.sub("", path)), path)
    if first != path:
        said = "is the folder of pads" if not first else f"differs only by case or accents from {first[:80]!r}"
        raise _refused(f"a path of a torrent {said}", path)


def _refused(what: str, where: str) -> Refused:
    shown = where.encode("utf-8", "backslashreplace").decode()
    return Refused("torrent-name", what, where=shown, cure="give the file or volume a portable name")
