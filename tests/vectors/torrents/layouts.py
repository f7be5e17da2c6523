"""The layouts of files that torrents are compared on: what is in them follows from their names and sizes."""

import hashlib

from sonoteca.formats.pieces import FileMeter
from sonoteca.model.files import Layers
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Member

BLOCK = 16 * 1024
PIECE = 256 * 1024

# name of the layout: {path: bytes}; a path "" is a torrent that is its file.
LAYOUTS: dict[str, dict[str, int]] = {
    "one-byte.opus": {"": 1},
    "one-block.opus": {"": BLOCK},
    "one-piece.opus": {"": PIECE},
    "many-pieces.flac": {"": 5 * PIECE + 1},
    "one-file-in-a-folder": {"Artist - Title/01 Aria.opus": 3 * PIECE + 12_345},
    "one-file-of-another-name": {"01 Aria.opus": 2 * PIECE + 1},
    "flat": {"01.opus": 70_000, "02.opus": 300_000, "cover.jpg": 9_999},
    "nested": {
        "Artist - Title/cd1/01 Aria.opus": 400_000,
        "Artist - Title/cd1/01 Aria.credits.txt": 700,
        "Artist - Title/cd2/01 Aria.opus": 400_001,
        "Artist - Title/info.txt": 1_200,
        "Other/01.opus": PIECE + 1,
    },
    "deep": {f"{'/'.join('abcdefghijkl'[:depth])}/x{depth}": 1_000 * depth for depth in range(1, 13)},
    "unicode Ænima": {
        "Björk/Jóga.opus": 120_000,
        "東京/海辺の歌.flac": 260_000,
        "Кино/Группа крови.opus": 90_001,
        "ﬁn/𝄞 clef.opus": 5,
        "zebra/ÿ.opus": 17,
    },
    "bytes-not-letters": {"Z.opus": 10, "a.opus": 11, "_.opus": 12, "é.opus": 13, "~.opus": 14, "1.opus": 15},
    "block-borders": {
        f"{size:08}": size for near in (1, 2, 15, 16) for size in range(near * BLOCK - 1, near * BLOCK + 2)
    },
    "piece-borders": {f"{size:08}": size for near in (1, 2, 3) for size in range(near * PIECE - 1, near * PIECE + 2)},
    "whole-pieces": {f"{count}.wav": count * PIECE for count in (1, 2, 3, 4)},
    "many-small": {f"{number % 7}/{number:04}.credits.txt": 100 + 37 * number for number in range(150)},
    "mixed": {
        "A - B/01 One.flac": 1_500_000,
        "A - B/01 One.credits.txt": 812,
        "A - B/02 Two.flac": 2 * PIECE,
        "A - B/02 Two.credits.txt": 813,
        "A - C/01 Three.opus": 33_333,
        "A - C/01 Three.credits.txt": 1,
    },
    "twice-the-same": {"a/same.bin": 600_000, "b/same.bin": 600_000, "c.bin": BLOCK},
}

# libtorrent 2.1.1 sorts whole paths as bytes: what stands below "/" (blank, dash, dot …) comes before it, and so
# "Foo - Live/" before "Foo/". BEP 52's file tree has them the other way round; libtorrent's own loader refuses such a
# hybrid of libtorrent's own creator.
WRONG_IN_LIBTORRENT: dict[str, dict[str, int]] = {
    "a folder and its longer name": {
        "Foo/01.opus": 70_000,
        "Foo - Live/01.opus": 70_001,
        "Foo - Live/02.opus": 300_000,
    },
    "a folder and a file with its ending": {"cd1/01.opus": 300_000, "cd1.cue": 1_234, "cd2/01.opus": 5},
}


def content(path: str, size: int) -> bytes:
    """The bytes of a file: those of equal last names and sizes are equal."""
    return hashlib.shake_128(f"sonoteca {path.rpartition('/')[2]}".encode()).digest(size)


def files_of(layout: str) -> dict[str, bytes]:
    """{path below the torrent's name: content}; a torrent that is its file has one path, its own name."""
    sizes = LAYOUTS.get(layout) or WRONG_IN_LIBTORRENT[layout]
    return {path or layout: content(path or layout, size) for path, size in sizes.items()}


def layers_of(raw: bytes) -> Layers:
    """What the one read of a file gives."""
    meter = FileMeter()
    meter.update(memoryview(raw))
    layers = meter.finish().layers
    if layers is None:
        raise RuntimeError("a meter without layers")
    return layers


def members_of(files: dict[str, bytes]) -> tuple[tuple[Member, ...], dict[Digest, Layers]]:
    """The members of a torrent over these files, and the layers of each."""
    layers = {path: layers_of(raw) for path, raw in files.items()}
    members = tuple(Member(path=path, digest=one.digest, bytes=one.bytes) for path, one in layers.items())
    return members, {one.digest: one for one in layers.values()}
