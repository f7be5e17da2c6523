"""Whole files, as FFmpeg's encoders write them: understood when whole, and told when cut, lengthened, buried or
doubled."""

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoteca.acquire.probe import probe
from sonoteca.model.finding import Severity
from sonoteca.model.media import ProbeReport
from tests.unit.acquire import sounds

Probing = Callable[[bytes, str], ProbeReport]
# Without a length in a header, and made of frames: a part of it is a whole one.
_NO_LENGTH = {"a.aac", "a.ac3"}
_LOSSY = {"aac.m4a", "a.aac", "a.mp3", "a.opus", "a.ac3", "a.wma"}
_LOSSLESS = set(sounds.FORMATS) - _LOSSY


@pytest.fixture
def probing(tmp_path: Path) -> Probing:
    """Probes bytes under a name."""

    def run(raw: bytes, name: str) -> ProbeReport:
        (tmp_path / "copy").write_bytes(raw)
        return probe(str(tmp_path / "copy"), name)

    return run


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return {name: sounds.make(name) for name in sounds.FORMATS}


def warnings(report: ProbeReport) -> list[str]:
    return [found.code for found in report.findings if found.severity is not Severity.NOTE]


@pytest.mark.parametrize("name", sounds.FORMATS)
def test_a_whole_file_is_understood(name: str, made: dict[str, bytes], probing: Probing) -> None:
    report = probing(made[name], name)
    assert report.audio is not None and warnings(report) == []
    audio = report.audio
    assert audio.container == sounds.FORMATS[name][3]
    # Lossy encoders add up to some frames that no header of theirs takes back.
    assert abs(audio.duration_s - sounds.SECONDS) < (0.001 if name in _LOSSLESS else 0.1)
    assert (audio.channels, audio.lossless) == (2, name in _LOSSLESS)
    assert audio.sample_rate_hz == (48_000 if name == "a.opus" else sounds.RATE_HZ)
    assert audio.bits == ({"a24.flac": 24}.get(name, 16) if name in _LOSSLESS else 0)
    if name in _LOSSLESS:
        assert audio.samples == sounds.SECONDS * sounds.RATE_HZ


@pytest.mark.parametrize("share", [0.999, 0.97, 0.6, 0.2, 0.02])
@pytest.mark.parametrize("name", sorted(set(sounds.FORMATS) - _NO_LENGTH))
def test_what_is_cut_off_is_told(name: str, share: float, made: dict[str, bytes], probing: Probing) -> None:
    raw = made[name]
    report = probing(raw[: int(len(raw) * share)], name)
    assert warnings(report) != []


@pytest.mark.parametrize("name", ["a.flac", "a.wav", "a.aiff", "a.wv", "a.opus", "a.mp3"])
def test_what_follows_the_sound_is_told(name: str, made: dict[str, bytes], probing: Probing) -> None:
    report = probing(made[name] + random.Random(1).randbytes(5000), name)
    assert report.audio is not None and warnings(report) != []


@pytest.mark.parametrize("name", ["a.opus", "a.mp3"])
def test_sound_is_found_behind_junk(name: str, made: dict[str, bytes], probing: Probing) -> None:
    report = probing(random.Random(1).randbytes(3000) + made[name], name)
    assert report.audio is not None and "A104" in warnings(report)
    assert abs(report.audio.duration_s - sounds.SECONDS) < 0.1


@pytest.mark.parametrize("name", ["a.opus", "a.mp3"])
def test_two_in_one_are_told(name: str, made: dict[str, bytes], probing: Probing) -> None:
    report = probing(made[name] * 2, name)
    assert report.audio is not None and "A108" in warnings(report)


@pytest.mark.parametrize("name", ["a.flac", "a.mp3", "a.opus", "flac.oga", "a.wv", "a.tta"])
def test_a_flipped_byte_in_the_middle_is_told(name: str, made: dict[str, bytes], probing: Probing) -> None:
    raw = bytearray(made[name])
    raw[len(raw) // 2] ^= 0x55
    report = probing(bytes(raw), name)
    assert warnings(report) != []


def test_flac_knows_its_own_md5(made: dict[str, bytes], probing: Probing) -> None:
    frames = sounds.frames("s16", sounds.RATE_HZ, sounds.SECONDS * sounds.RATE_HZ, 3000)
    samples = b"".join(frame.to_ndarray().tobytes() for frame in frames)
    report = probing(made["a.flac"], "a.flac")
    assert report.audio is not None and report.audio.audio_md5 == hashlib.md5(samples).hexdigest()


@pytest.mark.parametrize("name", ["a.flac", "a24.flac"])
def test_another_md5_is_told(name: str, made: dict[str, bytes], probing: Probing) -> None:
    raw = bytearray(made[name])
    raw[26] ^= 1  # in STREAMINFO, RFC 9639 §8.2
    assert warnings(probing(bytes(raw), name)) == ["A106"]


def test_an_id3_tag_in_front_of_flac_is_nothing_to_warn_of(made: dict[str, bytes], probing: Probing) -> None:
    report = probing(b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + made["a.flac"], "a.flac")
    assert report.audio is not None and warnings(report) == []


def test_another_ending_is_told(made: dict[str, bytes], probing: Probing) -> None:
    report = probing(made["a.flac"], "a.mp3")
    assert report.audio is not None and warnings(report) == ["A113"]
    assert warnings(probing(made["a.flac"], "no ending")) == []


def test_long_silence_is_told_and_short_silence_is_not(probing: Probing) -> None:
    assert warnings(probing(sounds.make("a.flac", silent=True, seconds=12), "a.flac")) == ["A109"]
    assert warnings(probing(sounds.make("a.flac", silent=True, seconds=3), "a.flac")) == []


def test_a_long_file_is_not_decoded(probing: Probing) -> None:
    raw = sounds.make("a.flac", seconds=40)
    report = probing(raw, "a.flac")
    assert report.audio is not None and report.audio.exact and report.audio.samples == 40 * sounds.RATE_HZ
    assert 0 < report.decoded_s < 3 and warnings(report) == []
    assert "A101" in warnings(probing(raw[: len(raw) // 2], "a.flac"))


def test_a_name_that_could_hurt_is_noted(made: dict[str, bytes], probing: Probing) -> None:
    report = probing(made["a.wav"], "a\x1b[31m.wav")
    assert [found.code for found in report.findings] == ["F113"]
    assert report.findings[0].where == "a\x1b[31m.wav" and report.findings[0].detail.isprintable()


def test_what_is_no_file_is_refused(tmp_path: Path, probing: Probing) -> None:
    assert [found.code for found in probe(str(tmp_path), "folder.flac").findings] == ["F002"]
    assert [found.code for found in probing(b"", "empty.flac").findings] == ["F004"]


def test_random_damage_never_raises(made: dict[str, bytes], probing: Probing) -> None:
    chance = random.Random(11)
    for name in sorted(made):
        for _ in range(8):
            raw = bytearray(made[name][: chance.choice([300, 5000, len(made[name])])])
            for _ in range(chance.choice([1, 8, 64])):
                raw[chance.randrange(min(len(raw), chance.choice([64, 1024, len(raw)])))] = chance.randrange(256)
            report = probing(bytes(raw), name)
            assert report.audio is not None or report.findings
