"""Double of private.sqlite: a list, and a number that changes with it."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from sonoteca.model.copies import Audited, Sighting
from sonoteca.model.damage import Damage


class MemoryPrivate:
    """History that goes when the process goes."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self._audits: list[Audited] = []
        self._sightings: dict[str, Sighting] = {}
        self._damages: dict[str, Damage] = {}
        self._version = 0

    def save(self, audited: Sequence[Audited], seen: Sequence[Sighting] = ()) -> None:
        """See Private.save."""
        self._audits.extend(audited)
        self._sightings.update({one.volume_hash: one for one in seen})
        self._version += 1

    def audits(self, *, since: str = "", volume: str = "") -> tuple[Audited, ...]:
        """See Private.audits."""
        found = (one for one in self._audits if one.at >= since and volume in ("", one.volume))
        return tuple(sorted(found, key=lambda one: one.at))

    def sightings(self) -> tuple[Sighting, ...]:
        """See Private.sightings."""
        return tuple(one for _, one in sorted(self._sightings.items()))

    def last_asked(self, address: str) -> str:
        """See Private.last_asked."""
        return max((one.at for one in self._audits if address and one.address == address), default="")

    def forget(self, before: str) -> int:
        """See Private.forget."""
        old = [number for number, one in enumerate(self._audits) if one.at < before and one.address]
        for number in old:
            self._audits[number] = dataclasses.replace(self._audits[number], address="", host="")
        self._version += 1
        return len(old)

    def save_damages(self, found: Sequence[Damage]) -> None:
        """See Private.save_damages."""
        for one in found:
            self._damages.setdefault(one.path, one)
        self._version += bool(found)

    def damages(self) -> tuple[Damage, ...]:
        """See Private.damages."""
        return tuple(one for _, one in sorted(self._damages.items()))

    def mend(self, paths: Sequence[str]) -> None:
        """See Private.mend."""
        for path in paths:
            self._damages.pop(path, None)
        self._version += bool(paths)

    def version(self) -> int:
        """See Private.version."""
        return self._version

    def close(self) -> None:
        """See Private.close."""
