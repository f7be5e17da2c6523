"""Clear: the questions about a release, the answers, and the record of them.

Takes  a release, its evidence, the operator's policy and holds, and `now`.
Gives  a verdict for every track, rendition and channel; the canonical body that becomes a record; a summary for people.
Undoes by judging again with a hold among the `holds`: verdicts are made from what is known now, nothing in them is
kept.

What this module gives has to be durable in records/ before anything acts on it; the pipeline sees to that.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from sonoteca.formats import json, plain
from sonoteca.model.ids import TrackId
from sonoteca.model.release import MasterRole, Release, Track
from sonoteca.model.rights import Case, Channel, Decision, Evidence, Policy, Rendition, Verdict
from sonoteca.rights.records import Hold, holds_in_force
from sonoteca.rights.rules import judge

SCHEMA = "sonoteca/verdicts/1"
LEAVES = tuple(product(Rendition, Channel))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackVerdict:
    """The verdict for one rendition of one track on one channel."""

    track: TrackId
    rendition: Rendition
    channel: Channel
    verdict: Verdict


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
    speaking = _Speaking(release, evidence)
    held = holds_in_force(holds)
    cases: list[Case] = []
    for track in {track.id: track for track in release.tracks}.values():
        target = next((one for one in (release.id, track.recording, track.id) if one in held), "")
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
                held_because=held.get(target, ""),
                held_target=target,
            )
            for rendition, channel in LEAVES
        )
    return tuple(cases)


class _Speaking:
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
        names = [*self._paths.get(track.recording, ()), str(track.id)]
        places = tuple(sorted({*self._of_all, *(place for name in names for place in self._of_path.get(name, ()))}))
        if places not in self._known:
            self._known[places] = tuple(self._evidence[place] for place in places)
        return self._known[places]


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def judge_all(cases: Iterable[Case]) -> tuple[TrackVerdict, ...]:
    """The verdict of each case, in their order. Equal questions are judged once."""
    known: dict[tuple[object, ...], Verdict] = {}
    found = []
    for case in cases:
        # By identity: comparing evidence field by field would cost more than judging. The cases keep it alive.
        key = (id(case.evidence), case.rendition, case.channel, case.is_cut, case.held_because, case.held_target,
               case.release, id(case.policy), case.now)  # fmt: skip
        if key not in known:
            known[key] = judge(case)
        found.append(
            TrackVerdict(track=TrackId(case.track), rendition=case.rendition, channel=case.channel, verdict=known[key])
        )
    return tuple(found)


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


# ── the record ───────────────────────────────────────────────────────────────────────────────────────────────────────


def body_of(verdicts: Iterable[TrackVerdict]) -> str:
    """The verdicts as canonical JSON: each different verdict once, and the tracks in groups that share all of
    theirs."""
    number: dict[Verdict, int] = {}
    profiles: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for one in sorted(verdicts, key=_order):
        profiles[one.track][f"{one.rendition}/{one.channel}"] = number.setdefault(one.verdict, len(number))
    groups: defaultdict[tuple[tuple[str, int], ...], list[str]] = defaultdict(list)
    for track, profile in profiles.items():
        groups[tuple(sorted(profile.items()))].append(track)
    body = {
        "schema": SCHEMA,
        "verdicts": [plain.to_plain(verdict) for verdict in number],
        "tracks": [{"ids": tracks, "leave": dict(profile)} for profile, tracks in groups.items()],
    }
    return json.format(body).decode()


def verdicts_of(body: str) -> tuple[TrackVerdict, ...]:
    """The verdicts of such a body, sorted by track, rendition and channel. ValueError when it is none."""
    table = json.parse_object(body.encode())
    if table.get("schema") != SCHEMA:
        raise ValueError(f"a body of {SCHEMA} was expected")
    try:
        verdicts = [plain.from_plain(Verdict, one) for one in table["verdicts"]]
        found = [one for group in table["tracks"] for one in _of_group(group, verdicts)]
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"not a body of {SCHEMA}: {error!r}") from error
    return tuple(sorted(found, key=_order))


def _of_group(group: Any, verdicts: Sequence[Verdict]) -> Iterable[TrackVerdict]:
    for leaf, number in group["leave"].items():
        rendition, channel = leaf.split("/")
        for track in group["ids"]:
            yield TrackVerdict(
                track=TrackId(track), rendition=Rendition(rendition), channel=Channel(channel), verdict=verdicts[number]
            )


def _order(one: TrackVerdict) -> tuple[str, str, str]:
    return one.track, one.rendition, one.channel
