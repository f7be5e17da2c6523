"""Invariant: any bytes give a Wish that is written to bytes that give it again, or ValueError; a view that comes
through is called after what is in it, opens everywhere, and has credits beside every recording."""

from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.formats import json
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Flavour, Slot
from sonoteca.model.view import View
from sonoteca.torrents import limits, views
from sonoteca.torrents.requests import SCHEMA, Wish, format_wish, parse_wish

ARCHIVE = "sonoteca"
PATHS = st.sampled_from(
    ["a/1", "a/2", "A/1", "../x", "/etc/passwd", "a/con", ".pad/x", "a/1.credits.txt", "a", "", "é/1"]
)
SLOTS = st.builds(
    Slot,
    path=PATHS,
    release=st.sampled_from(["urn:uuid:1", ""]),
    track=st.sampled_from(["t1", "t2"]),
    file=st.sampled_from(["access/1", "../../keys"]),
    kind=st.sampled_from(["audio", "credits", "other"]),
    digest=st.sampled_from([Digest("a" * 64), Digest("b" * 64), Digest("")]),
    bytes=st.sampled_from([0, 1, -1, 2**60]),
    present=st.booleans(),
)


def wish(slots: list[Slot], name: str = "", tier: str = "access") -> Wish:
    called = name or views.selection_name(ARCHIVE, slots)
    view = View(name=called, title="", asked="[]", tier=tier, revision=1, made_at="", slots=tuple(slots))
    return Wish(name=called, view=view)


WISHES = st.one_of(
    st.builds(wish, st.lists(SLOTS, max_size=6), st.sampled_from(["", "x", "sonoteca-a-access-free-0001"])),
    st.builds(Wish, name=st.text(max_size=300), flavour=st.sampled_from(Flavour)),
)
PAIR = [
    Slot(path="a/1", release="r", track="t", file="access/1", kind="audio", digest=Digest("a" * 64), bytes=5),
    Slot(path="a/1.credits.txt", release="r", track="t", file="c/1", kind="credits", digest=Digest("b" * 64), bytes=5),
]


def judge(raw: bytes) -> Wish | None:
    try:
        found = parse_wish(raw, ARCHIVE)
    except ValueError:
        return None
    assert parse_wish(format_wish(found), ARCHIVE) == found
    if found.view is not None:
        assert views.VISITORS.fullmatch(found.view.name)
        assert found.name == views.selection_name(ARCHIVE, found.view.slots)
        limits.verify_openable(found.name, found.view.members)
        assert [one.kind for one in found.view.slots] == ["audio", "credits"] * (len(found.view.slots) // 2)
    return found


@given(st.one_of(st.binary(max_size=200), WISHES.map(format_wish)))
@example(b"")
@example(b"[" * 100_000)
@example(json.format({"schema": SCHEMA, "name": "x", "view": 1}))
@example(json.format({"schema": SCHEMA, "name": "x", "flavour": "v3"}))
def test_anything_is_judged(raw: bytes) -> None:
    judge(raw)


def test_an_honest_one_comes_through() -> None:
    assert judge(format_wish(wish(PAIR))) == wish(PAIR)
    assert judge(format_wish(Wish(name="a-volume", flavour=Flavour.V1))) is not None


def test_what_lies_does_not() -> None:
    assert judge(format_wish(wish(PAIR, "sonoteca-a-access-free-0001"))) is None
    assert judge(format_wish(wish(PAIR[:1]))) is None
    assert judge(format_wish(wish(PAIR, tier="gold"))) is None
    assert judge(format_wish(wish(PAIR[::-1]))) is None
