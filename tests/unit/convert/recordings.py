"""Recordings for the tests of files: made here or real, as blocks; and what others read in the files."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy
from av.audio.frame import AudioFrame

from sonoteca.convert.blocks import Block, Cutter
from sonoteca.convert.flac import FlacFile
from sonoteca.convert.opus import OpusFile
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loudness, Tier, Wanted
from tests.tools import require_tool

Array = numpy.ndarray[Any, Any]
LOUD = Loudness(integrated_lufs=-16.25, range_lu=3.0, true_peak_dbtp=-1.0)
TAGS = (("TITLE", "Ünïcode 作品"), ("ARTIST", "One"), ("ARTIST", "Two"), ("SONOTECA_TRACK", "trk_x"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Sound as blocks, with what the probe would have said of it."""

    blocks: tuple[Block, ...]
    audio: AudioFacts

    @property
    def samples(self) -> int:
        return sum(block.samples for block in self.blocks)


def facts(rate_hz: int, channels: int, *, seconds: float = 0.0, bits: int = 16) -> AudioFacts:
    return AudioFacts(
        container="wav",
        codec="pcm_s16le",
        duration_s=seconds,
        samples=round(seconds * rate_hz),
        sample_rate_hz=rate_hz,
        channels=channels,
        bits=bits,
        lossless=True,
        exact=True,
    )


def made(samples: Array, rate_hz: int, *, form: str = "flt", layout: str = "") -> Recording:
    """`samples` are (samples, channels) of numpy's type for FFmpeg's packed format `form`."""
    channels = samples.shape[1]
    blocks = []
    for start in range(0, len(samples), rate_hz):
        part = numpy.ascontiguousarray(samples[start : start + rate_hz].reshape(1, -1))
        frame = AudioFrame.from_ndarray(part, format=form, layout=layout or {1: "mono", 2: "stereo"}[channels])
        frame.sample_rate = rate_hz
        frame.pts = None
        blocks.append(Block(frame, start))
    return Recording(blocks=tuple(blocks), audio=facts(rate_hz, channels, seconds=len(samples) / rate_hz))


def real(path: Path) -> Recording:
    """A file of the corpus, decoded."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        rate, channels = stream.codec_context.sample_rate, stream.codec_context.layout.nb_channels
        blocks = tuple(_cut(container.decode(stream), rate))
    samples = sum(block.samples for block in blocks)
    return Recording(blocks=blocks, audio=facts(rate, channels, seconds=samples / rate))


def _cut(frames: Iterator[AudioFrame], rate_hz: int) -> Iterator[Block]:
    cutter, at = Cutter(rate_hz, ()), 0
    for frame in frames:
        samples = frame.samples
        yield from cutter.take(frame, at)
        at += samples
    yield from cutter.rest()


def noise(seconds: float, rate_hz: int, channels: int, *, level: float = 0.1) -> Array:
    """Something that is no silence, the same each time: (samples, channels) of float32."""
    size = (round(seconds * rate_hz), channels)
    return numpy.random.default_rng(1).normal(0, level, size).astype(numpy.float32).clip(-0.9, 0.9)


def wanted(tier: Tier, tags: Sequence[tuple[str, str]] = TAGS) -> Wanted:
    return Wanted(recipe=f"{tier}-1", tier=tier, name="x", tags=tuple(tags), serial="ab" * 32)


def write(
    kind: type[OpusFile] | type[FlacFile], path: Path, recording: Recording, tags: Any = TAGS, loudness: Any = LOUD
) -> bool:
    """Makes the file; whether there is one."""
    tier = Tier.ACCESS if kind is OpusFile else Tier.ARCHIVE
    file = kind(str(path), wanted(tier, tags), recording.audio)
    for block in recording.blocks:
        file.take(block)
    file.finish()
    file.seal(loudness)
    return file.is_made


def run(*command: str) -> str:
    """What a program prints; fails when it does."""
    require_tool(command[0])
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, (command, done.stderr.decode(errors="replace"))
    return (done.stdout + done.stderr).decode(errors="replace")


def decoded(path: Path, form: str = "f32le") -> bytes:
    """The samples as Debian's ffmpeg gives them, interleaved."""
    command = [require_tool("ffmpeg"), "-v", "error", "-i", str(path), "-f", form, "-c:a", f"pcm_{form}", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stderr == b""
    return done.stdout


def probed(path: Path) -> dict[str, Any]:
    """What Debian's ffprobe says of the first stream, with the container's tags under "tags"."""
    said = json.loads(run("ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", str(path)))
    stream: dict[str, Any] = said["streams"][0]
    return stream | {"tags": said["format"].get("tags", {}) | stream.get("tags", {})}


def loudness_of(path: Path) -> float:
    """LUFS by Debian's ffmpeg, to a tenth."""
    said = run(
        "ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=framelog=verbose", "-f", "null", "-"
    )
    return float(said.rpartition("I:")[2].split()[0])
