"""Grounds: the evidence about one track, sorted into what the operator stands behind and what is only claimed.

Takes  the evidence that speaks of a track.   Gives  what the grounds cover, forbid and leave unclear, and the first
       contradiction.
Never  decides: rules.py does.

A licence file names licences for whatever lies beside it, often several, one for each part. So it supports a more
exact statement (a manifest, a source's field) when one of the licences it names agrees, contradicts it when none
does, and is a ground by itself only when nothing more exact is there and all that the files say agrees.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sonoteca.model.rights import Evidence, EvidenceKind, Layer
from sonoteca.rights.licence_classes import class_of, forbidden_by, is_agreeing, strictest
from sonoteca.rights.licence_table import ALL_RIGHTS_RESERVED, OTHER_TERMS, LicenceClass

BEARING = frozenset({Layer.ALL, Layer.RECORDING, Layer.COMPOSITION})
SPECIAL = frozenset({LicenceClass.CUSTOM, LicenceClass.RESERVED, LicenceClass.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What speaks of the track's sound, in the order found. `trusted` are the grounds, `claims` all else."""

    trusted: tuple[Evidence, ...]
    claims: tuple[Evidence, ...]

    def covers(self, layer: Layer) -> bool:
        """Whether some ground speaks of this layer."""
        return any(one.layer in (Layer.ALL, layer) for one in self.trusted)

    def counting(self) -> tuple[Evidence, ...]:
        """The grounds that say what holds: not the licence files that a more exact statement stands beside."""
        exact = [one for one in self.trusted if not _is_file(one)]
        return tuple(one for one in self.trusted if not _is_file(one) or not any(_meets(one, other) for other in exact))

    def unreadable(self) -> list[Evidence]:
        """The grounds that count and name no licence that is known."""
        return [one for one in self.counting() if class_of(one.licence) in (LicenceClass.UNKNOWN, LicenceClass.CUSTOM)]

    def forbidden(self) -> frozenset[str]:
        """What the grounds together do not allow: of "nc", "nd", "sharing"."""
        return frozenset[str]().union(*(_forbidden(one) for one in self.counting()))

    def licence(self) -> str:
        """The licence they give: of the whole or of the recording, and that of the composition where it is another."""
        found = [
            one
            for layer in (Layer.ALL, Layer.RECORDING, Layer.COMPOSITION)
            for one in self.counting()
            if one.layer is layer
        ]
        kept: list[str] = []
        for licence in (one.licence for one in found if one.licence):
            if not any(is_agreeing(licence, other) for other in kept):
                kept.append(licence)
        return kept[0] if len(kept) == 1 else " AND ".join(f"({one})" if " OR " in one else one for one in kept)

    def licence_class(self) -> LicenceClass:
        """The class of what they give; a permission in words is CUSTOM."""
        classes = frozenset(class_of(one.licence) for one in self.counting())
        return LicenceClass.CUSTOM if classes & SPECIAL else strictest(classes)

    def find_conflict(self) -> tuple[Evidence, Evidence] | None:
        """The first two statements that contradict each other, None when all agree. Grants are not asked."""
        stated = [one for one in self.trusted if not one.grant] if self.trusted else self.claims
        pairs = itertools.chain(_contradictions(stated), self._stricter_claims())
        return next(pairs, None)

    def _stricter_claims(self) -> Iterator[tuple[Evidence, Evidence]]:
        allowed = [one for one in self.counting() if one.licence]
        for claim in self.claims if allowed else ():
            named = _named(claim)
            against = next((one for one in allowed if _meets(one, claim)), None)
            if against and named and all(self._is_stricter(licence) for licence in named):
                yield against, claim

    def _is_stricter(self, licence: str) -> bool:
        agrees = any(is_agreeing(licence, one.licence) for one in self.counting() if one.licence)
        return bool(forbidden_by(licence) - self.forbidden()) and not agrees


@functools.lru_cache(maxsize=1024)
def grounds_of(evidence: tuple[Evidence, ...]) -> Grounds:
    """The grounds and claims among the evidence. A grant for the work as published is judged by itself (rules.py):
    beside other grounds it is left out."""
    bearing = [one for one in evidence if one.layer in BEARING]
    trusted = [one for one in bearing if one.trusted]
    others = [one for one in trusted if not (one.grant and one.layer is Layer.ALL)]
    return Grounds(trusted=tuple(others or trusted), claims=tuple(one for one in bearing if not one.trusted))


def _is_file(one: Evidence) -> bool:
    return one.kind is EvidenceKind.LICENCE_FILE and not one.grant


def _meets(one: Evidence, other: Evidence) -> bool:
    return one.layer is other.layer or Layer.ALL in (one.layer, other.layer)


def _named(one: Evidence) -> tuple[str, ...]:
    """The licences it names, without "there are other terms", which nobody could read."""
    return (one.licence,) if one.licence else tuple(name for name in one.names if name != OTHER_TERMS)


def _forbidden(one: Evidence) -> frozenset[str]:
    if not one.grant:
        return forbidden_by(one.licence)
    # What a grant permits is in the grant: that rights are reserved otherwise takes nothing away.
    said = (name for name in _named(one) if name != ALL_RIGHTS_RESERVED and class_of(name) is not LicenceClass.RESERVED)
    return frozenset[str]().union(*(forbidden_by(name) for name in said))


def _contradictions(stated: Iterable[Evidence]) -> Iterator[tuple[Evidence, Evidence]]:
    speaking = [one for one in stated if _named(one)]
    exact = [one for one in speaking if not _is_file(one)]
    files = [one for one in speaking if _is_file(one)]
    for place, one in enumerate(exact):
        yield from ((one, other) for other in exact[place + 1 :] if _meets(one, other) and not _agree(one, other))
        beside = [file for file in files if _meets(one, file)]
        if beside and not any(_agree(one, file) for file in beside):
            yield one, beside[0]
    if not exact:
        for place, one in enumerate(files):
            yield from ((one, other) for other in files[place + 1 :] if _meets(one, other) and not _agree(one, other))


def _agree(one: Evidence, other: Evidence) -> bool:
    return any(is_agreeing(left, right) for left in _named(one) for right in _named(other))
