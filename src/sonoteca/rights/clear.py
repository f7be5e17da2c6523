"""Clear: the questions about a release, the answers, and the record of them.

Takes  a release, its evidence, the operator's policy and holds, and `now`.
Gives  a verdict for every track, rendition and channel; the canonical body that becomes a record; a summary for people.
Undoes by judging again with a hold among the `holds`: verdicts are made from what is known now, nothing in them is
kept.

What this module gives has to be durable in records/ before anything acts on it; the pipeline sees to that.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from sonoteca.model.ids import TrackId
from sonoteca.model.release import MasterRole, Release, Track
from sonoteca.model.rights import Case, Channel, Decision, Evidence, Policy, Rendition, Verdict
from sonoteca.rights.bodies import body_of, verdicts_of
from sonoteca.rights.records import Hold, holds_in_force
from sonoteca.rights.rules import judge
from sonoteca.rights.verdicts import TrackVerdict

__all__ = [
    "Reason",
    "Speaking",
    "TrackVerdict",
    "body_of",
    "cases_of",
    "changes_at",
    "judge_all",
    "public_masters",
    "verdicts_of",
    "why",
    "withdrawn_tracks",
]

LEAVES = tuple(product(Rendition, Channel))


class Reason(NamedTuple):
    """Why tracks are held: the rule, the sentence, what would change it, and for how many tracks."""

    rule: str
    sentence: str
    cure: str
    tracks: int


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def cases_of(
    release: Release, evidence: Sequence[Evidence], policy: Policy, holds: Sequence[Hold], now: str
) -> tuple[Case, ...]:
    """Every track × rendition × channel, each with the evidence that speaks of the track's primary master. A track
    that stands in the release twice (the same bytes under two names) is asked about once, with what is said of
    either."""
    speaking = Speaking(release, evidence)
    held = holds_in_force([one for one in holds if not one.withdrawal])
    back = holds_in_force([one for one in holds if one.withdrawal])
    cases: list[Case] = []
    for track in {track.id: track for track in release.tracks}.values():
        names = (release.id, track.recording, track.id)
        withdrawn = next((one for one in names if one in back), "")
        target = withdrawn or next((one for one in names if one in held), "")
        found = speaking.of(track)
        is_cut = track.start_sample != 0 or track.end_sample is not None
        cases += (
            Case(
                track=track.id,
                release=release.id,
                rendition=rendition,
                channel=channel,
                evidence=found,
                policy=policy,
                now=now,
                is_cut=is_cut,
                held_because=back[target] if withdrawn else held.get(target, ""),
                held_target=target,
                withdrawn=bool(withdrawn),
            )
            for rendition, channel in LEAVES
        )
    return tuple(cases)


def withdrawn_tracks(release: Release, holds: Sequence[Hold]) -> frozenset[TrackId]:
    """The tracks that were taken back from the public: each by itself, or all with the release."""
    back = holds_in_force([one for one in holds if one.withdrawal])
    return frozenset(one.id for one in release.tracks if not {release.id, one.recording, one.id}.isdisjoint(back))


class Speaking:
    """Which evidence speaks of a track. Tracks with the same evidence get the same tuple, so that they are judged
    once."""

    def __init__(self, release: Release, evidence: Sequence[Evidence]) -> None:
        self._evidence = evidence
        self._of_all = [place for place, one in enumerate(evidence) if not one.paths]
        self._of_path: defaultdict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(evidence):
            for path in one.paths:
                self._of_path[path].append(place)
        self._paths: defaultdict[str, list[str]] = defaultdict(list)
        for master in release.masters:
            if master.role is MasterRole.PRIMARY:
                self._paths[master.recording].append(master.original)
        self._known: dict[tuple[int, ...], tuple[Evidence, ...]] = {}

    def of(self, track: Track) -> tuple[Evidence, ...]:
        """The evidence about this track, in the order given."""
        names = [*self._paths.get(track.recording, ()), str(track.id)]
        places = tuple(sorted({*self._of_all, *(place for name in names for place in self._of_path.get(name, ()))}))
        if places not in self._known:
            self._known[places] = tuple(self._evidence[place] for place in places)
        return self._known[places]


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def judge_all(cases: Iterable[Case]) -> tuple[TrackVerdict, ...]:
    """The verdict of each case, in their order. Equal questions are judged once, also when only the evidence's origin
    differs."""
    judged = _Judged()
    return tuple(
        TrackVerdict(
            track=TrackId(one.track), rendition=one.rendition, channel=one.channel, verdict=judged.verdict(one)
        )
        for one in cases
    )


class _Judged:
    """The verdicts given so far: by what the evidence says, and by the evidence itself."""

    def __init__(self) -> None:
        self._shapes: dict[int, tuple[object, ...]] = {}
        self._by_shape: dict[tuple[object, ...], tuple[Verdict, tuple[int, ...]]] = {}
        self._by_evidence: dict[tuple[object, ...], Verdict] = {}

    def verdict(self, case: Case) -> Verdict:
        # By identity: comparing evidence field by field each time would cost more than judging. The cases keep it
        # alive.
        place = id(case.evidence)
        if place not in self._shapes:
            self._shapes[place] = tuple(_shape(one) for one in case.evidence)
        shape = self._shapes[place]
        held = (case.held_because, case.held_target, case.withdrawn)
        question = (case.rendition, case.channel, case.is_cut, *held, case.release)
        key = (shape, question, case.elsewhere, id(case.policy), case.now)
        if key not in self._by_shape:
            verdict = judge(case)
            ids = [one.id for one in case.evidence]
            self._by_shape[key] = verdict, tuple(ids.index(one) for one in verdict.evidence)
        verdict, rests_on = self._by_shape[key]
        found = tuple(case.evidence[number].id for number in rests_on)
        return verdict if found == verdict.evidence else self._rested(verdict, found)

    def _rested(self, verdict: Verdict, evidence: tuple[str, ...]) -> Verdict:
        key = (id(verdict), evidence)
        if key not in self._by_evidence:
            self._by_evidence[key] = replace(verdict, evidence=evidence)
        return self._by_evidence[key]


def _shape(one: Evidence) -> tuple[object, ...]:
    """What the rules look at: everything but where it was found, and by whom it is."""
    granted = (one.grant, one.captured_at, one.id) if one.grant else ()
    terms = (one.layer, one.channels, one.territories, one.valid_from, one.valid_until)
    return (one.kind, one.statement, one.licence, one.names, one.trusted, *terms, *granted)


def public_masters(release: Release, verdicts: Iterable[TrackVerdict], channel: Channel) -> frozenset[str]:
    """The masters (logical paths) whose own bytes may leave by this channel: if one span of a master may not be
    public, the master is not; the other spans may be, as cuts."""
    wanted = {
        one.track
        for one in verdicts
        if one.rendition is Rendition.ORIGINAL and one.channel is channel and _is_public(one)
    }
    spans: defaultdict[str, set[str]] = defaultdict(set)
    for track in release.tracks:
        spans[track.recording].add(track.id)
    return frozenset(one.path for one in release.masters if spans[one.recording] and spans[one.recording] <= wanted)


def _is_public(one: TrackVerdict) -> bool:
    return one.verdict.decision is Decision.PUBLISH


def why(verdicts: Iterable[TrackVerdict]) -> tuple[Reason, ...]:
    """Why tracks are held and what would change it, the reason of most tracks first."""
    tracks: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in verdicts:
        if not _is_public(one):
            tracks[one.verdict.rule, one.verdict.because, one.verdict.cure].add(one.track)
    reasons = (Reason(*words, len(held)) for words, held in tracks.items())
    return tuple(sorted(reasons, key=lambda reason: (-reason.tracks, reason)))


def changes_at(evidence: Iterable[Evidence], now: str) -> str:
    """The next date at which a permission begins or ends, "" when none does: verdicts have to be made again after
    it."""
    dates = {date for one in evidence for date in (one.valid_from, one.valid_until) if date}
    return min((date for date in dates if now[: len(date)] <= date), default="")
