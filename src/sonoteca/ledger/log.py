"""Log: entries appended, signed, and read back.

Order  bundles and tiles of the new entries, durable; the checkpoint, replaced; partial tiles now full, removed.
       Broken off anywhere, the log is that of the old checkpoint or of the new one; the same call again ends the same.

Why appending twice does no harm. The outbox is drained in order: its oldest rows are appended with one call, then
dropped, and only then come the next ones. So what may be in the log and in the outbox at once is what the last call
appended: the end of the log. `append_once` looks for its entries there, among the last LOOK_BACK or as many as it was
given, and as entries carry salted commitments, two equal ones are the same. (Drain in portions below LOOK_BACK.)

Appending reads the right edge, one tile a level, and the tiles of those last entries: a few files at any length.
"""

from collections.abc import Iterator, Sequence

from sonoteca.formats import note, tiles, tlog
from sonoteca.formats.tiles import ENTRIES, WIDTH, Edge, Place, edge_places
from sonoteca.ledger import files
from sonoteca.ledger.audit import Audit
from sonoteca.ledger.entries import find_recovery_key
from sonoteca.ledger.files import CHECKPOINT, CURE, FOLDER, load_parts, path_of
from sonoteca.model.errors import Damaged, SonotecaError
from sonoteca.model.finding import Finding, finding
from sonoteca.ports.disk import HALF, Disk
from sonoteca.ports.keys import Signer

LOOK_BACK = 1024


class Ledger:
    """The log below ledger/ of this disk, signed by this signer. One process at a time appends (the archive's lock)."""

    def __init__(self, disk: Disk, signer: Signer) -> None:
        self._disk = disk
        self._signer = signer

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def size(self) -> int:
        """How many entries are signed."""
        checkpoint = self.checkpoint()
        return checkpoint.size if checkpoint else 0

    def checkpoint(self) -> tlog.Checkpoint | None:
        """The newest checkpoint, its signature verified; None when nothing was ever appended."""
        return files.load_checkpoint(self._disk, self._signer.verifier_key)

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The entries from `start` up to, not including, `end`."""
        size = self.size
        if not 0 <= start <= end <= size:
            raise ValueError(f"there are no entries {start} to {end} in a log of {size}")
        return self._entries(start, end, size)

    def commitments(self) -> frozenset[bytes]:
        """All entries, to ask which are there: about 200 bytes of memory each."""
        size = self.size
        return frozenset(self._entries(0, size, size))

    def verify(self) -> list[Finding]:
        """Reads every file of the ledger again: what is wrong with it."""
        try:
            checkpoint = self.checkpoint()
        except SonotecaError as error:
            return [finding("L001", where=CHECKPOINT, detail=error.what)]
        if checkpoint is None:
            return [finding("L001", where=CHECKPOINT, detail="it is missing")]
        return list(Audit(self._disk, checkpoint).findings())

    def _entries(self, start: int, end: int, size: int) -> Iterator[bytes]:
        for index in range(start // WIDTH, -(-end // WIDTH)):
            first = index * WIDTH
            bundle = load_parts(self._disk, Place(level=ENTRIES, index=index, width=min(WIDTH, size - first)))
            yield from bundle[max(0, start - first) : end - first]

    # ── appending ────────────────────────────────────────────────────────────────────────────────────────────────────

    def append_once(self, entries: Sequence[bytes]) -> None:
        """The entries that are not in the log yet, in their order, are in it and signed afterwards."""
        checkpoint = self.checkpoint() or self._begin(entries)
        fresh = self._unknown(entries, checkpoint.size)
        # What is known already came with a call that may have been broken off before it tidied up.
        before = max(0, checkpoint.size - (len(entries) - len(fresh)))
        if fresh:
            checkpoint = self._append(self._edge(checkpoint), fresh)
        self._drop_full_partials(before, checkpoint.size)

    def _begin(self, entries: Sequence[bytes]) -> tlog.Checkpoint:
        """Entry 0, alone. A log that has lost its checkpoint must not begin again: it would sign another past."""
        if not entries or find_recovery_key(entries[0]) is None or not self._is_unbegun():
            raise Damaged("no-checkpoint", "the ledger has no checkpoint to go on from", where=CHECKPOINT, cure=CURE)
        return self._append(Edge(), entries[:1])

    def _is_unbegun(self) -> bool:
        """Whether nothing is there but what a broken-off beginning can have left."""
        return all(
            self._names(f"{FOLDER}/tile/{kind}") <= {"000.p"} and self._names(f"{FOLDER}/tile/{kind}/000.p") <= {"1"}
            for kind in ("entries", "0")
        )

    def _names(self, folder: str) -> set[str]:
        return {name for name in self._disk.list(folder) if not name.startswith(HALF)}

    def _unknown(self, entries: Sequence[bytes], size: int) -> list[bytes]:
        start = max(0, size - max(LOOK_BACK, len(entries)))
        known = {leaf for first in range(start - start % WIDTH, size, WIDTH) for leaf in self._leaves(first, size)}
        fresh = [entry for entry in dict.fromkeys(entries) if tlog.leaf_hash(entry) not in known]
        return [entry for entry in fresh if not self._is_first(entry, size)]

    def _leaves(self, first: int, size: int) -> tuple[bytes, ...]:
        """The hashes of the entries from `first` on, as far as one tile goes."""
        return load_parts(self._disk, Place(level=0, index=first // WIDTH, width=min(WIDTH, size - first)))

    def _is_first(self, entry: bytes, size: int) -> bool:
        """Whether it names the recovery key that entry 0 names: then the archive was made in two attempts."""
        key = find_recovery_key(entry)
        return key is not None and key == find_recovery_key(next(self._entries(0, 1, size)))

    def _edge(self, checkpoint: tlog.Checkpoint) -> Edge:
        """The tiles that are not full yet, found to be those that were signed."""
        places = edge_places(checkpoint.size)
        levels = tuple(load_parts(self._disk, place) if place.width else () for place in places)
        edge = Edge(size=checkpoint.size, levels=levels)
        if edge.root() != checkpoint.root:
            raise Damaged("ledger-edge", "the tiles do not give the root that was signed", where=FOLDER, cure=CURE)
        return edge

    def _append(self, edge: Edge, fresh: Sequence[bytes]) -> tlog.Checkpoint:
        grown, made = tiles.extend(edge, [tlog.leaf_hash(entry) for entry in fresh])
        contents = {tile.place: tiles.format_tile(tile.hashes) for tile in made} | self._bundles(edge, fresh)
        for place in contents:
            self._clear(place, edge.size)
        self._disk.write_many({path_of(place): content for place, content in contents.items()})
        # All of it is durable and none of it is signed: to everyone the log is still the old one.
        checkpoint = tlog.Checkpoint(origin=self._signer.name, size=grown.size, root=grown.root())
        self._disk.replace(CHECKPOINT, self._signed(checkpoint))
        # The log is the new one.
        return checkpoint

    def _signed(self, checkpoint: tlog.Checkpoint) -> bytes:
        text = tlog.format_checkpoint(checkpoint)
        key = note.parse_verifier_key(self._signer.verifier_key)
        signature = note.signature_of(key, self._signer.sign(text.encode("utf-8")))
        return note.format(note.Note(text=text, signatures=(signature,)))

    def _bundles(self, edge: Edge, fresh: Sequence[bytes]) -> dict[Place, bytes]:
        index, width = divmod(edge.size, WIDTH)
        before = tuple(self._entries(edge.size - width, edge.size, edge.size))
        if width and tuple(tlog.leaf_hash(entry) for entry in before) != edge.levels[0]:
            where = path_of(Place(level=ENTRIES, index=index, width=width))
            raise Damaged("ledger-edge", "the last entries are not those that were signed", where=where, cure=CURE)
        entries = (*before, *fresh)
        parts = [entries[at : at + WIDTH] for at in range(0, len(entries), WIDTH)]
        return {
            Place(level=ENTRIES, index=index + at, width=len(part)): tiles.format_bundle(part)
            for at, part in enumerate(parts)
        }

    def _clear(self, place: Place, size: int) -> None:
        """Removes what a broken-off append left in this place: no checkpoint speaks of it."""
        base, signed = f"{FOLDER}/{place.base}", place.width_at(size)
        if self._disk.find(base) is not None:
            self._disk.remove(base)
        for name in self._disk.list(f"{base}.p"):
            if not name.isdecimal() or int(name) > signed:
                self._disk.remove(f"{base}.p/{name}")

    def _drop_full_partials(self, before: int, after: int) -> None:
        """Removes the narrower forms of tiles that are full now, as tlog-tiles allows, from the last one before on."""
        for edge in edge_places(after):
            levels = (edge.level, ENTRIES) if edge.level == 0 else (edge.level,)
            first = max(0, before // tiles.span(edge.level + 1) - 1)
            for place in (Place(level=level, index=index) for index in range(first, edge.index) for level in levels):
                folder = f"{FOLDER}/{place.base}.p"
                if self._disk.find(folder) is not None:
                    self._disk.remove_tree(folder)
