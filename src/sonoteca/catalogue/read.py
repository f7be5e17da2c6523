"""Read: what the catalogue holds, one question a function, inside a snapshot of the caller.

Takes  a Connection from ports.database `read()` (or of a transaction that writes).
Gives  nouns of the model, or small frozen answers; None or () for what is not there.
Never  costs more because the archive is large: each question goes through an index, and long answers come in pages
       (`after` is the last one's id). Counting everything is status.py's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from sonoteca.catalogue.documents import PUBLIC_CHANNELS, documents
from sonoteca.catalogue.entries import channels_of, digest_set, verdict_of
from sonoteca.catalogue.tables import (
    evidence,
    files,
    findings,
    masters,
    reasons,
    recordings,
    records,
    refused,
    releases,
    tracks,
    verdicts,
)
from sonoteca.catalogue.write import chunks
from sonoteca.formats import json, plain
from sonoteca.formats.release import parse_release
from sonoteca.model.finding import Finding, Severity
from sonoteca.model.ids import TRACK_FORM, Digest, RecordingId, ReleaseId, TrackId
from sonoteca.model.release import Release
from sonoteca.model.rights import Channel, Decision, Evidence, Rendition, Verdict
from sonoteca.model.search import Document, Hit

MAX_PAGE = 1_000
Listing = Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A release as the catalogue has it: the curator's edits are in it."""

    release: Release
    source_key: str
    address: str
    captured_at: str
    version: int
    added_at: str
    changed_at: str
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a source: the release made of it, None when all of it was refused, and every file seen there,
    original path to (digest, bytes)."""

    release: ReleaseId | None
    listing: Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a track or recording stands: release and its title, position (0 for a master without a track)."""

    release: ReleaseId
    release_title: str
    position: int
    track: str
    title: str
    artist: str
    start_sample: int
    end_sample: int | None
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecording:
    """A recording's row, and the tracks that are made of it, in releases that are not withdrawn."""

    id: RecordingId
    digest: Digest
    bytes: int
    container: str
    codec: str
    duration_s: float
    sample_rate_hz: int
    channels: int
    bits: int
    lossless: bool
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A search hit as the rows know it."""

    kind: str
    id: str
    release: ReleaseId
    title: str
    artist: str
    release_title: str
    date: str
    duration_s: float
    score: float


# ── releases ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def release(tx: Connection, release_id: str) -> Kept | None:
    """One release."""
    row = tx.execute(select(releases).where(releases.c.id == release_id)).mappings().first()
    return None if row is None else _kept(row)


def all_releases(tx: Connection, collection: str | None = None, after: str = "", limit: int = 100) -> tuple[Kept, ...]:
    """Releases by id, of one collection or of all."""
    chosen = select(releases).where(releases.c.id > after).order_by(releases.c.id).limit(_page(limit))
    if collection is not None:
        chosen = chosen.where(releases.c.collection == collection)
    return tuple(_kept(row) for row in tx.execute(chosen).mappings())


def by_source_key(tx: Connection, source_key: str) -> Known | None:
    """What is known of a source; None when it was never worked."""
    chosen = select(releases.c.id).where(releases.c.source_key == source_key)
    kept = tx.execute(chosen.order_by(releases.c.added_at.desc(), releases.c.id).limit(1)).scalar()
    table = refused if kept is None else files
    where = refused.c.source_key == source_key if kept is None else files.c.release == kept
    rows = tx.execute(select(table.c.original, table.c.digest, table.c.bytes).where(where)).all()
    if kept is None and not rows:
        return None
    return Known(release=kept, listing={row.original: (row.digest, row.bytes) for row in rows})


def under_source(tx: Connection, source_key: str, after: str = "", limit: int = MAX_PAGE) -> tuple[ReleaseId, ...]:
    """Releases that were made of this source or of a folder below it, by id."""
    below = source_key.rstrip("/") + "/"
    here = releases.c.source_key == source_key
    deeper = (releases.c.source_key >= below) & (releases.c.source_key < below[:-1] + "0")  # "0" comes after "/"
    chosen = select(releases.c.id).where(here | deeper, releases.c.id > after)
    found = tx.execute(chosen.order_by(releases.c.id).limit(_page(limit))).scalars()
    return tuple(ReleaseId(one) for one in found)


def find_by_digests(tx: Connection, digests: Collection[str]) -> ReleaseId | None:
    """The release that has exactly these masters."""
    chosen = select(releases.c.id).where(releases.c.digest_set == digest_set(digests))
    found = tx.execute(chosen.order_by(releases.c.id).limit(1)).scalar()
    return None if found is None else ReleaseId(found)


def holding(tx: Connection, digests: Iterable[str], but: str) -> tuple[ReleaseId, ...]:
    """The releases, but for one, that have a master of one of these digests, by id."""
    found: set[str] = set()
    for some in chunks(sorted(set(digests))):
        chosen = select(files.c.release).where(files.c.digest.in_(some), files.c.release != but)
        found.update(tx.execute(chosen.where(files.c.path.startswith("masters/")).distinct()).scalars())
    return tuple(ReleaseId(one) for one in sorted(found))


def master_digests(tx: Connection, release_id: str) -> frozenset[str]:
    """Those of a release's masters."""
    return frozenset(tx.execute(select(masters.c.digest).where(masters.c.release == release_id)).scalars())


def is_held_by(tx: Connection, release_id: str, rules: Collection[str]) -> bool:
    """Whether one of these rules decided about a track of the release."""
    chosen = select(reasons.c.seq).where(reasons.c.release == release_id, reasons.c.rule.in_(rules)).limit(1)
    return tx.execute(chosen).first() is not None


def stored(tx: Connection, digests: Collection[str]) -> frozenset[str]:
    """Those of the digests that a file kept in the store has."""
    found: set[str] = set()
    for some in chunks(sorted(digests)):
        chosen = select(files.c.digest).where(files.c.digest.in_(some), files.c.path != "").distinct()
        found.update(tx.execute(chosen).scalars())
    return frozenset(found)


def find_release_ids(tx: Connection, beginning: str, limit: int = 10) -> tuple[ReleaseId, ...]:
    """Release ids that begin like this (people type few letters)."""
    chosen = select(releases.c.id).where(releases.c.id >= beginning, releases.c.id < beginning + "\U0010ffff")
    return tuple(ReleaseId(one) for one in tx.execute(chosen.order_by(releases.c.id).limit(_page(limit))).scalars())


def release_findings(tx: Connection, release_id: str) -> tuple[Finding, ...]:
    """What was noticed about a release."""
    chosen = select(findings).where(findings.c.release == release_id).order_by(findings.c.seq)
    return tuple(
        Finding(code=row["code"], severity=Severity(row["severity"]), where=row["where"], detail=row["detail"])
        for row in tx.execute(chosen).mappings()
    )


# ── tracks and recordings ────────────────────────────────────────────────────────────────────────────────────────────


def track(tx: Connection, track_id: str, limit: int = 100) -> tuple[Place, ...]:
    """Every public place of a track: those that were not withdrawn."""
    chosen = _public().where(tracks.c.track == track_id)
    return _as_places(tx, chosen.order_by(tracks.c.release, tracks.c.position).limit(_page(limit)))


def every_place(tx: Connection, ident: str) -> tuple[Place, ...]:
    """Every place of a track or recording, withdrawn ones too: whoever decides about it means all of them."""
    if TRACK_FORM.fullmatch(ident):
        chosen = _places().where(tracks.c.track == ident)
    else:
        digest = select(recordings.c.digest).where(recordings.c.id == ident).scalar_subquery()
        holding = select(files.c.release).where(files.c.digest == digest)
        chosen = _places().where(tracks.c.recording == ident, tracks.c.release.in_(holding))
    return _as_places(tx, chosen.order_by(tracks.c.release, tracks.c.position))


def recording(tx: Connection, recording_id: str, limit: int = 100) -> KeptRecording | None:
    """A recording, and where it is heard."""
    row = tx.execute(select(recordings).where(recordings.c.id == recording_id)).mappings().first()
    if row is None:
        return None
    # Whoever has the recording has its primary master's bytes.
    holding = select(files.c.release).where(files.c.digest == row["digest"]).distinct()
    chosen = _public().where(tracks.c.recording == recording_id, tracks.c.release.in_(holding.limit(_page(limit))))
    places = _as_places(tx, chosen.order_by(tracks.c.release, tracks.c.position).limit(_page(limit)))
    names = KeptRecording.__dataclass_fields__.keys() - {"places", "lossless"}
    return KeptRecording(**{name: row[name] for name in names}, lossless=bool(row["lossless"]), places=places)


def hydrate(tx: Connection, hits: Iterable[Hit]) -> tuple[Shown, ...]:
    """Search hits as the rows know them, in the same order; what is withdrawn or gone is left out."""
    shown = (_shown(tx, hit) for hit in hits)
    return tuple(one for one in shown if one is not None)


def release_documents(tx: Connection, release_id: str) -> tuple[Document, ...]:
    """The search documents of a release, made again from its rows."""
    kept = release(tx, release_id)
    if kept is None:
        return ()
    classes: dict[str, set[str]] = {}
    opened = set()
    for track_id, _, channel, verdict in release_verdicts(tx, release_id):
        classes.setdefault(track_id, set()).add(verdict.licence_class)
        if verdict.decision is Decision.PUBLISH and channel in PUBLIC_CHANNELS:
            opened.add(track_id)
    found = {track_id: frozenset(found - {""}) for track_id, found in classes.items()}
    return documents(kept.release, found, frozenset(opened))


# ── rights ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def release_evidence(tx: Connection, release_id: str) -> tuple[Evidence, ...]:
    """The statements that a release's verdicts rest on."""
    chosen = select(evidence.c.text).where(evidence.c.release == release_id).order_by(evidence.c.evidence)
    return tuple(plain.from_plain(Evidence, json.parse(text.encode())) for text in tx.execute(chosen).scalars())


def dated_evidence(tx: Connection) -> dict[str, tuple[Evidence, ...]]:
    """The statements that begin or end on some day, by release: few, so a look at every statement finds them."""
    is_dated = or_(evidence.c.text.contains('"valid_from":"'), evidence.c.text.contains('"valid_until":"'))
    chosen = select(evidence.c.release, evidence.c.text).where(is_dated).order_by(evidence.c.release)
    found: dict[str, tuple[Evidence, ...]] = {}
    for row in tx.execute(chosen):
        said = plain.from_plain(Evidence, json.parse(row.text.encode()))
        found[row.release] = (*found.get(row.release, ()), said)
    return found


def release_verdicts(tx: Connection, release_id: str) -> tuple[tuple[TrackId, Rendition, Channel, Verdict], ...]:
    """The verdict for each track, rendition and channel."""
    said = tx.execute(select(reasons).where(reasons.c.release == release_id)).mappings()
    meant = {row["seq"]: verdict_of(row) for row in said}
    chosen = select(verdicts).where(verdicts.c.release == release_id)
    ordered = chosen.order_by(verdicts.c.track, verdicts.c.rendition, verdicts.c.reason)
    return tuple(
        (TrackId(row.track), Rendition(row.rendition), channel, meant[row.reason])
        for row in tx.execute(ordered)
        for channel in channels_of(row.channels)
    )


def record_ids(tx: Connection, subject: str, kind: str) -> tuple[str, ...]:
    """The decisions of one kind about a subject, oldest first."""
    chosen = select(records.c.id).where(records.c.subject == subject, records.c.kind == kind)
    return tuple(tx.execute(chosen.order_by(records.c.made_at, records.c.id)).scalars())


def refused_before(tx: Connection, until: str, limit: int = MAX_PAGE) -> tuple[str, ...]:
    """Sources of which everything that was refused was refused before this time (ISO 8601)."""
    chosen = select(refused.c.source_key).where(refused.c.at < until).distinct()
    return tuple(tx.execute(chosen.order_by(refused.c.source_key).limit(limit)).scalars())


def refused_sources(tx: Connection) -> frozenset[str]:
    """Every source of which something lies refused in quarantine."""
    return frozenset(tx.execute(select(refused.c.source_key).distinct()).scalars())


def refused_files(tx: Connection, source_key: str) -> tuple[Finding, ...]:
    """What of a source was refused, and why."""
    chosen = select(refused).where(refused.c.source_key == source_key).order_by(refused.c.seq)
    return tuple(
        Finding(code=row["code"], severity=Severity.REFUSE, where=row["original"], detail=row["detail"])
        for row in tx.execute(chosen).mappings()
    )


# ── rows to answers ──────────────────────────────────────────────────────────────────────────────────────────────────


def _page(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))


def _kept(row: Mapping[Any, Any]) -> Kept:
    names = Kept.__dataclass_fields__.keys() - {"release", "withdrawn"}
    noun = parse_release(row["text"].encode())
    return Kept(**{name: row[name] for name in names}, release=noun, withdrawn=bool(row["withdrawn"]))


def _public() -> Select[Any]:
    return _places().where(tracks.c.withdrawn == 0)


def _places() -> Select[Any]:
    joined = tracks.join(releases, releases.c.id == tracks.c.release)
    return select(tracks, releases.c.title.label("release_title")).select_from(joined)


def _as_places(tx: Connection, chosen: Select[Any]) -> tuple[Place, ...]:
    names = Place.__dataclass_fields__.keys()
    return tuple(Place(**{name: row[name] for name in names}) for row in tx.execute(chosen).mappings())


def _shown(tx: Connection, hit: Hit) -> Shown | None:
    of_release = select(releases).where(releases.c.id == hit.release, releases.c.withdrawn == 0)
    row = tx.execute(of_release).mappings().first()
    if row is None:
        return None
    found: Sequence[Mapping[Any, Any]] = [row]
    if hit.kind == "track":
        here = select(tracks).where(tracks.c.release == hit.release, tracks.c.track == hit.id, tracks.c.withdrawn == 0)
        found = tx.execute(here.order_by(tracks.c.position).limit(1)).mappings().all()
    if not found:
        return None
    return Shown(
        kind=hit.kind.value,
        id=hit.id,
        release=ReleaseId(hit.release),
        title=found[0]["title"],
        artist=found[0]["artist"],
        release_title=row["title"],
        date=row["date"],
        duration_s=found[0].get("duration_s", 0.0),
        score=hit.score,
    )
