"""Who is open when not all fit: everybody in turn, whoever is asked for at once, nobody who has peers."""

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.swarm.turns import TURN_S, Open, Resting, Turn, estimated_bytes, next_turn


def opened(name: str, since: float = 0.0, peers: int = 0, size: int = 10) -> Open:
    return Open(name=name, bytes=size, since=since, peers=peers)


def resting(name: str, since: float = 0.0, size: int = 10, *, is_asked: bool = False) -> Resting:
    return Resting(name=name, bytes=size, since=since, is_asked=is_asked)


def test_while_there_is_room_who_rests_longest_comes() -> None:
    assert next_turn([opened("a")], [resting("c", 2), resting("b", 1)], 20, 5) == Turn(comes="b")
    assert next_turn([opened("a")], [], 20, 5) == Turn()


def test_a_turn_is_had_to_its_end() -> None:
    assert next_turn([opened("a"), opened("b", 1)], [resting("c")], 20, TURN_S - 1) == Turn()
    assert next_turn([opened("a"), opened("b", 1)], [resting("c")], 20, TURN_S) == Turn(comes="c", leave=("a",))


def test_who_has_peers_stays() -> None:
    assert next_turn([opened("a", peers=1), opened("b", 1)], [resting("c")], 20, 2 * TURN_S).leave == ("b",)
    assert next_turn([opened("a", peers=1)], [resting("c", is_asked=True)], 10, 2 * TURN_S) == Turn()


def test_who_is_asked_for_comes_before_the_others_and_at_once() -> None:
    found = next_turn([opened("a"), opened("b", 1)], [resting("c"), resting("d", 9, is_asked=True)], 20, 10)
    assert found == Turn(comes="d", leave=("a",))


def test_a_large_one_needs_several_to_leave_or_to_be_alone() -> None:
    assert next_turn([opened("a"), opened("b", 1)], [resting("c", size=15)], 20, TURN_S + 1).leave == ("a", "b")
    assert next_turn([], [resting("c", size=99)], 20, 0) == Turn(comes="c")


@given(st.integers(2, 12), st.integers(10, 60))
def test_none_rests_for_good_and_the_memory_is_kept(count: int, budget: int) -> None:
    """All of one size, nobody connected: after so many turns each was open."""
    now, seen = 0.0, set[str]()
    inside: dict[str, float] = {}
    outside = {f"{number:02}": 0.0 for number in range(count)}
    for _ in range(3 * count):
        now += TURN_S
        while True:
            found = next_turn(
                [opened(name, since) for name, since in inside.items()],
                [resting(name, since) for name, since in outside.items()],
                budget,
                now,
            )
            for name in found.leave:
                outside[name] = now
                del inside[name]
            if not found.comes:
                break
            del outside[found.comes]
            inside[found.comes] = now
            seen.add(found.comes)
            assert sum(10 for _ in inside) <= budget
    assert len(seen) == count


def test_the_estimate_grows_with_the_files() -> None:
    assert estimated_bytes(0, 0) < estimated_bytes(5_000, 800) < estimated_bytes(2_350_000, 340_000)
