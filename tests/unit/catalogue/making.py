"""Releases made up for the catalogue's tests: every figure follows from a number."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sonoteca.catalogue.entries import Judgement, ObjectFacts, Rows, rows_of
from sonoteca.catalogue.tables import SCHEMA
from sonoteca.model.finding import finding
from sonoteca.model.ids import Digest, recording_id, release_id, track_id
from sonoteca.model.media import AudioFacts, PictureFacts, ProbeReport
from sonoteca.model.release import Contributor, Identifier, Master, MasterRole, Release, Statement, Track
from sonoteca.model.rights import Channel, Decision, Evidence, EvidenceKind, Rendition, Verdict
from sonoteca.model.sound import Credit, Loss, Loudness, Made, Sound, Tier
from sonoteca.model.source import Role, SourceFile, SourceStatement
from sonoteca.ports.database import Database

AT = "2026-11-23T10:00:00Z"
WORDS = ("amber", "birch", "cedar", "dusk", "ember", "fjord", "grove", "haze")


def digest(*parts: object) -> Digest:
    """A digest that follows from what is said."""
    return Digest(hashlib.sha256(repr(parts).encode()).hexdigest())


def audio(seconds: float = 60.0, codec: str = "flac") -> AudioFacts:
    """CD quality."""
    return AudioFacts(
        container=codec,
        codec=codec,
        duration_s=seconds,
        samples=int(seconds * 44100),
        sample_rate_hz=44100,
        channels=2,
        bits=16,
        lossless=codec == "flac",
        exact=True,
    )


def master(seed: object, name: str, seconds: float = 60.0) -> Master:
    """A primary master; the same seed is the same bytes."""
    given = digest(seed)
    return Master(
        path=f"masters/{name}",
        original=name,
        digest=given,
        bytes=1000,
        recording=recording_id(given),
        role=MasterRole.PRIMARY,
        audio=audio(seconds),
    )


def track(position: int, of: Master, title: str = "") -> Track:
    """The whole of a master."""
    named = Statement(text=title or f"{WORDS[position % 8]} {position}", source="tag")
    identifier = Identifier(scheme="isrc", text=f"XXA012{position:06d}", source="tag")
    return Track(
        position=position,
        id=track_id(of.recording),
        recording=of.recording,
        title=named,
        number=f"{position:02d}",
        duration_s=of.audio.duration_s,
        identifiers=(identifier,),
    )


def release(number: int = 1, seeds: Sequence[object] = (), tracks: int = 3) -> Release:
    """A release of `tracks` masters; `seeds` names their bytes, so that releases can share them."""
    wanted = list(seeds) or [(number, position) for position in range(1, tracks + 1)]
    masters = tuple(master(seed, f"{position:02d}.flac") for position, seed in enumerate(wanted, 1))
    return Release(
        id=release_id([one.digest for one in masters], f"file:///{number}"),
        title=Statement(text=f"{WORDS[number % 8]} {WORDS[number // 8 % 8]} {number}", source="tag"),
        contributors=(Contributor(name=f"Band {number % 50}", role="artist", source="tag"),),
        date=f"{1950 + number % 70}",
        genres=("ambient", "rock; roll"),
        collection=f"c{number % 7}",
        masters=masters,
        tracks=tuple(track(position, one) for position, one in enumerate(masters, 1)),
    )


def facts(number: int = 1, described: Release | None = None, tracks: int = 3) -> ObjectFacts:
    """What the store says of a release."""
    described = described or release(number, tracks=tracks)
    files = [
        SourceFile(
            original=one.original, path=one.path, digest=one.digest, bytes=one.bytes, modified_ns=1, role=Role.AUDIO
        )
        for one in described.masters
    ]
    files.append(
        SourceFile(
            original="info.txt",
            path="documents/info.txt",
            digest=digest(number, "i"),
            bytes=5,
            modified_ns=1,
            role=Role.DOCUMENT,
        )
    )
    files.append(
        SourceFile(original="x.mid", path="", digest=digest(number, "m"), bytes=7, modified_ns=1, role=Role.REFUSED)
    )
    source = SourceStatement(
        source_key=f"file:///{number}",
        address=f"/music/{number}",
        collection=described.collection,
        captured_at=AT,
        files=tuple(files),
        findings=(finding("F005", where="x.mid"),),
    )
    picture = PictureFacts(mime="image/png", bytes=9, width=1, height=1, digest="d" * 64)
    reports = {one.path: ProbeReport(audio=one.audio, pictures=(picture,)) for one in described.masters}
    return ObjectFacts(
        release=described,
        source=source,
        reports=reports,
        version=1,
        created_at=AT,
        changed_at=AT,
        sounds=(sound(described),),
        credits=(credit(described),),
    )


HOLD = Verdict(decision=Decision.HOLD, rule="R001", because="no evidence", cure="sonoteca rights grant ID")
MAY = Verdict(
    decision=Decision.PUBLISH,
    rule="R100",
    because="licensed",
    licence="CC0-1.0",
    licence_class="free",
    evidence=("e1",),
)


def judgement(described: Release, verdict: Verdict = HOLD) -> Judgement:
    """The same verdict for every track, rendition and channel."""
    evidence = Evidence(id="e1", kind=EvidenceKind.TAG, statement="CC0", licence="CC0-1.0", trusted=verdict is MAY)
    verdicts = tuple(
        (one.id, rendition, channel, verdict)
        for one in described.tracks
        for rendition in Rendition
        for channel in Channel
    )
    return Judgement(evidence=(evidence,), verdicts=verdicts)


def rows(number: int = 1, described: Release | None = None, verdict: Verdict = HOLD, tracks: int = 3) -> Rows:
    """The rows of a release."""
    found = facts(number, described, tracks)
    return rows_of(found, found.release, judgement(found.release, verdict))


def withdrawn(number: int = 1) -> Rows:
    """The same rows of a release that was taken out of the public."""
    found = facts(number)
    return rows_of(
        found,
        found.release,
        replace(judgement(found.release), withdrawn=frozenset(one.id for one in found.release.tracks)),
    )


def sound(described: Release) -> Sound:
    """What a decode of the first track gave, with one file made of it."""
    track = described.tracks[0]
    made = Made(path=f"access/{track.id}.opus", tier=Tier.ACCESS, recipe="access-1", digest=digest(track.id), bytes=500)
    return Sound(
        track=track.id,
        master=described.masters[0].path,
        recipe="sound-1",
        start_sample=0,
        end_sample=None,
        samples=2646000,
        sample_rate_hz=44100,
        channels=2,
        loudness=Loudness(integrated_lufs=-14.0, range_lu=4.5, true_peak_dbtp=None),
        loss=Loss(),
        pcm_md5="0" * 32,
        waveform="",
        made=(made,),
        asked=(Tier.ACCESS,),
    )


def credit(described: Release) -> Credit:
    """The sidecar of the first track."""
    track = described.tracks[0].id
    return Credit(track=track, path=f"credits/{track}.txt", digest=digest(track, "c"), bytes=99, rights="0" * 16)


def retitled(described: Release, text: str) -> Release:
    """The release under another title."""
    return replace(described, title=Statement(text=text, source="tag"))


OPENED: list[Database] = []


def empty_catalogue() -> Database:
    """A catalogue in memory."""
    database = Database(None, SCHEMA)
    database.create()
    OPENED.append(database)
    return database


def close_all(kept: int = 0) -> None:
    """Closes the catalogues made since there were `kept`."""
    while len(OPENED) > kept:
        OPENED.pop().close()
