"""Consumers: what the one decode feeds. Another one is a module, and a line in one of the two tables.

MEASURES  look at every track; each adds what it found to the Draft of its Sound. What is too large for a Sound goes
          into `Draft.extracts`, its kind into the table of extracts.py: it becomes a file of the object.
FILES     are made when an order wants them, by the ending of their name; an answer's `cpu_s` has them under it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sonoteca.convert.bandwidth import Bandwidth
from sonoteca.convert.blocks import Block
from sonoteca.convert.channels import Channels
from sonoteca.convert.depth import Depth
from sonoteca.convert.fingerprint import Fingerprint
from sonoteca.convert.flac import FlacFile
from sonoteca.convert.hum import Hum
from sonoteca.convert.loudness import Level
from sonoteca.convert.opus import OpusFile
from sonoteca.convert.quality import Quality
from sonoteca.convert.samples import SampleSum
from sonoteca.convert.spectrum import Spectrum
from sonoteca.convert.true_peak import TruePeak
from sonoteca.convert.waveform import Waveform
from sonoteca.model.finding import Finding
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loudness, Traits, Wanted


@dataclass(slots=True)
class Draft:
    """A Sound while it is written: each measure fills in its own fields, in the order of MEASURES."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None
    short_term_lufs: float | None = None
    momentary_lufs: float | None = None
    gating: tuple[tuple[int, int], ...] = ()
    waveform: str = ""
    overview: str = ""
    pcm_md5: str = ""
    fingerprint: str = ""
    findings: list[Finding] = field(default_factory=list)
    extracts: dict[str, bytes] = field(default_factory=dict)
    bits_used: int = 0
    bandwidth_hz: int = 0
    correlation: float | None = None
    dc_offset: tuple[float, ...] = ()

    @property
    def traits(self) -> Traits:
        """What the sheet of the track shows besides."""
        return Traits(
            bits_used=self.bits_used,
            bandwidth_hz=self.bandwidth_hz,
            correlation=self.correlation,
            dc_offset=self.dc_offset,
        )

    @property
    def loudness(self) -> Loudness:
        """What the gain tags follow from."""
        return Loudness(
            integrated_lufs=self.integrated_lufs,
            range_lu=self.range_lu,
            true_peak_dbtp=self.true_peak_dbtp,
            short_term_lufs=self.short_term_lufs,
            momentary_lufs=self.momentary_lufs,
            gating=self.gating,
        )


class Consumer(Protocol):
    """Takes the blocks of one track in order, then hears that there are no more."""

    def take(self, block: Block) -> None:
        """The next block; it is shared, so nothing in it is changed."""

    def finish(self) -> None:
        """There are no more."""


class Measure(Consumer, Protocol):
    """A consumer that finds something out."""

    def tell(self, draft: Draft) -> None:
        """After `finish`: what it found."""


class File(Consumer, Protocol):
    """A consumer that makes a file. `is_made`, after `finish`: whether there is one; a consumer may give up over sound
    that its format cannot hold."""

    is_made: bool

    def seal(self, loudness: Loudness) -> None:
        """After `finish`: writes what is known only at the end."""


MEASURES: dict[str, Callable[[AudioFacts], Measure]] = {
    "loudness": Level,
    "true-peak": TruePeak,
    "waveform": Waveform,
    "spectrum": Spectrum,
    "samples": SampleSum,
    "quality": Quality,
    "fingerprint": Fingerprint,
    "channels": Channels,
    "depth": Depth,
    "bandwidth": Bandwidth,
    "hum": Hum,
}
FILES: dict[str, Callable[[str, Wanted, AudioFacts, str], File]] = {
    "opus": OpusFile,
    "flac": FlacFile,
}
