"""Loudness: EBU R 128 of a track, by FFmpeg's filter.

Takes  blocks.   Gives  integrated loudness, the largest short-term and momentary loudness (LUFS) and loudness range
       (LU), to three decimals; None for digital silence, and where the track is shorter than what is measured over.

The filter is not asked for the true peak: it would cost five times as much as the rest of it (true_peak.py).
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from av.audio.frame import AudioFrame
from av.error import BlockingIOError as Hungry
from av.error import EOFError as Ended
from av.filter import Graph
from av.filter.context import FilterContext

from sonoteca.convert.blocks import Block
from sonoteca.model.media import AudioFacts

GATING_BLOCK_S = 0.4  # ITU-R BS.1770: the shortest sound that has a loudness
SHORT_TERM_S = 3.0  # EBU Tech 3342: the shortest that has a range
ABSOLUTE_GATE_LUFS = -70.0  # the filter says this when nothing was above it
MAX_LUFS = 100.0  # above, it is no sound
_LOUD, _RANGE = "lavfi.r128.I", "lavfi.r128.LRA"
_SHORT_TERM, _MOMENTARY = "lavfi.r128.S", "lavfi.r128.M"


class Levels(Protocol):
    """Where the levels go (consumers.Draft)."""

    integrated_lufs: float | None
    range_lu: float | None
    short_term_lufs: float | None
    momentary_lufs: float | None
    gating: tuple[tuple[int, int], ...]


class Level:
    """Of one track."""

    def __init__(self, audio: AudioFacts) -> None:
        self._rate_hz = audio.sample_rate_hz
        self._samples = 0
        self._filter: _Filter | None = None
        self._said: dict[str, str] = {}
        self._short_term = self._momentary = -math.inf
        self._gating = Counter[int]()

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
        draft.momentary_lufs = _level(self._momentary)
        draft.gating = tuple(sorted(self._gating.items()))
        if seconds >= SHORT_TERM_S:
            draft.range_lu = round(float(self._said.get(_RANGE, 0.0)), 3)
            draft.short_term_lufs = _level(self._short_term)

    def _listen(self, end: FilterContext) -> None:
        """Ten times a second the filter says how loud it was so far, and over the last 3 and 0.4 seconds."""
        said = list[dict[str, str]]()
        try:
            while True:
                said.append(end.pull().metadata)
        except (Hungry, Ended):
            pass
        if said := [one for one in said if one]:
            self._said = said[-1]
            self._short_term = max(self._short_term, *(float(one[_SHORT_TERM]) for one in said))
            self._count([float(one[_MOMENTARY]) for one in said])

    def _count(self, momentary: Sequence[float]) -> None:
        """The blocks of ITU-R BS.1770: 0.4 seconds, ten times a second, those above the absolute gate."""
        self._momentary = max(self._momentary, *momentary)
        self._gating.update(round(one * 10) for one in momentary if ABSOLUTE_GATE_LUFS < one <= MAX_LUFS)


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


def _level(lufs: float) -> float | None:
    return round(lufs, 3) if math.isfinite(lufs) and lufs > ABSOLUTE_GATE_LUFS else None
