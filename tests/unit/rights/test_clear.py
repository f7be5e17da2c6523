"""Clear: each track is judged by what speaks of it, the record says it all once, and people are told why."""

from dataclasses import replace

import pytest

from sonoteca.formats import json
from sonoteca.model.release import MasterRole
from sonoteca.model.rights import Channel, Decision, Evidence, Policy, Rendition
from sonoteca.rights.clear import (
    LEAVES,
    TrackVerdict,
    body_of,
    cases_of,
    changes_at,
    judge_all,
    public_masters,
    verdicts_of,
    why,
)
from sonoteca.rights.records import Grant, Hold, evidence_of
from sonoteca.rights.rules import judge
from tests.unit.rights.making import NOW, RELEASE, claim, cut, evidence, grant, release, track_of


def verdicts(one: object, *said: Evidence, holds: tuple[Hold, ...] = ()) -> tuple[TrackVerdict, ...]:
    return judge_all(cases_of(one, said, Policy(), holds, NOW))  # type: ignore[arg-type]


def published(found: tuple[TrackVerdict, ...], channel: Channel = Channel.DOWNLOAD) -> set[str]:
    wanted = (one for one in found if one.channel is channel and one.rendition is Rendition.ORIGINAL)
    return {one.track for one in wanted if one.verdict.decision is Decision.PUBLISH}


def test_every_track_has_every_question() -> None:
    cases = cases_of(release("a.flac", "b.flac"), (), Policy(), (), NOW)
    assert len(cases) == 2 * len(LEAVES) == 20
    assert {(one.rendition, one.channel) for one in cases} == set(LEAVES)
    assert {one.release for one in cases} == {RELEASE}


def test_a_track_is_judged_by_what_speaks_of_its_master() -> None:
    found = verdicts(release("a.flac", "b.flac"), evidence("CC0", paths=("a.flac",)), claim("CC0"))
    assert published(found) == {track_of(0)}


def test_an_alternate_says_nothing_about_the_primary() -> None:
    one = release("a.wav", "a.mp3")
    alternate = replace(one.masters[1], recording=one.masters[0].recording, role=MasterRole.ALTERNATE)
    one = replace(one, masters=(one.masters[0], alternate), tracks=one.tracks[:1])
    assert published(verdicts(one, evidence("CC0", paths=("a.mp3",)))) == set()
    assert published(verdicts(one, evidence("CC0", paths=("a.wav",)))) == {track_of(0)}


def test_the_same_bytes_under_two_names_are_one_track_with_what_is_said_of_either() -> None:
    one = release("a.flac", "b.flac")
    twin = replace(one.masters[1], recording=one.masters[0].recording, digest=one.masters[0].digest)
    second = replace(one.tracks[1], id=one.tracks[0].id, recording=one.masters[0].recording)
    one = replace(one, masters=(one.masters[0], twin), tracks=(one.tracks[0], second))
    cases = cases_of(
        one, (evidence("CC0", paths=("a.flac",)), evidence("CC-BY-NC-4.0", paths=("b.flac",))), Policy(), (), NOW
    )
    assert len(cases) == len(LEAVES)
    assert {one.verdict.rule for one in judge_all(cases)} == {"R002"}


def test_a_grant_for_a_span_frees_that_span() -> None:
    one = cut(release("a.flac"), (0, 100), (100, None))
    first, second = one.tracks
    said = evidence_of(Grant(targets=(first.id,), licence="CC0"), (first.id,))
    assert published(verdicts(one, said)) == {first.id}
    assert {case.is_cut for case in cases_of(one, (), Policy(), (), NOW)} == {True}
    assert public_masters(one, verdicts(one, said), Channel.SWARM) == frozenset()
    both = verdicts(one, said, evidence_of(Grant(targets=(second.id,), licence="CC0"), (second.id,)))
    assert public_masters(one, both, Channel.SWARM) == {"masters/a.flac"}


def test_a_hold_on_a_release_or_a_track() -> None:
    one = release("a.flac", "b.flac")
    free = evidence("CC0")
    assert published(verdicts(one, free, holds=(Hold(targets=(RELEASE,), reason="x"),))) == set()
    found = verdicts(one, free, holds=(Hold(targets=(track_of(0),), reason="x"),))
    assert published(found) == {track_of(1)}
    (reason,) = why(found)
    assert (reason.rule, reason.cure, reason.tracks) == ("R000", f"sonoteca rights hold {track_of(0)} --lift", 1)
    lifted = (Hold(targets=(RELEASE,), reason="x"), Hold(targets=(RELEASE,), lifted=True))
    assert published(verdicts(one, free, holds=lifted)) == {track_of(0), track_of(1)}


def test_equal_questions_are_judged_once_and_answered_for_each() -> None:
    """What differs only in where it was found is one question; the answers rest on each track's own evidence."""
    paths = tuple(f"{number}.flac" for number in range(40))
    said = [evidence("CC-BY-4.0", paths=(path,), issuer=f"Person {path}") for path in paths]
    said += [claim(f"CC BY-SA {1 + number % 3}.0", paths=(path,)) for number, path in enumerate(paths)]
    said += [grant("CC0", paths=("7.flac",), channels=(Channel.STREAM,)), grant("MIT", paths=("8.flac",))]
    cases = cases_of(release(*paths), said, Policy(), (), NOW)
    assert [one.verdict for one in judge_all(cases)] == [judge(one) for one in cases]


def test_the_body_is_canonical_and_comes_back() -> None:
    one = cut(release("a.flac"), (0, 100), (100, None))
    found = verdicts(one, evidence("CC-BY-ND-4.0"), holds=(Hold(targets=(one.tracks[0].id,), reason="ä"),))
    body = body_of(found)
    assert verdicts_of(body) == tuple(sorted(found, key=lambda one: (one.track, one.rendition, one.channel)))
    assert body_of(reversed(found)) == body
    assert json.format(json.parse(body.encode())).decode() == body
    assert verdicts_of(body_of(())) == ()


def test_a_body_says_each_thing_once() -> None:
    paths = tuple(f"{number}.flac" for number in range(200))
    body = body_of(verdicts(release(*paths), evidence("CC-BY-4.0")))
    assert body.count("licensed under") == 1
    assert len(body) < 200 * 45 + 1000


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "x",
        '{"schema":"sonoteca/verdicts/1"}',
        '{"schema":"sonoteca/verdicts/1","evidence":[],"says":[],"verdicts":[[0,[]]],"leaves":[],"tracks":[]}',
        '{"schema":"sonoteca/verdicts/1","evidence":[],"says":[],"verdicts":[],"leaves":["a/b"],"tracks":[{"ids":[],"verdicts":[]}]}',
        '{"schema":"sonoteca/verdicts/1","evidence":[],"says":[],"verdicts":[],"leaves":[],"tracks":7}',
    ],
)
def test_a_body_that_is_none(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        verdicts_of(body)


def test_people_are_told_why_the_most_tracks_first() -> None:
    one = release("a.flac", "b.flac", "c.flac")
    found = verdicts(one, claim("CC0", paths=("a.flac", "b.flac")))
    assert [(rule, tracks) for rule, _, _, tracks in why(found)] == [("R004", 2), ("R001", 1)]
    assert why(verdicts(one, evidence("CC0"))) == ()


def test_when_verdicts_have_to_be_made_again() -> None:
    said = [evidence("CC0", valid_from="2020-01-01", valid_until="2030"), evidence("CC0", valid_from="2027-05")]
    assert changes_at(said, NOW) == "2027-05"
    assert changes_at(said, "2030-12-31T00:00:00Z") == "2030"
    assert changes_at(said, "2031-01-01T00:00:00Z") == ""
    assert changes_at((), NOW) == ""
