"""Chained Ogg: links of one form and of several, of which FFmpeg alone reads up to the first that is other."""

import subprocess
from pathlib import Path
from typing import Any

import av
import numpy
import pytest
import soundfile
from av.error import FFmpegError

from sonoteca.acquire.probe import probe
from sonoteca.convert.chain import NO_FURTHER
from sonoteca.formats.ogg_links import find_links
from tests.tools import require_tool
from tests.unit.convert.orders import answer_of, codes, sound_of, span

FIRST = (44_100, 2)
FORMS = {
    "one form": (FIRST, FIRST),
    "another rate": (FIRST, (48_000, 2)),
    "another rate and back": (FIRST, (22_050, 2), FIRST),
    "other channels": (FIRST, (44_100, 1)),
    "both, several times": (FIRST, (48_000, 1), (48_000, 1), (32_000, 2), FIRST),
}
CODECS = {"libvorbis": 44_100, "libopus": 48_000, "flac": 44_100}


def link(folder: Path, codec: str, form: tuple[int, int], place: int, seconds: int) -> bytes:
    """A tone of so many hundred hertz, of an encoder of FFmpeg."""
    rate_hz, channels = form
    source = f"sine=f={(place + 1) * 400}:d={seconds}:r={48_000 if codec == 'libopus' else rate_hz}"
    command = [require_tool("ffmpeg"), "-v", "error", "-y", "-f", "lavfi", "-i", source, "-ac", str(channels)]
    subprocess.run([*command, "-c:a", codec, "-serial_offset", str(place), str(folder / "v.ogg")], check=True)
    return (folder / "v.ogg").read_bytes()


def chained(folder: Path, codec: str, forms: str, seconds: int) -> Path:
    path = folder / "x.ogg"
    path.write_bytes(b"".join(link(folder, codec, form, place, seconds) for place, form in enumerate(FORMS[forms])))
    return path


def pitch(sound: numpy.ndarray[Any, Any], rate_hz: int) -> float:
    lines = numpy.abs(numpy.fft.rfft(sound * numpy.hanning(len(sound))))
    return float(numpy.argmax(lines) * rate_hz / len(sound))


@pytest.mark.parametrize(
    ("codec", "forms", "seconds"),
    # Above 30 seconds the probe does not decode all of it.
    [*((codec, forms, 3) for codec in CODECS for forms in FORMS), ("libvorbis", "another rate", 40)],
)
def test_a_chain_is_heard_to_its_last_link(codec: str, forms: str, seconds: int, tmp_path: Path) -> None:
    path, count = chained(tmp_path, codec, forms, seconds), len(FORMS[forms])
    report = probe(str(path), "x.ogg")
    assert report.audio is not None
    told = {one.code for one in report.findings}
    assert "A108" in told and not told & {"A101", "A105"}
    assert report.audio.duration_s == pytest.approx(count * seconds, abs=0.1)
    answer = answer_of(path, span(files=["opus"]), folder=tmp_path)
    (rendered,) = answer.spans
    assert rendered.sound.loss.seconds == 0 and rendered.sound.loss.packets == 0
    assert rendered.sound.samples == pytest.approx(count * seconds * CODECS[codec], abs=0.1 * CODECS[codec])
    assert not codes(rendered.sound).keys() & {"Q009", "Q010", "Q013", "Q017"}
    sound, rate_hz = soundfile.read(tmp_path / "whole.opus")
    for place in range(count):
        middle = round((place + 0.5) * seconds * rate_hz)
        assert pitch(sound[middle : middle + rate_hz, 0], rate_hz) == pytest.approx((place + 1) * 400, abs=2)


def test_links_are_found_with_their_forms(tmp_path: Path) -> None:
    raw = chained(tmp_path, "libvorbis", "both, several times", 1).read_bytes()

    class Whole:
        size = len(raw)

        def read(self, at: int, count: int) -> bytes:
            return raw[at : at + count]

    found = list(find_links(Whole()))
    assert [raw[one.at : one.at + 4] for one in found] == [b"OggS"] * 5
    forms = [(int.from_bytes(one.form[8:], "little"), one.form[7]) for one in found]
    assert forms == list(FORMS["both, several times"])


def test_a_next_link_of_another_codec_is_told_as_lost(tmp_path: Path) -> None:
    path = tmp_path / "x.ogg"
    path.write_bytes(
        link(tmp_path, "libvorbis", FIRST, 0, 3)
        + link(tmp_path, "libopus", (48_000, 1), 1, 3)
        + link(tmp_path, "libvorbis", (48_000, 1), 2, 3)
    )
    sound = sound_of(path)
    assert 3 * 44_100 <= sound.samples <= 9 * 44_100
    assert codes(sound).keys() & {"Q009", "Q010", "Q012", "Q013"}


def test_it_is_the_word_that_ffmpeg_says(tmp_path: Path) -> None:
    """What makes us go on; another word in another version of FFmpeg has to be seen."""
    path = chained(tmp_path, "libvorbis", "another rate", 3)
    with av.open(str(path)) as container, pytest.raises(FFmpegError) as raised:
        for _ in container.demux(container.streams.audio[0]):
            pass
    assert raised.value.strerror == NO_FURTHER
