"""The queue of announces: so many a second, in turn, and nobody left out."""

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.model.torrent import InfoHashes
from sonoteca.swarm.announces import Announces


def hashes(number: int) -> InfoHashes:
    return InfoHashes(v1=f"{number:040x}")


def told(queue: Announces, until_s: float, step_s: float = 1.0, start_s: float = 0.0) -> list[tuple[float, int]]:
    """When who was told, asking at each step."""
    found, now = [], start_s
    while now < until_s:
        found += [(now, int(one.v1, 16)) for one in queue.take(now)]
        now += step_s
    return found


def test_so_many_a_second_and_in_turn() -> None:
    queue = Announces(3, 0)
    queue.follow(map(hashes, range(8)), 0.0)
    assert told(queue, 4) == [(0, 0), (0, 1), (0, 2), (1, 3), (1, 4), (1, 5), (2, 6), (2, 7)]


def test_again_after_a_while() -> None:
    queue = Announces(10, 60)
    queue.follow([hashes(1), hashes(2)], 0.0)
    assert told(queue, 130) == [(0, 1), (0, 2), (60, 1), (60, 2), (120, 1), (120, 2)]


def test_less_than_one_a_second() -> None:
    queue = Announces(0.5, 0)
    queue.follow(map(hashes, range(3)), 0.0)
    assert told(queue, 30) == [(2, 0), (4, 1), (6, 2)]


def test_who_is_gone_is_not_told_and_who_comes_back_is_told_anew() -> None:
    queue = Announces(10, 60)
    queue.follow([hashes(1), hashes(2)], 0.0)
    queue.follow([hashes(2)], 0.0)
    assert told(queue, 1) == [(0, 2)]
    queue.follow([hashes(1), hashes(2)], 1.0)
    assert told(queue, 3, start_s=1.0) == [(1, 1)]
    queue.follow([], 3.0)
    queue.follow([hashes(2)], 3.0)
    assert told(queue, 5, start_s=3.0) == [(3, 2)]


def test_a_pause_makes_no_burst() -> None:
    queue = Announces(2, 0)
    queue.follow(map(hashes, range(100)), 0.0)
    queue.take(0.0)
    assert len(queue.take(1000.0)) == 2


def test_how_long_a_round_takes_and_who_waits() -> None:
    queue = Announces(10, 900)
    queue.follow(map(hashes, range(20_000)), 0.0)
    assert (queue.round_s, queue.waiting(0.0)) == (2000.0, 20_000)


@given(st.integers(1, 60), st.integers(1, 20), st.floats(0.05, 1.0))
def test_nobody_is_left_out_and_the_budget_is_kept(count: int, per_s: int, step_s: float) -> None:
    queue = Announces(per_s, 0)
    queue.follow(map(hashes, range(count)), 0.0)
    found = told(queue, 3 * count / per_s + 3, step_s)
    assert sorted(one for _, one in found) == list(range(count))
    for start, _ in found:
        assert sum(start <= at < start + 0.99 for at, _ in found) <= 2 * per_s
