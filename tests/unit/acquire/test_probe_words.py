"""Samples that FFmpeg would take for others, and how many bits a master has where its decoder hands out more."""

import struct
from pathlib import Path
from typing import Any

import av
import numpy
import pytest
import soundfile

from sonoteca.acquire.probe import probe
from tests.unit.convert.orders import answer_of, span

RATE_HZ = 44_100
PCM = bytes.fromhex("0100000000001000800000aa00389b71")  # KSDATAFORMAT_SUBTYPE_PCM
Samples = numpy.ndarray[Any, Any]


def samples(bits: int) -> Samples:
    """A second of stereo, in the upper bits of 32."""
    found = numpy.random.default_rng(bits).integers(-(1 << 22), 1 << 22, (RATE_HZ, 2)).astype("i4") << 8
    return found & -(1 << 32 - bits)


def extensible(bits: int, width: int) -> bytes:
    """WAVE_FORMAT_EXTENSIBLE with so many bits in words of so many."""
    head = struct.pack("<HHIIHHHHI", 0xFFFE, 2, RATE_HZ, RATE_HZ * width // 4, width // 4, width, 22, bits, 3) + PCM
    words = samples(bits).astype("<i4").reshape(-1).view("u1").reshape(-1, 4)[:, 4 - width // 8 :].tobytes()
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(words)) + words
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def backwards(bits: int) -> bytes:
    """RIFX."""
    head = struct.pack(">HHIIHH", 1, 2, RATE_HZ, RATE_HZ * 4, 4, 16)
    words = (samples(bits) >> 16).astype(">i2").tobytes()
    chunks = b"fmt " + struct.pack(">I", len(head)) + head + b"data" + struct.pack(">I", len(words)) + words
    return b"RIFX" + struct.pack(">I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.mark.parametrize(
    ("content", "bits", "stored"),
    [
        pytest.param(extensible(24, 32), 24, 24, id="24 in 32"),
        pytest.param(extensible(20, 32), 20, 24, id="20 in 32"),
        pytest.param(extensible(16, 32), 16, 24, id="16 in 32"),
        pytest.param(extensible(16, 24), 16, 24, id="16 in 24"),
        pytest.param(extensible(20, 24), 20, 24, id="20 in 24"),
        pytest.param(extensible(24, 24), 24, 24, id="24 in 24"),
        pytest.param(backwards(16), 16, 16, id="RIFX"),
    ],
)
def test_the_samples_are_those_that_are_meant(content: bytes, bits: int, stored: int, tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    report = probe(str(path), "x.wav")
    assert report.audio is not None
    assert (report.audio.bits, report.audio.samples, report.audio.channels) == (stored, RATE_HZ, 2)
    answer = answer_of(path, span(files=["flac"]), folder=tmp_path)
    kept, rate = soundfile.read(tmp_path / "whole.flac", dtype="int32")
    assert rate == RATE_HZ and (kept == samples(bits)).all()
    assert answer.spans[0].sound.traits.bits_used == bits


@pytest.mark.parametrize(("subtype", "bits"), [("PCM_16", 16), ("PCM_32", 32), ("FLOAT", 32)])
@pytest.mark.parametrize("endian", ["LITTLE", "BIG"])
def test_what_ircam_wrote_is_read(subtype: str, bits: int, endian: str, tmp_path: Path) -> None:
    path, sound = tmp_path / "x.sf", samples(16)
    written = sound / float(1 << 31) if subtype == "FLOAT" else sound
    soundfile.write(path, written, RATE_HZ, format="IRCAM", subtype=subtype, endian=endian)
    report = probe(str(path), "x.sf")
    assert report.audio is not None and report.findings == ()
    assert (report.audio.container, report.audio.bits, report.audio.lossless) == ("ircam", bits, True)
    assert (report.audio.samples, report.audio.channels) == (RATE_HZ, 2)
    answer_of(path, span(files=["flac"]), folder=tmp_path)
    kept, _ = soundfile.read(tmp_path / "whole.flac", dtype="int32")
    assert (kept == sound).all()


def test_a_short_rifx_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(backwards(16)[:-40_000])
    assert {found.code for found in probe(str(path), "x.wav").findings} >= {"A101", "A120"}


@pytest.mark.parametrize(
    ("container", "codec", "form"),
    [
        ("mov", "pcm_s24le", "s32"),
        ("matroska", "flac", "s32"),
        ("mp4", "flac", "s32"),
        ("ipod", "alac", "s32p"),
        ("tta", "tta", "s32"),
        ("caf", "pcm_s24be", "s32"),
    ],
)
def test_twenty_four_bits_are_no_thirty_two(container: str, codec: str, form: str, tmp_path: Path) -> None:
    """Their decoders hand out 32, and the sheet would say that 8 of them are never used."""
    path, sound = tmp_path / "x", samples(24)
    with av.open(str(path), "w", format=container, options={"strict": "-2"}) as output:
        stream: Any = output.add_stream(codec, rate=RATE_HZ)
        stream.layout, stream.format = "stereo", form
        stream.codec_context.options = {"strict": "-2", "bits_per_raw_sample": "24"}
        for at in range(0, RATE_HZ, 1024):
            part = sound[at : at + 1024]
            shaped = numpy.ascontiguousarray(part.T) if form.endswith("p") else part.reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(shaped, format=form, layout="stereo")
            frame.sample_rate, frame.pts = RATE_HZ, at
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    report = probe(str(path), "x")
    assert report.audio is not None
    assert report.audio.bits == 24
    sheet = answer_of(path, span(), folder=tmp_path).spans[0].sound
    assert sheet.traits.bits_used == 24
    assert "Q021" not in {found.code for found in sheet.findings}
