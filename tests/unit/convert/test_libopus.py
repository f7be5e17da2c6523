"""libopus called by us makes what FFmpeg's encoder makes with it, to the byte: FFmpeg is the judge."""

import dataclasses
import hashlib
from pathlib import Path

import numpy
import pytest

from sonoteca.convert import libopus
from sonoteca.convert.libopus import Calls, Direct, Encoder, ThroughFFmpeg
from sonoteca.convert.libraries import find_bundled
from sonoteca.convert.recipes import ACCESS, LOW, Recipe
from tests.tools import missing
from tests.unit.convert import recordings
from tests.unit.convert.recordings import Array, Recording, made, noise

MASTERS = """a_16bit.flac a_8k_mono.flac a_q2.ogg b_24bit_96k.flac a_u8.wav a_f32.wav b.opus a_alac.m4a"""


@pytest.fixture
def calls() -> Calls:
    path = find_bundled("libopus")
    return Calls(path or missing("needs the libopus that PyAV's wheel brings"))


def packets(encoder: Encoder, recording: Recording) -> list[bytes]:
    found = [packet for block in recording.blocks for packet in encoder.take(block.frame)]
    return found + encoder.take(None)


def verify_equal(calls: Calls, recipe: Recipe, channels: int, recording: Recording) -> None:
    ours, theirs = Direct(calls, recipe, channels), ThroughFFmpeg(recipe, channels)
    assert ours.pre_skip == theirs.pre_skip > 0
    one, other = packets(ours, recording), packets(theirs, recording)
    assert [len(packet) for packet in one] == [len(packet) for packet in other]
    assert hashlib.sha256(b"".join(one)).digest() == hashlib.sha256(b"".join(other)).digest()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "samples", [1, 7, 311, 647, 648, 649, 959, 960, 961, 1608, 1609, 47_999, 48_000, 48_001, 96_648]
)
def test_the_same_packets_at_every_length(calls: Calls, samples: int, channels: int) -> None:
    verify_equal(calls, ACCESS, channels, made(noise(samples / 48_000, 48_000, channels), 48_000))


@pytest.mark.parametrize("recipe", [ACCESS, LOW])
@pytest.mark.parametrize("name", MASTERS.split())
def test_the_same_packets_of_real_masters(calls: Calls, corpus: Path, name: str, recipe: Recipe) -> None:
    recording = recordings.real(corpus / "formats" / name)
    verify_equal(calls, recipe, recording.audio.channels, recording)


def test_the_same_packets_of_silence_and_of_what_is_far_too_loud(calls: Calls) -> None:
    silence: Array = numpy.zeros((48_000 * 3, 2), numpy.float32)
    loud = silence.copy()
    loud[1_000::7] = 7.5
    for sound in (silence, loud):
        verify_equal(calls, ACCESS, 2, made(sound, 48_000))


def test_a_wheel_that_brings_libopus_is_what_encodes_here() -> None:
    chosen = libopus.encoder_of(ACCESS, 2)
    assert isinstance(chosen, Direct if find_bundled("libopus") else ThroughFFmpeg)
    assert find_bundled("libnothing") is None


def test_what_libopus_refuses_is_told(calls: Calls) -> None:
    with pytest.raises(ValueError, match="libopus says -1"):
        Direct(calls, dataclasses.replace(ACCESS, rate_hz=44_100), 2)
