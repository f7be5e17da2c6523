"""Sameness: which of the recordings that are here a new one is, or a file that somebody hands in.

Takes  the rows of a release that are being saved; or a file.
Gives  likenesses in the catalogue, both directions, in the transaction of those rows; or what was identified.
Undoes what a track is like goes with its last mark.
Order  the index is added to before the rows are committed: a posting without a row is never shown, a row without a
       posting would never be found. Both may be done again.
Never  drops or holds anything for being the same: it is told (D001 …), a person decides. Never depends on the order in
       which releases came, so that `rebuild` finds the same rows.

Only what was decoded has a fingerprint, and only what may leave is decoded (render.py): a recording that is held is
compared when it may leave, before that by `sonoteca identify` of its file. Two files of the same bytes are one
recording already, by their id.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from sqlalchemy import Connection

from sonoteca.catalogue import likenesses
from sonoteca.catalogue.entries import Rows
from sonoteca.catalogue.likenesses import Marked
from sonoteca.catalogue.sameness import codes_of, find_overlap
from sonoteca.formats import fingerprint
from sonoteca.formats.fingerprint import Raw
from sonoteca.formats.release import parse_sound
from sonoteca.model.errors import Damaged
from sonoteca.model.sameness import Likeness, Overlap, Same
from sonoteca.pipeline.archive import Archive
from sonoteca.ports.sameness_index import Entry, SamenessIndex
from sonoteca.preserve.deposit import load_object, read_file

MOST_COMPARED = 64  # candidates of one recording that comes in; more copies of one than that are not told apart


def relate(archive: Archive, tx: Connection, rows: Rows, before: Iterable[Marked]) -> None:
    """After the rows of a release were saved: what of it is new is compared with all that is here. `before` are the
    marks that the catalogue had of this release and of its tracks anywhere."""
    known = {(one.track, one.print, one.pcm_md5) for one in before}
    mine = likenesses.marked_in(tx, rows.release)
    gone = {one.track for one in before} - {one.track for one in likenesses.marked(tx, (one.track for one in before))}
    fresh = [one for one in mine if (one.track, one.print, one.pcm_md5) not in known]
    likenesses.forget(tx, sorted(gone | {one.track for one in fresh}))
    if not fresh:
        return
    raws = {one.track: find_raw(archive, one) for one in fresh}
    index = archive.sameness
    index.add([Entry(one.mark, codes_of(raw)) for one in fresh if (raw := raws[one.track]) is not None])
    for one in fresh:
        likenesses.save(tx, one.track, _likenesses(archive, tx, index, one, raws))


def before(tx: Connection, rows: Rows) -> tuple[Marked, ...]:
    """What `relate` has to know of the catalogue before the rows are saved."""
    tracks = [str(row["track"]) for row in rows.marks]
    return (*likenesses.marked_in(tx, rows.release), *likenesses.marked(tx, tracks))


def find_raw(archive: Archive, one: Marked) -> Raw | None:
    """A track's fingerprint out of its object; None when it has none, or cannot be read (`verify` names it)."""
    if not one.print:
        return None
    with suppress(Damaged, ValueError):
        sound = parse_sound(read_file(archive.disk, load_object(archive.disk, one.release), f"sound/{one.track}.json"))
        return fingerprint.parse(sound.fingerprint) if sound.fingerprint else None
    return None


def _likenesses(
    archive: Archive, tx: Connection, index: SamenessIndex, one: Marked, raws: dict[str, Raw | None]
) -> Iterator[Same]:
    samples = set(likenesses.with_samples(tx, one.pcm_md5)) - {one.track}
    mine = raws[one.track]
    found = {} if mine is None else compared(archive, candidates(tx, index, codes_of(mine), one.track), mine, one.track)
    for track in sorted(samples | set(found)):
        overlap = found.get(track)
        if track in samples:
            span_s = overlap.span_s if overlap else 0.0
            overlap = Overlap(likeness=Likeness.SAMPLES, error=0.0, offset_s=0.0, start_s=0.0, span_s=span_s)
        if overlap is not None:
            yield Same(track=track, overlap=overlap)


def candidates(
    tx: Connection, index: SamenessIndex, codes: Raw, but: str = "", most: int = MOST_COMPARED
) -> tuple[Marked, ...]:
    """The tracks that share most codes."""
    marks = [mark for mark, _ in index.find(codes, most + 1)]
    return tuple(one for one in likenesses.with_marks(tx, marks) if one.track != but)


def compared(archive: Archive, found: Iterable[Marked], mine: Raw, track: str = "") -> dict[str, Overlap]:
    """What a sound has in common with these tracks. Of a pair the one with the smaller id is laid first, so that the
    answer is the same whichever came first."""
    overlaps = {}
    for other in found:
        raw = find_raw(archive, other)
        if raw is None:
            continue
        is_first = track < other.track
        overlap = find_overlap(mine, raw) if is_first else find_overlap(raw, mine)
        if overlap is not None:
            overlaps[other.track] = overlap if is_first else overlap.mirrored
    return overlaps
