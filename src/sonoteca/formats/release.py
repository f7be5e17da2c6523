"""release.json, source.json and measured/*.json: what an object of the store says about itself, in canonical JSON.

Takes  the nouns of the model, or bytes out of the store.   Gives  the other.
Never  accepts another schema, unknown fields, or values of the wrong kind: ValueError says where.

Each text is one object: `schema` names form and version, the other keys are the noun's fields (docs/formats/release.md,
source.md, measured.md). Same value, same bytes (RFC 8785), in every archive.
"""

from dataclasses import dataclass
from typing import TypeVar

from sonoteca.formats import json, plain
from sonoteca.model.ids import TrackId
from sonoteca.model.media import ProbeReport
from sonoteca.model.release import Release
from sonoteca.model.sound import Credit, Sound
from sonoteca.model.source import SourceStatement

RELEASE = "sonoteca/release/1"
SOURCE = "sonoteca/source/1"
MEASURED = "sonoteca/measured/1"
SOUND = "sonoteca/sound/1"
CREDITS = "sonoteca/credits/1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of one master. `track` is the whole of its own recording, `master` its logical path."""

    track: TrackId
    master: str
    report: ProbeReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """The sidecars of an object, by track."""

    credits: tuple[Credit, ...] = ()


def format_release(release: Release) -> bytes:
    """release.json."""
    return _format(RELEASE, release)


def parse_release(raw: bytes) -> Release:
    """The release that release.json describes."""
    return _parse(RELEASE, Release, raw)


def format_source(source: SourceStatement) -> bytes:
    """source.json."""
    return _format(SOURCE, source)


def parse_source(raw: bytes) -> SourceStatement:
    """Where the release came from, as source.json says."""
    return _parse(SOURCE, SourceStatement, raw)


def format_measured(measured: Measured) -> bytes:
    """measured/<track>.json."""
    return _format(MEASURED, measured)


def parse_measured(raw: bytes) -> Measured:
    """What measured/<track>.json says of a master."""
    return _parse(MEASURED, Measured, raw)


def format_sound(sound: Sound) -> bytes:
    """sound/<track>.json."""
    return _format(SOUND, sound)


def parse_sound(raw: bytes) -> Sound:
    """What the decode of a track gave, as sound/<track>.json says."""
    return _parse(SOUND, Sound, raw)


def format_credits(credits: tuple[Credit, ...]) -> bytes:
    """credits/index.json."""
    return _format(CREDITS, Credits(credits=tuple(sorted(credits, key=lambda one: one.track))))


def parse_credits(raw: bytes) -> tuple[Credit, ...]:
    """The sidecars that credits/index.json lists."""
    return _parse(CREDITS, Credits, raw).credits


def _format(schema: str, noun: object) -> bytes:
    return json.format({"schema": schema, **plain.to_plain(noun)})


def _parse(schema: str, kind: type[T], raw: bytes) -> T:
    found = json.parse_object(raw)
    said = found.pop("schema", None)
    if said != schema:
        raise ValueError(f"the schema {schema} was expected, not {str(said)[:80]!r}")
    return plain.from_plain(kind, found)
