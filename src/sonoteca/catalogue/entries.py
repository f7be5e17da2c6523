"""Entries: a release as the store describes it, to rows and search documents.

Takes  an object's facts (release.json, source.json, measured/*.json), the release as the curator's edits leave it
       (edits.py), and what the rights room judged.
Gives  Rows: for each table the rows of exactly this release, in a fixed order. The same function serves `run`, recovery
       and `rebuild`, so that equal truth gives equal rows.
Never  reads or writes anything; never drops a statement: what has no column stands in releases.text.

The strictest word counts: when two verdicts speak of the same track, rendition and channel (the same bytes twice in one
release), refuse stands above hold, and hold above publish.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sonoteca.catalogue.inside import front_inside, inside_rows
from sonoteca.catalogue.marks import mark_rows
from sonoteca.formats import json, plain
from sonoteca.formats.release import format_release
from sonoteca.model.finding import Finding
from sonoteca.model.ids import ReleaseId, TrackId
from sonoteca.model.media import AudioFacts, ProbeReport
from sonoteca.model.release import Contributor, Master, MasterRole, Release, Track
from sonoteca.model.rights import Channel, Decision, Evidence, Rendition, Verdict
from sonoteca.model.sound import Credit, Sound
from sonoteca.model.source import SourceStatement

Cell = str | int | float | None
Row = dict[str, Cell]
Table = tuple[Row, ...]
Judged = tuple[str, Rendition, Channel, Verdict]

TABLES = (
    "releases",
    "recordings",
    "masters",
    "inside",
    "tracks",
    "files",
    "identifiers",
    "evidence",
    "reasons",
    "verdicts",
    "findings",
    "sounds",
    "renditions",
    "marks",
)
CREDITS = "credits"
STRICTNESS = (Decision.REFUSE, Decision.HOLD, Decision.PUBLISH)
# The channels a verdict speaks of are one number: the sum of these.
CHANNEL_BITS: dict[Channel, int] = {
    Channel.STREAM: 1,
    Channel.DOWNLOAD: 2,
    Channel.SWARM: 4,
    Channel.MIRROR: 8,
    Channel.ON_SITE: 16,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFacts:
    """What the newest version of an object says. `reports` by the master's logical path; times ISO 8601 UTC, of the
    first and of the newest version."""

    release: Release
    source: SourceStatement
    reports: Mapping[str, ProbeReport]
    version: int
    created_at: str
    changed_at: str
    sounds: tuple[Sound, ...] = ()
    credits: tuple[Credit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the rights room says: evidence, verdicts as (track, rendition, channel, verdict), what it noticed, and the
    tracks that were taken back from the public."""

    evidence: tuple[Evidence, ...] = ()
    verdicts: tuple[Judged, ...] = ()
    findings: tuple[Finding, ...] = ()
    withdrawn: frozenset[TrackId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one release, by table; `described` is the release they were made from, edits included."""

    described: Release
    releases: Table
    recordings: Table
    masters: Table
    inside: Table
    tracks: Table
    files: Table
    identifiers: Table
    evidence: Table
    reasons: Table
    verdicts: Table
    findings: Table
    sounds: Table
    renditions: Table
    marks: Table

    @property
    def release(self) -> ReleaseId:
        """Whose rows they are."""
        return ReleaseId(str(self.releases[0]["id"]))

    def by_table(self) -> dict[str, Table]:
        """Every table's rows."""
        return {name: getattr(self, name) for name in TABLES}


def rows_of(facts: ObjectFacts, release: Release, judgement: Judgement) -> Rows:
    """Every row of one release. `release` is facts.release with the curator's edits (edits.apply_edits)."""
    reasons, verdicts = _judged(release.id, judgement.verdicts)
    return Rows(
        described=release,
        releases=(_release(facts, release, judgement),),
        recordings=_recordings(release),
        masters=tuple(
            _master(release.id, one, facts.reports.get(one.path)) for one in sorted(release.masters, key=_by_path)
        ),
        inside=inside_rows(release.id, facts.release, facts.reports),
        tracks=tuple(
            _track(release, track, judgement) for track in sorted(release.tracks, key=lambda one: one.position)
        ),
        files=_files(facts),
        identifiers=_identifiers(release),
        evidence=_evidence(release.id, judgement.evidence),
        reasons=reasons,
        verdicts=verdicts,
        findings=_findings(facts, judgement),
        sounds=tuple(_sound(release.id, one) for one in sorted(facts.sounds, key=lambda one: one.track)),
        renditions=_renditions(facts),
        marks=mark_rows(release.id, facts.sounds),
    )


def digest_set(digests: Iterable[str]) -> str:
    """One name for a set of masters: order and repetition do not matter."""
    return hashlib.sha256("\n".join(sorted(set(digests))).encode("ascii")).hexdigest()


def artist_of(contributors: Iterable[Contributor]) -> str:
    """The artists' names as they are shown, "" when none is named."""
    return ", ".join(one.name for one in contributors if one.role == "artist")


def _release(facts: ObjectFacts, release: Release, judgement: Judgement) -> Row:
    return {
        "id": release.id,
        "title": release.title.text,
        "artist": artist_of(release.contributors),
        "date": release.date,
        "collection": release.collection,
        "source_key": facts.source.source_key,
        "address": facts.source.address,
        "captured_at": facts.source.captured_at,
        "version": facts.version,
        "added_at": facts.created_at,
        "changed_at": facts.changed_at,
        "withdrawn": int(bool(release.tracks) and judgement.withdrawn >= {one.id for one in release.tracks}),
        "digest_set": digest_set(master.digest for master in release.masters),
        "text": format_release(release).decode(),
    }


def _audio(audio: AudioFacts) -> Row:
    return {
        "container": audio.container,
        "codec": audio.codec,
        "duration_s": audio.duration_s,
        "samples": audio.samples,
        "sample_rate_hz": audio.sample_rate_hz,
        "channels": audio.channels,
        "bits": audio.bits,
        "lossless": int(audio.lossless),
    }


def _recordings(release: Release) -> Table:
    found: dict[str, Row] = {}
    for master in sorted(release.masters, key=lambda one: one.path):
        if master.role is MasterRole.PRIMARY and master.recording not in found:
            row = {"id": master.recording, "digest": master.digest, "bytes": master.bytes, **_audio(master.audio)}
            found[master.recording] = {**row, "described_by": release.id}
    return tuple(found[key] for key in sorted(found))


def _by_path(master: Master) -> str:
    return master.path


def _master(release: ReleaseId, master: Master, report: ProbeReport | None) -> Row:
    return {
        "release": release,
        "path": master.path,
        "original": master.original,
        "digest": master.digest,
        "bytes": master.bytes,
        "role": master.role.value,
        "recording": master.recording,
        **_audio(master.audio),
        "exact": int(master.audio.exact),
        "puid": master.audio.puid,
        "audio_md5": master.audio.audio_md5,
        "pictures": len(report.pictures) if report else 0,
        "picture": front_inside(report),
    }


def _track(release: Release, track: Track, judgement: Judgement) -> Row:
    return {
        "release": release.id,
        "position": track.position,
        "track": track.id,
        "recording": track.recording,
        "title": track.title.text,
        "artist": artist_of(track.contributors) or artist_of(release.contributors),
        "disc": track.disc,
        "side": track.side,
        "number": track.number,
        "start_sample": track.start_sample,
        "end_sample": track.end_sample,
        "duration_s": track.duration_s,
        "language": track.language,
        "withdrawn": int(track.id in judgement.withdrawn),
    }


def _files(facts: ObjectFacts) -> Table:
    ordered = sorted(facts.source.files, key=lambda file: (file.original, file.path))
    return tuple(
        {
            "release": facts.release.id,
            "seq": seq,
            "original": file.original,
            "path": file.path,
            "digest": file.digest,
            "bytes": file.bytes,
            "role": file.role.value,
        }
        for seq, file in enumerate(ordered, 1)
    )


def _identifiers(release: Release) -> Table:
    named = [(0, one) for one in release.identifiers]
    named += [(track.position, one) for track in release.tracks for one in track.identifiers]
    ordered = sorted({(position, one.scheme, one.text) for position, one in named})
    return tuple(
        {"release": release.id, "seq": seq, "position": position, "scheme": scheme, "text": text}
        for seq, (position, scheme, text) in enumerate(ordered, 1)
    )


def _evidence(release: ReleaseId, evidence: Iterable[Evidence]) -> Table:
    found = {one.id: one for one in evidence}
    return tuple(
        {
            "release": release,
            "evidence": key,
            "kind": found[key].kind.value,
            "licence": found[key].licence,
            "trusted": int(found[key].trusted),
            "text": json.format(plain.to_plain(found[key])).decode(),
        }
        for key in sorted(found)
    )


def _judged(release: ReleaseId, judged: Iterable[Judged]) -> tuple[Table, Table]:
    """The different verdicts, numbered, and for each track and rendition which of them holds on which channels."""
    words: dict[tuple[str, Rendition, Channel], Verdict] = {}
    for track, rendition, channel, verdict in judged:
        said = words.setdefault((track, rendition, channel), verdict)
        if STRICTNESS.index(verdict.decision) < STRICTNESS.index(said.decision):
            words[track, rendition, channel] = verdict
    reasons = {verdict: _reason(release, verdict) for verdict in words.values()}
    numbers = {verdict: seq for seq, verdict in enumerate(sorted(reasons, key=_verdict_order), 1)}
    channels: dict[tuple[str, str, int], int] = {}
    for (track, rendition, channel), verdict in words.items():
        key = (track, rendition.value, numbers[verdict])
        channels[key] = channels.get(key, 0) | CHANNEL_BITS[channel]
    rows: Table = tuple(
        {"release": release, "track": track, "rendition": rendition, "reason": number, "channels": bits}
        for (track, rendition, number), bits in sorted(channels.items())
    )
    return tuple({**reasons[verdict], "seq": number} for verdict, number in numbers.items()), rows


def _verdict_order(verdict: Verdict) -> tuple[str, ...]:
    said = (verdict.licence, verdict.licence_class, verdict.because, verdict.cure)
    return (verdict.rule, verdict.decision.value, *said, *verdict.evidence)


def _reason(release: ReleaseId, verdict: Verdict) -> Row:
    return {
        "release": release,
        "decision": verdict.decision.value,
        "rule": verdict.rule,
        "because": verdict.because,
        "licence": verdict.licence,
        "licence_class": verdict.licence_class,
        "cure": verdict.cure,
        "evidence": json.format(list(verdict.evidence)).decode(),
    }


def _findings(facts: ObjectFacts, judgement: Judgement) -> Table:
    originals = {master.path: master.original for master in facts.release.masters}
    found = list(facts.source.findings)
    for path in sorted(facts.reports):
        found += [_placed(one, originals.get(path, path)) for one in facts.reports[path].findings]
    for sound in sorted(facts.sounds, key=lambda one: one.track):
        found += [_placed(one, originals.get(sound.master, sound.master)) for one in sound.findings]
    # The source's statement may list what a report says too: once is enough.
    distinct = dict.fromkeys([*found, *judgement.findings])
    return tuple(
        {
            "release": facts.release.id,
            "seq": seq,
            "where": one.where,
            "code": one.code,
            "severity": one.severity.value,
            "detail": one.detail,
        }
        for seq, one in enumerate(distinct, 1)
    )


def _sound(release: ReleaseId, sound: Sound) -> Row:
    return {
        "release": release,
        "track": sound.track,
        "master": sound.master,
        "recipe": sound.recipe,
        "samples": sound.samples,
        "integrated_lufs": sound.loudness.integrated_lufs,
        "range_lu": sound.loudness.range_lu,
        "true_peak_dbtp": sound.loudness.true_peak_dbtp,
        "lost_packets": sound.loss.packets,
        "lost_seconds": sound.loss.seconds,
        "refused": int(sound.is_refused),
    }


def _renditions(facts: ObjectFacts) -> Table:
    found: dict[str, Row] = {}
    for sound in facts.sounds:
        for made in sound.made:
            row: Row = {"track": sound.track, "tier": made.tier.value, "recipe": made.recipe, "rights": ""}
            found[made.path] = {**row, "digest": made.digest, "bytes": made.bytes, "cover": made.cover}
    for one in facts.credits:
        row = {"track": one.track, "tier": CREDITS, "recipe": "", "rights": one.rights, "cover": ""}
        found[one.path] = {**row, "digest": one.digest, "bytes": one.bytes}
    return tuple({"release": facts.release.id, "path": path, **found[path]} for path in sorted(found))


def _placed(found: Finding, original: str) -> Finding:
    if found.where:
        return found
    return Finding(code=found.code, severity=found.severity, where=original, detail=found.detail)


def verdict_of(reason: Mapping[Any, Any]) -> Verdict:
    """The verdict that a row of `reasons` holds."""
    cited = json.parse(str(reason["evidence"]).encode())
    return Verdict(
        decision=Decision(str(reason["decision"])),
        rule=str(reason["rule"]),
        because=str(reason["because"]),
        evidence=tuple(str(one) for one in cited) if isinstance(cited, list) else (),
        licence=str(reason["licence"]),
        licence_class=str(reason["licence_class"]),
        cure=str(reason["cure"]),
    )


def channels_of(bits: int) -> tuple[Channel, ...]:
    """The channels in a row of `verdicts`."""
    return tuple(channel for channel, bit in CHANNEL_BITS.items() if bits & bit)
