"""Entries: equal truth gives equal rows, and every row fits its table."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.catalogue.entries import TABLES, Judgement, channels_of, digest_set, rows_of, verdict_of
from sonoteca.catalogue.tables import METADATA
from sonoteca.model.finding import finding
from sonoteca.model.media import ProbeReport
from sonoteca.model.release import MasterRole
from sonoteca.model.rights import Channel, Rendition
from tests.unit.catalogue import making


@pytest.mark.parametrize("name", TABLES)
def test_rows_have_exactly_the_columns_of_their_table(name: str) -> None:
    columns = {column.name for column in METADATA.tables[name].columns}
    found = making.rows().by_table()[name]
    assert found
    assert all(set(row) == columns for row in found)


@given(st.randoms())
def test_the_order_of_what_is_said_does_not_matter(chance: object) -> None:
    facts = making.facts()
    said = making.judgement(facts.release)
    shuffled = list(said.verdicts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    files = list(facts.source.files)
    chance.shuffle(files)  # type: ignore[attr-defined]
    other = replace(facts, source=replace(facts.source, files=tuple(files)))
    assert rows_of(other, facts.release, replace(said, verdicts=tuple(shuffled))) == rows_of(facts, facts.release, said)


def test_verdicts_come_back_as_they_were_said() -> None:
    facts = making.facts()
    track = facts.release.tracks[0].id
    judged = {
        (track, rendition, channel): making.MAY if channel is Channel.SWARM else making.HOLD
        for rendition in Rendition
        for channel in Channel
    }
    verdicts = tuple((*place, verdict) for place, verdict in judged.items())
    rows = rows_of(facts, facts.release, Judgement(verdicts=verdicts))
    meant = {row["seq"]: verdict_of(row) for row in rows.reasons}
    found = {
        (row["track"], Rendition(str(row["rendition"])), channel): meant[row["reason"]]
        for row in rows.verdicts
        for channel in channels_of(int(row["channels"] or 0))
    }
    assert found == judged
    assert len(rows.reasons) == 2


def test_of_two_verdicts_for_the_same_question_the_stricter_counts() -> None:
    facts = making.facts()
    place = (facts.release.tracks[0].id, Rendition.ORIGINAL, Channel.STREAM)
    for said in ((making.HOLD, making.MAY), (making.MAY, making.HOLD)):
        verdicts = tuple((*place, verdict) for verdict in said)
        rows = rows_of(facts, facts.release, Judgement(verdicts=verdicts))
        assert [row["decision"] for row in rows.reasons] == ["hold"]


def test_the_same_bytes_twice_are_one_recording_and_two_tracks() -> None:
    release = making.release(seeds=("a", "a", "b"))
    rows = making.rows(described=release)
    assert len(rows.recordings) == 2
    assert len(rows.tracks) == 3
    assert rows.tracks[0]["track"] == rows.tracks[1]["track"]


def test_an_alternate_describes_no_recording() -> None:
    release = making.release(seeds=("a", "b"))
    primary, other = release.masters
    alternate = replace(other, role=MasterRole.ALTERNATE, recording=primary.recording)
    rows = making.rows(described=replace(release, masters=(alternate, primary), tracks=release.tracks[:1]))
    assert [row["digest"] for row in rows.recordings] == [primary.digest]
    assert len(rows.masters) == 2


def test_what_a_report_says_of_a_file_is_placed_at_its_original_name() -> None:
    facts = making.facts()
    path = facts.release.masters[0].path
    seen = finding("F004")
    reports = {**facts.reports, path: ProbeReport(audio=making.audio(), findings=(seen, seen))}
    rows = rows_of(replace(facts, reports=reports), facts.release, Judgement(findings=(finding("F001"),)))
    assert [(row["code"], row["where"]) for row in rows.findings] == [
        ("F005", "x.mid"),
        ("F004", "01.flac"),
        ("F001", ""),
    ]


@given(st.lists(st.integers(0, 5)))
def test_a_set_of_digests_has_one_name(numbers: list[int]) -> None:
    digests = [making.digest(number) for number in numbers]
    assert digest_set(digests) == digest_set(sorted(set(digests)))
    assert digest_set([*digests, making.digest("other")]) != digest_set(digests)
