"""Spectrum: tones stand where they should, by Debian's ffmpeg that reads the picture; it is never larger than said."""

import subprocess
from pathlib import Path

import numpy
import pytest

from sonoteca.convert.consumers import Draft
from sonoteca.convert.extracts import is_spectrum
from sonoteca.convert.spectrum import MAX_BYTES, Spectrum
from sonoteca.formats.png import parse_size
from sonoteca.model.sound import SPECTRUM_COLUMNS, SPECTRUM_HIGH_HZ, SPECTRUM_LOW_HZ, SPECTRUM_ROWS
from tests.tools import require_tool
from tests.unit.convert.recordings import Array, made, noise


def picture(samples: Array, rate_hz: int, form: str = "flt") -> bytes:
    recording = made(samples, rate_hz, form=form)
    meter, draft = Spectrum(recording.audio), Draft()
    for block in recording.blocks:
        meter.take(block)
    meter.finish()
    meter.tell(draft)
    return draft.extracts.get("spectrum.png", b"")


def pixels(raw: bytes, folder: Path) -> Array:
    """(rows from the top, columns), 0 to 255, as ffmpeg decodes it."""
    (folder / "x.png").write_bytes(raw)
    words = [require_tool("ffmpeg"), "-v", "error", "-i", str(folder / "x.png"), "-f", "rawvideo", "-pix_fmt", "gray"]
    done = subprocess.run([*words, "-"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    width, height = parse_size(raw)
    return numpy.frombuffer(done.stdout, "u1").reshape(height, width)


def row_of(hertz: float) -> float:
    """From the top."""
    return SPECTRUM_ROWS * (1 - numpy.log(hertz / SPECTRUM_LOW_HZ) / numpy.log(SPECTRUM_HIGH_HZ / SPECTRUM_LOW_HZ))


@pytest.mark.parametrize(("rate_hz", "channels"), [(44_100, 2), (48_000, 1), (96_000, 2), (22_050, 1)])
def test_tones_are_where_they_should_be(tmp_path: Path, rate_hz: int, channels: int) -> None:
    """440 Hz in the first half, 4 kHz in the second."""
    at = numpy.arange(rate_hz * 8) / rate_hz
    tone = numpy.where(at < 4, numpy.sin(2 * numpy.pi * 440 * at), numpy.sin(2 * numpy.pi * 4_000 * at)) * 0.5
    seen = pixels(picture(numpy.repeat(tone[:, None], channels, axis=1).astype("f4"), rate_hz), tmp_path)
    for part, hertz in ((seen[:, : seen.shape[1] // 2 - 8], 440), (seen[:, seen.shape[1] // 2 + 8 :], 4_000)):
        brightest = part.astype(int).sum(axis=1).argmax()
        assert brightest == pytest.approx(row_of(hertz), abs=3)
    assert not seen[: int(row_of(rate_hz / 2)) - 1].any() or rate_hz >= 2 * SPECTRUM_HIGH_HZ


def test_it_is_as_wide_for_a_minute_as_for_an_hour_and_memory_does_not_grow() -> None:
    for seconds in (3, 60, 3600):
        raw = picture(noise(seconds, 4_000, 1).astype("f4"), 4_000)
        width, height = parse_size(raw)
        assert (height, len(raw) <= MAX_BYTES) == (SPECTRUM_ROWS, True)
        assert width == SPECTRUM_COLUMNS if seconds > 10 else 200 < width <= SPECTRUM_COLUMNS


def test_noise_which_nothing_compresses_fits_all_the_same() -> None:
    raw = picture(noise(90, 48_000, 1).astype("f4"), 48_000)
    assert 5_000 < len(raw) <= MAX_BYTES and is_spectrum(raw)


def test_places_in_time_are_kept_when_columns_become_fewer(tmp_path: Path) -> None:
    """A tone in the third quarter of forty minutes."""
    at = numpy.arange(4_000 * 2_400)
    tone = numpy.sin(2 * numpy.pi * 500 * at / 4_000) * ((at >= 4_000 * 1_200) & (at < 4_000 * 1_800)) * 0.5
    seen = pixels(picture(tone[:, None].astype("f4"), 4_000), tmp_path)
    loud = numpy.flatnonzero(seen[round(row_of(500))] > 128)
    assert loud.min() == pytest.approx(SPECTRUM_COLUMNS / 2, abs=2)
    assert loud.max() == pytest.approx(SPECTRUM_COLUMNS * 3 / 4, abs=2)


def test_silence_is_dark_and_what_is_no_number_breaks_nothing(tmp_path: Path) -> None:
    assert not pixels(picture(numpy.zeros((48_000, 2), "f4"), 48_000), tmp_path).any()
    broken = noise(2.0, 48_000, 1)
    broken[50_000] = numpy.nan
    broken[70_000] = 1e30
    assert is_spectrum(picture(broken, 48_000))
    assert is_spectrum(picture(noise(0.001, 48_000, 1), 48_000))
