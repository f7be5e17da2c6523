"""Makes layers.json: what libtorrent, which is not ours, says about files of awkward sizes.

    python -m tests.vectors.pieces.generate        (needs `pip install libtorrent`; the test that compares does not)

Contents follow from the size, so no file is kept. Each row: the size; root and layer from a v2 torrent, pieces from a
v1 torrent of the one file, padded pieces from a hybrid, all with 256 KiB pieces; hashes of hashes where they are long.
"""

import hashlib
import importlib
import json
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

GOLDEN = Path(__file__).with_name("layers.json")
PIECE_BYTES = 262_144
SIZES = (
    1,
    16_383,
    16_384,
    16_385,
    32_768,
    49_153,
    262_143,
    262_144,
    262_145,
    278_528,
    524_287,
    524_288,
    524_289,
    786_433,
    1_310_721,
    4_194_304,
    5_000_011,
)


def content(size: int) -> bytes:
    """The bytes of the vector of this size."""
    return hashlib.shake_128(f"sonoteca {size}".encode()).digest(size)


def row(libtorrent: ModuleType, size: int, folder: Path) -> dict[str, Any]:
    """What libtorrent says."""
    both = folder / str(size)
    both.mkdir()
    (both / "x").write_bytes(content(size))
    (both / "y").write_bytes(b"y")
    v1, v2 = (_torrent(libtorrent, both / "x", flavour) for flavour in ("v1_only", "v2_only"))
    root = v2[b"info"][b"file tree"][b"x"][b""][b"pieces root"]
    # In a hybrid of two files the first one is padded to whole pieces.
    padded = _torrent(libtorrent, both, "")[b"info"][b"pieces"][: -(-size // PIECE_BYTES) * 20]
    return {
        "bytes": size,
        "root": root.hex(),
        "layer_sha256": hashlib.sha256(v2.get(b"piece layers", {}).get(root, b"")).hexdigest(),
        "pieces_sha256": hashlib.sha256(v1[b"info"][b"pieces"]).hexdigest(),
        "padded_sha256": hashlib.sha256(padded).hexdigest(),
    }


def rows(libtorrent: ModuleType, folder: Path) -> list[dict[str, Any]]:
    """All rows, made in an empty folder."""
    return [row(libtorrent, size, folder) for size in SIZES]


def _torrent(libtorrent: ModuleType, path: Path, flavour: str) -> Any:
    flags = getattr(libtorrent.create_torrent, flavour) if flavour else 0
    made = libtorrent.create_torrent(libtorrent.list_files(str(path)), PIECE_BYTES, flags)
    libtorrent.set_piece_hashes(made, str(path.parent))
    return made.generate()


def main() -> None:
    """Writes the golden file."""
    with tempfile.TemporaryDirectory() as folder:
        found = rows(importlib.import_module("libtorrent"), Path(folder))
    GOLDEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
