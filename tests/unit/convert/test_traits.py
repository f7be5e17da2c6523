"""What the sheet of a track tells besides loudness: on sound made here; FFmpeg's meters judge where they can."""

import dataclasses
import re
import subprocess
import wave
from pathlib import Path

import numpy
import pytest
from av.audio.frame import AudioFrame

from sonoteca.convert.blocks import Block
from sonoteca.model.sound import Traits
from tests.tools import require_tool
from tests.unit.convert.orders import codes, sound_of
from tests.unit.convert.recordings import Array, made, noise
from tests.unit.convert.test_measures import RATE_HZ, found, measured, sine


def meter(path: Path, graph: str) -> str:
    """What a filter of FFmpeg says of a file."""
    command = [require_tool("ffmpeg"), "-nostats", "-hide_banner", "-i", str(path), "-af", graph, "-f", "null", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def saved(path: Path, sound: Array, rate_hz: int = RATE_HZ) -> Path:
    """The sound in a WAV file of 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((sound * 32_767).round().astype("<i2").tobytes())
    return path


def band(seconds: float, top_hz: float, rate_hz: int, *, level: float = 0.1) -> Array:
    """Noise with nothing at all above a frequency."""
    lines = numpy.fft.rfft(noise(seconds, rate_hz, 2, level=level), axis=0)
    lines[round(top_hz * seconds) :] = 0
    return numpy.fft.irfft(lines, axis=0).astype(numpy.float32)


# ── channels ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_sound_in_two_channels() -> None:
    draft = measured(made(sine(440, 3, 0.3), RATE_HZ))
    assert [(one.code, one.detail) for one in draft.findings] == [("Q018", "equal to the sample")]
    assert draft.correlation == 1.0


def test_nearly_one_sound() -> None:
    """What a lossy codec makes of it."""
    sound = numpy.repeat(noise(3, RATE_HZ, 1), 2, axis=1)
    sound[:, 1] += noise(3, RATE_HZ, 1, level=1e-4)[::-1, 0]
    assert re.fullmatch(r"the difference is 6\d dB below the sound", found(made(sound, RATE_HZ))["Q018"])


def test_a_channel_upside_down(tmp_path: Path) -> None:
    sound = noise(3, RATE_HZ, 2)
    sound[:, 1] = -sound[:, 0]
    path = saved(tmp_path / "x.wav", sound)
    told = sound_of(path)
    assert codes(told) == {"Q019": "correlation -1.000"}
    assert "out_phase" in meter(path, "aphasemeter=phasing=1:duration=1:video=0")


def test_wide_stereo_is_neither() -> None:
    sound = noise(3, RATE_HZ, 2)
    sound[:, 1] -= sound[:, 0] * 0.5
    draft = measured(made(sound, RATE_HZ))
    assert draft.findings == [] and draft.correlation is not None and -0.6 < draft.correlation < -0.3


def test_a_constant_offset_is_what_astats_says(tmp_path: Path) -> None:
    sound = noise(4, RATE_HZ, 2)
    sound[:, 1] += 0.01
    path = saved(tmp_path / "x.wav", sound)
    told = sound_of(path)
    assert codes(told)["Q020"] == "+0.97% of full scale in the right channel"
    theirs = [float(one) for one in re.findall(r"DC offset: (-?[0-9.]+)", meter(path, "astats"))]
    assert told.traits.dc_offset == pytest.approx(theirs[:2], abs=2e-5)


def test_a_low_note_is_no_offset() -> None:
    assert "Q020" not in found(made(sine(0.3, 5.2, 0.5), RATE_HZ))


# ── depth ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("bits", "told"), [(16, "16 of 24 bits"), (20, "20 of 24 bits"), (24, "")])
def test_bits_that_are_never_used(bits: int, told: str, tmp_path: Path) -> None:
    source = f"anoisesrc=d=2:r=48000:a=0.3,aformat=s32,aeval='floor(val(0)*{2 ** (bits - 1)})/{2 ** (bits - 1)}':c=mono"
    path = tmp_path / "x.flac"
    command = [require_tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", source, "-sample_fmt", "s32"]
    subprocess.run([*command, "-bits_per_raw_sample", "24", str(path)], check=True)
    sound = sound_of(path)
    assert codes(sound).get("Q021", "") == told
    assert sound.traits.bits_used == bits
    # astats says of how many bits samples need, and how many they have.
    assert re.search(rf"Bit depth: {bits}/", meter(path, "astats"))


def test_silence_has_no_depth() -> None:
    assert measured(made(numpy.zeros((RATE_HZ * 2, 2), "i2"), RATE_HZ, form="s16")).bits_used == 0


# ── bandwidth ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("top_hz", [11_000, 16_000, 19_000, 20_200])
def test_an_edge_like_a_codecs(top_hz: int) -> None:
    sound = (band(10, top_hz, 44_100) * 32_767).round().astype("i2")
    draft = measured(made(sound, 44_100, form="s16"))
    (told,) = (one.detail for one in draft.findings if one.code == "Q023")
    assert float(told.split()[1]) == pytest.approx(top_hz / 1000, abs=0.3)
    assert draft.bandwidth_hz == pytest.approx(top_hz, abs=500)


@pytest.mark.parametrize("top_hz", [21_500, 22_050])
def test_a_converters_own_filter_is_none(top_hz: int) -> None:
    sound = (band(10, top_hz, 44_100) * 32_767).round().astype("i2")
    assert "Q023" not in found(made(sound, 44_100, form="s16"))


def test_sound_that_fades_towards_the_top_is_none() -> None:
    lines = numpy.fft.rfft(noise(10, 44_100, 2), axis=0)
    lines *= numpy.exp(-numpy.arange(len(lines)) / 15_000)[:, None]
    sound = (numpy.fft.irfft(lines, axis=0) * 32_767).round().astype("i2")
    assert "Q023" not in found(made(sound, 44_100, form="s16"))


def test_a_lossy_master_is_not_told_that_it_is_one(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    source = "anoisesrc=d=8:r=44100:a=0.3"
    command = [require_tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", source, "-b:a", "128k", str(path)]
    subprocess.run(command, check=True)
    again = tmp_path / "x.wav"
    subprocess.run([require_tool("ffmpeg"), "-v", "error", "-i", str(path), str(again)], check=True)
    assert "Q023" not in codes(sound_of(path)) and "Q023" in codes(sound_of(again))


@pytest.mark.parametrize(("top_hz", "is_told"), [(20_000, True), (24_000, True), (30_000, False), (48_000, False)])
def test_a_high_rate_for_nothing(top_hz: int, is_told: bool) -> None:
    sound = band(6, top_hz, 96_000) + noise(6, 96_000, 2, level=1e-6)
    assert ("Q022" in found(made(sound, 96_000))) is is_told


@pytest.mark.parametrize("rate_hz", [88_200, 96_000, 192_000])
@pytest.mark.parametrize("form", ["s16", "s32"])
@pytest.mark.parametrize("top_hz", [16_000, 20_500])
def test_what_was_resampled_is_told_though_images_are_left(
    tmp_path: Path, top_hz: int, rate_hz: int, form: str
) -> None:
    """By FFmpeg, which leaves some of the sound mirrored at twice the old rate, as quiet as 16 bits or quieter."""
    lines = numpy.fft.rfft(band(8, top_hz, 44_100, level=0.5), axis=0)
    lines *= numpy.exp(-numpy.arange(len(lines)) / 8 / 2_000)[:, None]  # as music falls off
    dither = noise(8, 44_100, 2, level=1 / 32_768)
    path = saved(tmp_path / "x.wav", numpy.fft.irfft(lines, axis=0) + dither, 44_100)
    again = tmp_path / "y.wav"
    codec = {"s16": "pcm_s16le", "s32": "pcm_s24le"}[form]
    command = [require_tool("ffmpeg"), "-v", "error", "-i", str(path), "-ar", str(rate_hz), "-c:a", codec, str(again)]
    subprocess.run(command, check=True)
    sound = sound_of(again)
    # The noise of the 16 bits it came in reaches to 22 kHz, and its image to 25.3.
    assert 15_500 < sound.traits.bandwidth_hz < 25_500
    assert "Q022" in codes(sound)


# ── hum ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mains", [50, 60])
def test_hum(mains: int) -> None:
    sound = noise(20, RATE_HZ, 1, level=0.05)
    for number, level in enumerate((0.004, 0.003, 0.002, 0.001), 1):
        sound += sine(mains * number, 20, level, channels=1)
    told = found(made(sound, RATE_HZ))
    assert told["Q024"].startswith(f"{mains} Hz") and f"{mains * 2}" in told["Q024"]


def test_a_bass_line_is_no_hum() -> None:
    """G of 49 Hz, held for as long as the track, with its overtones; and one of 50 Hz that ends."""
    sound = noise(20, RATE_HZ, 1, level=0.01)
    for number in range(1, 6):
        sound += sine(49.0 * number, 20, 0.1 / number, channels=1)
    assert "Q024" not in found(made(sound, RATE_HZ))
    sound = noise(20, RATE_HZ, 1, level=0.01)
    for number in range(1, 6):
        sound[: RATE_HZ * 9] += sine(50.0 * number, 9, 0.1 / number, channels=1)
    assert "Q024" not in found(made(sound, RATE_HZ))


# ── all of it ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_silence_is_where_silencedetect_says(tmp_path: Path) -> None:
    sound = noise(9, RATE_HZ, 2)
    sound[:RATE_HZ] = 0
    sound[RATE_HZ * 3 : RATE_HZ * 3 + 30_000] = 0
    sound[-RATE_HZ * 2 :] = 0
    path = saved(tmp_path / "x.wav", sound)
    told = codes(sound_of(path))
    said = meter(path, "silencedetect=noise=-90dB:d=0.5")
    starts = [float(one) for one in re.findall(r"silence_start: ([0-9.]+)", said)]
    lengths = [float(one) for one in re.findall(r"silence_duration: ([0-9.]+)", said)]
    assert told["Q001"] == f"{lengths[0]:.3f} s" and told["Q002"] == f"{lengths[2]:.3f} s"
    assert told["Q003"].endswith(f"the longest {lengths[1]:.3f} s, at {starts[1]:.3f} s")


def test_noise_has_nothing_to_tell(tmp_path: Path) -> None:
    sound = sound_of(saved(tmp_path / "x.wav", noise(12, 44_100, 2), 44_100))
    assert sound.findings == ()
    assert sound.traits != Traits() and sound.traits.bits_used == 16


def test_what_is_no_number_ends_nothing() -> None:
    sound = noise(12, RATE_HZ, 2)
    sound[20_000:30_000, 0] = numpy.nan
    sound[90_000, 1] = numpy.inf
    sound[200_000, 0] = 1e30
    draft = measured(made(sound, RATE_HZ))
    assert [one.code for one in draft.findings] == ["Q008"]
    assert draft.correlation is not None and draft.bandwidth_hz > 20_000


# ── blocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_counts_in_seconds_does_so_whatever_the_blocks_are() -> None:
    """Hum, offset and a second beyond all levels, cut into seconds and into blocks of four and a bit."""
    sound = band(13.3, 9_000, RATE_HZ) + sine(50, 13.3, 0.02) + sine(100, 13.3, 0.01) + sine(150, 13.3, 0.01) + 0.01
    sound[RATE_HZ * 6 : RATE_HZ * 6 + 9] = 1e9
    by_second = made(sound, RATE_HZ)
    whole = Block(joined(sound), 0)
    parts = tuple(Block(joined(sound[at : at + RATE_HZ * 4]), at) for at in range(0, len(sound), RATE_HZ * 4))

    drafts = [measured(dataclasses.replace(by_second, blocks=blocks)) for blocks in (by_second.blocks, (whole,), parts)]

    told = [(draft.bandwidth_hz, draft.correlation, draft.dc_offset) for draft in drafts]
    assert told[0] == told[1] == told[2]
    for draft in drafts:
        codes_found = {one.code: one.detail for one in draft.findings if one.code != "Q008"}
        assert codes_found == {one.code: one.detail for one in drafts[0].findings if one.code != "Q008"}
        assert {"Q020", "Q024"} <= set(codes_found)
    assert drafts[0].dc_offset[0] == pytest.approx(0.01, abs=1e-3)  # the second beyond all levels is in none of it


def joined(sound: Array) -> AudioFrame:
    frame = AudioFrame.from_ndarray(numpy.ascontiguousarray(sound.reshape(1, -1), "f4"), format="flt", layout="stereo")
    frame.sample_rate = RATE_HZ
    frame.pts = None
    return frame
