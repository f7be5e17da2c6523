"""The double of the sameness index: everything in a dictionary."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy

from sonoteca.formats.fingerprint import Raw
from sonoteca.model.finding import Finding
from sonoteca.ports.sameness_index import COMMON, Entry, ranked


class MemorySamenessIndex:
    """See SamenessIndex."""

    def __init__(self) -> None:
        self._keys: dict[int, set[int]] = {}

    def add(self, entries: Sequence[Entry]) -> None:
        """See SamenessIndex."""
        for entry in entries:
            for code in entry.codes.tolist():
                self._keys.setdefault(code, set()).add(entry.key)

    def find(self, codes: Raw, most: int) -> list[tuple[int, int]]:
        """See SamenessIndex."""
        every = [self._keys.get(code, set()) for code in codes.tolist()]
        found = [sorted(some) if len(some) <= COMMON else [] for some in every]
        words = [code << 32 | key for code, some in zip(codes.tolist(), found, strict=True) for key in some]
        return ranked(numpy.array(words, numpy.uint64), most)

    def forget(self, keys: Iterable[int]) -> None:
        """See SamenessIndex."""
        gone = set(keys)
        for some in self._keys.values():
            some -= gone

    def merge(self) -> None:
        """See SamenessIndex."""

    def verify(self) -> Iterator[Finding]:
        """See SamenessIndex."""
        return iter(())

    def absent(self, keys: Iterable[int]) -> list[int]:
        """See SamenessIndex."""
        return sorted(set(keys).difference(*self._keys.values()))

    def begin_again(self) -> "MemorySamenessIndex":
        """See SamenessIndex."""
        return MemorySamenessIndex()

    def replace_with(self, fresh: Any) -> None:
        """See SamenessIndex."""
        self._keys = fresh._keys
