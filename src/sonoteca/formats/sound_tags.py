"""Tags that stand around sound of any kind, in front of it and behind: where they lie, and where the sound is.

Takes  a file as Bytes (its size, and reads at a place).   Gives  the places; reads heads and footers, no tag.
Never  believes a size: a tag ends with the file at the latest, and there are MAX_TAGS on a side at most.
Sources: ID3v2.4 structure §3.1, §3.4; ID3v1; APEv2 (Monkey's Audio, "APE Tags Header"); Lyrics3 v1 and v2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

MAX_TAGS = 8


class Bytes(Protocol):
    """A file that can be read anywhere, as often as needed."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def read(self, at: int, count: int) -> bytes:
        """Up to `count` bytes from `at`; fewer at the end, none behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Where a tag lies: `kind` says how to read it ("id3v2", "vorbis", "picture", "riff-info", "bext", "ixml",
    "text:NAME").
    `raw` has its bytes when they had to be put together from several places."""

    kind: str
    at: int
    size: int
    raw: bytes = b""


def id3_size(head: bytes) -> int:
    """The whole length of an ID3v2 tag that begins here, 0 if there is none (ID3v2.4 §3.1: four times seven bits)."""
    if len(head) < 10 or head[:3] != b"ID3" or head[3] == 0xFF or any(byte & 0x80 for byte in head[6:10]):
        return 0
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + size + (10 if head[5] & 0x10 else 0)


def skip_tags(file: Bytes) -> tuple[int, tuple[Block, ...]]:
    """Where the sound begins behind ID3v2 and APEv2 tags in front, and the tags. A tag that says it is longer than the
    file ends it."""
    at, blocks = 0, list[Block]()
    while len(blocks) < MAX_TAGS and (found := _front(file.read(at, 32))):
        kind, size = found
        blocks.append(Block(kind=kind, at=at, size=min(size, file.size - at)))
        at += size
    return min(at, file.size), tuple(blocks)


def _front(head: bytes) -> tuple[str, int] | None:
    if size := id3_size(head):
        return "id3v2", size
    if head.startswith(b"APETAGEX") and len(head) == 32 and int.from_bytes(head[20:24], "little") >> 29 & 1:
        return "ape", 32 + int.from_bytes(head[12:16], "little")
    return None


@dataclass(frozen=True, slots=True)
class Tail:
    """Tags at the end: where the sound ends at the latest, and the tags."""

    end: int
    blocks: tuple[Block, ...] = ()


_TRAILERS: tuple[Callable[[Bytes, int], Block | None], ...]


def find_tail(file: Bytes, start: int = 0) -> Tail:
    """Goes back from the end over ID3v1, APEv2, Lyrics3 and ID3v2 footers, in whatever order they stand."""
    end, blocks = file.size, list[Block]()
    while len(blocks) < MAX_TAGS:
        found = next((block for trailer in _TRAILERS if (block := trailer(file, end)) is not None), None)
        if found is None or found.at < start:
            break
        blocks.insert(0, found)
        end = found.at
    return Tail(end, tuple(blocks))


def _id3v1(file: Bytes, end: int) -> Block | None:
    return Block(kind="id3v1", at=end - 128, size=128) if end >= 128 and file.read(end - 128, 3) == b"TAG" else None


def _ape(file: Bytes, end: int) -> Block | None:
    footer = file.read(end - 32, 32) if end >= 32 else b""
    if footer[:8] != b"APETAGEX":
        return None
    size = int.from_bytes(footer[12:16], "little")
    size += 32 if int.from_bytes(footer[20:24], "little") >> 31 else 0
    return Block(kind="ape", at=end - size, size=size) if 32 <= size <= end else None


def _lyrics3(file: Bytes, end: int) -> Block | None:
    footer = file.read(end - 15, 15) if end >= 15 else b""
    if footer[6:] == b"LYRICS200" and footer[:6].isdigit():
        size = int(footer[:6]) + 15
    elif footer[6:] == b"LYRICSEND":
        size = 5100 - file.read(end - 5100, 5100).find(b"LYRICSBEGIN") if end >= 5100 else 0
    else:
        return None
    return Block(kind="lyrics3", at=end - size, size=size) if 0 < size <= min(end, 5200 + 10**6) else None


def _id3_footer(file: Bytes, end: int) -> Block | None:
    footer = file.read(end - 10, 10) if end >= 20 else b""
    size = id3_size(b"ID3" + footer[3:]) if footer[:3] == b"3DI" else 0
    return Block(kind="id3v2", at=end - size, size=size) if 0 < size <= end else None


_TRAILERS = (_id3v1, _ape, _lyrics3, _id3_footer)
