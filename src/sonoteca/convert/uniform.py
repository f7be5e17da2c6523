"""Uniform: frames in one form from the first to the last, whatever the stream does on its way.

Takes  frames as a decoder gives them.   Gives  frames of one sample format, layout and rate: the master's.

A stream may change its rate, channels or format in the middle (chained Ogg, joined MP3, AAC that turns out to have
twice the rate). Encoders and filters are set up once, so what differs is resampled to what the probe found. It is told
(`changes`), because samples of such a master are then no longer those of the file.

Eight channels are interleaved: AudioFrame.planes of PyAV 18.1 finds a ninth plane after eight (it looks for the null
that ends them, where FFmpeg has none), and to_ndarray then reads what is not there.
"""

from collections.abc import Sequence
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from sonoteca.convert.layouts import BY_COUNT

INTERLEAVED_CHANNELS = 8
LAYOUTS = BY_COUNT


def named(layout: str, channels: int) -> str:
    """The name of a layout that filters and encoders understand. FFmpeg describes those without one in words ("3
    channels", "3 channels (FL+FR+TC)")."""
    return LAYOUTS[channels] if " " in layout or not layout else layout


class Uniform:
    """For one stream; `rate_hz` and `channels` are the master's."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._channels = channels
        self._form: tuple[str, str, int] | None = None
        self._first: tuple[str, str, int] | None = None
        self._layout: AudioLayout | None = None
        self._time_base: Fraction | None = None
        self._resampler: AudioResampler | None = None
        self._resampled: tuple[str, str, int] | None = None
        self.changes = 0

    def take(self, frame: AudioFrame) -> Sequence[AudioFrame]:
        """The frame, or what was made of it."""
        layout = frame.layout
        form = (frame.format.name, layout.name, frame.sample_rate)
        if self._form is None:
            self._form = self._begin(frame)
        if form != self._form:
            return self._convert(frame, form)
        self._layout = layout
        return (frame,) if self._resampler is None else (*self.rest(), frame)

    def is_settled(self, frames: Sequence[AudioFrame]) -> bool:
        """Whether all of these have the form of all frames, so that `take` would give each of them back."""
        layout = self._layout
        if self._form is None or layout is None or self._resampler is not None:
            return False
        name, _, rate_hz = self._form
        for frame in frames:
            if frame.layout != layout or frame.sample_rate != rate_hz or frame.format.name != name:
                return False
        return True

    def _begin(self, frame: AudioFrame) -> tuple[str, str, int]:
        """The form that all frames will have, from the first one."""
        self._time_base = frame.time_base
        fits = frame.layout.nb_channels == self._channels
        layout = frame.layout.name if fits else LAYOUTS[self._channels]
        kept = frame.format.packed if self._channels >= INTERLEAVED_CHANNELS else frame.format
        self._first = (frame.format.name, frame.layout.name, frame.sample_rate)
        return kept.name, layout, self._rate_hz

    def rest(self) -> Sequence[AudioFrame]:
        """What the resampler still holds."""
        resampler, self._resampler = self._resampler, None
        return () if resampler is None else [self._timed(frame) for frame in resampler.resample(None)]

    def _convert(self, frame: AudioFrame, form: tuple[str, str, int]) -> Sequence[AudioFrame]:
        before: Sequence[AudioFrame] = ()
        if self._resampler is None or form != self._resampled:
            before = self.rest()
            self.changes += form != self._first or form[2] != self._rate_hz
            self._resampled = form
            name, layout, _ = self._form or ("fltp", "", 0)
            self._resampler = AudioResampler(name, named(layout, self._channels), self._rate_hz)
        frame.pts = None
        try:
            return [*before, *map(self._timed, self._resampler.resample(frame))]
        except FFmpegError:
            self._resampler = self._resampled = None  # what could not be set up has nothing to give at the end either
            raise

    def _timed(self, frame: AudioFrame) -> AudioFrame:
        """As the FIFO wants it: one time base for all."""
        frame.pts, frame.time_base = None, self._time_base
        return frame
