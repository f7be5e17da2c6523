"""Layouts: which loudspeaker each channel is for, when a file says it, when it does not, and when there are too many.

Takes  a block's frame and its samples.   Gives  a frame whose layout can be mixed or encoded.

A file that names no loudspeakers is taken as WAV and FLAC take it, by the number of channels (RFC 9639 §9.1.3).
"""

from typing import Any

import numpy
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout

# FFmpeg's names. By number of channels: what is meant when nothing is said.
BY_COUNT = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
# What FFmpeg's mixer knows how to make two of.
_MIXABLE = """
    2.1, 3.0, 3.0(back), 3.1, 4.0, 4.1, quad, quad(side), 5.0, 5.0(side), 5.1, 5.1(side), 6.0, 6.0(front), hexagonal,
    6.1, 6.1(back), 6.1(front), 7.0, 7.0(front), 7.1, 7.1(wide), 7.1(wide-side), octagonal
"""
MIXABLE = frozenset(_MIXABLE.replace(",", " ").split())
# FFmpeg's resampler takes one or two channels without a name for these as well.
_PLAIN = frozenset({"mono", "stereo", "1 channels", "2 channels"})
# WAVE's bit of each loudspeaker (RFC 9639 §8.6.2), by FFmpeg's names.
_SPEAKERS = "FL FR FC LFE BL BR FLC FRC BC SL SR TC TFL TFC TFR TBL TBC TBR"
_MASK = {name: 1 << place for place, name in enumerate(_SPEAKERS.split())}
# A decoder's sum may be above full scale, and is kept; what is beyond this is no sound.
MAX_LEVEL = 8.0
_FLOATS = frozenset({"flt", "fltp", "dbl", "dblp"})


def known_frame(frame: AudioFrame, planar: numpy.ndarray[Any, Any]) -> AudioFrame:
    """The frame itself when its layout is known and its levels are sound; else one made of `planar`, float32 of
    (channels, samples). The frame is never changed: others read it too."""
    name = frame.layout.name
    is_known = name in _PLAIN or name in MIXABLE
    is_sane = frame.format.name not in _FLOATS or is_sound(planar)
    if is_known and is_sane:
        return frame
    return _made(frame, planar if is_sane else sane(planar), name if is_known else BY_COUNT[len(planar)])


def is_sound(planar: numpy.ndarray[Any, Any]) -> bool:
    """Whether every value is a number and none is beyond all levels."""
    if not planar.size:
        return True
    # A NaN makes both comparisons false.
    return bool(planar.max() <= MAX_LEVEL and planar.min() >= -MAX_LEVEL)


def sane(planar: numpy.ndarray[Any, Any]) -> numpy.ndarray[Any, Any]:
    """The same with silence for what is no number or beyond all levels."""
    return numpy.where(numpy.abs(planar) <= MAX_LEVEL, planar, 0)


def _made(frame: AudioFrame, planar: numpy.ndarray[Any, Any], layout: str) -> AudioFrame:
    # In the form of the others of its stream, where it can be: an encoder is set up for one. Else interleaved, because
    # PyAV 18.1 cannot make eight planes (uniform.py).
    name = frame.format.name if frame.format.name in _FLOATS else "flt"
    samples = planar.astype(numpy.float64 if name.startswith("dbl") else numpy.float32, copy=False)
    shaped = samples if name.endswith("p") else samples.T.reshape(1, -1)
    made = AudioFrame.from_ndarray(numpy.ascontiguousarray(shaped), format=name, layout=layout)
    made.sample_rate = frame.sample_rate
    made.pts = None
    return made


def channel_mask(layout: AudioLayout) -> tuple[tuple[str, str], ...]:
    """What FLAC has to say of a layout that is named and is not the usual one of so many channels (RFC 9639
    §8.6.2)."""
    if " " in layout.name or layout.name == BY_COUNT.get(layout.nb_channels):
        return ()
    bits = [_MASK.get(channel.name, 0) for channel in layout.channels]
    # Only loudspeakers in the order of their bits can be said so.
    return (("WAVEFORMATEXTENSIBLE_CHANNEL_MASK", f"0x{sum(bits):x}"),) if all(bits) and bits == sorted(bits) else ()
