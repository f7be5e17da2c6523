"""Clock and entropy, the real ones and their doubles."""

import re
from datetime import UTC, datetime

import pytest

from sonoteca.ports.clock import Clock, Entropy, SystemClock, SystemEntropy
from sonoteca.ports.memory.clock import FixedClock, SeededEntropy, SteppingClock


@pytest.fixture(params=[SystemClock, FixedClock, SteppingClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    found: Clock = request.param()
    return found


@pytest.fixture(params=[SystemEntropy, SeededEntropy])
def entropy(request: pytest.FixtureRequest) -> Entropy:
    found: Entropy = request.param()
    return found


def test_the_time_is_utc_in_whole_seconds(clock: Clock) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", clock.now())
    assert datetime.fromisoformat(clock.now()).tzinfo == UTC


def test_time_does_not_go_back(clock: Clock) -> None:
    times = [clock.now() for _ in range(5)]
    assert times == sorted(times)


def test_the_system_clock_tells_the_time_of_the_system() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= datetime.fromisoformat(SystemClock().now()) <= datetime.now(UTC)


def test_a_double_moves_as_it_is_told() -> None:
    fixed, stepping = FixedClock("2026-12-31T23:59:59Z"), SteppingClock("2026-12-31T23:59:59Z", step_s=2)
    assert [fixed.now(), fixed.now()] == ["2026-12-31T23:59:59Z"] * 2
    fixed.move_on(1)
    assert fixed.now() == "2027-01-01T00:00:00Z"
    assert [stepping.now(), stepping.now()] == ["2026-12-31T23:59:59Z", "2027-01-01T00:00:01Z"]


def test_a_salt_has_128_bits_in_hexadecimal(entropy: Entropy) -> None:
    assert re.fullmatch("[0-9a-f]{32}", entropy.salt("a purpose"))
    assert re.fullmatch("[0-9a-f]{32}", entropy.salt("\udcff"))


def test_salts_of_different_purposes_differ(entropy: Entropy) -> None:
    assert len({entropy.salt(str(number)) for number in range(100)}) == 100


def test_a_real_salt_comes_once() -> None:
    assert SystemEntropy().salt("same") != SystemEntropy().salt("same")


def test_a_double_repeats_itself() -> None:
    assert SeededEntropy("a").salt("same") == SeededEntropy("a").salt("same")
    assert SeededEntropy("a").salt("same") != SeededEntropy("b").salt("same")
