"""Packed: the piece hashes of stored files, kept together in cache/pieces/, for whoever assembles torrents.

Takes  the disk.   Gives  the hashes of a digest when a pack has them; keeps what came from the objects instead.
Never  is needed: what is not here, or is damaged here, is read from the objects (shelf.py). Anybody may delete any of
       it at any time. Only the coordinator adds; the website reads.
Order  a new pack is there, whole and durable, before those go that it replaces.

Packs are never changed. A new one takes others in, the smallest first, while none is larger than twice what it has and
the whole stays below MAX_PACK_BYTES: so there are few, and every file is written again a few times only. Beyond
`max_bytes` the oldest go. Leaves are not in them: of 4 MB they would be nine tenths, and no torrent of 256 KiB pieces
needs them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from sonoteca.formats import packs
from sonoteca.formats.packs import Table
from sonoteca.model.errors import SonotecaError
from sonoteca.model.files import PieceHashes
from sonoteca.model.ids import Digest
from sonoteca.ports.disk import Disk

PLACE = "cache/pieces"
ENDING = ".pack"
MAX_PACK_BYTES = 32 * 1024 * 1024
MAX_BYTES = 1024**3  # 1.2 million files of 4 MB


@dataclass(slots=True, kw_only=True)
class _Pack:
    """An open pack. It may be deleted meanwhile: what is open stays readable."""

    path: str
    number: int
    file: IO[bytes]
    table: Table

    def find(self, digest: Digest) -> PieceHashes | None:
        found = self.table.find(digest)
        if found is None:
            return None
        # Read, not mapped: a mapped file that somebody cuts off ends the process.
        try:
            self.file.seek(found[0])
            return packs.parse_record(self.file.read(found[1]), digest)
        except (ValueError, OSError):
            return None

    def all(self) -> Iterator[PieceHashes]:
        for at in range(self.table.files):
            one = self.find(Digest(self.table.digests[at * 32 : at * 32 + 32].hex()))
            if one is not None:
                yield one


class PackedHashes:
    """The packs as they are when this is made."""

    def __init__(self, disk: Disk, max_bytes: int = MAX_BYTES) -> None:
        self._disk = disk
        self._max_bytes = max_bytes
        found = (_opened(disk, name) for name in disk.list(PLACE) if name.endswith(ENDING))
        self._packs = sorted((pack for pack in found if pack), key=lambda pack: -pack.number)

    def __enter__(self) -> "PackedHashes":
        return self

    def __exit__(self, *_: object) -> None:
        for pack in self._packs:
            pack.file.close()

    def find(self, digest: Digest) -> PieceHashes | None:
        """The hashes of a file, None when no pack has them whole."""
        for at, pack in enumerate(self._packs):
            if found := pack.find(digest):
                # The files of a volume came together: where one was, the next will be.
                self._packs.insert(0, self._packs.pop(at))
                return found
        return None

    def keep(self, hashes: Iterable[PieceHashes]) -> None:
        """Keeps these as well; those of empty files, which no torrent has, are passed over."""
        fresh = {one.digest: one for one in hashes if one.bytes}
        if not fresh or not self._max_bytes:
            return
        swallowed = self._swallowed(sum(_size(one) for one in fresh.values()))
        for pack in swallowed:
            fresh = {one.digest: one for one in pack.all()} | fresh
        number = max((pack.number for pack in self._packs), default=0) + 1
        path = f"{PLACE}/{number:08}{ENDING}"
        self._disk.replace(path, packs.format(fresh.values()))
        # Both are there now, and say the same.
        for pack in swallowed:
            self._remove(pack)
        if made := _opened(self._disk, f"{number:08}{ENDING}"):
            self._packs.insert(0, made)
        self._bound()

    def _swallowed(self, fresh_bytes: int) -> list[_Pack]:
        """The packs that the next one takes in."""
        total, found = fresh_bytes, []
        for pack in sorted(self._packs, key=lambda pack: pack.table.bytes):
            if pack.table.bytes > 2 * total or total + pack.table.bytes > MAX_PACK_BYTES:
                break
            total += pack.table.bytes
            found.append(pack)
        return found

    def _bound(self) -> None:
        """The oldest go, until the others are within the bound; what cannot be opened as well."""
        total = 0
        for pack in sorted(self._packs, key=lambda pack: -pack.number):
            total += pack.table.bytes
            if total > self._max_bytes:
                self._remove(pack)
        known = {pack.path for pack in self._packs}
        for name in self._disk.list(PLACE):
            if f"{PLACE}/{name}" not in known:
                self._disk.remove_tree(f"{PLACE}/{name}")

    def _remove(self, pack: _Pack) -> None:
        self._disk.remove(pack.path)
        pack.file.close()
        self._packs.remove(pack)


def forget(disk: Disk) -> None:
    """All packs are gone."""
    if disk.list(PLACE):
        disk.remove_tree(PLACE)


def _size(one: PieceHashes) -> int:
    return 128 + len(one.piece_layer) + len(one.sha1_pieces)


def _opened(disk: Disk, name: str) -> _Pack | None:
    """A pack, None when it is none, or gone: then it is as if it had never been there."""
    number, path = name.removesuffix(ENDING), f"{PLACE}/{name}"
    if not number.isdecimal() or not number.isascii():
        return None
    try:
        file = disk.open(path)
    except SonotecaError:
        return None
    try:
        head = file.read(packs.HEAD.size)
        table = packs.parse_table(head + file.read(packs.table_bytes(head) - len(head)))
    except (ValueError, OSError):
        file.close()
        return None
    return _Pack(path=path, number=int(number), file=file, table=table)
