"""Records: grants name what they name, holds are lifted by word, trust follows paths and not texts."""

from dataclasses import replace

import pytest

from sonoteca.formats import json, plain
from sonoteca.model.errors import Refused
from sonoteca.model.rights import Channel, EvidenceKind, Layer
from sonoteca.rights.licence_classes import class_of
from sonoteca.rights.licence_table import LicenceClass
from sonoteca.rights.records import (
    Grant,
    Hold,
    Trust,
    evidence_of,
    evidence_of_holds,
    grant_id,
    grants_for,
    holds_in_force,
    is_date,
    is_trusted,
    verify_grant,
)
from tests.unit.rights.making import NOW, OTHER_RELEASE, RELEASE, cut, release, track_of


@pytest.mark.parametrize(
    "decision",
    [
        Grant(targets=(RELEASE,)),
        Grant(targets=("a.flac",), licence="CC0", channels=(Channel.STREAM,), kind=EvidenceKind.OWN_WORK, made_at=NOW),
        Grant(
            targets=(track_of(1),), statement="the label lets us", territories=("DE",), layer=Layer.RECORDING, id="7"
        ),
        Hold(targets=(RELEASE,), reason="asked", made_at=NOW),
        Hold(targets=(RELEASE,), lifted=True),
        Trust(source_key="file:///a", reason="ours"),
        Trust(collection="Netlabel", withdrawn=True, made_at=NOW),
    ],
)
def test_bodies_round_trip(decision: Grant | Hold | Trust) -> None:
    body = json.format(plain.to_plain(decision))
    assert plain.from_plain(type(decision), json.parse(body)) == decision


def test_a_grant_names_releases_tracks_or_original_paths() -> None:
    one = release("a.flac", "CD1/b.flac")
    first, second = one.tracks
    whole, track, path = Grant(targets=(RELEASE,)), Grant(targets=(first.id,)), Grant(targets=("CD1/b.flac",))
    other = Grant(targets=(OTHER_RELEASE, "b.flac", track_of(9)))
    assert grants_for(one, first, (whole, track, path, other)) == (whole, track)
    assert grants_for(one, second, (whole, track, path, other)) == (whole, path)


def test_a_grant_for_a_span_is_not_for_its_neighbours() -> None:
    one = cut(release("a.flac"), (0, 100), (100, None))
    grant = Grant(targets=(one.tracks[0].id,))
    assert grants_for(one, one.tracks[0], (grant,)) == (grant,)
    assert grants_for(one, one.tracks[1], (grant,)) == ()


def test_a_grant_as_evidence() -> None:
    grant = Grant(targets=(RELEASE,), licence="cc by-sa 3.0", issuer="A label", evidence_digest="0" * 64, made_at=NOW)
    evidence = evidence_of(grant, ())
    assert (evidence.licence, evidence.statement, evidence.trusted) == ("CC-BY-SA-3.0", "cc by-sa 3.0", True)
    assert (evidence.grant, evidence.digest, evidence.captured_at) == (grant_id(grant), "0" * 64, NOW)
    assert evidence_of(grant, ("a.flac",)).id != evidence.id
    assert grant_id(replace(grant, id="42")) == "42"
    assert grant_id(grant) != grant_id(replace(grant, issuer="Another"))


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        (Grant(targets=(RELEASE,), licence="Drascula"), "unknown-licence"),
        (Grant(targets=(RELEASE,)), "empty-grant"),
        (Grant(targets=(RELEASE,), licence="CC0", valid_until="31.12.2026"), "bad-date"),
        (Grant(targets=(RELEASE,), licence="CC0", valid_from="tomorrow"), "bad-date"),
        (Grant(targets=(RELEASE,), licence="CC0", evidence_digest="letter.pdf"), "bad-digest"),
        (Grant(targets=(RELEASE,), licence="All rights reserved"), "nothing-granted"),
    ],
)
def test_a_grant_that_could_mislead_is_refused(grant: Grant, code: str) -> None:
    with pytest.raises(Refused) as refused:
        verify_grant(grant)
    assert refused.value.code == code
    assert refused.value.cure


def test_grants_that_are_fine() -> None:
    verify_grant(Grant(targets=(RELEASE,), licence="LicenseRef-Drascula", valid_until="2026"))
    verify_grant(Grant(targets=(RELEASE,), statement="the heirs let us share it"))
    verify_grant(Grant(targets=(RELEASE,), licence="All rights reserved", statement="but we may share it"))


def test_the_newest_word_about_a_target_counts() -> None:
    hold = Hold(targets=("r", "t"), reason="asked", made_at="2026-01-01T00:00:00Z")
    lift = Hold(targets=("t",), lifted=True, made_at="2026-01-02T00:00:00Z")
    again = Hold(targets=("t",), reason="again", made_at="2026-01-03T00:00:00Z")
    assert holds_in_force((lift, hold)) == {"r": "asked"}
    assert holds_in_force((again, hold, lift)) == {"r": "asked", "t": "again"}
    assert holds_in_force((replace(hold, made_at=""), replace(lift, made_at=""))) == {"r": "asked"}
    assert holds_in_force((Hold(targets=("r",)),)) == {"r": "no reason given"}


def test_a_hold_on_artwork_is_evidence_about_it_and_holds_nothing_else() -> None:
    hold = Hold(targets=(RELEASE,), reason="asked", made_at="2026-01-01T00:00:00Z", layer=Layer.ARTWORK)
    assert holds_in_force((hold,)) == {}
    (said,) = evidence_of_holds(RELEASE, (hold,))
    assert (said.layer, said.trusted, said.statement) == (Layer.ARTWORK, True, "held: asked")
    assert class_of(said.licence) is LicenceClass.RESERVED
    assert evidence_of_holds("urn:uuid:other", (hold,)) == ()
    lift = replace(hold, lifted=True, made_at="2026-01-02T00:00:00Z")
    assert evidence_of_holds(RELEASE, (hold, lift)) == ()
    # What is said of the sound lifts nothing of the picture's, nor the other way round.
    assert evidence_of_holds(RELEASE, (hold, replace(lift, layer=Layer.ALL))) == (said,)
    assert holds_in_force((replace(hold, layer=Layer.ALL), lift)) == {RELEASE: "asked"}


@pytest.mark.parametrize(
    ("key", "trusted"),
    [
        ("file:///music/netlabel", True),
        ("file:///music/netlabel/", True),
        ("file:///music/netlabel/Album", True),
        ("file:///music/netlabe%6C/Album", True),
        ("file:///music/netlabels/Album", False),
        ("file:///music/netlabel-evil", False),
        ("file:///music", False),
        ("file:///music/netlabel/../stranger", False),
        ("file:///music/netlabel/%2e%2e/stranger", False),
        ("file:///music//netlabel", False),
        ("FILE:///music/netlabel", False),
        ("file:///music/netlabel%2FAlbum", False),
        ("", False),
    ],
)
def test_trust_follows_the_parts_of_a_path(key: str, trusted: bool) -> None:
    assert is_trusted(key, "", (Trust(source_key="file:///music/netlabel"),)) is trusted


def test_trust_in_a_collection_or_in_both() -> None:
    collection, both = Trust(collection="Netlabel"), Trust(collection="Netlabel", source_key="file:///a")
    assert is_trusted("file:///x", "Netlabel", (collection,))
    assert not is_trusted("file:///x", "netlabel", (collection,))
    assert not is_trusted("file:///x", "", (collection, Trust()))
    assert is_trusted("file:///a/b", "Netlabel", (both,))
    assert not is_trusted("file:///b", "Netlabel", (both,))
    assert not is_trusted("file:///a/b", "Other", (both,))


def test_trust_is_taken_back_by_a_newer_or_a_more_exact_word() -> None:
    given = Trust(source_key="file:///a", made_at="2026-01-01T00:00:00Z")
    taken = Trust(source_key="file:///a", made_at="2026-01-02T00:00:00Z", withdrawn=True)
    below = Trust(source_key="file:///a/b", made_at="2026-01-01T00:00:00Z", withdrawn=True)
    assert not is_trusted("file:///a/c", "", (taken, given))
    assert is_trusted("file:///a/c", "", (given, below))
    assert not is_trusted("file:///a/b/c", "", (given, below))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2026", True),
        ("2026-02", True),
        ("2026-02-28", True),
        ("2026-02-28T23:59:59Z", True),
        ("2026-13", False),
        ("2026-02-30", False),
        ("2026-12-31T24:61:00Z", False),
        ("0000", False),
    ],
)
def test_a_date_is_a_day_of_the_calendar(text: str, is_one: bool) -> None:
    """A slip of the finger must not make a permission longer."""
    assert is_date(text) is is_one
