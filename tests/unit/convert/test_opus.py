"""The copy for listening: length, place and loudness of the sound, tags, and the same bytes each time; judged by
opusinfo, opusdec, Debian's ffmpeg and mutagen."""

import dataclasses
import wave
from pathlib import Path

import numpy
import pytest
from mutagen.oggopus import OggOpus

from sonoteca.convert.consumers import Draft
from sonoteca.convert.loudness import Level
from sonoteca.convert.opus import OpusFile
from sonoteca.convert.opus_headers import format_tags, gain_of
from sonoteca.formats.ogg import BEGIN, END, Page, parse_page
from sonoteca.model.sound import Loudness
from tests.unit.convert import recordings
from tests.unit.convert.recordings import TAGS, Recording, made, noise, write

RATES = [4_000, 8_000, 11_025, 22_050, 32_000, 37_800, 44_100, 48_000, 88_200, 96_000, 192_000, 352_800, 768_000]
FORMATS = """a_16bit.flac a_24.wav a_51.flac a_8k_mono.flac a_u8.wav a_f32.wav a_q2.ogg a_alac.m4a b_24bit_96k.flac
    a.wma a_gsm.wav a.aiff a.wv b.opus a_cbr64_mono_id3v1only.mp3"""


def clicks(rate_hz: int, channels: int, places: list[int], samples: int) -> Recording:
    sound = numpy.zeros((samples, channels), numpy.float32)
    sound[places] = 0.9
    return made(sound, rate_hz)


def pages(path: Path) -> list[Page]:
    raw, found = path.read_bytes(), []
    while raw:
        page, length = parse_page(raw)
        found.append(page)
        raw = raw[length:]
    return found


def heard(path: Path, channels: int) -> numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float32]]:
    return numpy.frombuffer(recordings.decoded(path), numpy.float32).reshape(-1, channels)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", RATES)
def test_as_long_as_the_original_and_nothing_moved(tmp_path: Path, rate_hz: int, channels: int) -> None:
    samples = rate_hz * 2 + rate_hz // 3 + 7
    places = [rate_hz // 2, rate_hz, rate_hz * 2 + rate_hz // 7]
    path = tmp_path / "x.opus"
    assert write(OpusFile, path, clicks(rate_hz, channels, places, samples))

    sound = numpy.abs(heard(path, channels)[:, 0])

    assert len(sound) == round(samples * 48_000 / rate_hz)
    for place in places:
        expected = place * 48_000 / rate_hz
        near = max(0, round(expected) - 400)
        assert abs(near + int(sound[near : near + 800].argmax()) - expected) <= 1


@pytest.mark.parametrize("samples", [1, 7, 311, 312, 313, 648, 649, 959, 960, 961, 47_999, 48_000, 48_001, 96_648])
def test_every_length_to_the_sample(tmp_path: Path, samples: int) -> None:
    path = tmp_path / "x.opus"
    write(OpusFile, path, made(noise(samples / 48_000, 48_000, 2), 48_000))
    assert len(heard(path, 2)) == samples


def test_opusdec_gives_back_the_length_at_the_rate_of_the_original(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    write(OpusFile, path, made(noise(1.7, 44_100, 2), 44_100))
    recordings.run("opusdec", "--quiet", str(path), str(tmp_path / "x.wav"))
    with wave.open(str(tmp_path / "x.wav")) as found:
        assert (found.getframerate(), found.getnchannels(), found.getnframes()) == (44_100, 2, round(1.7 * 44_100))


@pytest.mark.parametrize("name", FORMATS.split())
def test_real_masters(corpus: Path, tmp_path: Path, name: str) -> None:
    recording = recordings.real(corpus / "formats" / name)
    path = tmp_path / "x.opus"
    assert write(OpusFile, path, recording)

    channels = min(2, recording.audio.channels)
    said = recordings.probed(path)

    assert (said["codec_name"], said["sample_rate"], said["channels"]) == ("opus", "48000", channels)
    assert len(heard(path, channels)) == round(recording.samples * 48_000 / recording.audio.sample_rate_hz)
    info = recordings.run("opusinfo", str(path))
    assert "WARNING" not in info
    assert f"Original sample rate: {recording.audio.sample_rate_hz} Hz" in info


@pytest.mark.parametrize("name", ["a_16bit.flac", "a_51.flac", "a_8k_mono.flac", "a_24.wav"])
def test_the_gain_brings_it_to_minus_23(corpus: Path, tmp_path: Path, name: str) -> None:
    """Measured by the room's own meter, compared with what ffmpeg hears in the finished file; a mix too."""
    recording = recordings.real(corpus / "formats" / name)
    level, draft = Level(recording.audio), Draft()
    for block in recording.blocks:
        level.take(block)
    level.finish()
    level.tell(draft)
    path = tmp_path / "x.opus"
    write(OpusFile, path, recording, loudness=draft.loudness)

    gain_db = int(OggOpus(path)["R128_TRACK_GAIN"][0]) / 256

    # ffmpeg rounds to a tenth, and the encoder changes a little by itself.
    assert recordings.loudness_of(path) + gain_db == pytest.approx(-23.0, abs=0.1 + 0.05)


def test_tags_in_their_order_by_mutagen_and_ffprobe(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    write(OpusFile, path, made(noise(0.5, 48_000, 1), 48_000))

    found = OggOpus(path)

    expected = [*TAGS, ("ENCODERSETTINGS", "access-1"), ("R128_TRACK_GAIN", "-1728")]
    assert list(found.tags) == expected
    probed = {name.upper(): text for name, text in recordings.probed(path)["tags"].items()}
    assert (probed["TITLE"], probed["ARTIST"], probed["R128_TRACK_GAIN"]) == (TAGS[0][1], "One;Two", "-1728")
    assert not [name for name, _ in found.tags if name.startswith("REPLAYGAIN")]
    lines = recordings.run("opusinfo", str(path)).splitlines()
    assert [line.strip() for line in lines if line.startswith("\t") and "=" in line] == [
        f"{n}={t}" for n, t in expected
    ]


def test_silence_has_no_gain(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    silence = Loudness(integrated_lufs=None, range_lu=None, true_peak_dbtp=None)
    write(OpusFile, path, made(numpy.zeros((48_000, 2), numpy.float32), 48_000), loudness=silence)
    assert "R128_TRACK_GAIN" not in OggOpus(path)
    assert "WARNING" not in recordings.run("opusinfo", str(path))


def test_the_same_bytes_each_time_but_for_what_differs(tmp_path: Path) -> None:
    recording = made(noise(3.3, 44_100, 2), 44_100)
    for name in ("one", "two"):
        write(OpusFile, tmp_path / name, recording)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    write(OpusFile, tmp_path / "three", recording, loudness=dataclasses.replace(recordings.LOUD, integrated_lufs=-30.0))
    others = zip(pages(tmp_path / "one"), pages(tmp_path / "three"), strict=True)
    assert [place for place, (one, other) in enumerate(others) if one != other] == [1]


def test_pages_are_numbered_and_end(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    write(OpusFile, path, made(noise(3.3, 48_000, 1), 48_000))
    found = pages(path)
    assert [page.sequence for page in found] == list(range(len(found)))
    assert [page.flags for page in found] == [BEGIN, *[0] * (len(found) - 2), END]
    assert len({page.serial for page in found}) == 1
    granules = [page.granule for page in found]
    assert granules == sorted(granules)
    assert granules[-1] == 312 + round(3.3 * 48_000)


def test_blocks_are_not_changed(tmp_path: Path) -> None:
    recording = made(noise(1.0, 44_100, 2), 44_100)
    before = recording.blocks[0].frame.to_ndarray().copy()
    write(OpusFile, tmp_path / "x", recording)
    frame = recording.blocks[0].frame
    assert (frame.pts, frame.sample_rate, frame.layout.name, frame.format.name) == (None, 44_100, "stereo", "flt")
    assert (frame.to_ndarray() == before).all()


@pytest.mark.parametrize("form", ["flt", "dbl"])
@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf, -numpy.inf, 1e30])
def test_floats_that_are_no_sound_spoil_nothing_after_them(tmp_path: Path, bad: float, form: str) -> None:
    sound = noise(3.0, 48_000, 2)
    clean = sound.copy()
    sound[10_000:10_005] = bad
    clean[10_000:10_005] = 0
    for name, samples in (("bad", sound), ("clean", clean)):
        kept = samples.astype(numpy.float32 if form == "flt" else numpy.float64)
        write(OpusFile, tmp_path / name, made(kept, 48_000, form=form))
    one, other = heard(tmp_path / "bad", 2), heard(tmp_path / "clean", 2)
    assert (one == other).all()


def test_a_mix_of_full_scale_stays_below_it(tmp_path: Path) -> None:
    tone = 0.95 * numpy.sin(numpy.arange(96_000) * 0.05).astype(numpy.float32)
    write(OpusFile, tmp_path / "x", made(numpy.repeat(tone[:, None], 6, axis=1), 48_000, layout="5.1"))
    assert numpy.abs(heard(tmp_path / "x", 2)).max() <= 1.0


@pytest.mark.parametrize(
    ("channels", "layout", "form"),
    [
        (1, "1 channels (FC)", "s16"),
        (2, "2 channels (FL+LFE)", "s16"),
        (2, "downmix", "flt"),
        (3, "3 channels", "flt"),
        (4, "4 channels (FL+FR+TC+TBC)", "s16"),
        (6, "6 channels", "s16"),
        (8, "5.1.2", "s16"),
        (8, "cube", "flt"),
        (8, "8 channels", "flt"),
    ],
)
def test_any_layout_becomes_one_or_two_channels(tmp_path: Path, channels: int, layout: str, form: str) -> None:
    sound = noise(1.5, 44_100, channels)
    samples = sound if form == "flt" else (sound * 32767).astype(numpy.int16)
    path = tmp_path / "x.opus"
    assert write(OpusFile, path, made(samples, 44_100, form=form, layout=layout))
    found = heard(path, min(2, channels))
    assert len(found) == 72_000
    assert 0.01 < float(numpy.sqrt((found**2).mean(axis=0)).min()) < 0.2


def test_no_sound_gives_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    assert not write(OpusFile, path, Recording(blocks=(), audio=recordings.facts(48_000, 2)))
    assert not path.exists()


def test_it_never_writes_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    path.write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        write(OpusFile, path, made(noise(0.1, 48_000, 1), 48_000))
    assert path.read_bytes() == b"kept"


def test_hostile_tags_leave_a_file_that_all_can_read(tmp_path: Path) -> None:
    path = tmp_path / "x.opus"
    hostile = [
        ("TITLE", "a\0b\nc\udcff\u202ed"),
        ("A=B", "x"),
        ("", "x"),
        ("Ü", "x"),
        ("EMPTY", "\0"),
        ("BIG", "y" * 10**6),
    ]
    hostile += [("MANY", str(number).ljust(900, "z")) for number in range(200)]
    write(OpusFile, path, made(noise(0.5, 48_000, 1), 48_000), tags=hostile)
    found = OggOpus(path)
    assert found["TITLE"] == ["ab cd"]
    assert not {"A=B", "", "Ü", "EMPTY"} & {name for name, _ in found.tags}
    assert len(found["BIG"][0]) == 1000
    assert found["ENCODERSETTINGS"] == ["access-1"]
    assert 10 < len(found["MANY"]) < 100
    assert "WARNING" not in recordings.run("opusinfo", str(path))


@pytest.mark.parametrize(
    ("lufs", "gain"), [(-23.0, 0), (-24.0, 256), (-5.0, -4608), (None, None), (-200.0, 32767), (200.0, -32768)]
)
def test_gain_in_256ths_of_a_decibel(lufs: float | None, gain: int | None) -> None:
    assert gain_of(lufs) == gain
    assert len(format_tags(TAGS, gain)) == len(format_tags(TAGS, None))
