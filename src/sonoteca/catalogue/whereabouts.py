"""Whereabouts: in which releases a file or track is; for whoever is asked for it by its digest or id alone.

Takes  a snapshot.   Gives  release ids, sorted, () when nothing here has it; whether what may leave of one has changed.
Never  says whether it may be shown (`holdings.public_files` does); withdrawn ones are among them, so that their absence
       can be told from never having been here.
"""

import hashlib

from sqlalchemy import Connection, select, union

from sonoteca.catalogue.tables import evidence, files, masters, reasons, releases, renditions, sounds, tracks, verdicts
from sonoteca.model.ids import Digest, ReleaseId, TrackId
from sonoteca.model.source import Role

MAX_RELEASES = 100


def releases_with_file(tx: Connection, digest: Digest) -> tuple[ReleaseId, ...]:
    """The releases that have these bytes, as received or made."""
    kept = select(files.c.release).where(files.c.digest == digest, files.c.path != "")
    made = select(renditions.c.release).where(renditions.c.digest == digest)
    both = union(kept, made).subquery()
    chosen = select(both.c.release).order_by(both.c.release).limit(MAX_RELEASES)
    return tuple(ReleaseId(one) for one in tx.execute(chosen).scalars())


def releases_with_track(tx: Connection, track: TrackId) -> tuple[ReleaseId, ...]:
    """The releases in which this track stands."""
    chosen = select(tracks.c.release).distinct().where(tracks.c.track == track)
    return tuple(ReleaseId(one) for one in tx.execute(chosen.order_by(tracks.c.release).limit(MAX_RELEASES)).scalars())


def state_of(tx: Connection, release: str) -> bytes:
    """A hash of every row on which it depends what of a release may leave, and as what: equal while nothing of that has
    changed, at a fraction of the cost of making it again."""
    state = hashlib.sha256()
    for table in (releases, reasons, verdicts, renditions):
        key = table.c.id if table is releases else table.c.release
        for row in tx.execute(select(table).where(key == release).order_by(*table.primary_key.columns)):
            state.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
    # Whether a picture may leave with the sound: what is said of it, and where it is.
    said = select(evidence.c.evidence).where(evidence.c.release == release)
    shown = select(files.c.digest).where(files.c.release == release, files.c.role == Role.ARTWORK.value)
    inside = select(masters.c.path + masters.c.picture).where(masters.c.release == release, masters.c.pictures > 0)
    for chosen in (said, shown, inside):
        state.update(repr(sorted(tx.execute(chosen).scalars())).encode("utf-8", "surrogatepass"))
    refused = select(sounds.c.track).where(sounds.c.release == release, sounds.c.refused == 1)
    state.update(repr(sorted(tx.execute(refused).scalars())).encode("utf-8", "surrogatepass"))
    return state.digest()


def is_withdrawn_file(tx: Connection, release: str, digest: str) -> bool:
    """Whether a file of the release was public and was taken back with a track, or with all of it."""
    back = select(tracks.c.track).where(tracks.c.release == release, tracks.c.withdrawn == 1)
    made = select(renditions.c.track).where(renditions.c.release == release, renditions.c.digest == digest)
    if tx.execute(made.where(renditions.c.track.in_(back)).limit(1)).first():
        return True
    recording = select(masters.c.recording).where(masters.c.release == release, masters.c.digest == digest)
    return tx.execute(back.where(tracks.c.recording.in_(recording)).limit(1)).first() is not None


def is_withdrawn_track(tx: Connection, release: str, track: str) -> bool:
    """Whether a track of the release was public and was taken back."""
    back = select(tracks.c.track).where(tracks.c.release == release, tracks.c.track == track, tracks.c.withdrawn == 1)
    return tx.execute(back.limit(1)).first() is not None
