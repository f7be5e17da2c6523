"""Status: the archive in numbers, and what is held and why.

Takes  a snapshot of the caller.   Gives  counts and, page by page, the tracks that a rule holds.
Counting reads all of a table: this is for people who ask, never on the way of a job.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Join, Select, Table, distinct, func, select, tuple_

from sonoteca.catalogue.entries import CHANNEL_BITS
from sonoteca.catalogue.tables import (
    evidence,
    files,
    findings,
    intents,
    masters,
    outbox,
    queue,
    reasons,
    recordings,
    refused,
    releases,
    tracks,
    verdicts,
)
from sonoteca.model.ids import ReleaseId
from sonoteca.model.rights import Channel, Decision

MAX_PAGE = 1_000
HELD = ("rule", "release", "track", "release_title", "collection", "title", "artist", "because", "cure")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How many tracks a rule holds (on any channel), in how many releases, why, and the command that would change one
    of them."""

    rule: str
    tracks: int
    releases: int
    because: str
    cure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The archive in numbers. `seconds` are of recordings, each counted once; `bytes` of every file received and kept;
    `publishable` counts tracks by channel; `queue` jobs by state; `outbox` and `intents` what is not finished."""

    releases: int
    withdrawn: int
    recordings: int
    tracks: int
    masters: int
    seconds: float
    bytes: int
    evidence: int
    held: tuple[RuleCount, ...]
    publishable: Mapping[Channel, int]
    findings: Mapping[str, int]
    refused: Mapping[str, int]
    queue: Mapping[str, int]
    outbox: int
    intents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTrack:
    """A track that a rule holds on at least one channel. `cursor` asks for what comes after it."""

    release: ReleaseId
    release_title: str
    collection: str
    track: str
    title: str
    artist: str
    rule: str
    because: str
    cure: str

    @property
    def cursor(self) -> tuple[str, str, str]:
        """Where it stands in the order of `held`."""
        return self.rule, self.release, self.track


def status(tx: Connection) -> Status:
    """Everything counted."""
    return Status(
        releases=_count(tx, releases),
        withdrawn=int(tx.execute(select(func.count()).where(releases.c.withdrawn == 1)).scalar_one()),
        recordings=_count(tx, recordings),
        tracks=_count(tx, tracks),
        masters=_count(tx, masters),
        seconds=float(tx.execute(select(func.coalesce(func.sum(recordings.c.duration_s), 0.0))).scalar_one()),
        bytes=int(tx.execute(select(func.coalesce(func.sum(files.c.bytes), 0)).where(files.c.path != "")).scalar_one()),
        evidence=_count(tx, evidence),
        held=held_by_rule(tx),
        publishable=publishable(tx),
        findings=_counted(tx, findings.c.code),
        refused=_counted(tx, refused.c.code),
        queue=_counted(tx, queue.c.state),
        outbox=_count(tx, outbox),
        intents=_count(tx, intents),
    )


def publishable(tx: Connection) -> dict[Channel, int]:
    """How many different tracks may leave by each channel, in one rendition at least."""
    may = _judged().join(releases, releases.c.id == verdicts.c.release)
    counted = select(func.count(distinct(verdicts.c.track))).select_from(may)
    chosen = counted.where(reasons.c.decision == Decision.PUBLISH.value, releases.c.withdrawn == 0)
    return {
        channel: int(tx.execute(chosen.where(verdicts.c.channels.bitwise_and(bit) != 0)).scalar_one())
        for channel, bit in CHANNEL_BITS.items()
    }


def held_by_rule(tx: Connection) -> tuple[RuleCount, ...]:
    """What each rule holds, the most first."""
    chosen = (
        select(
            reasons.c.rule,
            func.count(distinct(verdicts.c.track)).label("tracks"),
            func.count(distinct(verdicts.c.release)).label("releases"),
            func.min(reasons.c.because).label("because"),
            func.min(reasons.c.cure).label("cure"),
        )
        .select_from(_judged())
        .where(reasons.c.decision == Decision.HOLD.value)
        .group_by(reasons.c.rule)
    )
    found = [RuleCount(**row) for row in tx.execute(chosen).mappings()]
    return tuple(sorted(found, key=lambda one: (-one.tracks, one.rule)))


def held(
    tx: Connection, rule: str = "", after: tuple[str, str, str] = ("", "", ""), limit: int = 100
) -> tuple[HeldTrack, ...]:
    """The tracks held, by rule, release and track; of one rule when it is named. A page costs what it holds."""
    limit = max(1, min(limit, MAX_PAGE))
    # Every rule that holds something in a release holds a track there: so many of them give a page.
    places = _places(tx, rule, after, limit + 1)
    found: dict[tuple[str, str, str], HeldTrack] = {}
    for decision, *cells in tx.execute(_tracks_in({release for _, release in places})):
        track = HeldTrack(**dict(zip(HELD, cells, strict=True)))
        if decision == Decision.HOLD.value and (track.rule, track.release) in places and track.cursor > after:
            found.setdefault(track.cursor, track)
    return tuple(found[place] for place in sorted(found)[:limit])


def _places(tx: Connection, rule: str, after: tuple[str, str, str], limit: int) -> set[tuple[str, str]]:
    """The next rules and releases in which they hold something, in the order of the index."""
    chosen = select(reasons.c.rule, reasons.c.release).distinct().where(reasons.c.decision == Decision.HOLD.value)
    if not rule:
        chosen = chosen.where(tuple_(reasons.c.rule, reasons.c.release) >= tuple_(*after[:2]))
    elif rule < after[0]:
        return set()
    else:
        chosen = chosen.where(reasons.c.rule == rule, reasons.c.release >= (after[1] if rule == after[0] else ""))
    ordered = chosen.order_by(reasons.c.rule, reasons.c.release).limit(limit)
    return {(row.rule, row.release) for row in tx.execute(ordered)}


def _tracks_in(some: Collection[str]) -> Select[Any]:
    # Without the decision, so that SQLite takes the releases' own key and not the index of decisions.
    here = (tracks.c.release == verdicts.c.release) & (tracks.c.track == verdicts.c.track)
    joined = _judged().join(releases, releases.c.id == reasons.c.release).join(tracks, here)
    return (
        select(
            reasons.c.decision,
            reasons.c.rule,
            reasons.c.release,
            verdicts.c.track,
            releases.c.title.label("release_title"),
            releases.c.collection,
            tracks.c.title,
            tracks.c.artist,
            reasons.c.because,
            reasons.c.cure,
        )
        .select_from(joined)
        .where(reasons.c.release.in_(some))
        .order_by(reasons.c.release, reasons.c.seq, verdicts.c.track, tracks.c.position)
    )


def _judged() -> Join:
    same = (verdicts.c.release == reasons.c.release) & (verdicts.c.reason == reasons.c.seq)
    return reasons.join(verdicts, same)


def _count(tx: Connection, table: Table) -> int:
    return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def _counted(tx: Connection, column: Column[str]) -> dict[str, int]:
    rows = tx.execute(select(column, func.count()).group_by(column).order_by(column))
    return {str(row[0]): int(row[1]) for row in rows}
