"""Makes infohashes.json: what libtorrent's own creator, which is not ours, gives for the layouts of layouts.py.

    python -m tests.vectors.torrents.generate        (needs `pip install libtorrent`; the test that compares does not)

Each row: the layout, whether libtorrent's own loader opens the hybrid that libtorrent made, and for v1 (with pads:
`v1_only | canonical_files`), v2 and hybrid the infohashes and the paths of the pads in the order of the files.
"""

import hashlib
import importlib
import json
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.vectors.torrents.layouts import LAYOUTS, PIECE, WRONG_IN_LIBTORRENT, files_of

GOLDEN = Path(__file__).with_name("infohashes.json")


def write(layout: str, folder: Path) -> Path:
    """The files of a layout on disk; gives the path that the torrent is over."""
    whole = folder / layout
    for path, raw in files_of(layout).items():
        file = whole if path == layout else whole / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
    return whole


def made(libtorrent: ModuleType, whole: Path, flavour: str) -> Any:
    """The .torrent that libtorrent makes, as the dict that it gives."""
    creator = libtorrent.create_torrent
    flags = {"v1": creator.v1_only | creator.canonical_files, "v2": creator.v2_only, "hybrid": 0}[flavour]
    torrent = creator(libtorrent.list_files(str(whole)), PIECE, flags)
    libtorrent.set_piece_hashes(torrent, str(whole.parent))
    return torrent.generate()


def row(libtorrent: ModuleType, layout: str, folder: Path) -> dict[str, Any]:
    """What libtorrent says."""
    whole = write(layout, folder)
    torrents = {flavour: made(libtorrent, whole, flavour) for flavour in ("hybrid", "v1", "v2")}
    loads = {flavour: is_loaded(libtorrent, torrent) for flavour, torrent in torrents.items()}
    found: dict[str, Any] = {"layout": layout, "loads": loads}
    for flavour, torrent in torrents.items():
        raw = libtorrent.bencode(torrent[b"info"])
        pads = [file[b"path"][1].decode() for file in torrent[b"info"].get(b"files", []) if b"attr" in file]
        found[flavour] = {
            "sha1": hashed("sha1", raw) if flavour != "v2" else "",
            "sha256": hashed("sha256", raw) if flavour != "v1" else "",
            "pads": pads,
        }
    return found


def hashed(name: str, raw: bytes) -> str:
    """In hexadecimal."""
    return hashlib.new(name, raw, usedforsecurity=False).hexdigest()


def is_loaded(libtorrent: ModuleType, torrent: Any) -> bool:
    """Whether libtorrent opens it."""
    try:
        libtorrent.load_torrent_buffer(libtorrent.bencode(torrent))
    except RuntimeError:
        return False
    return True


def rows(libtorrent: ModuleType, folder: Path) -> list[dict[str, Any]]:
    """All rows, made in an empty folder."""
    return [row(libtorrent, layout, folder) for layout in (*LAYOUTS, *WRONG_IN_LIBTORRENT)]


def main() -> None:
    """Writes the golden file."""
    with tempfile.TemporaryDirectory() as folder:
        found = rows(importlib.import_module("libtorrent"), Path(folder))
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in found)
    GOLDEN.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
