"""Whereabouts: in which releases a file or track is; for whoever is asked for it by its digest or id alone.

Takes  a snapshot.   Gives  release ids, sorted; () when nothing here has it.
Never  says whether it may be shown (holdings.py does); withdrawn ones are among them, so that their absence can be told
       from never having been here.
"""

from sqlalchemy import Connection, select, union

from sonoteca.catalogue.tables import files, renditions, tracks
from sonoteca.model.ids import Digest, ReleaseId, TrackId

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
