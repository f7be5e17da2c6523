"""Decoding: as much of a stream as is cheap, packet by packet, and what came of it.

Takes  a Job: an open file, its Shape, FFmpeg's container and stream.   Gives  the Job's Count, filled.

How much is decoded (and why): everything when it is cheap, i.e. 30 s or less in at most 6 MiB, or at most 256 KiB
(1.5 MiB when the length is unknown); otherwise the first second, to know that it decodes at all. The rest is judged
by structure, which costs a hundredth and sees more (containers.py). Sound is decoded once, later, when it is
rendered; decoding it here as well would double the cost of taking in a collection. Formats whose structure is not
read here are also decoded at their end; those without a length in their header are demuxed.

Each packet is decoded by itself: one that fails is counted and the rest goes on, as FFmpeg's own loop would not.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from sonoteca.acquire.containers import Shape
from sonoteca.acquire.probe_checksums import flac_bytes
from sonoteca.acquire.probe_file import OpenFile

SMALL_BYTES = 1 << 18
SHORT_S, SHORT_BYTES = 30.0, 6 << 20
UNKNOWN_BYTES = 3 << 19
FIRST_S, LAST_S = 1.0, 2.0
MAX_DECODED_S = 900.0
MAX_ERRORS = 500
# PyAV 18.1 finds a ninth plane after eight (AudioFrame.planes), and to_ndarray ends the process over it.
UNREADABLE_CHANNELS = 8
CORRECTION = "correction"  # the variant of a .wvc file: described, and not decodable by itself
# Their structure is read (containers_*.py), so a broken end is known without decoding it.
ENDS_KNOWN = frozenset(
    {
        "flac",
        "ogg",
        "riff",
        "rf64",
        "w64",
        "aiff",
        "dsf",
        "dsdiff",
        "wavpack",
        "asf",
        "au",
        "mpeg",
        "adts",
        "mp4",
        "gsm",
    }
)
# Each block of theirs has a checksum, which FFmpeg looks at only when it is told to.
SELF_CHECKED = frozenset({"flac", "wavpack", "tta"})
NO_LENGTH = frozenset({"ac3", "dts", "amr", "", "real"})


@dataclass(slots=True)
class Count:
    """What decoding gave so far. `ticks` of the stream's clock were seen; `is_whole`: to the end, nothing left out."""

    samples: int = 0
    packets: int = 0
    errors: int = 0
    ticks: int = 0
    first_error: str = ""
    is_whole: bool = False
    is_silent: bool = True
    hash: Any = None


@dataclass(slots=True)
class Job:
    """One file being heard. `said_s` is the length that its header gives, 0 if none; `began` its rate and channels
    before anything was decoded."""

    file: OpenFile
    shape: Shape
    container: InputContainer
    stream: AudioStream
    said_s: float = 0.0
    began: tuple[int, int] = (0, 0)
    count: Count = field(default_factory=Count)
    wants_hash: bool = False


def decode(job: Job) -> None:
    """Decodes as much as is cheap, and looks at the end where the structure does not know it."""
    job.stream.codec_context.thread_count = 1  # threads would count against the address space
    if job.stream.codec_context.name in SELF_CHECKED:
        job.stream.codec_context.options = {"err_detect": "crccheck"}
    job.said_s = _header_seconds(job)
    job.began = (job.stream.codec_context.sample_rate, job.stream.codec_context.channels)
    if job.shape.variant == CORRECTION:
        return
    if _is_cheap(job):
        job.wants_hash = job.shape.kind == "flac" and bool(job.shape.audio_md5)
        _decode(job, MAX_DECODED_S)
    else:
        _decode(job, FIRST_S)
        _look_further(job)


def _is_cheap(job: Job) -> bool:
    size, said = job.file.size, job.said_s
    if job.shape.exact and job.stream.codec_context.name.startswith("pcm_"):
        return False  # there is nothing in it that could fail
    if size <= SMALL_BYTES:
        return True
    return size <= UNKNOWN_BYTES if said == 0 else said <= SHORT_S and size <= SHORT_BYTES


def _header_seconds(job: Job) -> float:
    if job.stream.duration and job.stream.time_base:
        return max(0.0, float(job.stream.duration * job.stream.time_base))
    return max(0.0, (job.container.duration or 0) / 1e6)


def _decode(job: Job, seconds: float) -> None:
    """Decodes up to so many seconds from where the container stands."""
    count = job.count
    limit = count.samples + seconds * job.stream.codec_context.sample_rate
    for packet in _packets(job):
        try:
            frames = packet.decode()
        except (FFmpegError, ValueError) as error:
            _fail(count, error)
            if count.errors >= MAX_ERRORS:
                return
            continue
        for frame in frames:
            count.samples += frame.samples
            _listen(job, frame)
        if count.samples > limit:
            return
    count.is_whole = True


def _packets(job: Job) -> Iterator[Any]:
    count = job.count
    try:
        for packet in job.container.demux(job.stream):
            count.packets += 1 if packet.size else 0
            count.ticks += packet.duration or 0
            yield packet
    except (FFmpegError, OSError, ValueError) as error:
        _fail(count, error)


def _fail(count: Count, error: Exception) -> None:
    count.errors += 1
    count.first_error = count.first_error or plain(str(getattr(error, "strerror", None) or error))


def _listen(job: Job, frame: AudioFrame) -> None:
    count = job.count
    if not count.is_silent and not job.wants_hash:
        return
    if frame.layout.nb_channels >= UNREADABLE_CHANNELS and frame.format.is_planar:
        count.is_silent = False  # unknown
        return
    block = frame.to_ndarray()
    count.is_silent = count.is_silent and not block.any()
    if job.wants_hash:
        count.hash = count.hash or hashlib.md5(usedforsecurity=False)
        count.hash.update(flac_bytes(block, job.shape.bits))


def _look_further(job: Job) -> None:
    """Beyond the first second, where the structure does not know the end: demux what has no length, decode the end of
    the rest."""
    if job.shape.kind in NO_LENGTH or job.said_s == 0:
        for _ in _packets(job):
            pass
        return
    if job.shape.kind in ENDS_KNOWN:
        return
    before = job.count.samples
    try:
        job.container.seek(int(max(0.0, job.said_s - LAST_S) * 1e6))
    except (FFmpegError, OSError, ValueError):
        return
    _decode(job, LAST_S * 2)
    job.count.is_whole = False
    if job.count.samples == before:
        _fail(job.count, ValueError("its end cannot be decoded"))


def plain(message: str) -> str:
    """A message of FFmpeg, fit for a report."""
    line = message.strip().splitlines()[0] if message.strip() else ""
    return "".join(char for char in line if char.isprintable())[:160]
