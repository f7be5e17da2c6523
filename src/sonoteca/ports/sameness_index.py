"""Sameness index: which recordings share codes (catalogue/sameness.py), in immutable sorted files that are mapped.

Takes  entries: a recording's key (32 bits) and the codes it is found by.
Gives  for the codes of another one the keys that share some, with how many, likeliest first. Keys are no proof: who
       asks looks each up and compares.
Order  a segment is written whole and synced, then it gets its name; a merged one has its name before those that it
       replaces go. A crash leaves postings twice at worst, and they count once. Adding again changes nothing.
Never  grows in memory: segments are mapped and read where they are asked, merges go through them in parts.

A segment is sorted 64-bit words, the code above the key, after a head of 16 bytes (magic, how many). FANOUT segments of
about one size become one, so a million recordings are a handful of files. Derived: `rebuild` makes it again.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy

from sonoteca.formats.fingerprint import Raw
from sonoteca.model.errors import Damaged
from sonoteca.ports.troubles import told

Words = numpy.ndarray[Any, numpy.dtype[numpy.uint64]]

MAGIC = b"SNTCsam1"
HEAD_BYTES = 16
FANOUT = 8
PART_WORDS = 1 << 19  # merged at a time: 4 MB, and numpy needs it a few times
COMMON = 4096  # a code that more have says nothing: silence
NEXT = "-next"  # after the name of an index: the one that will take its place
_ENDING, _HALF = ".seg", ".half"
_LOW = numpy.uint64(0xFFFF_FFFF)
_SHIFT = numpy.uint64(32)
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A recording that is to be found: `codes` sorted, each once."""

    key: int
    codes: Raw


class SamenessIndex(Protocol):
    """Codes to keys."""

    def add(self, entries: Sequence[Entry]) -> None:
        """These are found from now on; durable."""

    def find(self, codes: Raw, most: int) -> list[tuple[int, int]]:
        """(key, how many of `codes` it shares), those first that share most, and rare ones; then by key; at most so
        many."""

    def forget(self, keys: Iterable[int]) -> None:
        """No posting of these keys any more; durable."""

    def merge(self) -> None:
        """As few segments as there can be."""

    def begin_again(self) -> "SamenessIndex":
        """An empty one beside this one, whatever an earlier attempt left."""

    def replace_with(self, fresh: Any) -> None:
        """What `begin_again` gave takes the place of this one."""


class SegmentIndex:
    """In a folder of the archive; one process writes, any may read."""

    PLACES: ClassVar[tuple[str, ...]] = ("index",)

    def __init__(self, root: str, name: str = "sameness") -> None:
        self._root = root
        self._name = name
        self._folder = os.path.join(root, "index", name)
        self._maps: dict[str, Words] = {}

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def words(self) -> int:
        """How many postings, those that stand twice twice."""
        return sum(len(one) for one in self._segments())

    @property
    def bytes(self) -> int:
        """On disk."""
        return sum(HEAD_BYTES + 8 * len(one) for one in self._segments())

    def find(self, codes: Raw, most: int) -> list[tuple[int, int]]:
        """See SamenessIndex."""
        low = codes.astype(numpy.uint64) << _SHIFT
        found = [_slices(segment, low) for segment in self._segments()]
        if not found:
            return []
        # Once, though a crash may have left a posting in two segments.
        words = numpy.unique(numpy.concatenate(found))
        return ranked(words, most)

    def _segments(self) -> list[Words]:
        for _ in range(_ATTEMPTS):
            try:
                return self._opened()
            except FileNotFoundError:
                continue  # merged away since the folder was listed
        raise Damaged("index", "its segments come and go", where=self._folder, cure="sonoteca rebuild")

    def _opened(self) -> list[Words]:
        names = self._names()
        self._maps = {name: self._maps[name] if name in self._maps else self._map(name) for name in names}
        return list(self._maps.values())

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._folder) if name.endswith(_ENDING))
        except FileNotFoundError:
            return []

    def _map(self, name: str) -> Words:
        path = os.path.join(self._folder, name)
        with open(path, "rb") as file:
            head, size = file.read(HEAD_BYTES), os.fstat(file.fileno()).st_size
            count = int.from_bytes(head[8:], "little")
            if head[:8] != MAGIC or size != HEAD_BYTES + 8 * count or not count:
                raise Damaged("index", "a segment is not whole", where=path, cure="sonoteca rebuild")
            return numpy.memmap(file, numpy.dtype("<u8"), "r", HEAD_BYTES, (count,))

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, entries: Sequence[Entry]) -> None:
        """See SamenessIndex."""
        words = [(one.codes.astype(numpy.uint64) << _SHIFT) | numpy.uint64(one.key) for one in entries]
        if not sum(map(len, words)):
            return
        self._write(iter([numpy.unique(numpy.concatenate(words))]))
        while crowd := self._crowd():
            self._join(crowd)

    def merge(self) -> None:
        """See SamenessIndex."""
        if len(names := self._names()) > 1:
            self._join(names)

    def forget(self, keys: Iterable[int]) -> None:
        """See SamenessIndex."""
        gone = numpy.unique(numpy.fromiter(keys, numpy.uint64))
        for name in self._names():
            segment = self._map(name)
            if any(numpy.isin(part & _LOW, gone).any() for part in _in_parts(segment)):
                self._write(part[~numpy.isin(part & _LOW, gone)] for part in _in_parts(segment))
                self._remove([name])

    def begin_again(self) -> "SegmentIndex":
        """See SamenessIndex."""
        fresh = SegmentIndex(self._root, f"{self._name}{NEXT}")
        fresh._remove(fresh._names())
        return fresh

    def replace_with(self, fresh: Any) -> None:
        """See SamenessIndex. A crash within leaves fewer than there should be: `rebuild` again."""
        if not (self._names() or fresh._names()):
            return
        self._make_folder()
        self._remove(self._names())
        for name in fresh._names():
            os.rename(os.path.join(fresh._folder, name), os.path.join(self._folder, name))
        self._sync()
        self._maps = {}

    def _crowd(self) -> list[str]:
        """FANOUT segments of about one size, if there are."""
        sizes: dict[int, list[str]] = {}
        for name in self._names():
            size = (os.path.getsize(os.path.join(self._folder, name)) // HEAD_BYTES).bit_length() // 3
            sizes.setdefault(size, []).append(name)
        return next((names for _, names in sorted(sizes.items()) if len(names) >= FANOUT), [])

    def _join(self, names: Sequence[str]) -> None:
        self._write(_merged([self._map(name) for name in names]))
        # What they held stands in the merged one too: it counts once.
        self._remove(names)

    def _write(self, parts: Iterator[Words]) -> None:
        self._make_folder()
        number = max((int(name.partition(".")[0]) for name in self._names()), default=0) + 1
        path = os.path.join(self._folder, f"{number:012d}")
        with told(f"index/{self._name}"), open(path + _HALF, "wb") as file:
            file.write(bytes(HEAD_BYTES))
            count = 0
            for part in parts:
                file.write(part.astype("<u8", copy=False).tobytes())
                count += len(part)
            file.seek(0)
            file.write(MAGIC + count.to_bytes(8, "little"))
            file.flush()
            os.fsync(file.fileno())
        if count:
            os.rename(path + _HALF, path + _ENDING)
        else:
            os.unlink(path + _HALF)
        self._sync()

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._maps.pop(name, None)
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(self._folder, name))

    def _make_folder(self) -> None:
        os.makedirs(self._folder, exist_ok=True)

    def _sync(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def ranked(words: Words, most: int) -> list[tuple[int, int]]:
    """The keys in these words, as `find` gives them. A code that one recording in the world has says more than one that
    a thousand have, so each counts by how few have it."""
    _, codes, sharing = numpy.unique(words >> _SHIFT, return_inverse=True, return_counts=True)
    keys, places, counts = numpy.unique(words & _LOW, return_inverse=True, return_counts=True)
    weights = numpy.bincount(places, 1 / sharing[codes], len(keys))
    order = numpy.argsort(-weights.round(9), kind="stable")[:most]
    return [(int(keys[at]), int(counts[at])) for at in order]


def _slices(segment: Words, low: Words) -> Words:
    """The words of these codes, but not of those that too many have."""
    first = numpy.searchsorted(segment, low)
    counts = numpy.searchsorted(segment, low | _LOW, "right") - first
    counts[counts > COMMON] = 0
    first, counts = first[counts > 0], counts[counts > 0]
    before = numpy.cumsum(counts) - counts
    places = numpy.arange(int(counts.sum())) + numpy.repeat(first - before, counts)
    return numpy.asarray(segment[places])


def _in_parts(segment: Words) -> Iterator[Words]:
    for start in range(0, len(segment), PART_WORDS):
        yield numpy.asarray(segment[start : start + PART_WORDS])


def _merged(segments: Sequence[Words]) -> Iterator[Words]:
    """All of their words, sorted, each once, in parts: cut where every one of them gives no more than its share."""
    step = PART_WORDS // len(segments)
    cuts = numpy.unique(numpy.concatenate([segment[step::step] for segment in segments]))
    edges = [numpy.searchsorted(segment, cuts) for segment in segments]
    bounds = [[0, *map(int, edge), len(segment)] for edge, segment in zip(edges, segments, strict=True)]
    for at in range(len(cuts) + 1):
        pieces = [segment[bound[at] : bound[at + 1]] for segment, bound in zip(segments, bounds, strict=True)]
        yield numpy.unique(numpy.concatenate(pieces))
