"""Whole numbers: samples as FLAC keeps them, or none when it could not keep them all.

Takes  a frame as its decoder gave it.   Gives  a frame of 16 or 24 bits with the same samples; None when one of them
       cannot be said in 24 bits.
Never  rounds: a copy that is called lossless is.

FFmpeg holds 24 bits in the upper part of 32, so their lowest byte is zero. Floating point is exact when every sample is
a multiple of 2⁻²³ within full scale; programs that only store what a converter gave write such files.
"""

from typing import Any

import numpy
from av.audio.frame import AudioFrame

from sonoteca.convert.layouts import BY_COUNT

# FFmpeg's sample format → the one that FLAC's encoder takes. u8 becomes s16, each sample times 256.
KEPT_AS = {"u8": "s16", "u8p": "s16", "s16": "s16", "s16p": "s16", "s32": "s32", "s32p": "s32"}
_FLOATS = frozenset({"flt", "fltp", "dbl", "dblp"})
_SCALE = float(1 << 23)
_Array = numpy.ndarray[Any, Any]


def encoder_format(name: str) -> str:
    """The encoder's sample format for frames of this one."""
    return KEPT_AS.get(name, "s32")


def whole_frame(frame: AudioFrame) -> AudioFrame | None:
    """The frame itself where nothing has to be done, else one with the same samples; its layout is the usual one of
    so many channels, because FLAC knows no other (RFC 9639 §9.1.3). None when its samples need more than 24 bits."""
    name, layout = frame.format.name, BY_COUNT[frame.layout.nb_channels]
    if KEPT_AS.get(name) == "s16" and frame.layout.name == layout:
        return frame
    samples: _Array = frame.to_ndarray()
    if name in _FLOATS:
        name = "s32p" if name.endswith("p") else "s32"
        samples = samples * samples.dtype.type(_SCALE)  # times a power of two: nothing is lost
        return _made(samples.astype(numpy.int32) << 8, name, layout, frame.sample_rate) if _is_whole(samples) else None
    if name not in KEPT_AS or (KEPT_AS[name] == "s32" and (samples & 0xFF).any()):
        return None
    return frame if frame.layout.name == layout else _made(samples, name, layout, frame.sample_rate)


def _is_whole(scaled: _Array) -> bool:
    # A NaN is equal to nothing, and infinity is out of range.
    return bool((scaled == numpy.rint(scaled)).all() and scaled.max() < _SCALE and scaled.min() >= -_SCALE)


def _made(samples: _Array, name: str, layout: str, rate_hz: int) -> AudioFrame:
    made = AudioFrame.from_ndarray(samples, format=name, layout=layout)
    made.sample_rate = rate_hz
    made.pts = None
    return made
