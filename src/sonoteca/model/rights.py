"""Rights: what a claim or grant rests on, and what follows from it for one track, one rendition, one channel."""

from dataclasses import dataclass
from enum import StrEnum

from sonoteca.model.ids import Digest


class Channel(StrEnum):
    """The ways a track can leave the archive."""

    STREAM = "stream"
    DOWNLOAD = "download"
    SWARM = "swarm"
    MIRROR = "mirror"
    ON_SITE = "on-site"


class Rendition(StrEnum):
    """Original: the master's own bytes. Derived: anything made from it (access copy, archive copy, cut)."""

    ORIGINAL = "original"
    DERIVED = "derived"


class Layer(StrEnum):
    """What a licence speaks of. ALL is a licence given for the work as published, by whoever could give it."""

    ALL = "all"
    RECORDING = "recording"
    COMPOSITION = "composition"
    ARTWORK = "artwork"
    TEXT = "text"


class EvidenceKind(StrEnum):
    """Where a statement was found."""

    MANIFEST = "curator's manifest"
    LICENCE_FILE = "licence file"
    SOURCE_PAGE = "source page"
    SOURCE_FIELD = "source metadata field"
    TAG = "embedded tag"
    TAPING_POLICY = "artist's taping policy"
    DDEX = "DDEX deal"
    LETTER = "letter"
    PUBLIC_DOMAIN = "public-domain reasoning"
    OWN_WORK = "own work"
    OPERATOR = "operator's hold"


class Decision(StrEnum):
    """publish: may leave by this channel. hold: kept, not public. refuse: not kept."""

    PUBLISH = "publish"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One statement of rights.

    `id` is the digest of its own canonical form without `id`. `statement` is as found; `licence` the SPDX expression or
    URI understood from it ("" if none could be). `paths` are the masters' original paths it speaks of, relative to the
    release's folder; () is all of them. `trusted` is True when the operator gave it or has marked its source as trusted
    (a recorded decision): everything else is a claim. `channels` () is every channel; `territories` () is the world;
    dates are ISO 8601, "" open. `digest` is that of the file captured (None for a tag or a grant in words alone).
    `grant` is the id of the operator's recorded grant, "" otherwise: a grant counts even when its licence is in words,
    and its `paths` may hold track ids, because it may speak of a span. `names` are the licences of a text that names
    several without saying which counts: no ground to publish, yet what agrees with none of them is contradicted."""

    id: str
    kind: EvidenceKind
    statement: str
    licence: str
    trusted: bool
    layer: Layer = Layer.ALL
    paths: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    territories: tuple[str, ...] = ()
    valid_from: str = ""
    valid_until: str = ""
    captured_at: str = ""
    captured_from: str = ""
    digest: Digest | None = None
    issuer: str = ""
    note: str = ""
    grant: str = ""
    names: tuple[str, ...] = ()

    @property
    def is_claim(self) -> bool:
        """Whether a person or a trusted source still has to stand behind it."""
        return not self.trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The operator's choices, from the settings: the archive has no list of its own of what is allowed."""

    noncommercial_archive: bool = False  # the operator states that nothing here is commercial: NC licences may be used
    publish_channels: tuple[Channel, ...] = tuple(Channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What is said of the same bytes in another release: it can stop a publication, never cause one."""

    release: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question: may this rendition of this track leave by this channel, at this time? `evidence` speaks of this
    track; `is_cut` says that the track is a span of a longer master; `held_because` is an operator's hold or an order,
    "" if none, and `held_target` what that names; `withdrawn` that it was public and was taken back, not only held;
    `now` is ISO 8601 UTC; `elsewhere` is what other releases that have the same bytes say of them."""

    track: str
    release: str
    rendition: Rendition
    channel: Channel
    evidence: tuple[Evidence, ...]
    policy: Policy
    now: str
    is_cut: bool = False
    held_because: str = ""
    held_target: str = ""
    withdrawn: bool = False
    elsewhere: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer: the rule that decided (R001…), why in a sentence, the evidence it rests on, and, when held,
    the command that would change it."""

    decision: Decision
    rule: str
    because: str
    evidence: tuple[str, ...] = ()
    licence: str = ""
    licence_class: str = ""  # "free", "nc", "nd", "nc-nd", "custom", "" : volumes never mix classes
    cure: str = ""
