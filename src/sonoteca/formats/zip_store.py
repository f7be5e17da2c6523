"""ZIP (PKWARE APPNOTE 6.3.10) whose members are stored as they are; its length, and where everything stands, known
beforehand.

Takes  members: name, size, date.
Gives  a ZipLayout: the places of heads, contents and directory; the bytes of each head and of the directory once the
       members' CRC-32 are known.
Never  compresses (sound does not shrink), holds a content, or writes data descriptors: many readers cannot read a
       stored member whose size stands behind it, so a CRC has to be known before its head is written.

Sizes and offsets of 4 GiB and more, and more than 65,534 members, are said in ZIP64 (§4.5.3, §4.3.14). Names are UTF-8
(§4.4.4, bit 11).
"""

import struct
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_UTF_8 = 1 << 11
_UNIX = 3 << 8
_MODE = 0o100644 << 16
_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_ID = 1
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
MAX_NAME_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in a ZIP. `name` has "/" between folders; `date` is (year, month, day, hour, minute, second)."""

    name: str
    size: int
    date: tuple[int, int, int, int, int, int] = (_FIRST_YEAR, 1, 1, 0, 0, 0)

    @property
    def raw_name(self) -> bytes:
        """As it stands in the file."""
        return self.name.encode("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipLayout:
    """Sections in order: head and content of member 0, of member 1, …, and the directory last. `places[n]` is where
    section n begins; the last one is the end of the file."""

    members: tuple[Member, ...]
    places: "array[int]"

    @property
    def size(self) -> int:
        """Of the whole file."""
        return self.places[-1]

    def section_at(self, place: int) -> int:
        """The section in which a byte is; empty ones have none."""
        return bisect_right(self.places, place) - 1

    def head(self, member: int, crc: int) -> bytes:
        """What stands before a member's content."""
        return format_head(self.members[member], crc)

    def directory(self, crcs: Sequence[int]) -> bytes:
        """What stands behind all of them."""
        entries = b"".join(
            _entry(member, crc, self.places[2 * number])
            for number, (member, crc) in enumerate(zip(self.members, crcs, strict=True))
        )
        return entries + _end(len(self.members), len(entries), self.places[2 * len(self.members)])


def layout(members: Sequence[Member]) -> ZipLayout:
    """Where everything will stand. ValueError for a name that no ZIP can have, or that is there twice."""
    names = [member.raw_name for member in members]
    if len(set(names)) < len(names) or any(not 0 < len(name) <= MAX_NAME_BYTES for name in names):
        raise ValueError("a name is there twice, empty or too long")
    sections = [length for member in members for length in (len(format_head(member, 0)), member.size)]
    places = array("Q", accumulate(sections, initial=0))
    empty = ZipLayout(members=tuple(members), places=places)
    places.append(places[-1] + len(empty.directory([0] * len(members))))
    return empty


def format_head(member: Member, crc: int) -> bytes:
    """A local file header (§4.3.7), as long whatever the CRC is."""
    is_large = member.size >= _MAX_32
    extra = _zip64(member.size, member.size) if is_large else b""
    size = _MAX_32 if is_large else member.size
    fields = (_version(is_large), _UTF_8, 0, *_dos_date(member), crc, size, size, len(member.raw_name), len(extra))
    return _LOCAL.pack(b"PK\3\4", *fields) + member.raw_name + extra


def _entry(member: Member, crc: int, offset: int) -> bytes:
    """A central directory header (§4.3.12)."""
    is_large, is_far = member.size >= _MAX_32, offset >= _MAX_32
    # §4.5.3: only the fields that are too large, in this order.
    extra = _zip64(*([member.size] * 2 if is_large else []), *([offset] if is_far else []))
    size = _MAX_32 if is_large else member.size
    needed = _version(is_large or is_far)
    fields = (_UNIX | needed, needed, _UTF_8, 0, *_dos_date(member), crc, size, size)
    rest = (len(member.raw_name), len(extra), 0, 0, 0, _MODE, _MAX_32 if is_far else offset)
    return _CENTRAL.pack(b"PK\1\2", *fields, *rest) + member.raw_name + extra


def _end(count: int, size: int, offset: int) -> bytes:
    """The end of the directory (§4.3.16), with its ZIP64 forms before it where they are needed (§4.3.14, §4.3.15)."""
    large = b""
    if count >= _MAX_16 or size >= _MAX_32 or offset >= _MAX_32:
        version = _version(True)
        record = (_END_64.size - 12, _UNIX | version, version, 0, 0, count, count, size, offset)
        large = _END_64.pack(b"PK\6\6", *record) + _LOCATOR.pack(b"PK\6\7", 0, offset + size, 1)
    few = min(count, _MAX_16)
    return large + _END.pack(b"PK\5\6", 0, 0, few, few, min(size, _MAX_32), min(offset, _MAX_32), 0)


def _zip64(*values: int) -> bytes:
    return struct.pack(f"<2H{len(values)}Q", _ZIP64_ID, 8 * len(values), *values) if values else b""


def _version(is_zip64: bool) -> int:
    return 45 if is_zip64 else 20


def _dos_date(member: Member) -> tuple[int, int]:
    """(time, date), to two seconds (§4.4.6); what is outside of what can be said becomes its edge."""
    year, month, day, hour, minute, second = member.date
    year = max(_FIRST_YEAR, min(_LAST_YEAR, year))
    return hour << 11 | minute << 5 | second // 2, year - _FIRST_YEAR << 9 | month << 5 | day
