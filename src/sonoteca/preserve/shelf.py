"""Shelf: where the bytes and the hash layers of some files lie, for whoever makes torrents of them.

Takes  the disk, and for each file's digest the release that has it.
Gives  its Layers, and its place in the archive; each object's inventory is read once.
Never  reads audio.
"""

from collections.abc import Mapping

from sonoteca.formats import pieces
from sonoteca.formats.ocfl import Inventory
from sonoteca.model.errors import Damaged
from sonoteca.model.files import Layers
from sonoteca.model.ids import Digest
from sonoteca.ports.disk import Disk
from sonoteca.preserve.deposit import content_path, load_object, read_file


class Shelf:
    """The files of one torrent, or of several."""

    def __init__(self, disk: Disk, releases: Mapping[Digest, str]) -> None:
        self._disk = disk
        self._releases = releases
        self._inventories: dict[str, Inventory] = {}
        self._layers: dict[Digest, Layers] = {}

    def layers(self, digest: Digest) -> Layers:
        """The stored hash layers of a file."""
        if digest not in self._layers:
            path, inventory = f"pieces/{digest}.pieces", self._inventory(digest)
            raw = read_file(self._disk, inventory, _newest(inventory, path))
            self._layers[digest] = _parsed(raw, path)
        return self._layers[digest]

    def place(self, digest: Digest) -> str:
        """Where its bytes lie in the archive."""
        return content_path(self._inventory(digest), digest)

    def _inventory(self, digest: Digest) -> Inventory:
        release = self._releases[digest]
        if release not in self._inventories:
            self._inventories[release] = load_object(self._disk, release)
        return self._inventories[release]


def _newest(inventory: Inventory, path: str) -> str:
    """The digest of a file in the newest version that has it: what was replaced is served until a volume is issued
    without it."""
    states = (inventory.state(number) for number in range(inventory.head_number, 0, -1))
    return next((state[path] for state in states if path in state), path)


def _parsed(raw: bytes, path: str) -> Layers:
    try:
        return pieces.parse(raw)
    except ValueError as error:
        cure = "sonoteca verify tells more; restore the release from another copy"
        raise Damaged("pieces-form", f"the hash layers cannot be read: {error}", where=path, cure=cure) from error
