"""Uniform: frames in one form from the first to the last, whatever the stream does on its way.

Takes  frames as a decoder gives them.   Gives  frames of one sample format, layout and rate: the master's.

A stream may change its rate, channels or format in the middle (chained Ogg, joined MP3, AAC that turns out to have
twice the rate). Encoders and filters are set up once, so what differs is resampled to what the probe found. It is told
(`changes`), because samples of such a master are then no longer those of the file.
"""

from collections.abc import Sequence

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

# What FFmpeg takes for so many channels where the file does not say which is which.
LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


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
        self._resampler: AudioResampler | None = None
        self._resampled: tuple[str, str, int] | None = None
        self.changes = 0

    def take(self, frame: AudioFrame) -> Sequence[AudioFrame]:
        """The frame, or what was made of it."""
        layout = frame.layout
        form = (frame.format.name, layout.name, frame.sample_rate)
        if self._form is None:
            fits = layout.nb_channels == self._channels
            self._form = (form[0], form[1] if fits else LAYOUTS[self._channels], self._rate_hz)
        if form != self._form:
            return self._convert(frame, form)
        return (frame,) if self._resampler is None else (*self.rest(), frame)

    def rest(self) -> Sequence[AudioFrame]:
        """What the resampler still holds."""
        resampler, self._resampler = self._resampler, None
        return () if resampler is None else resampler.resample(None)

    def _convert(self, frame: AudioFrame, form: tuple[str, str, int]) -> Sequence[AudioFrame]:
        before: Sequence[AudioFrame] = ()
        if self._resampler is None or form != self._resampled:
            before = self.rest()
            self.changes += 1
            self._resampled = form
            name, layout, _ = self._form or ("fltp", "", 0)
            self._resampler = AudioResampler(name, named(layout, self._channels), self._rate_hz)
        frame.pts = None
        return [*before, *self._resampler.resample(frame)]
