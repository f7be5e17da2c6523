"""Tiles: the tree of a log cut into files that never change once they are full (C2SP tlog-tiles).

Takes  hashes, entries, paths.   Gives  tiles and bundles with the paths that tlog-tiles gives them, and back.
Never  reads or writes one.

    tile/<level>/<index>[.p/<width>]    up to 256 hashes: on level 0 of entries, above of full tiles one level below
    tile/entries/<index>[.p/<width>]    the entries themselves: a bundle

`Edge` is all that appending needs: on each level the hashes of the tile that is not full yet, so at most a few hundred
however long the log is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sonoteca.formats import tlog

WIDTH = 256
MAX_ENTRY_BYTES = 0xFFFF  # a bundle gives the length of an entry in 16 bits
ENTRIES = -1  # the level of bundles, in a Place
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_MAX_LEVEL = 63


def span(level: int) -> int:
    """How many entries one hash at this level stands for."""
    return 1 << 8 * level  # WIDTH ** level


# ── paths ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which file: the tile `index` of a level (or the bundle, level ENTRIES), when it has `width` of its 256 parts."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def base(self) -> str:
        """The path of the full tile: "tile/0/x001/234"."""
        parts, rest = [f"{self.index % 1000:03d}"], self.index // 1000
        while rest:
            parts.append(f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        return "/".join(("tile", level, *reversed(parts)))

    @property
    def path(self) -> str:
        """The path of this file: "tile/0/x001/234.p/17" when it is partial."""
        return self.base if self.width == WIDTH else f"{self.base}.p/{self.width}"

    def width_at(self, size: int) -> int:
        """How many parts of it a log of `size` entries has."""
        return min(WIDTH, max(0, size // span(max(self.level, 0)) - self.index * WIDTH))


def parse_path(path: str) -> Place:
    """The place that a path names; ValueError when it names none, or not in its one form."""
    found = _PATH.fullmatch(path)
    if not found:
        raise ValueError("not the path of a tile")
    level = ENTRIES if found[1] == "entries" else int(found[1])
    place = Place(level=level, index=int(found[2].replace("x", "").replace("/", "")), width=int(found[3] or WIDTH))
    if place.path != path or level > _MAX_LEVEL or place.width > WIDTH:
        raise ValueError("not the path of a tile")
    return place


# ── tiles ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The right edge of a tree of `size` leaves: `levels[l]` are the hashes of the tile at level l that is not full."""

    size: int = 0
    levels: tuple[tuple[bytes, ...], ...] = ()

    def root(self) -> bytes:
        """The root of the whole tree: perfect subtrees, largest on the left, joined from the right (RFC 6962 §2.1)."""
        subtrees = [root for level in reversed(self.levels) for root in _perfect_roots(level)]
        if not subtrees:
            return tlog.EMPTY_ROOT
        found = subtrees.pop()
        while subtrees:
            found = tlog.node_hash(subtrees.pop(), found)
        return found


def _perfect_roots(hashes: Sequence[bytes]) -> Iterator[bytes]:
    """The roots of the perfect subtrees that these hashes fall into, largest first."""
    start = 0
    for bit in reversed(range(len(hashes).bit_length())):
        if len(hashes) >> bit & 1:
            yield tlog.root(hashes[start : start + (1 << bit)])
            start += 1 << bit


def edge_places(size: int) -> tuple[Place, ...]:
    """The tile at the right edge of each level, the one that is not full; its width may be 0: then there is no file."""
    places, level, count = [], 0, size
    while count:
        places.append(Place(level=level, index=count // WIDTH, width=count % WIDTH))
        level, count = level + 1, count // WIDTH
    return tuple(places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """1 to 256 hashes of one level."""

    place: Place
    hashes: tuple[bytes, ...]


def extend(edge: Edge, leaves: Sequence[bytes]) -> tuple[Edge, tuple[Tile, ...]]:
    """The edge after these leaf hashes, and every tile that is new or wider than before, lowest level first."""
    levels: list[tuple[bytes, ...]] = []
    tiles: list[Tile] = []
    fresh = tuple(leaves)
    while fresh or len(levels) < len(edge.levels):
        level = len(levels)
        before = edge.levels[level] if level < len(edge.levels) else ()
        made = _cut(level, edge.size // span(level + 1), before + fresh) if fresh else []
        full = [tile for tile in made if tile.place.width == WIDTH]
        levels.append((before + fresh)[len(full) * WIDTH :])
        tiles += made
        fresh = tuple(tlog.root(tile.hashes) for tile in full)
    return Edge(size=edge.size + len(leaves), levels=tuple(levels)), tuple(tiles)


def _cut(level: int, index: int, hashes: tuple[bytes, ...]) -> list[Tile]:
    parts = [hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH)]
    return [Tile(place=Place(level=level, index=index + at, width=len(p)), hashes=p) for at, p in enumerate(parts)]


def parse_tile(raw: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile."""
    count, odd = divmod(len(raw), tlog.HASH_BYTES)
    if odd or not 1 <= count <= WIDTH:
        raise ValueError(f"no tile has {len(raw)} bytes")
    return tuple(raw[at : at + tlog.HASH_BYTES] for at in range(0, len(raw), tlog.HASH_BYTES))


def format_tile(hashes: Sequence[bytes]) -> bytes:
    """The bytes of a tile."""
    if not 1 <= len(hashes) <= WIDTH or any(len(one) != tlog.HASH_BYTES for one in hashes):
        raise ValueError(f"a tile has 1 to {WIDTH} hashes of {tlog.HASH_BYTES} bytes")
    return b"".join(hashes)


# ── bundles ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def parse_bundle(raw: bytes) -> tuple[bytes, ...]:
    """The entries of a bundle; ValueError when it was cut off or has more than fit."""
    found, at, length = [], 0, len(raw)
    while at < length:
        start = at + 2
        at = start + int.from_bytes(raw[at:start], "big")
        if at > length or start > length:
            raise ValueError("the bundle was cut off")
        found.append(raw[start:at])
    if not 1 <= len(found) <= WIDTH:
        raise ValueError(f"a bundle has 1 to {WIDTH} entries, not {len(found)}")
    return tuple(found)


def format_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle: before each entry its length in 16 bits."""
    if not 1 <= len(entries) <= WIDTH:
        raise ValueError(f"a bundle has 1 to {WIDTH} entries, not {len(entries)}")
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise ValueError(f"an entry has at most {MAX_ENTRY_BYTES} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
