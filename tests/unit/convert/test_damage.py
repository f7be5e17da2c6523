"""Damaged, cut, capped, lying and changing files, made here from whole ones: what can be saved is, and what is lost is
told."""

import dataclasses
import io
import struct
from pathlib import Path
from typing import Any

import av
import numpy
import pytest

from sonoteca.convert.opening import CONTAINERS, DECODERS
from sonoteca.convert.render import render
from sonoteca.model.sound import RenderAnswer, RenderOrder
from tests.unit.convert import recordings
from tests.unit.convert.orders import answer_of, codes, order_of, sound_of, span
from tests.unit.convert.recordings import made, noise, write

RATE_HZ = 44_100


def flac_file(path: Path, seconds: float = 5.0, channels: int = 2) -> bytes:
    sound = (noise(seconds, RATE_HZ, channels) * 32767).astype("i2")
    assert write(recordings.FlacFile, path, made(sound, RATE_HZ, form="s16"))
    return path.read_bytes()


def frame_starts(raw: bytes) -> list[int]:
    """Where FLAC's frames begin, more or less: FFmpeg's packets know."""
    with av.open(io.BytesIO(raw), format="flac") as container:
        return [packet.pos for packet in container.demux(audio=0) if packet.size and packet.pos is not None]


# ── losses ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_broken_frame_is_lost_and_the_rest_is_where_it_was(tmp_path: Path) -> None:
    """As a cue sheet would have it: the second track begins at the same sample, though a frame of the first is gone."""
    path = tmp_path / "a.flac"
    raw = bytearray(flac_file(path))
    whole = answer_of(path, span(0, 100_000, "a"), span(100_000, None, "b"))
    middle = frame_starts(bytes(raw))[10] + 700
    raw[middle : middle + 4] = bytes(4)
    path.write_bytes(raw)

    first, second = answer_of(path, span(0, 100_000, "a"), span(100_000, None, "b"), samples=220_500).spans

    assert second.sound == whole.spans[1].sound
    lost = 100_000 - first.sound.samples
    assert 0 < lost <= 4_608
    assert first.sound.loss.seconds == pytest.approx(lost / RATE_HZ, abs=1e-5)
    assert f"{lost / RATE_HZ:.3f} s" in codes(first.sound)["Q010"] and "Q010" not in codes(second.sound)


def test_a_lost_beginning_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    raw = bytearray(flac_file(path))
    start = frame_starts(bytes(raw))[0] + 700
    raw[start : start + 4] = bytes(4)
    path.write_bytes(raw)
    sound = answer_of(path, samples=220_500).spans[0].sound
    assert sound.loss.seconds == pytest.approx((220_500 - sound.samples) / RATE_HZ, abs=1e-5)
    assert sound.loss.packets == 1


def page_starts(raw: bytes) -> list[int]:
    """Where Ogg's pages begin (RFC 3533 §6)."""
    found, at = list[int](), 0
    while at < len(raw):
        found.append(at)
        table = raw[at + 27 : at + 27 + raw[at + 26]]
        at += 27 + len(table) + sum(table)
    return found


def test_a_page_of_vorbis_that_is_missing_leaves_the_rest_where_it_was(corpus: Path, tmp_path: Path) -> None:
    """By the stream's clock, which is the only thing that knows: each packet that is there can be decoded."""
    raw, path = (corpus / "formats" / "a_q2.ogg").read_bytes(), tmp_path / "x.ogg"
    starts = page_starts(raw)
    middle = len(starts) // 2
    path.write_bytes(raw)
    samples = sound_of(path).samples
    first, last = samples // 8, samples - samples // 8
    whole = answer_of(path, span(0, first, "a"), span(last, None, "b"))
    path.write_bytes(raw[: starts[middle]] + raw[starts[middle + 1] :])

    holed = answer_of(path, span(0, first, "a"), span(last, None, "b"), samples=samples)

    assert [one.sound.waveform for one in holed.spans] == [one.sound.waveform for one in whole.spans]
    assert [one.sound.samples for one in holed.spans] == [one.sound.samples for one in whole.spans]
    lost = sound_of(path, samples=samples)
    assert lost.loss.seconds * lost.sample_rate_hz + lost.samples == pytest.approx(samples, abs=1)
    assert lost.samples < samples


def test_what_a_cut_off_file_lacks_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(flac_file(path)[: len(path.read_bytes()) // 2])
    sound = sound_of(path)
    assert 2.4 < sound.samples / RATE_HZ < 2.6
    assert sound.loss.seconds == pytest.approx((220_500 - sound.samples) / RATE_HZ, abs=1e-5)
    assert codes(sound)["Q009"].startswith("it should end at 5.000 s, and ends at 2.")


def test_the_loss_at_the_end_is_that_of_the_last_track(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(flac_file(path)[: len(path.read_bytes()) // 2])
    first, second, third = answer_of(
        path, span(0, 50_000, "a"), span(50_000, 150_000, "b"), span(150_000, None, "c")
    ).spans
    assert first.sound.loss.seconds == 0 and not codes(first.sound)
    assert second.sound.loss.seconds == pytest.approx((100_000 - second.sound.samples) / RATE_HZ, abs=1e-5)
    assert third.sound.samples == 0 and third.sound.loss.seconds == pytest.approx(70_500 / RATE_HZ, abs=1e-5)
    assert {"Q009", "Q014"} <= set(codes(third.sound))


@pytest.mark.parametrize(
    ("name", "keep", "words"),
    [
        ("a_24.wav", 0.5, "bytes of sound should be there"),
        ("a_rf64.wav", 0.5, "bytes of sound should be there"),
        ("a_q2.ogg", 0.5, "its last page is not whole"),
        ("b.opus", 0.7, "its last page is not whole"),
        ("a.aiff", 0.5, "it should end at 15.000 s"),
        ("a.w64", 0.5, "bytes of sound should be there"),
        ("a.wv", 0.5, "it should end at 20.000 s"),
        ("a.tta", 0.5, "it should end at 15.000 s"),
    ],
)
def test_a_truncated_container_is_told(corpus: Path, tmp_path: Path, name: str, keep: float, words: str) -> None:
    raw = (corpus / "formats" / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(raw[: int(len(raw) * keep)])
    assert words in codes(sound_of(path))["Q009"]


@pytest.mark.parametrize("name", ["a_24.wav", "a_rf64.wav", "a_q2.ogg", "b.opus", "a.wv", "a.aiff", "a.mka", "a.wma"])
def test_a_whole_container_is_not(corpus: Path, name: str) -> None:
    assert not {"Q009", "Q010", "Q013", "Q017"} & set(codes(sound_of(corpus / "formats" / name)))


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_more_is_decoded_than_may_be(tmp_path: Path) -> None:
    """Ten minutes of silence in 40 KB, of which ten seconds may be decoded: at the sample."""
    path = tmp_path / "bomb.flac"
    block = numpy.zeros((RATE_HZ * 600, 1), "i2")
    assert write(recordings.FlacFile, path, made(block, RATE_HZ, form="s16"))
    first, second = answer_of(path, span(0, 5 * RATE_HZ, "a"), span(5 * RATE_HZ, None, "b"), max_seconds=10).spans
    assert (first.sound.samples, second.sound.samples) == (5 * RATE_HZ, 5 * RATE_HZ)
    assert "Q011" in codes(second.sound) and "Q011" not in codes(first.sound)
    assert second.sound.loudness.integrated_lufs is None and second.sound.loudness.true_peak_dbtp is None
    assert codes(second.sound)["Q001"] == "5.000 s, all of it"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"container": "concat"}, "'concat' is not opened here"),
        ({"container": "hls"}, "'hls' is not opened here"),
        ({"container": "image2"}, "'image2' is not opened here"),
        ({"codec": "nonsense"}, "no decoder for 'nonsense'"),
        ({"codec": "h264"}, "no decoder for 'h264'"),
        ({"codec": "vorbis"}, "its codec is flac, and the probe found vorbis"),
        ({"channels": 9}, "9 channels"),
        ({"channels": 0}, "0 channels"),
        ({"sample_rate_hz": 3_999}, "3999 Hz"),
        ({"sample_rate_hz": 768_001}, "768001 Hz"),
        ({"container": "wav"}, "it cannot be opened"),
    ],
)
def test_what_the_probe_says_is_believed_within_limits(tmp_path: Path, said: dict[str, Any], words: str) -> None:
    path = tmp_path / "a.flac"
    flac_file(path, 0.5)
    answer = answer_of(path, **said)
    assert answer.spans == () and words in answer.refused


def test_a_script_in_disguise_opens_nothing(corpus: Path, tmp_path: Path) -> None:
    """FFmpeg's concat demuxer, asked by content, would play the other file."""
    other = tmp_path / "other.mp3"
    other.write_bytes((corpus / "formats" / "a_notags.mp3").read_bytes())
    order = order_of(other)
    for script in (f"ffconcat version 1.0\nfile '{other}'\n", f"#EXTM3U\n#EXTINF:9,x\n{other}\n#EXT-X-ENDLIST\n"):
        path = tmp_path / "fake.mp3"
        path.write_text(script)
        answer = rendered_at(path, order)
        assert answer.spans == () and answer.refused


def rendered_at(path: Path, order: RenderOrder) -> RenderAnswer:
    """The answer for another file than the probe saw."""
    return render(dataclasses.replace(order, path=str(path)))


def test_links_and_folders_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    flac_file(path, 0.5)
    order = order_of(path)
    (tmp_path / "link.flac").symlink_to(path)
    for other in ("link.flac", "", "none.flac"):
        answer = rendered_at(tmp_path / other, order)
        assert answer.spans == ()
        assert "cannot be opened" in answer.refused or "not a regular file" in answer.refused


def test_nothing_inside_is_a_refusal(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.wvc"
    path.write_bytes((corpus / "formats" / "a_hybrid.wvc").read_bytes())
    assert answer_of(path).refused.startswith("none of its sound can be decoded")


def test_the_whitelists_hold() -> None:
    assert not CONTAINERS & {
        "concat",
        "hls",
        "dash",
        "image2",
        "lavfi",
        "sdp",
        "rtsp",
        "matroska,webm",
        "imf",
        "tedcaptions",
    }
    assert DECODERS["mp3"] == "mp3,mp3float"
    assert not set(DECODERS) & {"h264", "png", "mjpeg", "ass"}


# ── what changes on the way ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_stream_that_changes_its_rate_is_made_one(tmp_path: Path) -> None:
    """Two MP3 files of different rate, one after the other, as joined by `cat`."""
    raw = b"".join(mp3(rate) for rate in (44_100, 22_050))
    path = tmp_path / "a.mp3"
    path.write_bytes(raw)
    sound = sound_of(path)
    assert sound.samples / sound.sample_rate_hz == pytest.approx(4.0, abs=0.2)
    assert "Q012" in codes(sound)


def mp3(rate_hz: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as output:
        stream: Any = output.add_stream("libmp3lame", rate=rate_hz)
        stream.layout = "stereo"
        sound = noise(2.0, rate_hz, 2).T.copy()
        for start in range(0, sound.shape[1], 1152):
            frame = av.AudioFrame.from_ndarray(sound[:, start : start + 1152].copy(), "fltp", "stereo")
            frame.sample_rate, frame.pts = rate_hz, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize("channels", range(1, 9))
def test_channels_without_names_are_taken(tmp_path: Path, channels: int) -> None:
    """A WAV that does not say which channel is which; every count has a loudness, a peak and both files."""
    sound = (noise(1.0, RATE_HZ, channels) * 32767).astype("<i2")
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + sound.nbytes, b"WAVE", b"fmt ", 16, 1, channels, RATE_HZ,
                       RATE_HZ * channels * 2, channels * 2, 16, b"data", sound.nbytes)  # fmt: skip
    path = tmp_path / "a.wav"
    path.write_bytes(head + sound.tobytes())
    answer = answer_of(path, span(files=("opus", "flac")), folder=tmp_path)
    assert answer.refused == ""
    rendered = answer.spans[0]
    assert rendered.names == ("whole.opus", "whole.flac")
    assert (rendered.sound.samples, rendered.sound.channels) == (RATE_HZ, channels)
    assert rendered.sound.loudness.integrated_lufs is not None and rendered.sound.loudness.true_peak_dbtp is not None
    assert recordings.decoded(tmp_path / "whole.flac", "s16le") == sound.tobytes()


def test_eight_channels_in_planes(tmp_path: Path) -> None:
    """PyAV 18.1 sees a ninth plane there, and reading it ends the process."""
    sound = (noise(1.0, RATE_HZ, 8) * 32767).astype("i2")
    path = tmp_path / "a.wv"
    with av.open(str(path), "w", format="wv") as output:
        stream: Any = output.add_stream("wavpack", rate=RATE_HZ)
        stream.layout, stream.format = "7.1", "s16p"
        for start in range(0, len(sound), 1024):
            part = numpy.ascontiguousarray(sound[start : start + 1024].reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(part, "s16", "7.1")
            frame.sample_rate, frame.pts = RATE_HZ, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    answer = answer_of(path, span(files=("opus", "flac")), folder=tmp_path)
    assert answer.spans[0].names == ("whole.opus", "whole.flac")
    assert recordings.decoded(tmp_path / "whole.flac", "s16le") == sound.tobytes()
    assert "Q012" not in codes(answer.spans[0].sound)
