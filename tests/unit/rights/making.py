"""Small releases, evidence and cases for the tests of this room."""

from dataclasses import replace
from typing import Any

from sonoteca.model.ids import Digest, ReleaseId, TrackId, recording_id, track_id
from sonoteca.model.media import AudioFacts
from sonoteca.model.release import Master, MasterRole, Release, Statement, Track
from sonoteca.model.rights import Case, Channel, Evidence, EvidenceKind, Policy, Rendition
from sonoteca.rights.licences import understand
from sonoteca.rights.papers import Captured
from sonoteca.rights.records import with_id

NOW = "2026-11-23T10:00:00Z"
RELEASE = ReleaseId("urn:uuid:11111111-1111-8111-8111-111111111111")
OTHER_RELEASE = ReleaseId("urn:uuid:22222222-2222-8222-8222-222222222222")
AUDIO = AudioFacts(
    container="flac",
    codec="flac",
    duration_s=1.0,
    samples=44100,
    sample_rate_hz=44100,
    channels=2,
    bits=16,
    lossless=True,
    exact=True,
)


def digest(number: int) -> Digest:
    return Digest(f"{number:064x}")


def track_of(number: int, start: int = 0, end: int | None = None) -> TrackId:
    return track_id(recording_id(digest(number)), start, end)


def release(*paths: str) -> Release:
    """A release with a whole-file track for each path; the master at place n has digest(n)."""
    masters, tracks = [], []
    for number, path in enumerate(paths):
        recording = recording_id(digest(number))
        masters.append(
            Master(
                path=f"masters/{path}",
                original=path,
                digest=digest(number),
                bytes=1,
                recording=recording,
                role=MasterRole.PRIMARY,
                audio=AUDIO,
            )
        )
        title = Statement(text=path, source="file name")
        tracks.append(Track(position=number + 1, id=track_of(number), recording=recording, title=title))
    title = Statement(text="A release", source="folder name")
    return Release(id=RELEASE, title=title, masters=tuple(masters), tracks=tuple(tracks))


def cut(one: Release, *spans: tuple[int, int | None]) -> Release:
    """The same release with the tracks of a cue sheet over its first master."""
    recording = one.masters[0].recording
    tracks = [
        replace(one.tracks[0], position=place, id=track_id(recording, *span), start_sample=span[0], end_sample=span[1])
        for place, span in enumerate(spans, 1)
    ]
    return replace(one, tracks=tuple(tracks))


def paper(name: str, text: str, folder: str = "", below: str = "") -> Captured:
    return Captured(name=name, content=text.encode(), digest=digest(len(text)), folder=folder, below=below)


def evidence(statement: str, **fields: Any) -> Evidence:
    """A trusted manifest's statement, unless the fields say otherwise."""
    said = understand(statement)
    given: dict[str, Any] = {
        "kind": EvidenceKind.MANIFEST,
        "trusted": True,
        "licence": said.licence,
        "names": said.names,
    }
    return with_id(Evidence(id="", statement=statement, **{**given, **fields}))


def claim(statement: str, **fields: Any) -> Evidence:
    return evidence(statement, **{"trusted": False, "kind": EvidenceKind.TAG, **fields})


def grant(statement: str, **fields: Any) -> Evidence:
    given = {"grant": "a" * 64, "kind": EvidenceKind.LETTER, "captured_at": "2026-01-01T00:00:00Z"}
    return evidence(statement, **{**given, **fields})


def case(*said: Evidence, **fields: Any) -> Case:
    given: dict[str, Any] = {
        "track": track_of(0),
        "release": RELEASE,
        "rendition": Rendition.ORIGINAL,
        "channel": Channel.DOWNLOAD,
        "policy": Policy(),
        "now": NOW,
    }
    return Case(evidence=tuple(said), **{**given, **fields})
