"""Choosing: the tracks that a Where asks for, among those that the public may find.

Takes  a snapshot, a Where.
Gives  the tracks by release, in the order of ids and of the release; words
       decide as they do on the search page.
Never  names what was withdrawn; `holdings` still says of each file whether it may leave.
"""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, select

from sonoteca.catalogue import browse
from sonoteca.catalogue.browse import Found
from sonoteca.catalogue.tables import releases, tracks
from sonoteca.catalogue.write import chunks
from sonoteca.formats.fold import fold
from sonoteca.model.ids import track_id
from sonoteca.model.search import DocumentKind
from sonoteca.model.view import Where

# Release → track → the recording as a whole: originals go by its name, also when they hold several tracks.
Chosen = Mapping[str, Mapping[str, str]]
Find = Callable[[Connection, str, DocumentKind], Sequence[Found]]


def chosen(tx: Connection, where: Where, find: Find = browse.found) -> Chosen:
    """The tracks that are meant; one that stands in several releases is taken from the first alone, so that it is in
    the torrent once. `find` may know what words find already."""
    genres = browse.genres(tx) if where.genre else {}
    found = [one for one in find(tx, where.words, DocumentKind.TRACK) if _passes(one, where, genres)]
    if where.artist:
        named = _by_artist(tx, where.artist)
        found = [one for one in found if (one.release, one.id) in named]
    firsts: dict[str, str] = {}
    for one in sorted(found, key=lambda one: (one.release, one.id)):
        firsts.setdefault(one.id, one.release)
    return _with_wholes(tx, firsts)


def _with_wholes(tx: Connection, firsts: Mapping[str, str]) -> Chosen:
    by_release: dict[str, dict[str, str]] = {release: {} for release in sorted(set(firsts.values()))}
    for some in chunks(tuple(by_release)):
        rows = select(tracks.c.release, tracks.c.track, tracks.c.recording).where(tracks.c.release.in_(some))
        for row in tx.execute(rows.order_by(tracks.c.release, tracks.c.position)):
            if firsts.get(row.track) == row.release:
                by_release[row.release][row.track] = track_id(row.recording)
    return by_release


def _passes(one: Found, where: Where, genres: Mapping[str, frozenset[str]]) -> bool:
    has = {
        "licence": one.classes,
        "decade": {str(one.decade)},
        "genre": genres.get(one.release, frozenset()),
        "collection": {one.collection},
        "format": one.codecs,
        "release": {one.release},
        "track": {one.id},
    }
    return all(not (wanted := getattr(where, kind)) or not values.isdisjoint(wanted) for kind, values in has.items())


def _by_artist(tx: Connection, names: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """Tracks of an artist: as the track says, else as its release does."""
    wanted = {fold(name) for name in names}
    rows = tx.execute(
        select(tracks.c.release, tracks.c.track, tracks.c.artist, releases.c.artist.label("above")).join(
            releases, releases.c.id == tracks.c.release
        )
    )
    return frozenset((row.release, row.track) for row in rows if wanted & _names(row.artist or row.above))


def _names(line: str) -> set[str]:
    """A line of names as a whole, and each of them."""
    return {fold(line), *(fold(name) for name in line.split(", "))}
