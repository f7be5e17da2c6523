"""Sameness: which of the recordings that are here a new one is, or a file that somebody hands in.

Takes  the rows of a release that are going to be saved; or a file.
Gives  a Related, which goes into the catalogue with those rows; or what was identified; or what the index lacks.
Undoes what a track is like goes with its last mark.
Order  everything is read and compared before the transaction that saves the rows begins. The index is added to before
       they are committed: a posting without a row is never shown, a row without a posting would never be found. Both
       may be done again.
Never  drops or holds anything for being the same: it is told (D001 …), a person decides. Never stops a release for the
       index's sake: where that is damaged nothing is found by it, which is told (S093), until `rebuild` makes both
       again. Never depends on the order in which releases came, so that `rebuild` finds the same rows.

Only what was decoded has a fingerprint, and only what may leave is decoded (render.py): a recording that is held is
compared when it may leave, before that by `sonoteca identify` of its file. Two files of the same bytes are one
recording already, by their id.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial

from sqlalchemy import Connection

from sonoteca.catalogue import likenesses
from sonoteca.catalogue.entries import Rows
from sonoteca.catalogue.likenesses import Marked
from sonoteca.catalogue.sameness import codes_of, find_overlap
from sonoteca.formats import fingerprint
from sonoteca.formats.fingerprint import Raw
from sonoteca.formats.release import parse_sound
from sonoteca.model.errors import Damaged, Unreachable
from sonoteca.model.finding import Finding, finding
from sonoteca.model.sameness import Likeness, Overlap, Same
from sonoteca.pipeline.archive import Archive
from sonoteca.ports.sameness_index import Entry, SamenessIndex
from sonoteca.preserve.deposit import load_object, read_file

MOST_COMPARED = 64  # candidates of one recording that comes in; more copies of one than that are not told apart
KEPT_OBJECTS, KEPT_PRINTS = 64, 512  # in memory while one release is compared; eight megabytes of fingerprints, about
PAGE = 1_000_000  # tracks looked for in the index at once, a pass over it each time
Prints = Callable[[Marked], Raw | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What the catalogue is to say of a release's tracks: those `forgotten` are like nothing any more, then `found`."""

    forgotten: tuple[str, ...] = ()
    found: tuple[tuple[str, tuple[Same, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    """All that is here when these rows will have been saved: the catalogue, but for what it has of this release."""

    tx: Connection
    release: str
    mine: Mapping[str, Marked]

    def elsewhere(self, tracks: Iterable[str]) -> set[str]:
        """Those of these tracks that another release has."""
        return {one.track for one in likenesses.marked(self.tx, tracks) if one.release != self.release}

    def with_marks(self, marks: Iterable[int]) -> tuple[Marked, ...]:
        """One place of each track, always the same one."""
        wanted = set(marks)
        found = {one.track: one for one in likenesses.with_marks(self.tx, wanted, but=self.release)}
        for one in self.mine.values():
            if one.mark in wanted and (one.track not in found or one.release < found[one.track].release):
                found[one.track] = one
        return tuple(found[track] for track in sorted(found))

    def with_samples(self, pcm_md5: str) -> set[str]:
        """Tracks of which these are the samples."""
        own = {one.track for one in self.mine.values() if pcm_md5 and one.pcm_md5 == pcm_md5}
        return own | set(likenesses.with_samples(self.tx, pcm_md5, but=self.release))


def compare(archive: Archive, tx: Connection, rows: Rows) -> Related:
    """What of these rows is new, compared with all that is here and with each other. Only reads the catalogue."""
    mine = {one.track: one for one in (Marked(**row) for row in rows.marks)}  # type: ignore[arg-type]
    before = (*likenesses.marked_in(tx, rows.release), *likenesses.marked(tx, mine))
    here = _Here(tx=tx, release=rows.release, mine=mine)
    gone = {one.track for one in before} - mine.keys()
    gone -= here.elsewhere(gone)
    known = {(one.track, one.print, one.pcm_md5) for one in before}
    fresh = [one for one in mine.values() if (one.track, one.print, one.pcm_md5) not in known]
    forgotten = tuple(sorted(gone | {one.track for one in fresh}))
    if not fresh:
        return Related(forgotten=forgotten)
    prints, index = prints_of(archive), archive.sameness
    raws = ((one.mark, prints(one)) for one in fresh)
    # Damaged: `damages` tells it; what is added all the same is there when others are merged again.
    with suppress(Damaged):
        index.add([Entry(mark, codes_of(raw)) for mark, raw in raws if raw is not None])
    return Related(
        forgotten=forgotten, found=tuple((one.track, _likenesses(here, index, one, prints)) for one in fresh)
    )


def save(tx: Connection, related: Related) -> None:
    """Into the catalogue, in the transaction of the rows."""
    likenesses.forget(tx, related.forgotten)
    for track, found in related.found:
        likenesses.save(tx, track, found)


def prints_of(archive: Archive) -> Prints:
    """Reads tracks' fingerprints out of their objects; None when one has none, or cannot be read (`verify` names it).
    What was read last is kept."""
    load = lru_cache(KEPT_OBJECTS)(partial(load_object, archive.disk))

    @lru_cache(KEPT_PRINTS)
    def find(one: Marked) -> Raw | None:
        if not one.print:
            return None
        with suppress(Damaged, Unreachable, ValueError):
            sound = parse_sound(read_file(archive.disk, load(one.release), f"sound/{one.track}.json"))
            return fingerprint.parse(sound.fingerprint) if sound.fingerprint else None
        return None

    return find


def _likenesses(here: _Here, index: SamenessIndex, one: Marked, prints: Prints) -> tuple[Same, ...]:
    samples, marks = here.with_samples(one.pcm_md5) - {one.track}, list[int]()
    found, mine = dict[str, Overlap](), prints(one)
    if mine is not None:
        with suppress(Damaged):
            marks = [mark for mark, _ in index.find(codes_of(mine), MOST_COMPARED + 1)]
        found = compared(
            prints, (other for other in here.with_marks(marks) if other.track != one.track), mine, one.track
        )
    for track in samples:
        span_s = found[track].span_s if track in found else 0.0
        found[track] = Overlap(likeness=Likeness.SAMPLES, error=0.0, offset_s=0.0, start_s=0.0, span_s=span_s)
    return tuple(Same(track=track, overlap=found[track]) for track in sorted(found))


def compared(prints: Prints, others: Iterable[Marked], mine: Raw, track: str = "") -> dict[str, Overlap]:
    """What a sound has in common with these tracks. Of a pair the one with the smaller id is laid first, so that the
    answer is the same whichever came first."""
    overlaps = {}
    for other in others:
        raw = prints(other)
        if raw is None:
            continue
        is_first = track < other.track
        overlap = find_overlap(mine, raw) if is_first else find_overlap(raw, mine)
        if overlap is not None:
            overlaps[other.track] = overlap if is_first else overlap.mirrored
    return overlaps


# ── the index itself ─────────────────────────────────────────────────────────────────────────────────────────────────


def damages(archive: Archive) -> tuple[Finding, ...]:
    """What of the index is not whole. Looks at the head of each segment."""
    return tuple(archive.sameness.verify())


def lacking(archive: Archive) -> Iterator[Finding]:
    """Tracks that the catalogue has with a fingerprint and the index does not find. A sound that has no code, as
    silence may, is in none."""
    prints, after = prints_of(archive), -1
    while True:
        with archive.database.read() as tx:
            page = likenesses.marks_after(tx, after, PAGE)
            if not page:
                return
            absent = likenesses.with_marks(tx, archive.sameness.absent(page))
        for one in absent:
            raw = prints(one)
            if raw is not None and len(codes_of(raw)):
                yield finding("S093", where=one.track, detail="the index does not find it")
        after = page[-1]
