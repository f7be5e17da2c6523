"""What is alike and not the same: noise, applause, silence, one loop under two tunes. Real fingerprints of sound made
here, laid over each other; and what must go on being found beside them."""

import numpy
import pytest

from sonoteca.catalogue.sameness import find_overlap
from sonoteca.formats.fingerprint import Raw
from sonoteca.model.sameness import Likeness, Overlap
from tests.unit.convert.recordings import Array, made
from tests.unit.convert.test_fingerprint import printed, raw

RATE_HZ = 22_050
NOTES = 220 * 2 ** (numpy.array([0, 3, 5, 7, 10, 12, 15, 17, 19, 22, 24]) / 12)


def heard(sound: Array) -> Raw:
    loud = sound / max(1.0, numpy.abs(sound).max() * 1.01)
    return raw(printed(made(loud.astype(numpy.float32).reshape(-1, 1), RATE_HZ)))


def alike(one: Array, other: Array) -> Overlap | None:
    ours, theirs = heard(one), heard(other)
    found, back = find_overlap(ours, theirs), find_overlap(theirs, ours)
    assert (found and found.likeness) == (back and back.likeness)
    return found


def silence(seconds: float) -> Array:
    return numpy.zeros(round(seconds * RATE_HZ))


def hiss(seed: int, seconds: float = 20) -> Array:
    return numpy.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)) * 0.15


def applause(seed: int) -> Array:
    random = numpy.random.default_rng(seed)
    claps = silence(20)
    claps[random.integers(0, len(claps), 20_000)] = random.standard_normal(20_000)
    return numpy.convolve(claps, numpy.exp(-numpy.arange(200) / 30), "same") / 6


def placed(sound: Array, what: Array, at_s: float) -> None:
    at = round(at_s * RATE_HZ)
    part = what[: len(sound) - at]
    sound[at : at + len(part)] += part


def faded(sound: Array, seconds: float) -> Array:
    return sound * numpy.exp(-numpy.arange(len(sound)) / RATE_HZ / seconds)


def drums(seconds: float) -> Array:
    """One bar of two seconds, again and again."""
    random, bar = numpy.random.default_rng(1), silence(2)
    sweep = numpy.cumsum(40 + 80 * numpy.exp(-numpy.arange(RATE_HZ // 3) / RATE_HZ / 0.05)) / RATE_HZ
    for at in (0, 0.75, 1.25):
        placed(bar, faded(numpy.sin(2 * numpy.pi * sweep), 0.12), at)
    for at in (0.5, 1.5):
        placed(bar, faded(random.standard_normal(RATE_HZ // 4) * 0.5, 0.08), at)
    for at in numpy.arange(0, 2, 0.25):
        placed(bar, faded(numpy.diff(random.standard_normal(RATE_HZ // 12)) * 0.3, 0.02), at)
    return numpy.tile(bar, round(seconds / 2)) * 0.36


def tune(seed: int, seconds: float) -> Array:
    random, sound = numpy.random.default_rng(seed), silence(seconds)
    times = numpy.arange(round(1.2 * RATE_HZ)) / RATE_HZ
    for at in numpy.arange(0, seconds, 0.5):
        tone = NOTES[random.integers(len(NOTES))]
        note = sum(0.25 / part * numpy.sin(2 * numpy.pi * tone * part * times) for part in range(1, 5))
        placed(sound, faded(numpy.asarray(note), 0.5), at)
    return sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(hiss(1), hiss(2), id="two hisses"),
        pytest.param(applause(1), hiss(1), id="applause and hiss"),
        pytest.param(applause(1), applause(2), id="two applauses"),
        pytest.param(drums(40) + 0.1 * tune(11, 40), drums(40) + 0.1 * tune(12, 40), id="two tunes over one loop"),
        pytest.param(drums(40) + 0.3 * tune(11, 40), drums(40) + 0.3 * tune(12, 40), id="two loud tunes over one loop"),
        pytest.param(drums(40) + 0.1 * tune(11, 40), drums(30), id="a tune over a loop, and the loop"),
        pytest.param(
            numpy.concatenate((tune(1, 10), silence(30), tune(2, 10))), silence(20), id="a hidden track, and silence"
        ),
        pytest.param(
            numpy.concatenate((tune(1, 10), silence(30), tune(2, 10))),
            numpy.concatenate((tune(3, 10), silence(30), tune(4, 10))),
            id="two with as long a silence",
        ),
        pytest.param(
            numpy.concatenate((tune(5, 8), tune(6, 40))), numpy.concatenate((tune(5, 8), tune(7, 40))), id="a jingle"
        ),
        *(pytest.param(tune(1, long), tune(2, long), id=f"two tunes of {long} s") for long in (1, 3, 5, 6, 8, 10)),
    ],
)
def test_no_false_sameness(one: Array, other: Array) -> None:
    assert alike(one, other) is None


def test_a_loop_is_itself() -> None:
    found = alike(drums(20), drums(30))
    assert found is not None
    assert (found.likeness, found.error) == (Likeness.PART, 0.0)


def test_what_two_shows_share_is_a_part() -> None:
    found = alike(numpy.concatenate((tune(5, 16), tune(6, 40))), numpy.concatenate((tune(5, 16), tune(7, 40))))
    assert found is not None
    assert (found.likeness, round(found.offset_s)) == (Likeness.PART, 0)


@pytest.mark.parametrize("level", [0.02, 0.1])
def test_a_tune_over_a_loop_is_itself_in_hiss(level: float) -> None:
    music = drums(40) + 0.6 * tune(11, 40)
    found = alike(music, 0.3 * (music + level * hiss(9, 40)))
    assert found is not None
    assert found.likeness is Likeness.RECORDING
