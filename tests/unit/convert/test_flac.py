"""The lossless copy: the same samples, said by flac itself, by metaflac and by the MD5 of what ffmpeg decodes."""

import hashlib
from pathlib import Path

import numpy
import pytest
from mutagen.flac import FLAC

from sonoteca.convert.flac import FlacFile
from sonoteca.convert.flac_headers import format_metadata, room_for, spread
from sonoteca.model.sound import Loudness
from tests.unit.convert import recordings
from tests.unit.convert.recordings import TAGS, Array, Recording, made, noise, write

# name → the bits that it is kept in, and the bytes of a sample that ffmpeg decodes to
FORMATS = {
    "a_16bit.flac": "s16le",
    "b_24bit_96k.flac": "s24le",
    "a_51.flac": "s16le",
    "a_u8.wav": "s16le",
    "a_24.wav": "s24le",
    "a_alac.m4a": "s24le",
    "a.wv": "s16le",
    "a.aiff": "s16le",
    "a.tta": "s16le",
    "a.w64": "s16le",
    "a_rf64.wav": "s16le",
    "a_bwf_listinfo.wav": "s16le",
    "a_8k_mono.flac": "s16le",
}
TYPES = {"u8": numpy.uint8, "s16": numpy.int16, "s32": numpy.int32}


def whole(seconds: float, rate_hz: int, channels: int, bits: int) -> Array:
    """Noise of so many bits as FFmpeg holds it, both ends of the scale among it."""
    rng, size = numpy.random.default_rng(2), (round(seconds * rate_hz), channels)
    values = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), size, numpy.int64)
    values[0], values[-1] = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    if bits == 8:
        return (values + 128).astype(numpy.uint8)
    return (values << (0 if bits == 16 else 32 - bits)).astype(TYPES["s16" if bits == 16 else "s32"])


def md5_of(path: Path) -> str:
    return recordings.run("metaflac", "--show-md5sum", str(path)).strip()


def judged(path: Path) -> str:
    """flac decodes it, with warnings as errors; the MD5 of STREAMINFO."""
    recordings.run("flac", "--test", "--warnings-as-errors", "--silent", str(path))
    return md5_of(path)


@pytest.mark.parametrize(("name", "form"), FORMATS.items())
def test_real_masters_sample_for_sample(corpus: Path, tmp_path: Path, name: str, form: str) -> None:
    master, path = corpus / "formats" / name, tmp_path / "x.flac"
    assert write(FlacFile, path, recordings.real(master))
    original = recordings.decoded(master, form)
    assert judged(path) == hashlib.md5(original, usedforsecurity=False).hexdigest()
    assert recordings.decoded(path, form) == original


@pytest.mark.parametrize(
    "rate_hz", [4_000, 7_350, 8_000, 11_025, 37_800, 44_100, 96_000, 176_400, 192_000, 384_000, 655_350]
)
@pytest.mark.parametrize(("bits", "form"), [(8, "u8"), (16, "s16"), (20, "s32"), (24, "s32")])
def test_every_rate_and_width(tmp_path: Path, rate_hz: int, bits: int, form: str) -> None:
    samples = whole(1.3, rate_hz, 2, bits)
    path = tmp_path / "x.flac"
    assert write(FlacFile, path, made(samples, rate_hz, form=form))
    if form == "u8":
        expected = ((samples.astype(numpy.int16) - 128) << 8).astype("<i2").tobytes()
    else:
        expected = pcm_of(samples, form)
    assert judged(path) == hashlib.md5(expected, usedforsecurity=False).hexdigest()
    found = FLAC(path).info
    assert (found.sample_rate, found.total_samples, found.bits_per_sample) == (
        rate_hz,
        len(samples),
        24 if form == "s32" else 16,
    )


def pcm_of(samples: Array, form: str) -> bytes:
    if form == "s16":
        return samples.astype("<i2").tobytes()
    packed: bytes = (samples >> 8).astype("<i4").reshape(-1).view("u1").reshape(-1, 4)[:, :3].tobytes()
    return packed


@pytest.mark.parametrize(
    ("channels", "layout", "mask"),
    [
        (3, "3.0", ""),
        (3, "2.1", "0xb"),
        (4, "quad", ""),
        (4, "4.0", "0x107"),
        (5, "5.0", ""),
        (6, "5.1", ""),
        (6, "5.1(side)", "0x60f"),
        (7, "6.1", ""),
        (8, "7.1", ""),
        (6, "6 channels", ""),
    ],
)
def test_channels_stay_in_their_order(tmp_path: Path, channels: int, layout: str, mask: str) -> None:
    samples = whole(0.4, 48_000, channels, 16)
    path = tmp_path / "x.flac"
    write(FlacFile, path, made(samples, 48_000, form="s16", layout=layout))
    assert judged(path) == hashlib.md5(samples.astype("<i2").tobytes(), usedforsecurity=False).hexdigest()
    assert FLAC(path).tags.get("WAVEFORMATEXTENSIBLE_CHANNEL_MASK", [""]) == [mask]


@pytest.mark.parametrize("form", ["flt", "dbl"])
def test_floating_point_that_24_bits_can_say_is_kept(tmp_path: Path, form: str) -> None:
    values = whole(1.2, 48_000, 2, 24)
    floats = (values / (1 << 31)).astype(numpy.float32 if form == "flt" else numpy.float64)
    path = tmp_path / "x.flac"
    assert write(FlacFile, path, made(floats, 48_000, form=form))
    assert judged(path) == hashlib.md5(pcm_of(values, "s32"), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("bad", [2**-24 + 2**-30, 1.0, -1.0000002, numpy.nan, numpy.inf, 1e30])
@pytest.mark.parametrize("form", ["flt", "dbl"])
def test_floating_point_that_24_bits_cannot_say_gives_no_file(tmp_path: Path, bad: float, form: str) -> None:
    """Even when the one sample that cannot be said is near the end."""
    floats = (whole(3.0, 8_000, 1, 24) / (1 << 31)).astype(numpy.float32 if form == "flt" else numpy.float64)
    floats[-3] = bad
    path = tmp_path / "x.flac"
    assert not write(FlacFile, path, made(floats, 8_000, form=form))
    assert list(tmp_path.iterdir()) == []


def test_32_bits_give_no_file(tmp_path: Path) -> None:
    samples = whole(1.0, 8_000, 1, 24)
    samples[-1] += 1
    assert not write(FlacFile, tmp_path / "x.flac", made(samples, 8_000, form="s32"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("samples", [1, 15, 16, 17, 4095, 4096, 4097, 4608, 4609])
def test_short_recordings(tmp_path: Path, samples: int) -> None:
    path = tmp_path / "x.flac"
    write(FlacFile, path, made(whole(samples / 44_100, 44_100, 1, 16), 44_100, form="s16"))
    judged(path)
    assert FLAC(path).info.total_samples == samples


def test_tags_gain_and_seek_points(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    write(FlacFile, path, made(noise(35.0, 8_000, 1).astype(numpy.float32), 8_000, form="flt"))
    assert not path.exists()  # noise is no multiple of anything
    write(FlacFile, path, made(whole(35.0, 8_000, 1, 16), 8_000, form="s16"))
    found = FLAC(path)
    assert list(found.tags) == [
        *TAGS,
        ("ENCODERSETTINGS", "archive-1"),
        ("REPLAYGAIN_TRACK_GAIN", "-1.75 dB"),
        ("REPLAYGAIN_TRACK_PEAK", "0.891251"),
    ]
    assert recordings.probed(path)["tags"]["REPLAYGAIN_TRACK_GAIN"] == "-1.75 dB"
    assert found.seektable is not None
    starts = [point.first_sample for point in found.seektable.seekpoints]
    assert len(starts) == 4
    assert all(abs(start - place * 80_000) < 8_000 for place, start in enumerate(starts))
    back = tmp_path / "back.wav"
    recordings.run("flac", "--decode", "--silent", "--skip=0:31", "-o", str(back), str(path))
    assert back.stat().st_size == 44 + 4 * 8_000 * 2


def test_silence_has_no_gain(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    silence = Loudness(integrated_lufs=None, range_lu=None, true_peak_dbtp=None)
    write(FlacFile, path, made(numpy.zeros((8_000, 2), numpy.int16), 8_000, form="s16"), loudness=silence)
    assert not [name for name, _ in FLAC(path).tags if name.startswith(("REPLAYGAIN", "R128"))]
    judged(path)


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    recording = made(whole(3.3, 44_100, 2, 16), 44_100, form="s16")
    for name in ("one", "two"):
        write(FlacFile, tmp_path / name, recording)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_no_sound_gives_no_file(tmp_path: Path) -> None:
    assert not write(FlacFile, tmp_path / "x", Recording(blocks=(), audio=recordings.facts(48_000, 2)))
    assert list(tmp_path.iterdir()) == []


def test_metadata_keeps_to_its_room() -> None:
    points = [(number * 10, number * 20, 10) for number in range(100)]
    room = room_for(TAGS, 20)
    assert len(spread(points, 20)) <= 20
    assert spread(points, 0) == []
    for some in ([], points[:1], spread(points, 20)):
        assert len(format_metadata(bytes(34), some, TAGS, room)) == room
    with pytest.raises(ValueError, match="more than were left room for"):
        format_metadata(bytes(34), points * 9, TAGS, room)
    with pytest.raises(ValueError, match="STREAMINFO"):
        format_metadata(bytes(33), [], TAGS, room)
