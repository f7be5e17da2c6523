"""Views: what somebody asks for, in words and back; of each track one file; places that no release takes from another,
the same for the same asking."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.naming import clash_key
from sonoteca.model.errors import Refused
from sonoteca.model.ids import Digest
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Group, Member, Slot
from sonoteca.model.view import View, Where
from sonoteca.torrents import limits, views
from sonoteca.torrents.volumes import AUDIO, Item, Offer, Sidecar

VALUES = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1, max_size=20)
SAID = st.tuples(st.sampled_from([kind for kind in views.KINDS if kind not in ("words", "decade")]), VALUES)
FOLDERS = ("Artist - Title", "artist - title", "", ".pad", "?", "Artist - Title [000000000001]", "x" * 300)


def digest(*parts: object) -> Digest:
    return Digest("".join(f"{hash(part) & 0xFFFF:04x}" for part in parts).ljust(64, "0")[:64])


def item(track: str, tier: Tier, name: str = "", size: int = 1_000_000) -> Item:
    return Item(
        group=Group(collection="c", tier=tier, licence_class="free"),
        track=track,
        file=f"{tier}/{track}",
        name=name or f"{track}.{tier}",
        digest=digest(track, tier),
        bytes=size,
        credits=Sidecar(file=f"credits/{track}.txt", digest=digest(track, "credits"), bytes=700),
    )


def offer(number: int, *items: Item, folder: str = "Artist - Title") -> Offer:
    return Offer(release=f"urn:uuid:00000000-0000-0000-0000-{number:012}", folder=folder, items=items)


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(SAID, max_size=6))
def test_words_ask_for_the_same_again(said: list[tuple[str, str]]) -> None:
    where = views.parse_where(f"{kind}={value}" for kind, value in said)
    assert views.parse_where(views.words_of(where)) == where
    assert views.OPERATORS.fullmatch(views.operators_name("An archive", where, "access"))


def test_a_decade_is_written_either_way() -> None:
    assert views.parse_where(["decade=1990s"]) == views.parse_where(["decade=1990"])


@pytest.mark.parametrize("word", ["", "artist", "artist=", "=x", "colour=red", "artist=" + "x" * 201, "words= "])
def test_what_says_nothing_is_refused(word: str) -> None:
    with pytest.raises(Refused, match="does not say"):
        views.parse_where([word])


@pytest.mark.parametrize("said", [["words=a", "words=b"], [f"artist={number}" for number in range(51)]])
def test_too_much_is_refused(said: list[str]) -> None:
    with pytest.raises(Refused, match="too much"):
        views.parse_where(said)


def test_another_asking_has_another_name() -> None:
    asked = [Where(), Where(words="a"), Where(artist=("a",)), Where(artist=("a", "b")), Where(genre=("a",))]
    names = {views.operators_name("x", one, tier) for one in asked for tier in views.TIERS}
    assert len(names) == len(asked) * len(views.TIERS)


def test_no_volume_is_called_like_a_view() -> None:
    for name in ("x-view-access-free-0001", "x-selection-access-free-0001", "x-view-0123456789ab-0001"):
        assert not views.OPERATORS.fullmatch(name)
        assert not views.VISITORS.fullmatch(name)


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tier", "wanted"),
    [
        ("access", ["access/a", "original/b"]),
        ("archive", ["archive/a", "original/b"]),
        ("original", ["original/a", "original/b"]),
    ],
)
def test_each_track_once(tier: str, wanted: list[str]) -> None:
    """What may not be changed has its original only."""
    whole = offer(1, *(item("a", one) for one in Tier), item("b", Tier.ORIGINAL), item("c", Tier.ACCESS))
    assert [one.file for one in views.of_tier(whole, {"a": "a", "b": "b"}, tier).items] == wanted


def test_an_original_of_several_tracks_comes_once() -> None:
    sides = offer(1, item("side", Tier.ORIGINAL), item("one", Tier.ACCESS), item("two", Tier.ACCESS))
    tracks = {"one": "side", "two": "side"}
    assert [one.file for one in views.of_tier(sides, tracks, "original").items] == ["original/side"]
    assert [one.file for one in views.of_tier(sides, tracks, "access").items] == ["access/one", "access/two"]


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    st.lists(st.tuples(st.sampled_from(FOLDERS), st.lists(st.sampled_from("aAb?"), min_size=1, max_size=4))), st.data()
)
def test_no_release_takes_anothers_place(shelves: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    """And it opens everywhere, credits with every recording; asked again, with or without what was there, it is the
    same; what is taken out leaves all else where it was."""
    offers = []
    for number, (folder, names) in enumerate(shelves):
        items = [item(f"t{number}{place}", Tier.ACCESS, f"{name}.opus") for place, name in enumerate(names)]
        offers.append(offer(number, *items, folder=folder))
    slots = views.laid_out([(one, ()) for one in offers])
    if slots:
        limits.verify_openable("x", [Member(path=one.path, digest=one.digest, bytes=one.bytes) for one in slots])
    assert len({clash_key(one.path) for one in slots}) == len(slots) == 2 * sum(len(one.items) for one in offers)
    for recording, credits in zip(slots[::2], slots[1::2], strict=True):
        assert (recording.kind, recording.track) == (AUDIO, credits.track)
        assert credits.path == recording.path + ".credits.txt"
    assert views.laid_out([(one, ()) for one in offers], slots) == slots
    fewer = [replace(one, items=one.items[1:]) for one in offers]
    assert set(views.laid_out([(one, ()) for one in fewer if one.items], slots)) <= set(slots)


def test_a_folder_that_volumes_gave_is_kept() -> None:
    slots = views.laid_out([(offer(1, item("a", Tier.ACCESS)), ["As it was called"])])
    assert {one.path.partition("/")[0] for one in slots} == {"As it was called"}


def test_what_leaves_keeps_its_place() -> None:
    whole, less = offer(1, item("a", Tier.ACCESS), item("b", Tier.ACCESS)), offer(1, item("b", Tier.ACCESS))
    view = View(
        name="v", title="", asked="[]", tier="access", revision=1, made_at="", slots=views.laid_out([(whole, ())])
    )
    without = views.revised(view, [less])
    assert [one.track for one in without.slots if one.present] == ["b", "b"]
    assert views.revised(without, [whole]) == view
    assert views.revised(view, [offer(1, *whole.items, item("c", Tier.ACCESS))]) == view


def test_a_selection_is_called_after_what_is_in_it() -> None:
    slots = views.laid_out([(offer(1, item("a", Tier.ACCESS)), ())])
    name = views.selection_name("My archive", slots)
    assert views.VISITORS.fullmatch(name)
    assert views.selection_name("My archive", reversed(slots)) == name
    other: Slot = replace(slots[0], digest=digest("other"))
    assert views.selection_name("My archive", (other, *slots[1:])) != name


@given(st.sets(st.integers(0, 60)))
def test_ranges_are_the_numbers(numbers: set[int]) -> None:
    found: set[int] = set()
    for part in views.ranges(numbers).split(",") if numbers else ():
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        assert match
        found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    assert found == numbers
