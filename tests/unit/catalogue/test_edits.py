"""Edits: the curator's word stands above all others and touches nothing that identity or rights rest on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.catalogue.edits import (
    RELEASE_FIELDS,
    TRACK_FIELDS,
    apply_edits,
    find_text,
    join_list,
    split_list,
    track_names,
)
from sonoteca.model.release import Contributor
from tests.unit.catalogue import making

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)


def test_a_word_of_the_curator_says_so() -> None:
    edited = apply_edits(making.release(), {"title": "New", "date": "1999-05", "artist": "A; B\\; C"})
    assert (edited.title.text, edited.title.source) == ("New", "curator")
    assert (edited.date, edited.date_source) == ("1999-05", "curator")
    assert [(one.name, one.source) for one in edited.contributors] == [("A", "curator"), ("B; C", "curator")]


def test_other_roles_stay() -> None:
    taper = Contributor(name="T", role="taper", source="tag")
    release = replace(making.release(), contributors=(*making.release().contributors, taper))
    assert taper in apply_edits(release, {"artist": "X"}).contributors


def test_a_track_is_named_by_its_id() -> None:
    release = making.release()
    track = release.tracks[1]
    edited = apply_edits(release, {f"tracks/{track.id}/title": "New", f"tracks/{track.id}/isrc": "us-abc-12-34567"})
    assert edited.tracks[1].title.text == "New"
    assert [one.text for one in edited.tracks[1].identifiers if one.scheme == "isrc"] == ["USABC1234567"]
    assert edited.tracks[0] == release.tracks[0]


def test_the_same_track_twice_in_a_release_has_two_names() -> None:
    release = making.release(seeds=("a", "a"))
    names = track_names(release)
    assert names[2] == names[1] + "#2"
    edited = apply_edits(release, {f"{names[2]}/title": "second"})
    assert [track.title.text for track in edited.tracks] == [release.tracks[0].title.text, "second"]


def test_a_track_that_is_not_there_any_more_is_passed_over() -> None:
    release, other = making.release(1), making.release(2)
    assert apply_edits(release, {f"tracks/{other.tracks[0].id}/title": "x"}) == release
    assert find_text(release, f"tracks/{other.tracks[0].id}/title") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("id", "x"),
        ("masters", "x"),
        ("collection", "trusted"),
        ("tracks/x/title", "x"),
        ("date", "May-99"),
        ("date", "1999-13"),
        ("language", "not a language"),
        ("title", "a\0b"),
        ("title", "a\udce9"),
        ("label", "x" * 100_001),
    ],
)
def test_what_cannot_be_is_an_error(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        apply_edits(making.release(), {name: text})


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("disc", "-1"),
        ("disc", "1.5"),
        ("disc", "9" * 40),
        ("disc", "٣"),
        ("isrc", "x"),
        ("isrc", "-"),
        ("recording", "x"),
    ],
)
def test_what_cannot_be_of_a_track_is_an_error(field: str, text: str) -> None:
    release = making.release()
    with pytest.raises(ValueError, match=r"."):
        apply_edits(release, {f"tracks/{release.tracks[0].id}/{field}": text})


@given(st.sampled_from(sorted(RELEASE_FIELDS)), TEXTS)
def test_what_was_said_is_read_back(name: str, text: str) -> None:
    release = making.release()
    try:
        edited = apply_edits(release, {name: text})
    except ValueError:
        assert name in ("date", "language")
        return
    said = find_text(edited, name)
    assert said is not None
    assert apply_edits(edited, {name: said}) == edited
    assert (edited.id, edited.masters, edited.collection) == (release.id, release.masters, release.collection)


@given(st.sampled_from(sorted(TRACK_FIELDS)), TEXTS)
def test_what_was_said_of_a_track_is_read_back(field: str, text: str) -> None:
    release = making.release()
    name = f"tracks/{release.tracks[0].id}/{field}"
    try:
        edited = apply_edits(release, {name: text})
    except ValueError:
        assert field in ("disc", "isrc", "language")
        return
    said = find_text(edited, name)
    assert said is not None
    assert apply_edits(edited, {name: said}) == edited
    assert [track.id for track in edited.tracks] == [track.id for track in release.tracks]


@given(st.lists(st.text(max_size=10).map(str.strip).filter(bool), max_size=5))
def test_a_list_is_one_text_and_a_list_again(parts: list[str]) -> None:
    assert split_list(join_list(parts)) == tuple(parts)
