"""Shelf: where the bytes and the hash layers of some files lie, for whoever makes torrents of them.

Takes  the disk, for each file's digest the release that has it, and packs (packed.py), or none.
Gives  its PieceHashes, from a pack or else from its object, and its place in the archive; each object's inventory is
       read once. `fresh` are the hashes that no pack had.
Never  reads audio; writes: whoever may keeps what is fresh.
"""

from collections.abc import Mapping

from sonoteca.formats import pieces
from sonoteca.formats.ocfl import Inventory
from sonoteca.formats.pieces import without_leaves
from sonoteca.model.errors import Damaged
from sonoteca.model.files import Layers, PieceHashes
from sonoteca.model.ids import Digest
from sonoteca.ports.disk import Disk
from sonoteca.preserve.deposit import content_path, load_object, read_file
from sonoteca.preserve.packed import PackedHashes


class Shelf:
    """The files of one torrent, or of several."""

    def __init__(self, disk: Disk, releases: Mapping[Digest, str], packs: PackedHashes | None = None) -> None:
        self._disk = disk
        self._releases = releases
        self._packs = packs
        self._inventories: dict[str, Inventory] = {}
        self._hashes: dict[Digest, PieceHashes] = {}
        self._places: dict[Digest, str] = {}
        self.fresh: list[PieceHashes] = []

    def believe(self, places: Mapping[Digest, str]) -> None:
        """Here files were a moment ago, and those of this name that are there still are the same: content of an object
        is never changed. The others are looked up."""
        names: dict[str, frozenset[str]] = {}
        for digest, place in places.items():
            folder, _, name = place.rpartition("/")
            if folder not in names:
                names[folder] = frozenset(self._disk.list(folder))
            if name in names[folder] and digest in self._releases:
                self._places[digest] = place

    def hashes(self, digest: Digest) -> PieceHashes:
        """What assembly needs of a file."""
        found = self._hashes.get(digest) or (self._packs.find(digest) if self._packs else None)
        if found is None:
            found = without_leaves(self.layers(digest))
            self.fresh.append(found)
        self._hashes[digest] = found
        return found

    def layers(self, digest: Digest) -> Layers:
        """All stored hashes of a file, from its object."""
        path, inventory = f"pieces/{digest}.pieces", self._inventory(digest)
        raw = read_file(self._disk, inventory, _newest(inventory, path))
        return _parsed(raw, path)

    def place(self, digest: Digest) -> str:
        """Where its bytes lie in the archive."""
        if digest in self._places:
            return self._places[digest]
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
        return pieces.parse(raw, is_verified=True)  # read_file has compared it with the inventory
    except ValueError as error:
        cure = "sonoteca verify tells more; restore the release from another copy"
        raise Damaged("pieces-form", f"the hash layers cannot be read: {error}", where=path, cure=cure) from error
