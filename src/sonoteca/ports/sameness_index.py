"""Sameness index: which recordings share codes (catalogue/sameness.py), in immutable sorted files that are mapped.

Takes  entries: a recording's key (32 bits) and the codes it is found by.
Gives  for the codes of another one the keys that share some, with how many, likeliest first. Keys are no proof: who
       asks looks each up and compares.
Order  a segment is written whole and synced, then it gets its name; a merged one has its name before those that it
       replaces go. A crash leaves postings twice at worst, and they count once. Adding again changes nothing. A fresh
       index takes the place of an old one in one rename: its folder becomes the one with the highest number.
Never  grows in memory: segments are mapped and read where they are asked, merges go through them in parts.

A segment is sorted 64-bit words, the code above the key, after a head of 16 bytes (magic, how many). FANOUT segments of
about one size become one, so a million recordings are a handful of files. Derived: `rebuild` makes it again.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy

from sonoteca.formats.fingerprint import Raw
from sonoteca.model.errors import Damaged
from sonoteca.model.finding import Finding, finding
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

    def verify(self) -> Iterator[Finding]:
        """What of it is not whole: nothing can be found or merged until it is made again."""

    def absent(self, keys: Iterable[int]) -> list[int]:
        """Those of these keys that have no posting, sorted. Goes through the postings until all are seen."""

    def begin_again(self) -> "SamenessIndex":
        """An empty one beside this one, whatever an earlier attempt left."""

    def replace_with(self, fresh: Any) -> None:
        """What `begin_again` gave takes the place of this one, at once: a crash leaves the one or the other."""


class SegmentIndex:
    """In a folder of the archive; one process writes, any may read."""

    PLACES: ClassVar[tuple[str, ...]] = ("index",)

    def __init__(self, root: str, name: str = "sameness") -> None:
        self._root = root
        self._name = name
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
        folder, paths = self._folder, self._paths()
        self._maps = {path: self._maps[path] if path in self._maps else self._map(path) for path in paths}
        if folder != self._folder:
            raise FileNotFoundError(folder)  # a fresh one took its place: what was listed may be half removed
        return list(self._maps.values())

    def _folders(self) -> dict[int, str]:
        """Those that have its name and a number (none: 0), the newest last. That one counts, others are leftovers."""
        form = re.compile(re.escape(self._name) + r"(?:\.(\d{1,9}))?")
        index = os.path.join(self._root, "index")
        with suppress(FileNotFoundError):
            found = {int(match[1] or 0): match[0] for name in os.listdir(index) if (match := form.fullmatch(name))}
            return {number: os.path.join(index, found[number]) for number in sorted(found)}
        return {}

    @property
    def _folder(self) -> str:
        return next(reversed(self._folders().values()), os.path.join(self._root, "index", self._name))

    def _paths(self) -> list[str]:
        folder = self._folder
        try:
            return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(_ENDING)]
        except FileNotFoundError:
            return []

    def _map(self, path: str) -> Words:
        with open(path, "rb") as file:
            head, size = file.read(HEAD_BYTES), os.fstat(file.fileno()).st_size
            count = int.from_bytes(head[8:], "little")
            if head[:8] != MAGIC or size != HEAD_BYTES + 8 * count or not count:
                raise Damaged("index", "a segment is not whole", where=path, cure="sonoteca rebuild")
            return numpy.memmap(file, numpy.dtype("<u8"), "r", HEAD_BYTES, (count,))

    def verify(self) -> Iterator[Finding]:
        """See SamenessIndex."""
        for path in self._paths():
            try:
                self._map(path)
            except Damaged as trouble:
                yield finding("S093", where=os.path.relpath(path, self._root), detail=trouble.what)

    def absent(self, keys: Iterable[int]) -> list[int]:
        """See SamenessIndex."""
        left = numpy.unique(numpy.fromiter(keys, numpy.uint64))
        for part in (part for segment in self._segments() for part in _in_parts(segment)):
            if not len(left):
                break
            left = left[~numpy.isin(left, part & _LOW)]
        return [int(key) for key in left]

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
        if len(paths := self._paths()) > 1:
            self._join(paths)

    def forget(self, keys: Iterable[int]) -> None:
        """See SamenessIndex."""
        gone = numpy.unique(numpy.fromiter(keys, numpy.uint64))
        for path in self._paths():
            segment = self._map(path)
            if any(numpy.isin(part & _LOW, gone).any() for part in _in_parts(segment)):
                self._write(part[~numpy.isin(part & _LOW, gone)] for part in _in_parts(segment))
                self._remove([path])

    def begin_again(self) -> "SegmentIndex":
        """See SamenessIndex."""
        fresh = SegmentIndex(self._root, f"{self._name}{NEXT}")
        _remove_folders([*fresh._folders().values(), *list(self._folders().values())[:-1]])
        return fresh

    def replace_with(self, fresh: Any) -> None:
        """See SamenessIndex."""
        old = self._folders()
        if not (old or fresh._folders()):
            return
        fresh._make_folder()
        fresh._sync()
        index, name = os.path.join(self._root, "index"), f"{self._name}.{max(old, default=0) + 1}"
        with told(f"index/{name}"):
            os.rename(fresh._folder, os.path.join(index, name))
            _sync(index)
        # It is the newest from here on; what is left of older ones is looked at by nobody.
        _remove_folders(old.values())
        self._maps = {}

    def _crowd(self) -> list[str]:
        """FANOUT segments of about one size, if there are."""
        sizes: dict[int, list[str]] = {}
        for path in self._paths():
            size = (os.path.getsize(path) // HEAD_BYTES).bit_length() // 3
            sizes.setdefault(size, []).append(path)
        return next((paths for _, paths in sorted(sizes.items()) if len(paths) >= FANOUT), [])

    def _join(self, paths: Sequence[str]) -> None:
        self._write(_merged([self._map(path) for path in paths]))
        # What they held stands in the merged one too: it counts once.
        self._remove(paths)

    def _write(self, parts: Iterator[Words]) -> None:
        self._make_folder()
        number = max((int(os.path.basename(path).partition(".")[0]) for path in self._paths()), default=0) + 1
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

    def _remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._maps.pop(path, None)
            with suppress(FileNotFoundError):
                os.unlink(path)

    def _make_folder(self) -> None:
        os.makedirs(self._folder, exist_ok=True)

    def _sync(self) -> None:
        _sync(self._folder)


def _sync(path: str) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove_folders(paths: Iterable[str]) -> None:
    for path in paths:
        for name in os.listdir(path):
            os.unlink(os.path.join(path, name))
        os.rmdir(path)


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
