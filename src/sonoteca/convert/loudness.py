"""Loudness: EBU R 128 of a track, by FFmpeg's filter; and its true peak, by a resampler.

Takes  blocks.   Gives  integrated loudness (LUFS), loudness range (LU) and true peak (dBTP), to three decimals; None
       for digital silence, and where the track is shorter than what the measure is defined on.

The filter is not asked for the true peak: it would cost five times as much as the rest of it, while resampling to four
times the rate and numpy's maximum give the same within 0.03 dB (ITU-R BS.1770-5 Annex 2: oversampled to 192 kHz or so).
"""

import math
from typing import Protocol

import numpy
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import BlockingIOError as Hungry
from av.error import EOFError as Ended
from av.filter import Graph
from av.filter.context import FilterContext

from sonoteca.convert.blocks import Block
from sonoteca.convert.uniform import INTERLEAVED_CHANNELS
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

GATING_BLOCK_S = 0.4  # ITU-R BS.1770: the shortest sound that has a loudness
SHORT_TERM_S = 3.0  # EBU Tech 3342: the shortest that has a range
ABSOLUTE_GATE_LUFS = -70.0  # the filter says this when nothing was above it
_LOUD, _RANGE = "lavfi.r128.I", "lavfi.r128.LRA"


class Levels(Protocol):
    """Where the levels go (consumers.Draft)."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    findings: list[Finding]


class Level:
    """Integrated loudness and range."""

    def __init__(self, audio: AudioFacts) -> None:
        self._rate_hz = audio.sample_rate_hz
        self._samples = 0
        self._filter: _Filter | None = None
        self._said: dict[str, str] = {}

    def take(self, block: Block) -> None:
        """See Consumer."""
        self._samples += block.samples
        if self._filter is None:
            self._filter = _Filter(block.frame)
        self._filter.begin.push(block.frame)
        self._listen(self._filter.end)

    def finish(self) -> None:
        """See Consumer."""
        if self._filter is not None:
            self._filter.begin.push(None)
            self._listen(self._filter.end)
            self._filter = None

    def tell(self, draft: Levels) -> None:
        """See Measure."""
        seconds = self._samples / self._rate_hz
        loud = float(self._said.get(_LOUD, ABSOLUTE_GATE_LUFS))
        if seconds < GATING_BLOCK_S or not math.isfinite(loud) or loud <= ABSOLUTE_GATE_LUFS:
            return
        draft.integrated_lufs = round(loud, 3)
        if seconds >= SHORT_TERM_S:
            draft.range_lu = round(float(self._said.get(_RANGE, 0.0)), 3)

    def _listen(self, end: FilterContext) -> None:
        """Ten times a second the filter says how loud it was so far; the last word counts."""
        try:
            while True:
                self._said = end.pull().metadata or self._said
        except (Hungry, Ended):
            return


class _Filter:
    """The graph and its two ends: they do not keep it alive by themselves."""

    def __init__(self, first: AudioFrame) -> None:
        self.graph = Graph()
        self.graph.threads = 1
        self.begin = self.graph.add(
            "abuffer",
            sample_rate=str(first.sample_rate),
            sample_fmt=first.format.name,
            channel_layout=first.layout.name,
            time_base=f"1/{first.sample_rate}",
        )
        meter = self.graph.add("ebur128", metadata="1", peak="none", framelog="quiet")
        self.end = self.graph.add("abuffersink")
        self.graph.link_nodes(self.begin, meter, self.end)
        self.graph.configure()


class TruePeak:
    """The largest magnitude between the samples."""

    def __init__(self, audio: AudioFacts) -> None:
        rate = audio.sample_rate_hz
        self._times = 4 if rate < 96_000 else 2 if rate < 192_000 else 1
        self._rate_hz = rate * self._times
        self._resampler: AudioResampler | None = None
        self._peak = 0.0

    def take(self, block: Block) -> None:
        """See Consumer."""
        self._peak = max(self._peak, float(block.peaks.max()))
        if self._times > 1:
            if self._resampler is None:
                self._resampler = _oversampling(block.frame, self._rate_hz)
            self._look(self._resampler.resample(block.frame))

    def finish(self) -> None:
        """See Consumer."""
        if self._resampler is not None:
            self._look(self._resampler.resample(None))
            self._resampler = None

    def tell(self, draft: Levels) -> None:
        """See Measure."""
        if self._peak <= 0.0 or not math.isfinite(self._peak):
            return
        draft.true_peak_dbtp = peak = round(20 * math.log10(self._peak), 3)
        if peak > 0:
            draft.findings.append(finding("Q006", detail=f"{peak:+.1f} dBTP"))

    def _look(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            interleaved = frame.layout.nb_channels if frame.format.is_packed else 1
            for plane in frame.planes:
                samples = numpy.frombuffer(memoryview(plane), numpy.float32, frame.samples * interleaved)
                self._peak = max(self._peak, float(samples.max()), -float(samples.min()))


def _oversampling(first: AudioFrame, rate_hz: int) -> AudioResampler:
    layout = first.layout
    form = "flt" if layout.nb_channels >= INTERLEAVED_CHANNELS else "fltp"  # uniform.py says why
    return AudioResampler(form, layout.name, rate_hz, options={"filter_size": "32"})
