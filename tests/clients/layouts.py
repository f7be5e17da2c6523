"""Layouts: the file trees that clients disagree about, small enough that all of them can be tried."""

from collections.abc import Mapping

from sonoteca.model.files import BLOCK_BYTES, PIECE_BYTES

ONE_FILE = "single file"
NAME = "sonoteca-matrix-access-cc0-0001"
BORDERS = (BLOCK_BYTES, PIECE_BYTES, 2 * PIECE_BYTES)
LAYOUTS: Mapping[str, Mapping[str, int]] = {
    ONE_FILE: {"": 700_001},  # the torrent is its file: its path is the torrent's name
    "nested": {"a.opus": 300_000, "cd1/a.opus": 262_144, "cd1/b/c/d/e/f.opus": 65_537, "cd2/a.opus.credits.txt": 701},
    "Unicode": {
        "Björk/Jóga.opus": 120_000,
        "東京/海辺の歌.flac": 260_000,
        "Кино/Группа крови.opus": 90_001,
        "zebra & $HOME `x` 'q' #1 [a] {b} %41/ÿ 𝄞 100%.opus": 17,
    },
    "sibling prefixes": {
        # Whole paths in byte order would put "Foo - Live/" before "Foo/"; a tree has them the other way round.
        "Foo/01 Aria.opus": 300_000,
        "Foo/01 Aria.opus.credits.txt": 700,
        "Foo - Live/01 Aria.opus": 300_000,
        "Foo - Live/cd1/01 Aria.opus": 300_001,
        "Foo - Live/cd1.cue": 1_234,
        "Foo.opus": 17,
    },
    "1 byte": {"a.txt": 1, "b/a.txt": 1, "b/c.opus": 300_000, "z.txt": 1},
    "exact multiples": {f"{near + more:07}.bin": near + more for near in BORDERS for more in (-1, 0, 1)},
    "2,000 files": {f"{number % 40:02}/{number:04}.opus": 200 + number for number in range(2_000)},
}


def members_of(layout: str, name: str) -> dict[str, int]:
    """Sizes by path in a torrent of this name."""
    return {path or name: size for path, size in LAYOUTS[layout].items()}
