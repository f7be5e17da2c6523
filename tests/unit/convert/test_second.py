"""The second decoder, on what FFmpeg refuses: AIFF in DWVW, which nobody else reads any more; and its refusals."""

from pathlib import Path

import numpy
import pytest
import soundfile

from sonoteca.acquire.probe import probe
from sonoteca.convert.recipes import fits_flac
from sonoteca.convert.render import render
from sonoteca.convert.second import NAME
from tests.unit.convert.orders import answer_of, codes, order_of, sound_of, span
from tests.unit.convert.recordings import Array, noise

RATE_HZ = 44_100


def dwvw(path: Path, seconds: float = 2.0, subtype: str = "DWVW_16") -> Array:
    """A file that FFmpeg cannot open, and its samples."""
    samples = (noise(seconds, RATE_HZ, 1) * 30_000).round().astype("i2")
    soundfile.write(path, samples, RATE_HZ, subtype=subtype, format="AIFF")
    return samples


def test_the_probe_asks_for_a_second_opinion(tmp_path: Path) -> None:
    dwvw(tmp_path / "x.aiff")
    report = probe(str(tmp_path / "x.aiff"), "x.aiff")
    assert report.audio is not None and not report.is_refused
    facts = report.audio
    assert (facts.container, facts.codec, facts.bits, facts.lossless) == ("sndfile", "dwvw", 16, True)
    assert (facts.samples, facts.sample_rate_hz, facts.channels) == (2 * RATE_HZ, RATE_HZ, 1)
    told = {found.code: found.detail for found in report.findings}
    assert told["A120"].startswith("libsndfile ") and "FFmpeg: aiff: Invalid data" in told["A120"]


def test_every_sample_comes_and_is_kept(tmp_path: Path) -> None:
    samples = dwvw(tmp_path / "x.aiff")
    answer = answer_of(tmp_path / "x.aiff", span(files=["opus", "flac"]), folder=tmp_path)
    (rendered,) = answer.spans
    assert rendered.names == ("whole.opus", "whole.flac")
    assert rendered.sound.samples == 2 * RATE_HZ and rendered.sound.traits.decoder == NAME
    assert codes(rendered.sound).keys() == {"Q025"}
    kept, rate = soundfile.read(tmp_path / "whole.flac", dtype="int16")
    assert rate == RATE_HZ and (kept == samples[:, 0]).all()


def test_spans_are_cut_to_the_sample(tmp_path: Path) -> None:
    samples = dwvw(tmp_path / "x.aiff")
    spans = (span(0, 30_001, "a", ["flac"]), span(30_001, None, "b", ["flac"]))
    answer = answer_of(tmp_path / "x.aiff", *spans, folder=tmp_path)
    assert [one.sound.samples for one in answer.spans] == [30_001, 2 * RATE_HZ - 30_001]
    parts = [soundfile.read(tmp_path / f"{name}.flac", dtype="int16")[0] for name in "ab"]
    assert (numpy.concatenate(parts) == samples[:, 0]).all()


def test_twenty_four_bits_are_kept(tmp_path: Path) -> None:
    samples = (noise(1, RATE_HZ, 1) * (1 << 23)).round().astype("i4") << 8
    soundfile.write(tmp_path / "x.aiff", samples, RATE_HZ, subtype="DWVW_24", format="AIFF")
    answer = answer_of(tmp_path / "x.aiff", span(files=["flac"]), folder=tmp_path)
    assert answer.spans[0].sound.traits.bits_used == 24
    kept, _ = soundfile.read(tmp_path / "whole.flac", dtype="int32")
    assert (kept == samples[:, 0]).all()


def test_a_limit_is_a_limit(tmp_path: Path) -> None:
    dwvw(tmp_path / "x.aiff", 3)
    sound = sound_of(tmp_path / "x.aiff", max_seconds=1.0)
    assert sound.samples == RATE_HZ and {"Q011", "Q025"} == codes(sound).keys()


def test_what_is_cut_off_is_told(tmp_path: Path) -> None:
    dwvw(tmp_path / "x.aiff", 4)
    raw = (tmp_path / "x.aiff").read_bytes()
    (tmp_path / "y.aiff").write_bytes(raw[: len(raw) // 2])
    report = probe(str(tmp_path / "y.aiff"), "y.aiff")
    assert report.audio is not None
    sound = sound_of(tmp_path / "y.aiff")
    assert 0 < sound.samples < 4 * RATE_HZ
    assert "Q009" in codes(sound) or "A101" in {found.code for found in report.findings}


def test_the_first_decoder_goes_first(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", noise(1, RATE_HZ, 2), RATE_HZ)
    sound = sound_of(tmp_path / "x.wav")
    assert sound.traits.decoder.startswith("libavcodec-") and "Q025" not in codes(sound)


@pytest.mark.parametrize("facts", [{"channels": 2}, {"sample_rate_hz": 48_000}])
def test_another_sound_than_the_probe_found_is_refused(facts: dict[str, int], tmp_path: Path) -> None:
    dwvw(tmp_path / "x.aiff")
    answer = answer_of(tmp_path / "x.aiff", **facts)
    assert answer.refused == "the second decoder finds another rate or other channels"


def test_when_neither_can_the_first_ones_reason_is_told(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", noise(1, RATE_HZ, 2), RATE_HZ)
    order = order_of(tmp_path / "x.wav")
    (tmp_path / "x.wav").write_bytes(b"nothing of the kind")
    assert render(order).refused.startswith("it cannot be opened")


def test_sound_that_flac_holds(tmp_path: Path) -> None:
    dwvw(tmp_path / "x.aiff")
    audio = probe(str(tmp_path / "x.aiff"), "x.aiff").audio
    assert audio is not None and fits_flac(audio)
