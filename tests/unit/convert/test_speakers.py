"""A channel is named in one way, whichever finding names it, and every layout of FFmpeg's has words or numbers."""

import numpy
import pytest
from av.audio.layout import AudioLayout

from sonoteca.convert.speakers import channel_told, in_channel
from tests.unit.convert.recordings import made, noise
from tests.unit.convert.test_measures import found

RATE_HZ = 44_100


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        ("mono", ["only channel"]),
        ("stereo", ["left channel", "right channel"]),
        ("downmix", ["left channel", "right channel"]),
        ("quad", ["channel 1 (left)", "channel 2 (right)", "channel 3 (left back)", "channel 4 (right back)"]),
        ("5.1", ["channel 3 (centre)", "channel 4 (low frequencies)", "channel 5 (left surround)"]),
        ("5.1(side)", ["channel 5 (left surround)", "channel 6 (right surround)"]),
        ("7.1", ["channel 5 (left back)", "channel 7 (left surround)"]),
        ("22.2", ["channel 12", "channel 1 (left)"]),
    ],
)
def test_words(layout: str, told: list[str]) -> None:
    names = [channel.name for channel in AudioLayout(layout).channels]
    every = [channel_told(names, place) for place in range(len(names))]
    assert set(told) <= set(every)
    assert len(set(every)) == len(names)


def test_two_that_are_no_pair_have_numbers() -> None:
    assert channel_told(["FC", "LFE"], 1) == "channel 2 (low frequencies)"


def test_where_there_is_one_channel_nothing_is_said_of_it() -> None:
    assert in_channel(["FC"], 0) == ""


@pytest.mark.parametrize(
    ("layout", "wrong", "where"),
    [("stereo", 0, "the left channel"), ("stereo", 1, "the right channel"), ("5.1", 4, "channel 5 (left surround)")],
)
def test_clipping_offset_and_silence_name_a_channel_alike(layout: str, wrong: int, where: str) -> None:
    sound = noise(3, RATE_HZ, AudioLayout(layout).nb_channels) * numpy.float32(0.1)
    sound[:, wrong] += 0.05
    sound[1000:1010, wrong] = 1.0
    told = found(made(sound, RATE_HZ, layout=layout))
    assert told["Q005"].endswith(f" in {where}")
    assert told["Q020"].endswith(f" in {where}")
    sound[:, wrong] = 0
    assert found(made(sound, RATE_HZ, layout=layout))["Q007"] == where.removeprefix("the ")
