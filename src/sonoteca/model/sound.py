"""What one decode gave of a track: how loud it is, what it looks like, what is wrong with it, and the files made of it.

Takes and gives nothing: nouns. Levels are in LUFS, LU and dBTP (EBU R 128, ITU-R BS.1770); samples are counted per
channel at the master's rate. `None` for a level means that there is none: digital silence, or too short to tell.
"""

from dataclasses import dataclass
from enum import StrEnum

from sonoteca.model.finding import Finding, Severity
from sonoteca.model.ids import Digest, TrackId
from sonoteca.model.media import AudioFacts

WAVEFORM_HZ = 20
OUTLINE_HZ = 100  # a multiple of it
OVERVIEW_BINS = 300
SPECTRUM_COLUMNS, SPECTRUM_ROWS = 640, 128
SPECTRUM_LOW_HZ, SPECTRUM_HIGH_HZ = 40.0, 20_000.0


class Tier(StrEnum):
    """Which files of a recording: as received, for listening, for listening where every byte counts, or lossless in one
    open form. Volumes never mix them."""

    ORIGINAL = "original"
    ACCESS = "access"
    LOW = "low"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """EBU R 128 of the whole track. `short_term_lufs` and `momentary_lufs` are the loudest 3 and 0.4 seconds; None also
    of what was measured before they were. `gating` is (level in tenths of a LU, how many blocks of 0.4 seconds had it),
    sorted: what the loudness of several tracks together follows from."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    short_term_lufs: float | None = None
    momentary_lufs: float | None = None
    gating: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What could not be decoded: packets that failed, and the seconds of sound that are missing because of it."""

    packets: int = 0
    seconds: float = 0.0
    first_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is neither good nor bad by itself. `bits_used` of a lossless master: those that are not zero in all samples;
    `bandwidth_hz` the highest frequency above the noise; `correlation` of the two channels of stereo, −1 to 1;
    `dc_offset` a channel, as a share of full scale; `decoder` is the library that read it, with its version
    ("libavcodec-62.28.102"). 0, None, "" and () for what cannot be said."""

    bits_used: int = 0
    bandwidth_hz: int = 0
    correlation: float | None = None
    dc_offset: tuple[float, ...] = ()
    decoder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file made from a track. `path` is logical ("access/trk_….opus"), `recipe` the id that pins how it was made;
    `cover` is the digest of the picture that it carries, "" for none."""

    path: str
    tier: Tier
    recipe: str
    digest: Digest
    bytes: int
    cover: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Something measured of a track that is larger than what a Sound holds: a file of the object, `path`
    "extracts/<track>.<kind>". docs/formats/sound.md says of each kind what is in it."""

    kind: str
    path: str
    digest: Digest
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Everything the one decode of a track gave (docs/formats/sound.md). `master` is the master's logical path;
    `recipe` the id of the measurement; `samples` those really decoded within the span. `waveform` is one byte a bin in
    base64, WAVEFORM_HZ bins a second: the largest magnitude of any channel, 255 is full scale. `overview` is that of
    OVERVIEW_BINS over the whole track, or fewer, each with its level (root mean square) after it. `pcm_md5` is that of
    the decoded samples as FLAC counts it, "" for a lossy master. `asked` are the tiers that were wanted: one that is
    not among `made` cannot be made of this sound. `licence` is what the files made say in their LICENSE tag, ""
    when nothing was made. `fingerprint` is AcoustID's, as fpcalc prints it (formats/fingerprint.py), "" for a track
    that is too short for one. `traits` are what the sheet of a track shows besides. `extracts` are what was measured
    and stands beside it."""

    track: TrackId
    master: str
    recipe: str
    start_sample: int
    end_sample: int | None
    samples: int
    sample_rate_hz: int
    channels: int
    loudness: Loudness
    loss: Loss
    waveform: str
    pcm_md5: str = ""
    findings: tuple[Finding, ...] = ()
    made: tuple[Made, ...] = ()
    asked: tuple[Tier, ...] = ()
    licence: str = ""
    fingerprint: str = ""
    traits: Traits = Traits()
    extracts: tuple[Extract, ...] = ()
    overview: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether decoding showed that it cannot be published as it is."""
        return any(one.severity is Severity.REFUSE for one in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The sidecar of a published file: `track` it is about, its logical path, and `rights`, which changes when its
    licence or evidence does (an edit of a title leaves it as it is)."""

    track: TrackId
    path: str
    digest: Digest
    bytes: int
    rights: str


# ── what is asked of the limited process, and what it answers: plain values cross (ports/workshop.py) ────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to be made of a span. `name` is the file's name in the private folder of the process; `tags` are
    (NAME, text) pairs in the order in which they are written, without the gain, which is known only at the end;
    `serial` is what makes container identifiers the same each time (a digest); `cover` is the digest of the picture it
    carries, "" for none."""

    recipe: str
    tier: Tier
    name: str
    tags: tuple[tuple[str, str], ...] = ()
    serial: str = ""
    cover: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A track of the master that is being decoded; `end_sample` None is its end. `known`: it was measured before, and
    only the files are made."""

    track: TrackId
    start_sample: int = 0
    end_sample: int | None = None
    wanted: tuple[Wanted, ...] = ()
    known: Loudness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOrder:
    """One master to be decoded once. `path` and `folder` are the machine's own paths: the file, and the only folder in
    which anything may be written. `audio` is what the probe found: its container and codec are all that is opened.
    `picture` is the block (formats/picture.py) in base64 that every file with a `cover` gets, "" when none does."""

    path: str
    folder: str
    master: str
    audio: AudioFacts
    spans: tuple[Span, ...]
    max_seconds: float
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSpan:
    """A Sound whose files stand in the private folder and have no digest yet: `names` are those of `Span.wanted` that
    were made, in its order; `extracts` are (kind, base64) of what becomes `Sound.extracts`."""

    sound: Sound
    names: tuple[str, ...]
    extracts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderAnswer:
    """What came of an order. `refused` says why nothing could be decoded, "" otherwise; `cpu_s` is what the codecs,
    the resampler and the measuring used, by name, for the bench."""

    spans: tuple[RenderedSpan, ...]
    refused: str = ""
    cpu_s: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a file sounds like that is not in the archive (convert/listen.py). `refused` says why nothing of it could be
    decoded; `fingerprint` and `pcm_md5` as in Sound, `cpu_s` as in RenderAnswer."""

    seconds: float = 0.0
    fingerprint: str = ""
    pcm_md5: str = ""
    refused: str = ""
    cpu_s: tuple[tuple[str, float], ...] = ()
