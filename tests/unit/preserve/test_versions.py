"""Versions: pure; every law of a next inventory, and what must come in for it."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.ocfl import Inventory, format_inventory, parse_inventory
from sonoteca.model.ids import Digest
from sonoteca.preserve.versions import Content, next_inventory
from tests.unit.preserve.states import FIRST, NOW, RELEASE, SECOND, STATES, contents, digest_of


def made(*states: dict[str, bytes]) -> Inventory:
    inventory = None
    for state in states:
        inventory, _ = next_inventory(inventory, RELEASE, contents(state), NOW, "m")
    if inventory is None:
        raise ValueError("no state")
    return inventory


def test_a_first_version() -> None:
    inventory, incoming = next_inventory(None, RELEASE, contents(FIRST), NOW, "acquired")
    assert inventory.id == RELEASE
    assert inventory.head_number == 1
    assert inventory.state() == {path: digest_of(content) for path, content in FIRST.items()}
    assert inventory.versions[1].created == NOW
    assert inventory.versions[1].message == "acquired"
    assert {item.to for item in incoming} == {path for paths in inventory.manifest.values() for path in paths}


def test_equal_bytes_come_in_once() -> None:
    inventory, incoming = next_inventory(None, RELEASE, contents(FIRST), NOW, "m")
    twice = digest_of(FIRST["masters/CD 1/01 Aria.flac"])
    assert inventory.manifest[twice] == ("v1/content/masters/CD 1/01 Aria.flac",)
    assert [item.to for item in incoming if item.content.digest == twice] == ["v1/content/masters/CD 1/01 Aria.flac"]
    assert [path for path, digest in inventory.state().items() if digest == twice] == [
        "masters/CD 1/01 Aria.flac",
        "masters/CD 1/02 Aria.flac",
    ]


def test_a_next_version_brings_only_what_is_new() -> None:
    before = made(FIRST)
    after, incoming = next_inventory(before, RELEASE, contents(SECOND), NOW, "changed")
    assert after.head_number == 2
    assert after.versions[1] == before.versions[1]
    assert before.manifest.items() <= after.manifest.items()
    assert {item.to for item in incoming} == {
        "v2/content/events.jsonl",
        "v2/content/masters/03 new.flac",
        "v2/content/release.json",
        f"v2/content/pieces/{digest_of(SECOND['masters/03 new.flac'])}.pieces",
    }


def test_the_same_state_changes_nothing() -> None:
    before = made(FIRST, SECOND)
    after, incoming = next_inventory(before, RELEASE, contents(SECOND), "2031-01-01T00:00:00Z", "other words")
    assert after is before
    assert incoming == ()


def test_an_older_state_again_needs_no_bytes() -> None:
    after, incoming = next_inventory(made(FIRST, SECOND), RELEASE, contents(FIRST), NOW, "back")
    assert after.head_number == 3
    assert after.state() == after.state(1)
    assert incoming == ()


def test_bytes_that_the_object_has_need_not_be_given() -> None:
    known = Content(path="other/name", digest=digest_of(b""), bytes=0)
    after, incoming = next_inventory(made(FIRST), RELEASE, (known,), NOW, "m")
    assert after.state() == {"other/name": digest_of(b"")}
    assert incoming == ()


def test_the_path_that_has_bytes_gives_them() -> None:
    without = Content(path="a", digest=digest_of(b"1"), bytes=1)
    having = dataclasses.replace(without, path="b", content=b"1")
    _, incoming = next_inventory(None, RELEASE, (without, having), NOW, "m")
    assert [(item.to, item.content.content) for item in incoming] == [("v1/content/a", b"1")]


def test_what_cannot_be_a_state() -> None:
    one = contents({"a": b"1"})
    wrong = [
        (),
        (dataclasses.replace(one[0], content=None),),
        (dataclasses.replace(one[0], digest=Digest("0" * 64)),),
        (*one, *one),
        (*one, *contents({"a/b": b"2"})),
        contents({"../a": b""}),
        contents({"a:b": b""}),
        contents({"e\u0301": b""}),
    ]
    for state in wrong:
        with pytest.raises(ValueError, match=r"\S"):
            next_inventory(None, RELEASE, state, NOW, "m")
    with pytest.raises(ValueError, match="that of urn:uuid"):
        next_inventory(made(FIRST), "urn:uuid:other", one, NOW, "m")


@given(st.lists(STATES, min_size=1, max_size=5))
def test_any_sequence_of_states(states: list[dict[str, bytes]]) -> None:
    inventory: Inventory | None = None
    kept: dict[str, bytes] = {}
    for state in states:
        before = inventory
        inventory, incoming = next_inventory(before, RELEASE, contents(state), NOW, "m")
        for item in incoming:
            assert item.to not in kept
            kept[item.to] = item.content.content or b""
        assert inventory.state() == {path: digest_of(content) for path, content in state.items()}
        assert before is None or all(before.versions[n] == inventory.versions[n] for n in before.versions)
    if inventory is None:
        raise ValueError("no state")
    # Every digest has one file, and the file has that digest.
    assert {path: digest_of(content) for path, content in kept.items()} == {
        paths[0]: digest for digest, paths in inventory.manifest.items()
    }
    assert all(len(paths) == 1 for paths in inventory.manifest.values())
    assert parse_inventory(format_inventory(inventory)) == inventory
