"""The measures on sound made here, where what is right is known beforehand."""

import math
from typing import Any

import numpy
import pytest
from av.audio.frame import AudioFrame
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.convert.blocks import Block, Cutter
from sonoteca.convert.consumers import MEASURES, Draft
from sonoteca.convert.runs import Runs
from sonoteca.convert.timeline import Timeline
from tests.unit.convert.recordings import Array, Recording, made, noise

RATE_HZ = 48_000


def measured(recording: Recording) -> Draft:
    draft, measures = Draft(), [make(recording.audio) for make in MEASURES.values()]
    for measure in measures:
        for block in recording.blocks:
            measure.take(block)
        measure.finish()
        measure.tell(draft)
    return draft


def found(recording: Recording) -> dict[str, str]:
    return {one.code: one.detail for one in measured(recording).findings}


def sine(hertz: float, seconds: float, level: float, channels: int = 2, phase: float = 0.0) -> Array:
    """(samples, channels) of float32."""
    wave = level * numpy.sin(2 * numpy.pi * hertz * numpy.arange(round(seconds * RATE_HZ)) / RATE_HZ + phase)
    return numpy.repeat(wave[:, None], channels, axis=1).astype(numpy.float32)


# ── levels ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_reference_tone_of_tech_3341() -> None:
    """EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS for 20 seconds is −23 LUFS."""
    draft = measured(made(sine(1000, 20, 10 ** (-23 / 20)), RATE_HZ))
    assert draft.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert draft.range_lu == pytest.approx(0.0, abs=0.1)
    assert draft.true_peak_dbtp == pytest.approx(-23.0, abs=0.1)


def test_the_range_of_tech_3342() -> None:
    """EBU Tech 3342, case 1: 20 s at −20 and 20 s at −30 dBFS are a range of 10 LU."""
    tones = numpy.concatenate([sine(1000, 20, 10 ** (level / 20)) for level in (-20, -30)])
    assert measured(made(tones, RATE_HZ)).range_lu == pytest.approx(10.0, abs=1.0)


def test_a_peak_between_the_samples() -> None:
    """EBU Tech 3341, case 16: a quarter of the rate, 45° off, has its samples 3 dB below its peak."""
    tone = sine(RATE_HZ / 4, 2, 0.5, phase=math.pi / 4)
    tone[:4800] *= numpy.linspace(0, 1, 4800)[:, None]  # beginning at once is a peak of its own
    tone[-4800:] *= numpy.linspace(1, 0, 4800)[:, None]
    draft = measured(made(tone, RATE_HZ))
    assert draft.true_peak_dbtp == pytest.approx(-6.0, abs=0.2)


def test_a_peak_above_full_scale_is_noted() -> None:
    findings = found(made(sine(RATE_HZ / 4, 1, 1.3, phase=math.pi / 4), RATE_HZ))
    assert findings["Q006"].startswith("+2.")


def test_silence_has_no_level() -> None:
    draft = measured(made(numpy.zeros((RATE_HZ * 12, 2), numpy.float32), RATE_HZ))
    assert (draft.integrated_lufs, draft.range_lu, draft.true_peak_dbtp) == (None, None, None)
    assert [(one.code, one.detail) for one in draft.findings] == [("Q004", "12.000 s, all of it")]


@pytest.mark.parametrize(("seconds", "loud", "ranged"), [(0.3, False, False), (0.5, True, False), (3.2, True, True)])
def test_what_is_too_short_has_none(seconds: float, loud: bool, ranged: bool) -> None:
    draft = measured(made(sine(1000, seconds, 0.1), RATE_HZ))
    assert (draft.integrated_lufs is not None, draft.range_lu is not None) == (loud, ranged)
    assert draft.true_peak_dbtp == pytest.approx(-20, abs=0.3)


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf, -numpy.inf])
def test_what_is_no_number_is_told_and_ends_nothing(value: float) -> None:
    sound = noise(1.0, RATE_HZ, 2)
    sound[20_000, 0] = value
    draft = measured(made(sound, RATE_HZ))
    assert "Q008" in [one.code for one in draft.findings]
    assert draft.true_peak_dbtp is None or math.isfinite(draft.true_peak_dbtp)


# ── quality ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_silence_and_its_places() -> None:
    sound = noise(10.0, RATE_HZ, 2)
    sound[: RATE_HZ * 2] = 0
    sound[RATE_HZ * 4 : RATE_HZ * 5 + 100] = 0  # over the border of two blocks
    sound[RATE_HZ * 6 : RATE_HZ * 6 + RATE_HZ // 4] = 0  # too short to be told
    sound[-RATE_HZ - 500 :] = 0
    assert found(made(sound, RATE_HZ)) == {
        "Q001": "2.000 s",
        "Q002": "1.010 s",
        "Q003": "1 times, 1.002 s in all; the longest 1.002 s, at 4.000 s",
    }


def test_clipping_and_its_worst_place() -> None:
    sound = (noise(3.0, RATE_HZ, 2) * 20_000).astype("i2")
    sound[1000:1002, 0] = 32_767  # two samples are none
    sound[2000:2003, 0] = 32_767
    sound[RATE_HZ - 2 : RATE_HZ + 3, 1] = -32_768  # over the border
    assert (
        found(made(sound, RATE_HZ, form="s16"))["Q005"]
        == "2 runs; the longest 5 samples, at 1.000 s in the right channel"
    )


def test_a_dead_channel() -> None:
    sound = noise(1.0, RATE_HZ, 2)
    sound[:, 1] = 0
    assert found(made(sound, RATE_HZ)) == {"Q007": "right channel"}


def test_a_silent_low_frequency_channel_is_none() -> None:
    sound = noise(1.0, RATE_HZ, 6)
    sound[:, 3] = 0
    assert found(made(sound, RATE_HZ, layout="5.1")) == {}


def stretches(mask: list[bool]) -> list[tuple[int, int]]:
    """(start, length), the plain way."""
    ends = [at for at in range(len(mask) + 1) if at == len(mask) or not mask[at]]
    starts = [at for at in range(len(mask)) if mask[at] and (at == 0 or not mask[at - 1])]
    return [(start, next(end for end in ends if end > start) - start) for start in starts]


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=8), max_size=8), st.integers(1, 4), st.booleans())
def test_runs_are_followed_over_borders(blocks: list[list[bool]], least: int, edges: bool) -> None:
    """As if there were no borders."""
    runs, at = Runs(least, edges=edges), 0
    for block in blocks:
        runs.take(numpy.array(block), at)
        at += len(block)
    runs.finish()
    expected = stretches([flag for block in blocks for flag in block])
    if edges:
        assert runs.first == next((length for start, length in expected if start == 0), 0)
        assert runs.last == next((length for start, length in expected if start and start + length == at), 0)
        expected = [(start, length) for start, length in expected if start and start + length < at]
    counted = [(start, length) for start, length in expected if length >= least]
    assert (runs.count, runs.total) == (len(counted), sum(length for _, length in counted))
    assert runs.longest == max((length for _, length in counted), default=0)
    if counted:
        assert (runs.longest_at, runs.longest) in counted


# ── blocks and places ────────────────────────────────────────────────────────────────────────────────────────────────


def frames_of(lengths: list[int]) -> list[AudioFrame]:
    frames, value = [], 0
    for length in lengths:
        part = numpy.arange(value, value + length, dtype="i2").reshape(1, -1)
        frames.append(AudioFrame.from_ndarray(part, "s16", "mono"))
        frames[-1].sample_rate = 100
        value += length
    return frames


@given(
    st.lists(st.tuples(st.integers(1, 90), st.sampled_from([0, 0, 0, 7, 250])), max_size=12),
    st.lists(st.integers(0, 900), max_size=6),
)
def test_blocks_are_cut_where_they_should_be(pieces: list[tuple[int, int]], cuts: list[int]) -> None:
    """Nothing is lost or doubled, nothing straddles a cut or lasts more than a second, and places survive holes."""
    cutter, at, blocks = Cutter(100, cuts), 0, []
    expected: dict[int, int] = {}
    value = 0
    for (length, hole), frame in zip(pieces, frames_of([length for length, _ in pieces]), strict=True):
        at += hole
        expected.update({at + offset: value + offset for offset in range(length)})
        blocks += cutter.take(frame, at)
        at, value = at + length, value + length
    blocks += cutter.rest()
    assert all(1 <= block.samples <= 100 and block.frame.pts is None for block in blocks)
    assert not [cut for cut in cuts for block in blocks if block.start_sample < cut < block.end_sample]
    assert {
        block.start_sample + offset: int(sample)
        for block in blocks
        for offset, sample in enumerate(block.frame.to_ndarray()[0])
    } == expected


@pytest.mark.parametrize(
    ("form", "values", "floats"),
    [
        ("u8", [0, 128, 255], [-1.0, 0.0, 127 / 128]),
        ("s16", [-32768, 0, 32767], [-1.0, 0.0, 32767 / 32768]),
        ("s32", [-(2**31), 256, (2**23 - 1) << 8], [-1.0, 2**-23, 1 - 2**-23]),
        ("flt", [-1.5, 0.25, 1.0], [-1.5, 0.25, 1.0]),
        ("dbl", [-1.5, 0.25, 1.0], [-1.5, 0.25, 1.0]),
    ],
)
def test_floats_are_what_the_numbers_mean(form: str, values: list[float], floats: list[float]) -> None:
    kinds: dict[str, Any] = {"u8": "u1", "s16": "i2", "s32": "i4", "flt": "f4", "dbl": "f8"}
    block = Block(AudioFrame.from_ndarray(numpy.array([values], kinds[form]), form, "mono"), 0)
    assert block.planar.tolist() == [floats] and block.planar.dtype == numpy.float32
    assert block.peaks.tolist() == [abs(value) for value in floats]


def test_places_follow_the_clock_where_it_jumps_only() -> None:
    line = Timeline(1000, 10_000, None)
    assert [line.place(100, at) for at in (5.0, 5.1009, None, 5.3)] == [0, 100, 200, 300]  # rounding is no jump
    line.fail("broken", 5.4)
    assert line.place(100, 5.5) == 500
    assert [(hole.at, hole.samples, hole.packets, hole.error) for hole in line.holes] == [(400, 100, 1, "broken")]


def test_a_clock_that_lies_is_not_followed() -> None:
    line = Timeline(1000, 1_000, None)
    assert [line.place(100, at) for at in (0.0, 999.0, 999.1, 3.0)] == [0, 100, 200, 300]
    assert line.holes == []


def test_what_is_missing_at_the_end() -> None:
    line = Timeline(1000, 500, end_s=2.0)
    line.place(100, 0.0)
    line.end(tolerance=50)
    assert (line.expected, line.missing_at_end, line.holes[0].samples) == (2_000, 1_900, 1_900)
