"""Elsewhere: what other releases say of bytes that this release has too. Verdicts address tracks, and the same bytes
are the same track in every release: what one release forbids, another must not give away.

Takes  the questions about a release, and each other release that has some of its masters' bytes, with its evidence and
       its holds.
Gives  the same questions, each knowing what is said elsewhere and whether it is held there.
Never  makes anything public: evidence of another release can only hold (rules.py, R018).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sonoteca.model.release import Release, Track
from sonoteca.model.rights import Case, Elsewhere, Evidence
from sonoteca.rights.clear import Speaking
from sonoteca.rights.grounds import grounds_of
from sonoteca.rights.records import Hold, holds_in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A release that has some of the same bytes."""

    release: Release
    evidence: tuple[Evidence, ...]
    holds: tuple[Hold, ...] = ()


def with_elsewhere(cases: Iterable[Case], release: Release, neighbours: Sequence[Neighbour]) -> tuple[Case, ...]:
    """The cases of `release`, with what its neighbours say of the same sound."""
    if not neighbours:
        return tuple(cases)
    told = [_Told(release, neighbour) for neighbour in neighbours]
    tracks: dict[str, Track] = {track.id: track for track in release.tracks}
    said = {name: tuple(one for each in told for one in each.said_of(track)) for name, track in tracks.items()}
    held = {
        name: next((one for each in told for one in each.holds_on(track)), ("", "")) for name, track in tracks.items()
    }
    return tuple(_knowing(case, said[case.track], held[case.track]) for case in cases)


def contests(one: Sequence[Evidence], other: Sequence[Evidence]) -> bool:
    """Whether the evidence of two releases could disagree about what they share."""
    return grounds_of((*one, *other)).find_conflict() is not None


def _knowing(case: Case, said: tuple[Elsewhere, ...], held: tuple[str, str]) -> Case:
    because, target = held
    if because and not case.held_because:
        return replace(case, elsewhere=said, held_because=because, held_target=target)
    return replace(case, elsewhere=said)


class _Told:
    """What one neighbour says of the tracks of a release."""

    def __init__(self, release: Release, neighbour: Neighbour) -> None:
        self._neighbour = neighbour.release
        self._speaking = Speaking(neighbour.release, neighbour.evidence)
        self._held = holds_in_force(neighbour.holds)
        theirs = {master.digest: master.recording for master in neighbour.release.masters}
        self._same: dict[str, set[str]] = {}
        for master in release.masters:
            if master.digest in theirs:
                self._same.setdefault(master.recording, set()).add(theirs[master.digest])

    def said_of(self, track: Track) -> Iterator[Elsewhere]:
        """Its evidence, if it has any."""
        found = {one.id: one for theirs in self._tracks(track) for one in self._speaking.of(theirs)}
        if found:
            yield Elsewhere(release=self._neighbour.id, evidence=tuple(found.values()))

    def holds_on(self, track: Track) -> Iterator[tuple[str, str]]:
        """(reason, target) of a hold there."""
        for theirs in self._tracks(track):
            for target in (self._neighbour.id, theirs.recording, theirs.id):
                if target in self._held:
                    yield f"{self._held[target]} (said of {self._neighbour.id}, which has the same bytes)", target

    def _tracks(self, track: Track) -> Iterator[Track]:
        for theirs in self._neighbour.tracks:
            if theirs.recording in self._same.get(track.recording, ()) and _overlap(track, theirs):
                yield theirs


def _overlap(one: Track, other: Track) -> bool:
    if one.recording != other.recording:
        return True  # An alternate there, a primary master here: their samples cannot be compared.
    return (other.end_sample is None or one.start_sample < other.end_sample) and (
        one.end_sample is None or other.start_sample < one.end_sample
    )
