"""Quality: what is wrong with the sound itself, as far as numbers can tell.

Takes  blocks.   Gives  findings: digital silence at the beginning, at the end and inside; runs at full scale; channels
       without any sound; samples that are no numbers. Places are seconds from the beginning of the track.

Nothing here refuses anything: loud masters clip, and pieces begin with silence. A person looks, with the place at hand.
"""

import math
from typing import Protocol

import numpy

from sonoteca.convert.blocks import Block
from sonoteca.convert.runs import Runs
from sonoteca.convert.speakers import channel_told, in_channel
from sonoteca.model.finding import Finding, finding
from sonoteca.model.media import AudioFacts

EDGE_SILENCE_S = 1.0
INNER_SILENCE_S = 0.5
LONG_SILENCE_S = 10.0
CLIPPED_SAMPLES = 3  # one or two samples at full scale are what a normalised recording has
_LOW_FREQUENCIES = "LFE"  # a channel that is silent in most recordings that have it


class Noted(Protocol):
    """Where findings go (consumers.Draft)."""

    findings: list[Finding]


class Quality:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._rate_hz = audio.sample_rate_hz
        self._full = _full_scale(audio)
        self._samples = 0
        self._silence = Runs(round(INNER_SILENCE_S * audio.sample_rate_hz), edges=True)
        self._clipped = [Runs(CLIPPED_SAMPLES) for _ in range(audio.channels)]
        self._sounding = numpy.zeros(audio.channels, bool)
        self._names: tuple[str, ...] = ()
        self._nonsense = 0

    def take(self, block: Block) -> None:
        """See Consumer."""
        self._names = self._names or tuple(channel.name for channel in block.frame.layout.channels)
        self._silence.take(block.peaks == 0, self._samples)
        self._look_for_clipping(block)
        if not self._sounding.all():
            self._sounding |= block.magnitudes.any(axis=1)
        self._samples += block.samples

    def finish(self) -> None:
        """See Consumer."""
        for runs in (self._silence, *self._clipped):
            runs.finish()

    def tell(self, draft: Noted) -> None:
        """See Measure."""
        draft.findings.extend(self._tell_silence())
        draft.findings.extend(self._tell_clipping())
        if self._nonsense:
            draft.findings.append(finding("Q008", detail=f"in {self._nonsense} places"))

    def _look_for_clipping(self, block: Block) -> None:
        largest = float(block.peaks.max())
        if not math.isfinite(largest):
            self._nonsense += 1
        if largest < self._full:
            for runs in self._clipped:
                runs.interrupt()
            return
        for runs, channel in zip(self._clipped, block.magnitudes, strict=True):
            runs.take(channel >= self._full, self._samples)

    def _tell_silence(self) -> list[Finding]:
        runs, edge, found = self._silence, EDGE_SILENCE_S * self._rate_hz, []
        if runs.first == self._samples:
            return self._tell_nothing_but_silence()
        if runs.first >= edge:
            found.append(finding("Q001", detail=f"{self._seconds(runs.first)} s"))
        if runs.last >= edge:
            found.append(finding("Q002", detail=f"{self._seconds(runs.last)} s"))
        if runs.count:
            longest = f"the longest {self._seconds(runs.longest)} s, at {self._seconds(runs.longest_at)} s"
            found.append(finding("Q003", detail=f"{runs.count} times, {self._seconds(runs.total)} s in all; {longest}"))
        return [*found, *self._tell_dead_channels()]

    def _tell_nothing_but_silence(self) -> list[Finding]:
        """A track of silence is something to look at; a second of it between two pieces is not."""
        if not self._samples:
            return []
        code = "Q004" if self._samples >= LONG_SILENCE_S * self._rate_hz else "Q001"
        return [finding(code, detail=f"{self._seconds(self._samples)} s, all of it")]

    def _tell_dead_channels(self) -> list[Finding]:
        channels = enumerate(zip(self._names, self._sounding, strict=True))
        silent = [
            channel_told(self._names, place)
            for place, (name, sounds) in channels
            if not sounds and name != _LOW_FREQUENCIES
        ]
        return [finding("Q007", detail=", ".join(silent))] if silent else []

    def _tell_clipping(self) -> list[Finding]:
        count = sum(runs.count for runs in self._clipped)
        if not count:
            return []
        worst = max(range(len(self._clipped)), key=lambda channel: self._clipped[channel].longest)
        runs = self._clipped[worst]
        place = f"at {self._seconds(runs.longest_at)} s{in_channel(self._names, worst)}"
        return [finding("Q005", detail=f"{count} runs; the longest {runs.longest} samples, {place}")]

    def _seconds(self, samples: int) -> str:
        return f"{samples / self._rate_hz:.3f}"


def _full_scale(audio: AudioFacts) -> float:
    """The largest magnitude that whole numbers of so many bits have on both sides; 1.0 where sound is decoded to
    floating point (DSD has one bit)."""
    return 1.0 - 2.0 ** (1 - audio.bits) if audio.lossless and 8 <= audio.bits <= 24 else 1.0
