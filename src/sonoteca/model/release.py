"""A release, described: what release.json holds (docs/formats/release.md), as frozen values.

Every statement carries where it was found: "tag", "manifest", "cue", "source page", "folder name", "file name",
"info text", "curator". A tag is a claim; the curator's word stands above all others.
"""

from dataclasses import dataclass
from enum import StrEnum

from sonoteca.model.ids import Digest, RecordingId, ReleaseId, TrackId
from sonoteca.model.media import AudioFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A text and where it was found."""

    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """A person or group in a role: artist, composer, performer, conductor, engineer, taper, label."""

    name: str
    role: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A name given by others. `scheme`: isrc, upc, musicbrainz-recording, musicbrainz-release, doi, shnid, ia, …"""

    scheme: str
    text: str
    source: str


class MasterRole(StrEnum):
    """The primary master defines the recording; alternates are other transfers or encodings of it."""

    PRIMARY = "primary"
    ALTERNATE = "alternate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """A file of audio as received. `path` is its logical path in the object ("masters/…"); `original` its name as it
    was found, relative to the release's folder (surrogateescape)."""

    path: str
    original: str
    digest: Digest
    bytes: int
    recording: RecordingId
    role: MasterRole
    audio: AudioFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What people play: a span of a recording, at a position of the release (1, 2, …; unique in the release).
    `start_sample`/`end_sample` are at the master's rate; (0, None) is the whole. `number` as printed ("A1", "07")."""

    position: int
    id: TrackId
    recording: RecordingId
    title: Statement
    contributors: tuple[Contributor, ...] = ()
    disc: int = 0
    side: str = ""
    number: str = ""
    start_sample: int = 0
    end_sample: int | None = None
    duration_s: float = 0.0
    identifiers: tuple[Identifier, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What it is. `date` is ISO 8601 at its precision ("1999", "1999-05", "1999-05-04") or ""."""

    id: ReleaseId
    title: Statement
    contributors: tuple[Contributor, ...] = ()
    date: str = ""
    date_source: str = ""
    place: str = ""
    event: str = ""
    label: str = ""
    catalogue_number: str = ""
    identifiers: tuple[Identifier, ...] = ()
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    description: str = ""
    series: str = ""
    collection: str = ""
    lineage: str = ""
    rights_holders: tuple[str, ...] = ()
    masters: tuple[Master, ...] = ()
    tracks: tuple[Track, ...] = ()
    artwork: tuple[str, ...] = ()  # logical paths, the front cover first
    documents: tuple[str, ...] = ()  # logical paths
