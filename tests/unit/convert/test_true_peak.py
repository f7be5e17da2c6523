"""True peak: what is left out is nothing, beside FFmpeg's resampler that oversamples everything."""

import math

import numpy
import pytest
from av.audio.resampler import AudioResampler

from sonoteca.convert.consumers import Draft
from sonoteca.convert.true_peak import TruePeak
from tests.unit.convert.recordings import Array, Recording, made, noise


def ours(recording: Recording) -> float | None:
    meter, draft = TruePeak(recording.audio), Draft()
    for block in recording.blocks:
        meter.take(block)
    meter.finish()
    meter.tell(draft)
    return draft.true_peak_dbtp


def everything(recording: Recording, times: int) -> float:
    """Of every sample, by libswresample."""
    rate = recording.audio.sample_rate_hz * times
    resampler = AudioResampler("fltp", recording.blocks[0].frame.layout.name, rate, options={"filter_size": "32"})
    frames = [one for block in recording.blocks for one in resampler.resample(block.frame)]
    samples = [numpy.abs(one.to_ndarray()).max() for one in (*frames, *resampler.resample(None))]
    return 20 * math.log10(max(samples))


def shapes() -> dict[str, Array]:
    at = numpy.arange(48_000 * 3)[:, None]
    loud = noise(3.0, 48_000, 2)
    step = loud * numpy.where(at > 100_000, 1.0, 0.05)
    # 3 dB above its samples; faded, because libswresample mirrors the sound at its edges, where ours has silence.
    between = numpy.sin(numpy.pi / 2 * at + numpy.pi / 4) * 0.7 * numpy.hanning(len(at))[:, None]
    click = numpy.zeros((48_000, 1))
    click[[500, 501, 30_000, 47_900]] = [[0.5], [0.5], [0.3], [-0.6]]
    short = loud[:300] * numpy.hanning(300)[:, None]
    return {"noise": loud, "step": step, "between": between, "click": click, "short": short}


@pytest.mark.parametrize("name", shapes())
def test_it_is_that_of_oversampling_everything(name: str) -> None:
    recording = made(shapes()[name].astype("f4"), 48_000)
    assert ours(recording) == pytest.approx(everything(recording, 4), abs=0.02)


def test_sound_of_96_khz_is_oversampled_twice_and_above_that_not_at_all() -> None:
    for rate_hz, times in ((96_000, 2), (192_000, 1)):
        recording = made(noise(1.0, rate_hz, 1), rate_hz)
        assert ours(recording) == pytest.approx(everything(recording, times), abs=0.02)


def test_silence_and_what_is_no_number_have_none() -> None:
    for value in (0.0, numpy.inf, -numpy.inf):
        assert ours(made(numpy.full((48_000, 2), value, "f4"), 48_000)) is None
