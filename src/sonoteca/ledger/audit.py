"""Audit: every file of the ledger read again, and held against its neighbours.

Takes  the disk, a checkpoint whose signature was verified.   Gives  findings; none: every byte is as signed.
Never  writes, or uses what wrote (log.py): it asks the definition of a tile, not the way one is made.

Three chains are followed, each link by itself, so that one bad file gives one finding or two and not one for every
file above it: entries → their hashes in level 0; full tiles → their roots one level above; the edge → the signed root.
"""

import dataclasses
from collections.abc import Iterator

from sonoteca.formats import tlog
from sonoteca.formats.tiles import ENTRIES, WIDTH, Edge, Place, edge_places, parse_path
from sonoteca.ledger.entries import find_recovery_key
from sonoteca.ledger.files import CHECKPOINT, FOLDER, load_parts, path_of
from sonoteca.model.errors import SonotecaError
from sonoteca.model.finding import Finding, finding
from sonoteca.model.source import Kind
from sonoteca.ports.disk import Disk

Parts = tuple[bytes, ...]


class Audit:
    """One walk over the ledger. Memory: 32 bytes for each 256 entries."""

    def __init__(self, disk: Disk, checkpoint: tlog.Checkpoint) -> None:
        self._disk = disk
        self._checkpoint = checkpoint
        self._edge: list[Parts] = []
        self._whole: tuple[Place, Parts] | None = None
        self._damaged: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        """What is wrong."""
        roots: list[bytes] = []
        for edge in edge_places(self._checkpoint.size):
            below, roots = roots, []
            yield from self._level(edge, below, roots)
        if Edge(size=self._checkpoint.size, levels=tuple(self._edge)).root() != self._checkpoint.root:
            yield finding("L004", where=CHECKPOINT, detail=f"{self._checkpoint.size} entries")
        yield from self._others()

    def _level(self, edge: Place, below: list[bytes], roots: list[bytes]) -> Iterator[Finding]:
        """Each tile of a level against what stands below it; `roots` receives the roots of the full ones."""
        for index in range(edge.index + 1):
            place = Place(level=edge.level, index=index, width=edge.width if index == edge.index else WIDTH)
            hashes: Parts = ()
            if place.width:
                expected = below[index * WIDTH : index * WIDTH + place.width]
                if edge.level == 0:
                    expected, found = self._leaves(place)
                    yield from found
                hashes, found = self._tile(place, tuple(expected))
                yield from found
            if index < edge.index:
                roots.append(tlog.root(hashes))
            else:
                self._edge.append(hashes)

    def _leaves(self, place: Place) -> tuple[list[bytes], list[Finding]]:
        """The hashes of the entries that belong to a tile of level 0; none when the bundle cannot be read."""
        bundle = Place(level=ENTRIES, index=place.index, width=place.width)
        try:
            entries = load_parts(self._disk, bundle)
        except SonotecaError as error:
            return [], [finding("L002", where=path_of(bundle), detail=error.what)]
        lacks_key = place.index == 0 and find_recovery_key(entries[0]) is None
        return [tlog.leaf_hash(entry) for entry in entries], [finding("L005", where=path_of(bundle))] * lacks_key

    def _tile(self, place: Place, expected: Parts) -> tuple[Parts, list[Finding]]:
        """The hashes to go on with: the file's own if it can be read, so that the link above judges between the two."""
        path = path_of(place)
        try:
            hashes = load_parts(self._disk, place)
        except SonotecaError as error:
            return expected, [finding("L003", where=path, detail=error.what)]
        if expected and hashes != expected:
            pair = dataclasses.replace(place, level=place.level or ENTRIES)
            self._damaged.update((path, path_of(pair)))
            below = "the tiles below it" if place.level else "the entries of its bundle"
            return hashes, [finding("L003", where=path, detail=f"it does not agree with {below}")]
        return hashes, []

    def _others(self) -> Iterator[Finding]:
        """Partial tiles of earlier checkpoints are beginnings of what stands there now; nothing else belongs here."""
        for item in self._disk.walk(FOLDER):
            if item.kind is Kind.FOLDER or item.path == CHECKPOINT:
                continue
            try:
                place = parse_path(item.path.removeprefix(f"{FOLDER}/"))
            except ValueError:
                yield finding("L006", where=item.path)
                continue
            yield from self._partial(place)

    def _partial(self, place: Place) -> Iterator[Finding]:
        width = place.width_at(self._checkpoint.size)
        if place.width > width:
            yield finding("L006", where=path_of(place), detail="beyond the checkpoint")
        elif place.width < width and not self._is_beginning(place, dataclasses.replace(place, width=width)):
            yield finding("L003", where=path_of(place), detail="it is not the beginning of the wider one")

    def _is_beginning(self, place: Place, whole: Place) -> bool:
        """Whether a narrower form says what the whole one says; yes when the whole one is damaged, which was told."""
        try:
            if self._whole is None or self._whole[0] != whole:
                self._whole = whole, load_parts(self._disk, whole)
        except SonotecaError:
            return True
        try:
            parts = load_parts(self._disk, place)
        except SonotecaError:
            return False
        return parts == self._whole[1][: place.width] or path_of(whole) in self._damaged
