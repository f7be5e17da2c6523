"""Two seconds of noise in every format that FFmpeg writes here: files that somebody else's code made."""

import io
from typing import Any

import av
import numpy

RATE_HZ = 44_100
SECONDS = 2
# name: (FFmpeg's container, codec, sample format, container as reported)
FORMATS: dict[str, tuple[str, str, str, str]] = {
    "a.flac": ("flac", "flac", "s16", "flac"),
    "a24.flac": ("flac", "flac", "s32", "flac"),
    "a.wav": ("wav", "pcm_s16le", "s16", "wav"),
    "a.aiff": ("aiff", "pcm_s16be", "s16", "aiff"),
    "a.w64": ("w64", "pcm_s16le", "s16", "w64"),
    "a.au": ("au", "pcm_s16be", "s16", "au"),
    "a.caf": ("caf", "pcm_s16be", "s16", "caf"),
    "a.wv": ("wv", "wavpack", "s16p", "wv"),
    "a.tta": ("tta", "tta", "s16", "tta"),
    "a.m4a": ("ipod", "alac", "s16p", "mov"),
    "aac.m4a": ("ipod", "aac", "fltp", "mov"),
    "a.aac": ("adts", "aac", "fltp", "aac"),
    "a.mp3": ("mp3", "libmp3lame", "fltp", "mp3"),
    "a.opus": ("ogg", "libopus", "flt", "ogg"),
    "flac.oga": ("ogg", "flac", "s16", "ogg"),
    "a.mka": ("matroska", "flac", "s16", "matroska"),
    "a.ac3": ("ac3", "ac3", "fltp", "ac3"),
    "a.wma": ("asf", "wmav2", "fltp", "asf"),
}


def make(name: str, silent: bool = False, seconds: float = SECONDS) -> bytes:
    """The file of this name in FORMATS."""
    container, codec, layout, _ = FORMATS[name]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        rate = 48_000 if codec == "libopus" else RATE_HZ
        stream: Any = output.add_stream(codec, rate=rate)
        stream.layout, stream.format = "stereo", layout
        if codec == "wmav2":
            stream.bit_rate = 128_000
        for frame in frames(layout, rate, int(seconds * rate), 0 if silent else 3000):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def frames(layout: str, rate: int, count: int, loudness: int) -> Any:
    noise = numpy.random.default_rng(7).integers(-loudness, loudness + 1, count * 2).astype("i4")
    for at in range(0, count, 1024):
        part = noise[at * 2 : (at + 1024) * 2].reshape(-1, 2)
        frame = av.AudioFrame.from_ndarray(shaped(part, layout), format=layout, layout="stereo")
        frame.sample_rate, frame.pts = rate, at
        yield frame


def shaped(part: Any, layout: str) -> Any:
    if layout.startswith("flt"):
        part = (part / 32768).astype("f4")
    else:
        part = (part << 16 if layout == "s32" else part).astype(f"i{int(layout[1:3].rstrip('p')) // 8}")
    return numpy.ascontiguousarray(part.T) if layout.endswith("p") else part.reshape(1, -1)
