"""Planner: a plan fits, names nothing twice and nothing obsolete, favours what needs a copy, and differs by seed."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.model.need import Need
from sonoteca.torrents.planner import HALF_LIFE_DAYS, chances, copies, neediest, plan, weight

NOW = "2026-11-29T10:00:00Z"
TIMES = st.sampled_from(["", NOW, "2026-01-01T00:00:00Z", "2019-06-01T12:00:00Z", "2031-01-01T00:00:00Z"])
NEEDS = st.lists(
    st.builds(
        Need,
        volume=st.text(min_size=1, max_size=8),
        bytes=st.integers(0, 10**12),
        files=st.integers(0, 8_000),
        seen=st.integers(0, 10_000),
        proved=st.integers(0, 10_000),
        proved_at=TIMES,
        obsolete=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda one: one.volume,
)
SEEDS = [f"volunteer {number}" for number in range(2_000)]


def volume(name: str, size: int = 10, **known: int | str) -> Need:
    return replace(Need(volume=name, bytes=size, files=2), **known)  # type: ignore[arg-type]


@given(NEEDS, st.integers(1, 10**13), st.text(max_size=20))
def test_a_plan_fits_and_has_nothing_obsolete(needs: list[Need], space: int, seed: str) -> None:
    made = plan(needs, space, chances(seed), NOW)
    assert made.bytes == sum(one.bytes for one in made.chosen) <= space
    assert len({one.volume for one in made.chosen}) == len(made.chosen) <= made.offered
    assert all(one in needs and not one.obsolete and one.files and one.bytes for one in made.chosen)
    # And nothing more would have fitted.
    rest = [one for one in needs if one not in made.chosen and not one.obsolete and one.files and one.bytes]
    assert all(one.bytes > space - made.bytes for one in rest)


@given(NEEDS, st.integers(1, 10**13), st.text(max_size=20), st.randoms())
def test_the_same_seed_gives_the_same_in_any_order(needs: list[Need], space: int, seed: str, random: object) -> None:
    other = list(needs)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert plan(needs, space, chances(seed), NOW) == plan(other, space, chances(seed), NOW)


@given(NEEDS, st.text(max_size=20))
def test_what_comes_and_goes_leaves_the_others_in_their_order(needs: list[Need], seed: str) -> None:
    """Everything fits: so a volunteer's feed changes by what is new or gone, and by nothing else."""
    whole = [one.volume for one in plan(needs, 10**15, chances(seed), NOW).chosen]
    part = [one.volume for one in plan(needs[::2], 10**15, chances(seed), NOW).chosen]
    assert [name for name in whole if name in part] == part


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_chance_lies_between_never_and_always(seed: str, name: str) -> None:
    assert 0.0 < chances(seed)(name) < 1.0


def test_copies_count_by_proof_and_age() -> None:
    assert copies(volume("a"), NOW) == 0
    assert copies(volume("a", proved=3, proved_at=NOW), NOW) == 3
    assert copies(volume("a", proved=3, proved_at="2031-01-01T00:00:00Z"), NOW) == 3
    half = volume("a", proved=2, proved_at="2026-06-02T10:00:00Z")
    assert HALF_LIFE_DAYS == 180 and abs(copies(half, NOW) - 1) < 1e-9
    assert copies(volume("a", seen=5), NOW) == 1
    assert copies(volume("a", seen=5, proved=5, proved_at=NOW), NOW) == 5
    assert copies(volume("a", seen=10**9), NOW) == 10
    assert weight(volume("a"), NOW) == 1 and weight(volume("a", proved=1, proved_at=NOW), NOW) == 1 / 4


def test_the_neediest_come_first() -> None:
    fresh, old = {"proved": 1, "proved_at": NOW}, {"proved": 1, "proved_at": "2020-01-01T00:00:00Z"}
    needs = [
        volume("fresh", **fresh),
        volume("old", **old),
        volume("none"),
        volume("gone", obsolete=True),
        volume("b", seen=1),
    ]
    assert [one.volume for one in neediest(needs, NOW)] == ["none", "old", "b", "fresh"]


def test_the_draw_is_as_likely_as_the_weights_say() -> None:
    """2,000 volunteers with room for one: shares as the weights, 1 to 1/4 to 1/16, within four standard deviations."""
    needs = [volume("none"), volume("one", proved=1, proved_at=NOW), volume("three", proved=3, proved_at=NOW)]
    first = Counter(plan(needs, 10, chances(seed), NOW).chosen[0].volume for seed in SEEDS)
    total = sum(weight(one, NOW) for one in needs)
    for one in needs:
        share = weight(one, NOW) / total
        assert abs(first[one.volume] / len(SEEDS) - share) < 4 * (share * (1 - share) / len(SEEDS)) ** 0.5


def test_volunteers_spread_over_what_is_equally_needy() -> None:
    """A hundred volumes without a copy, a hundred volunteers with room for ten: every volume is somebody's, nearly."""
    needs = [volume(f"v{number}") for number in range(100)]
    held = Counter(one.volume for seed in SEEDS[:100] for one in plan(needs, 100, chances(seed), NOW).chosen)
    assert len(held) == 100 and max(held.values()) < 25


def test_what_does_not_fit_makes_way_for_what_does() -> None:
    needs = [volume("large", 100), volume("small", 10, proved=5, proved_at=NOW)]
    assert [one.volume for one in plan(needs, 50, chances("x"), NOW).chosen] == ["small"]
