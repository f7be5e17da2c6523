"""Facts: what decoding and structure together say of the sound, and where the two and the header disagree.

Takes  a Job that was decoded.   Gives  AudioFacts, findings; or why there is nothing.
"""

import re
from collections.abc import Iterator
from typing import Any

from av.container import InputContainer
from av.stream import Disposition

from sonoteca.acquire.containers import Shape
from sonoteca.acquire.probe_checksums import crc16_reflected
from sonoteca.acquire.probe_decode import CORRECTION, ENDS_KNOWN, NO_LENGTH, UNKNOWN_BYTES, Job
from sonoteca.acquire.pronom import find_puid
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

LONG_S = 24 * 3600.0
SILENCE_S = 10.0
SHORTEST_S = 0.005
NO_FURTHER = (
    "Not yet implemented in FFmpeg, patches welcome"  # where a chain's next link has another form; convert goes on
)
LOSSLESS = frozenset(
    {"flac", "alac", "wavpack", "ape", "tta", "tak", "shorten", "mlp", "truehd", "wmalossless", "mp4als", "dst", "ralf"}
    | {"dsd_lsbf", "dsd_msbf", "dsd_lsbf_planar", "dsd_msbf_planar"}
)
_LINEAR = re.compile(r"pcm_[suf](\d+)(?:le|be)?(?:_planar)?")


def why_nothing(job: Job) -> Finding:
    """Not one sample came out. A whole file that is empty, or whose sound is missing altogether, still describes a
    recording."""
    if job.shape.is_stub:
        return finding("A199")
    if job.shape.is_empty:
        return finding("A198")
    if job.count.packets == 0 and not job.count.errors:
        return finding("F112")
    return finding("F109", detail=job.count.first_error)


def find_length(job: Job) -> tuple[float, bool, list[Finding]]:
    """(seconds, whether they were counted, findings). What was counted wins over what is said where the two
    disagree."""
    shape, said, rate = job.shape, job.said_s, job.stream.codec_context.sample_rate
    if shape.exact and shape.samples and shape.rate in (0, rate):
        return shape.samples / rate, True, []
    if _is_chained(shape) and shape.samples and shape.rate:
        # What is counted may be of several rates, or end with the first link that has another one.
        return shape.samples / shape.rate, False, []
    if job.count.is_whole:
        counted = job.count.samples / rate
    elif shape.kind in NO_LENGTH or said == 0:
        counted = job.count.ticks * float(job.stream.time_base or 0)
    else:
        return (shape.samples / (shape.rate or rate) if shape.samples and not said else said), False, []
    if said and abs(said - counted) <= max(0.05, 0.01 * said):
        return said, True, []
    return counted, True, _disagreement(job, counted)


def _is_chained(shape: Shape) -> bool:
    return any(found.code == "A108" for found in shape.findings)


def _disagreement(job: Job, counted: float) -> list[Finding]:
    shape, said = job.shape, job.said_s
    if not said or any(found.code in ("A101", "A102", "A108") for found in shape.findings):
        return []
    if shape.rate and abs(shape.samples / shape.rate - counted) <= 0.05:
        return []
    # Where the structure is whole, what the header says is an encoder's delay or an estimate from the bit rate.
    code = "A101" if shape.kind not in ENDS_KNOWN and said - counted > max(1.0, said * 0.1) else "A117"
    return [finding(code, detail=f"the header says {said:.3f} s, {counted:.3f} s are there")]


def find_facts(job: Job, container: str, seconds: float, exact: bool) -> AudioFacts:
    context, shape = job.stream.codec_context, job.shape
    codec = context.codec.canonical_name
    # A context that went through a chain has the form of its last link.
    rate, channels = job.began if _is_chained(shape) else (context.sample_rate, context.channels)
    samples = shape.samples if shape.exact and shape.samples and shape.rate in (0, context.sample_rate) else 0
    return AudioFacts(
        container=container,
        codec=codec,
        duration_s=round(seconds, 6),
        samples=samples or round(seconds * rate),
        sample_rate_hz=rate,
        channels=channels,
        bits=_bits(codec, shape, context),
        lossless=is_lossless(codec, shape.variant),
        exact=exact,
        puid=find_puid(container, codec, shape.kind, shape.variant),
        audio_md5=shape.audio_md5,
    )


def is_lossless(codec: str, variant: str) -> bool:
    """Whether the codec keeps every bit of what it was given."""
    if codec.startswith("pcm_"):
        return codec not in ("pcm_mulaw", "pcm_alaw", "pcm_vidc")
    return codec in LOSSLESS and variant not in ("hybrid", CORRECTION)


def _bits(codec: str, shape: Shape, context: Any) -> int:
    if bits := shape.bits or _bits_of_head(codec, context.extradata or b""):
        return bits
    if context.format is None:  # damaged, and nothing was decoded that would say it
        return 0
    return int(context.format.bits) if codec in LOSSLESS or codec.startswith("pcm_") else 0


def _bits_of_head(codec: str, head: bytes) -> int:
    """What the codec's name or its own head says: decoders hand out 24 bits as 32. 0 where they do not say."""
    bits = 0
    if linear := _LINEAR.fullmatch(codec):
        bits = int(linear[1])
    elif codec == "flac" and len(head) == 34:  # STREAMINFO: RFC 9639 §8.2
        bits = (int.from_bytes(head[12:14], "big") >> 4 & 0x1F) + 1
    elif codec == "alac" and len(head) >= 18:  # an atom's head, its version, then ALACSpecificConfig
        bits = head[17]
    elif codec == "tta" and head[:3] == b"TTA":
        bits = int.from_bytes(head[8:10], "little")
    return bits if bits in range(4, 65) else 0


def find_troubles(job: Job, facts: AudioFacts) -> Iterator[Finding]:
    count = job.count
    if count.errors and not (_is_chained(job.shape) and count.first_error == NO_FURTHER):
        yield finding("A105", detail=f"{count.errors} of {count.packets} packets: {count.first_error}")
    if _is_silence(job, facts):
        yield finding("A109", detail=f"{facts.duration_s:.1f} s")
    if count.is_whole and count.hash is not None and not count.errors and count.hash.hexdigest() != facts.audio_md5:
        yield finding("A106", detail="the MD5 of its sound is another one than the file says")
    if not _is_sealed(job):
        yield finding("A106", detail="the encoder's checksum of the music is another one")
    if facts.duration_s > LONG_S:
        yield finding("A115", detail=f"{facts.duration_s / 3600:.0f} hours")
    if facts.duration_s < SHORTEST_S and job.shape.variant != CORRECTION:
        yield finding("A118", detail=f"{facts.samples} samples")
    if job.shape.variant == CORRECTION:
        yield finding("A112")
    yield from _stream_findings(job.container)


def _is_silence(job: Job, facts: AudioFacts) -> bool:
    count = job.count
    if not count.is_whole or not count.is_silent or not count.samples:
        return False
    # The sound of a silent film is nothing to wonder about.
    return facts.duration_s >= SILENCE_S and not _is_film(job.container)


def _is_sealed(job: Job) -> bool:
    """Whether the checksum that the encoder left agrees, as far as it is cheap to know."""
    seal = job.shape.seal
    if seal is None or seal.size > UNKNOWN_BYTES:
        return True
    return crc16_reflected(job.file.read(seal.at, seal.size)) == seal.crc


def _stream_findings(container: InputContainer) -> Iterator[Finding]:
    if len(container.streams.audio) > 1:
        yield finding("A110", detail=f"{len(container.streams.audio)} streams of sound; the first was taken")
    if _is_film(container):
        yield finding("A111")


def _is_film(container: InputContainer) -> bool:
    return any(not stream.disposition & Disposition.attached_pic for stream in container.streams.video)
