"""Libopus: a recipe's packets of 20 ms, from the same library and with the same settings as FFmpeg's encoder has them.

Takes  frames of any format, layout and rate, in order, one form for all; None when there are no more.
Gives  packets; `pre_skip`, the samples at 48 kHz that come before the first one.
Never  changes a frame, or makes other bytes than FFmpeg does: a test compares.

Through PyAV each packet costs a frame with its copy of the samples, two packets and a Fraction. Here FFmpeg resamples
some seconds at a time, and libopus is called for each packet at its place in them. It is the libopus that PyAV brings
along and FFmpeg has loaded already; where PyAV was built against the system's libraries, FFmpeg's encoder is asked
(`ThroughFFmpeg`). docs/adr/0018 says what else there was.
"""

import ctypes
from collections.abc import Callable
from itertools import repeat
from typing import Protocol

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from sonoteca.convert.libraries import find_bundled
from sonoteca.convert.opus_headers import pre_skip_of
from sonoteca.convert.recipes import Recipe

PACKET_SAMPLES = 960  # 20 ms
_GULP = 400  # packets: eight seconds, as long as a block
_FORM = "flt"
_FLOAT_BYTES = 4
# opus_defines.h and opus_multistream.h of libopus; none of these has changed since 1.0, or will.
_APPLICATION_AUDIO = 2049
_BITRATE, _COMPLEXITY, _VBR, _VBR_CONSTRAINT, _LOOKAHEAD = 4002, 4010, 4006, 4020, 4027
_FEC, _LOSS, _NO_PHASE_INVERSION = 4012, 4014, 4046
_MOST_BYTES = 1276  # of a packet of 20 ms: a frame and the byte before it (RFC 6716 §3.1, §3.2.1)


_Call = Callable[..., int]


class Encoder(Protocol):
    """Makes packets of one track."""

    pre_skip: int

    def take(self, frame: AudioFrame | None) -> list[bytes]:
        """The packets that are whole now; None gives the last ones. FFmpegError or ValueError when it cannot be
        encoded."""


class Calls:
    """The four functions that are called. Whole numbers are C's `int` to all of them, addresses are made by `byref`,
    and what they answer is an `int`: ctypes' own rules where nothing is said."""

    def __init__(self, path: str) -> None:
        """OSError when it cannot be loaded, AttributeError when it is another library."""
        library = ctypes.PyDLL(path)  # what keeps the GIL need not take it again after each packet
        self.size_of: _Call = library.opus_multistream_encoder_get_size
        self.begin: _Call = library.opus_multistream_encoder_init
        self.control: _Call = library.opus_multistream_encoder_ctl
        self.encode: _Call = library.opus_multistream_encode_float


def find_calls() -> Calls | None:
    """Those of the libopus that PyAV brought, None when it brought none."""
    path = find_bundled("libopus")
    return Calls(path) if path else None


_CALLS = find_calls()


def encoder_of(recipe: Recipe, channels: int) -> Encoder:
    """What encodes here."""
    return Direct(_CALLS, recipe, channels) if _CALLS else ThroughFFmpeg(recipe, channels)


class Direct:
    """libopus itself, which keeps its state in memory of ours."""

    def __init__(self, calls: Calls, recipe: Recipe, channels: int) -> None:
        self._calls = calls
        self._packet_bytes = PACKET_SAMPLES * channels * _FLOAT_BYTES
        self._resampler = AudioResampler(_FORM, _layout(channels), recipe.rate_hz, frame_size=_GULP * PACKET_SAMPLES)
        self._state = ctypes.create_string_buffer(calls.size_of(1, channels - 1))
        self._state_place = ctypes.byref(self._state)
        self._out = ctypes.create_string_buffer(_GULP * _MOST_BYTES)
        self._places = [ctypes.byref(self._out, at) for at in range(0, _GULP * _MOST_BYTES, _MOST_BYTES)]
        self._samples = self._encoded = 0
        # One stream of one or two channels, in their order (RFC 7845 §5.1.1).
        _verify(calls.begin(self._state_place, recipe.rate_hz, channels, 1, channels - 1, b"\0\1", _APPLICATION_AUDIO))
        for request, value in _settings(recipe, channels):
            _verify(calls.control(self._state_place, request, ctypes.c_int(value)))
        found = ctypes.c_int()
        _verify(calls.control(self._state_place, _LOOKAHEAD, ctypes.byref(found)))
        self.pre_skip = found.value

    def take(self, frame: AudioFrame | None) -> list[bytes]:
        """See Encoder."""
        found = list[bytes]()
        for gulp in self._resampler.resample(frame):
            found += self._gulp(gulp)
        if frame is None:
            missing = self._samples + self.pre_skip - self._encoded  # all that was heard comes out again
            found += self._silence(-(-missing // PACKET_SAMPLES))
        return found

    def _gulp(self, gulp: AudioFrame) -> list[bytes]:
        """Whole packets; at the end what is short of one is filled up with silence."""
        plane = gulp.planes[0]
        self._samples += gulp.samples
        whole = gulp.samples // PACKET_SAMPLES
        found = self._packets(plane.buffer_ptr, whole)
        if gulp.samples % PACKET_SAMPLES:
            used = gulp.samples * self._packet_bytes // PACKET_SAMPLES
            last = ctypes.create_string_buffer(bytes(plane)[whole * self._packet_bytes : used], self._packet_bytes)
            found += self._packets(ctypes.addressof(last), 1)
        return found

    def _silence(self, count: int) -> list[bytes]:
        silence = ctypes.create_string_buffer(max(0, count) * self._packet_bytes)
        return self._packets(ctypes.addressof(silence), count)

    def _packets(self, first: int, count: int) -> list[bytes]:
        """So many packets of the floats that begin at this address; each has its place in `_out`."""
        sound, size = ctypes.c_char.from_address(first), self._packet_bytes
        sounds = [ctypes.byref(sound, at) for at in range(0, count * size, size)]
        # No line of Python between one packet and the next, and nothing to be converted: the caches are the encoder's
        # by then, and whatever is touched costs several times what it does elsewhere.
        samples, most = repeat(PACKET_SAMPLES), repeat(_MOST_BYTES)
        sizes = list(map(self._calls.encode, repeat(self._state_place), sounds, samples, self._places, most))
        _verify(min(sizes, default=0))
        self._encoded += count * PACKET_SAMPLES
        out = memoryview(self._out)
        return [bytes(out[at : at + size]) for at, size in zip(range(0, len(out), _MOST_BYTES), sizes, strict=False)]


class ThroughFFmpeg:
    """FFmpeg's encoder, which calls libopus."""

    def __init__(self, recipe: Recipe, channels: int) -> None:
        made = av.CodecContext.create(recipe.codec, "w")
        if not isinstance(made, AudioCodecContext):
            raise RuntimeError("FFmpeg without libopus")
        made.sample_rate = recipe.rate_hz
        made.format = _FORM
        made.layout = _layout(channels)
        made.bit_rate = dict(recipe.bits_per_s)[channels]
        made.options = dict(recipe.options)
        made.open()
        self._encoder = made
        self.pre_skip = pre_skip_of(bytes(made.extradata or b""))

    def take(self, frame: AudioFrame | None) -> list[bytes]:
        """See Encoder."""
        return list(map(bytes, self._encoder.encode(frame)))


def _layout(channels: int) -> str:
    return "mono" if channels == 1 else "stereo"


def _settings(recipe: Recipe, channels: int) -> tuple[tuple[int, int], ...]:
    """What FFmpeg's encoder sets, in its order (libavcodec/libopusenc.c)."""
    said = dict(recipe.options)
    return (
        (_BITRATE, dict(recipe.bits_per_s)[channels]),
        (_COMPLEXITY, int(said["compression_level"])),
        (_VBR, int(said["vbr"] != "off")),
        (_VBR_CONSTRAINT, int(said["vbr"] == "constrained")),
        (_LOSS, 0),
        (_FEC, 0),
        (_NO_PHASE_INVERSION, 0),
    )


def _verify(answer: int) -> None:
    if answer < 0:
        raise ValueError(f"libopus says {answer}")
