"""Alike: what tracks are like, told: as plain values, and as findings.

Takes  tracks.   Gives  what the catalogue says of them, with the places of the others; held and withdrawn ones too:
       this is for whoever keeps the archive, the website asks for itself.
Never  loads numpy: `show` needs nothing to be compared.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from sonoteca.catalogue import likenesses, read
from sonoteca.model.finding import Finding, finding
from sonoteca.model.sameness import CODES, Same

PLACE = ("release", "release_title", "position", "title", "artist")


def told_same(tx: Connection, same: Same) -> dict[str, Any]:
    """A likeness as plain values, with the places of the other track."""
    overlap = same.overlap
    return {
        "track": same.track,
        "likeness": overlap.likeness.value,
        "error": overlap.error,
        "confidence": overlap.confidence,
        "offset_s": overlap.offset_s,
        "start_s": overlap.start_s,
        "span_s": overlap.span_s,
        "places": [{name: getattr(one, name) for name in PLACE} for one in read.every_place(tx, same.track)],
    }


def told_track(tx: Connection, track: str) -> list[dict[str, Any]]:
    """Everything that a track is like, surest first."""
    return [told_same(tx, one) for one in likenesses.of_track(tx, track)]


def alike(tx: Connection, tracks: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """A finding for each likeness of these tracks, given as (track, where it is told); within a pair of them once."""
    told: set[tuple[str, str]] = set()
    for track, where in tracks:
        for same in likenesses.of_track(tx, track):
            if (same.track, track) in told:
                continue
            told.add((track, same.track))
            yield finding(CODES[same.overlap.likeness], where=where, detail=_detail(tx, same))


def _detail(tx: Connection, same: Same) -> str:
    place = next(iter(read.every_place(tx, same.track)), None)
    named = f", “{place.title}” on “{place.release_title}”" if place else ""
    overlap = same.overlap
    return f"{same.track}{named}: {overlap.span_s:.0f} s, {100 * overlap.error:.1f} % of the bits differ"
