"""Likenesses: which tracks are marked how, and which are like which; rows, inside a transaction of the caller.

Takes  a Connection, tracks and what was found out about them (sameness.py).
Gives  marks and likenesses; both directions of a likeness are saved and forgotten together.
Never  decides what is alike, nor what may be shown: whoever asks looks each track up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from sonoteca.catalogue.tables import likenesses, marks
from sonoteca.catalogue.write import chunks
from sonoteca.model.sameness import Likeness, Overlap, Same

MAX_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A track of a release, as it is found."""

    release: str
    track: str
    mark: int
    print: str
    pcm_md5: str


def marked(tx: Connection, tracks: Iterable[str]) -> tuple[Marked, ...]:
    """The marks of these tracks, in every release."""
    rows: list[Row[Any]] = []
    for some in chunks(sorted(set(tracks))):
        rows += tx.execute(select(marks).where(marks.c.track.in_(some)).order_by(marks.c.track, marks.c.release)).all()
    return tuple(Marked(**row._mapping) for row in rows)


def marked_in(tx: Connection, release: str) -> tuple[Marked, ...]:
    """The marks of a release's tracks."""
    found = tx.execute(select(marks).where(marks.c.release == release).order_by(marks.c.track))
    return tuple(Marked(**row._mapping) for row in found)


def with_marks(tx: Connection, found: Iterable[int], but: str = "") -> tuple[Marked, ...]:
    """One place of each track that has one of these marks, in another release than `but`."""
    rows: list[Row[Any]] = []
    for some in chunks(sorted(set(found))):
        chosen = select(marks).where(marks.c.mark.in_(some), marks.c.release != but)
        rows += tx.execute(chosen.order_by(marks.c.track, marks.c.release)).all()
    every = {row.track: Marked(**row._mapping) for row in reversed(rows)}
    return tuple(every[track] for track in sorted(every))


def with_samples(tx: Connection, pcm_md5: str, but: str = "", most: int = MAX_SHOWN) -> tuple[str, ...]:
    """Tracks of which these are the samples, in other releases than `but`."""
    chosen = select(marks.c.track).where(marks.c.pcm_md5 == pcm_md5, marks.c.release != but).distinct()
    return tuple(tx.execute(chosen.order_by(marks.c.track).limit(most)).scalars()) if pcm_md5 else ()


def marks_after(tx: Connection, after: int, most: int) -> tuple[int, ...]:
    """Marks of tracks that have a fingerprint, each once, in order."""
    chosen = select(marks.c.mark).where(marks.c.mark > after, marks.c.print != "").distinct().order_by(marks.c.mark)
    return tuple(tx.execute(chosen.limit(most)).scalars())


def save(tx: Connection, track: str, found: Iterable[Same]) -> None:
    """This track is like these."""
    rows: list[dict[str, str | float]] = []
    for same in found:
        rows += [_row(track, same.track, same.overlap), _row(same.track, track, same.overlap.mirrored)]
    for row in rows:
        tx.execute(delete(likenesses).where(likenesses.c.track == row["track"], likenesses.c.other == row["other"]))
    if rows:
        tx.execute(insert(likenesses), rows)


def forget(tx: Connection, tracks: Iterable[str]) -> None:
    """These tracks are like nothing any more."""
    for track in tracks:
        others = tx.execute(select(likenesses.c.other).where(likenesses.c.track == track)).scalars().all()
        for other in others:
            tx.execute(delete(likenesses).where(likenesses.c.track == other, likenesses.c.other == track))
        tx.execute(delete(likenesses).where(likenesses.c.track == track))


def of_track(tx: Connection, track: str, most: int = MAX_SHOWN) -> tuple[Same, ...]:
    """What a track is like, surest first."""
    rows = tx.execute(select(likenesses).where(likenesses.c.track == track)).all()
    found = [
        Same(
            track=row.other,
            overlap=Overlap(
                likeness=Likeness(row.likeness),
                error=row.error,
                offset_s=row.offset_s,
                start_s=row.start_s,
                span_s=row.span_s,
            ),
        )
        for row in rows
    ]
    return tuple(
        sorted(found, key=lambda one: (list(Likeness).index(one.overlap.likeness), one.overlap.error, one.track))
    )[:most]


def _row(track: str, other: str, overlap: Overlap) -> dict[str, str | float]:
    return {
        "track": track,
        "other": other,
        "likeness": overlap.likeness.value,
        "error": overlap.error,
        "offset_s": overlap.offset_s,
        "start_s": overlap.start_s,
        "span_s": overlap.span_s,
    }
