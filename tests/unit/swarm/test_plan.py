"""Wanted minus present: carried out it leads to what is wanted, whatever was there before."""

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.model.torrent import InfoHashes
from sonoteca.swarm.plan import Plan, Wanted, plan


def wanted(name: str, digit: str = "", stamp: int = 0) -> Wanted:
    hashes = InfoHashes(v1=(digit or name[0]) * 40)
    return Wanted(hashes=hashes, torrent=f"torrents/{name}.torrent", stamps=((stamp,),))


def test_nothing_wanted_nothing_done() -> None:
    assert plan({}, {}) == Plan(remove=(), add=(), doubled=())


def test_what_is_new_is_added_and_what_is_gone_is_removed() -> None:
    found = plan({"a": wanted("a"), "b": wanted("b")}, {"b": wanted("b"), "c": wanted("c")})
    assert (found.remove, found.add, found.doubled) == (("c",), ("a",), ())


def test_what_changed_is_removed_and_added() -> None:
    found = plan({"a": wanted("a", stamp=2)}, {"a": wanted("a", stamp=1)})
    assert (found.remove, found.add) == (("a",), ("a",))


def test_of_two_with_one_hash_the_one_that_is_there_stays() -> None:
    here, other = wanted("b", "1"), wanted("a", "1")
    found = plan({"b": here, "a": other}, {"b": here})
    assert (found.remove, found.add, found.doubled) == ((), (), (("a", "b"),))


def test_of_two_new_ones_with_one_hash_the_first_comes() -> None:
    found = plan({"b": wanted("b", "1"), "a": wanted("a", "1")}, {})
    assert (found.add, found.doubled) == (("a",), (("b", "a"),))


def test_the_second_takes_over_when_the_first_goes() -> None:
    first, second = wanted("a", "1"), wanted("b", "1")
    found = plan({"b": second}, {"a": first})
    assert (found.remove, found.add, found.doubled) == (("a",), ("b",), ())


worlds = st.dictionaries(
    st.sampled_from("abcdef"), st.builds(wanted, st.sampled_from("abc"), st.sampled_from("123"), st.integers(0, 2))
)


def has_one_each(world: dict[str, Wanted]) -> bool:
    return len({one.hashes.short for one in world.values()}) == len(world)


@given(worlds, worlds.filter(has_one_each))
def test_carried_out_it_is_done(ask: dict[str, Wanted], present: dict[str, Wanted]) -> None:
    found = plan(ask, present)
    after = dict(present)
    for name in found.remove:
        del after[name]
    for name in found.add:
        assert ask[name].hashes.short not in {one.hashes.short for one in after.values()}
        after[name] = ask[name]
    assert has_one_each(after)
    assert {name: ask[name] for name in after} == after
    assert {one.hashes.short for one in after.values()} == {one.hashes.short for one in ask.values()}
    assert {name for name, _ in found.doubled} == ask.keys() - after.keys()
    assert (plan(ask, after).remove, plan(ask, after).add) == ((), ())
