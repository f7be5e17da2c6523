"""The sound itself: what FFmpeg makes of it, read through one door, with a list of demuxers that open nothing else.

Takes  an open file and its Shape.   Gives  a Heard: AudioFacts or the reason why there are none, and findings.
Order  open (here) → decode what is cheap (probe_decode.py) → facts and findings (probe_facts.py).

What FFmpeg logs as an error becomes a finding: it exits without one for most damaged files.
"""

from dataclasses import dataclass, replace

import av
import av.logging
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from sonoteca.acquire.containers import Shape
from sonoteca.acquire.probe_decode import CORRECTION, Job, decode, plain
from sonoteca.acquire.probe_facts import find_facts, find_length, find_troubles, why_nothing
from sonoteca.acquire.probe_file import Door, OpenFile
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

# Kinds whose header says it all: FFmpeg would read 5 MB to see whether the samples are DTS in disguise.
_PLAIN = frozenset({"flac", "riff", "rf64", "w64", "aiff", "au", "dsf", "dsdiff"})
_PLAIN_PROBE_BYTES = 1 << 16
MAX_CHANNELS = 8
MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 768_000

# kind (containers.sniff) → demuxers that may open it. Never one that opens other files (concat, hls, playlists, image
# sequences), synthesises (modules) or reads devices.
DEMUXERS: dict[str, str] = {
    "flac": "flac",
    "ogg": "ogg",
    "riff": "wav",
    "rf64": "wav",
    "w64": "w64",
    "aiff": "aiff",
    "iff": "iff",
    "dsdiff": "iff",
    "dsf": "dsf",
    "wavpack": "wv",
    "ape": "ape",
    "mpc": "mpc,mpc8",
    "tta": "tta",
    "tak": "tak",
    "shn": "shn",
    "asf": "asf",
    "au": "au",
    "caf": "caf",
    "mp4": "mov",
    "matroska": "matroska,webm",
    "amr": "amr",
    "ac3": "ac3,eac3",
    "dts": "dts,dtshd",
    "real": "rm",
    "voc": "voc",
    "ircam": "ircam",
    "avi": "avi",
    "mpeg": "mp3",
    "adts": "aac",
    "gsm": "gsm",
}
# For bytes that say nothing about themselves.
UNKNOWN_DEMUXERS = "mp3,aac,ac3,eac3,dts,mpc,ape,tak,tta,mlp,truehd,loas,mov,mpeg,mpegts,aa,nistsphere,amr,wav"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard. `metadata` are FFmpeg's own tags, for formats that nobody else reads here."""

    facts: AudioFacts | None = None
    container: str = ""
    findings: tuple[Finding, ...] = ()
    decoded_s: float = 0.0
    metadata: tuple[tuple[str, str], ...] = ()


def hear(file: OpenFile, shape: Shape) -> Heard:
    """What FFmpeg makes of the file. Nothing that a file holds makes this raise."""
    av.logging.set_skip_repeated(False)
    av.logging.set_level(av.logging.ERROR)
    with av.logging.Capture(local=False) as log:
        heard = _hear(file, shape)
    complaints = [message.strip() for level, _, message in log if level <= av.logging.ERROR]
    if complaints and heard.facts is not None and shape.variant != CORRECTION:
        said = finding("A114", detail=f"{plain(complaints[0])} ({len(complaints)} times in all)")
        return replace(heard, findings=(*heard.findings, said))
    return heard


def _hear(file: OpenFile, shape: Shape) -> Heard:
    if shape.misread:
        return Heard(findings=(finding("F107", detail=f"{shape.kind}: {shape.misread}"),))
    names = DEMUXERS.get(shape.kind, UNKNOWN_DEMUXERS)
    options = {"format_whitelist": names, "protocol_whitelist": "file"}
    if shape.kind in _PLAIN:
        options["probesize"] = str(_PLAIN_PROBE_BYTES)
    try:
        container = av.open(Door(file, shape.view), "r", options=options, metadata_errors="surrogateescape")
    except (FFmpegError, OSError, ValueError) as error:
        return Heard(findings=(_unopened(shape, error),))
    with container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            return Heard(findings=(_no_sound(container, shape),))
        if (wrong := _wrong_kind(stream)) is not None:
            return Heard(findings=(wrong,))
        return _judge(Job(file, shape, container, stream))


def _unopened(shape: Shape, error: Exception) -> Finding:
    if shape.kind == "mpeg" and not shape.samples and shape.blocks:
        return finding("F108")
    why = plain(getattr(error, "strerror", "") or str(error))
    return finding("F107", detail=f"{shape.kind}: {why}" if shape.kind else why)


def _no_sound(container: InputContainer, shape: Shape) -> Finding:
    if container.streams.video:
        return finding("F110")
    return finding("F107", detail=f"{shape.kind}: it has no stream of sound")


def _wrong_kind(stream: AudioStream) -> Finding | None:
    context = stream.codec_context
    if context is None:
        return finding("F109", detail="no decoder for it")
    if not 1 <= context.channels <= MAX_CHANNELS:
        return finding("F111", detail=f"{context.channels} channels")
    if not MIN_RATE_HZ <= context.sample_rate <= MAX_RATE_HZ:
        return finding("F111", detail=f"{context.sample_rate} samples a second")
    return None


def _judge(job: Job) -> Heard:
    decode(job)
    metadata = tuple((key, value) for owner in (job.container, job.stream) for key, value in owner.metadata.items())
    name = job.container.format.name.split(",")[0]
    if job.count.samples == 0 and job.shape.variant != CORRECTION:
        return Heard(container=name, findings=(why_nothing(job),), metadata=metadata)
    seconds, exact, problems = find_length(job)
    facts = find_facts(job, name, seconds, exact)
    return Heard(
        facts=facts,
        container=name,
        findings=(*problems, *find_troubles(job, facts)),
        decoded_s=job.count.samples / job.stream.codec_context.sample_rate,
        metadata=metadata,
    )
