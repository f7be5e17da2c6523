"""Opening: a master becomes a stream of packets, by the one demuxer and the decoders that the probe found it to need.

Takes  a RenderOrder.   Gives  an open container and its first stream of sound; Refused "not-decodable" says why not.
Never  guesses: FFmpeg is told which demuxer to use instead of being asked what the file looks like (a fake .mp3 that
       holds a script of the concat demuxer opened other files). What the probe says comes out of a process that read a
       stranger's bytes, so it is believed only within CONTAINERS.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Self

import av
import av.logging
import av.subtitles.stream  # PyAV loads it when the first file is opened: once here instead of in each process
from av.audio.stream import AudioStream
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from av.container import InputContainer
from av.error import FFmpegError

from sonoteca.formats.sound_tags import find_tail, skip_tags
from sonoteca.model.errors import Refused
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import RenderOrder

# Demuxers that read one file and nothing else. None that opens other files (concat, hls, dash, imf, playlists, image
# sequences), synthesises (modules) or reads devices.
_CONTAINERS = """aa aac ac3 aiff amr ape asf au avi caf dsf dts dtshd eac3 flac gsm iff ircam loas matroska mlp mov
    mp3 mpc mpc8 mpeg mpegts nistsphere ogg rm shn tak truehd tta voc w64 wav wv"""
CONTAINERS = frozenset(_CONTAINERS.split())
CHANNELS = range(1, 9)
MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 768_000
# Each block of theirs has a checksum. A block that fails it is lost and told: what it decodes to may be noise at full
# level.
_SELF_CHECKED = {"flac": "crccheck+explode", "wavpack": "crccheck", "tta": "crccheck"}
UNREADABLE = "not-readable"  # FFmpeg's own no, where another decoder may say yes; all others are ours
_PROBE_BYTES = 1 << 16
# Streams of frames or blocks, around which tags may stand. FFmpeg knows an ID3v2 in front and one tag behind; what it
# does not know it takes for sound, and tells as damage or decodes to noise.
_BARE = frozenset({"mp3", "aac", "wv", "flac", "tta", "ape", "tak", "mpc", "mpc8", "ac3", "eac3", "dts"})
# Containers whose header says it all: FFmpeg would read 5 MB to see whether the samples are DTS in disguise.
_PLAIN = frozenset({"flac", "wav", "w64", "aiff", "au", "dsf", "iff"})


def _decoder_names() -> dict[str, str]:
    """What FFmpeg calls the decoders of each codec, joined by commas ("mp3": "mp3,mp3float")."""
    found: dict[str, list[str]] = {}
    for name in sorted(av.codecs_available):
        try:
            codec = Codec(name, "r")
        except UnknownCodecError:
            continue  # an encoder
        if codec.type == "audio":
            found.setdefault(codec.canonical_name, []).append(name)
    return {codec: ",".join(names) for codec, names in found.items()}


DECODERS = _decoder_names()


@dataclass(frozen=True, slots=True)
class Opened:
    """A container and its first stream of sound, ready to be decoded. `log` is what FFmpeg says meanwhile: (level, who,
    what), to be cleared by whoever has read it. Further containers of the same master are closed with `parts`."""

    container: InputContainer
    stream: AudioStream
    log: list[tuple[int, str, str]]
    order: RenderOrder
    parts: ExitStack


@contextmanager
def open_master(order: RenderOrder) -> Iterator[Opened]:
    """The master of an order, open."""
    _verify_facts(order.audio)
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)
    with av.logging.Capture(local=False) as log, ExitStack() as parts:
        container = parts.enter_context(open_part(order, _address))
        yield Opened(container, stream_of(container, order.audio), log, order, parts)


def open_part(order: RenderOrder, address: Callable[[RenderOrder], str]) -> InputContainer:
    """The master, or what of it has an address of its own."""
    try:
        if not stat.S_ISREG(os.lstat(order.path).st_mode):
            raise _no("it is not a regular file")
        return av.open(
            address(order),
            "r",
            format=order.audio.container,
            options=_options(order.audio),
            metadata_errors="surrogateescape",
        )
    except (FFmpegError, OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ENOMEM:
            raise MemoryError from error
        why = f"it cannot be opened: {plain(str(getattr(error, 'strerror', None) or error))}"
        raise Refused(UNREADABLE, why) from error


def _address(order: RenderOrder) -> str:
    """The file, or the part of it that is no tag."""
    if order.audio.container not in _BARE:
        return f"file:{order.path}"
    with Reading(order.path) as file:
        start, front = skip_tags(file)
        if all(tag.kind == "id3v2" for tag in front):
            start = 0
        tail = find_tail(file, start)
    if start == 0 and not tail.blocks:
        return f"file:{order.path}"
    return f"subfile,,start,{start},end,{tail.end},,:file:{order.path}"


class Reading:
    """A master, for whoever looks for its tags."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self.size = os.fstat(self._file).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def read(self, at: int, count: int) -> bytes:
        """See Bytes."""
        return os.pread(self._file, count, at) if at >= 0 else b""


def _options(audio: AudioFacts) -> dict[str, str]:
    found = {
        "format_whitelist": audio.container,
        "codec_whitelist": DECODERS[audio.codec],  # covers too are decoded at opening otherwise
        "protocol_whitelist": "subfile,file",  # a part of the same file: _address, chain.py
    }
    if audio.container in _PLAIN:
        found["probesize"] = str(_PROBE_BYTES)
    return found


def _verify_facts(audio: AudioFacts) -> None:
    if audio.container not in CONTAINERS:
        raise _no(f"the container {audio.container[:40]!a} is not opened here")
    if audio.codec not in DECODERS:
        raise _no(f"there is no decoder for {audio.codec[:40]!a}")
    if audio.channels not in CHANNELS or not MIN_RATE_HZ <= audio.sample_rate_hz <= MAX_RATE_HZ:
        raise _no(f"{audio.channels} channels at {audio.sample_rate_hz} Hz: 1 to 8 at 4 to 768 kHz are taken")


def stream_of(container: InputContainer, audio: AudioFacts) -> AudioStream:
    """Its first stream of sound; Refused when it is another one than the probe found."""
    stream = next(iter(container.streams.audio), None)
    context = stream.codec_context if stream is not None else None
    if stream is None or context is None:
        raise _no("it has no stream of sound that can be decoded")
    if context.codec.canonical_name != audio.codec:
        raise _no(f"its codec is {context.codec.canonical_name}, and the probe found {audio.codec}")
    if context.channels not in CHANNELS or not MIN_RATE_HZ <= context.sample_rate <= MAX_RATE_HZ:
        raise _no(f"{context.channels} channels at {context.sample_rate} Hz: 1 to 8 at 4 to 768 kHz are taken")
    context.thread_count = 1  # the same answer each time, and its CPU time is this thread's
    if audio.codec in _SELF_CHECKED:
        context.options = {"err_detect": _SELF_CHECKED[audio.codec]}
    return stream


def _no(why: str) -> Refused:
    return Refused("not-decodable", why)


def plain(message: str) -> str:
    """A message of FFmpeg, fit for a report."""
    line = message.strip().splitlines()[0] if message.strip() else ""
    return "".join(char for char in line if char.isprintable())[:160]
