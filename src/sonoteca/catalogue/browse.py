"""Browse: what the public may find, all of it at once: newest, a shelf for the day, totals, what words find.

Takes  a snapshot of the caller; words as people type them.
Gives  ids and the facets of each thing found; counts.
Never  names what was withdrawn, or of which nothing may leave by a public channel. What is named here may still have no
       file to show (`holdings.public_files` has the last word): it is a list of candidates, and counts are made of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from sqlalchemy import Connection, Row, text

from sonoteca.catalogue.documents import PUBLIC
from sonoteca.model.search import DocumentKind, Query
from sonoteca.ports.search import MATCHES, find_match

MAX_FOUND = 100_000

# Of one release `r`: some track of it may leave by a public channel.
_MAY_LEAVE = (
    "SELECT 1 FROM verdicts AS v JOIN reasons AS n ON n.release = v.release AND n.seq = v.reason "
    f"WHERE n.decision = 'publish' AND v.channels & {PUBLIC} AND v.release = "
)
_NEWEST = (
    f"SELECT r.id FROM releases AS r WHERE r.withdrawn = 0 AND EXISTS ({_MAY_LEAVE} r.id) "
    "ORDER BY r.added_at DESC, r.id LIMIT :limit"
)
_NEXT = (
    f"SELECT r.id FROM releases AS r WHERE r.id >= :at AND r.withdrawn = 0 AND EXISTS ({_MAY_LEAVE} r.id) "
    "ORDER BY r.id LIMIT 1"
)
CLASSES = (
    "SELECT group_concat(DISTINCT n.licence_class) FROM verdicts AS v "
    "JOIN reasons AS n ON n.release = v.release AND n.seq = v.reason "
    f"WHERE n.decision = 'publish' AND v.channels & {PUBLIC} AND v.release = h.release"
)
_FOUND: Mapping[DocumentKind, str] = {
    DocumentKind.TRACK: (
        f"SELECT h.id, h.release, r.collection, r.date, rec.codec AS codecs, "
        f"({CLASSES} AND v.track = h.id) AS classes "
        f"FROM ({MATCHES}) AS h JOIN releases AS r ON r.id = h.release AND r.withdrawn = 0 "
        "JOIN tracks AS t ON t.track = h.id AND t.release = h.release AND t.withdrawn = 0 "
        "JOIN recordings AS rec ON rec.id = t.recording "
        "WHERE classes IS NOT NULL ORDER BY h.score DESC, r.added_at DESC, h.release, t.position LIMIT :limit"
    ),
    DocumentKind.RELEASE: (
        f"SELECT h.id, h.release, r.collection, r.date, ({CLASSES}) AS classes, "
        "(SELECT group_concat(DISTINCT m.codec) FROM masters AS m WHERE m.release = h.release) AS codecs "
        f"FROM ({MATCHES}) AS h JOIN releases AS r ON r.id = h.release AND r.withdrawn = 0 "
        "WHERE classes IS NOT NULL ORDER BY h.score DESC, r.added_at DESC, h.release LIMIT :limit"
    ),
}
_GENRES = (
    "SELECT r.id, g.value FROM releases AS r, json_each(r.text, '$.genres') AS g "
    "WHERE r.withdrawn = 0 AND g.type = 'text'"
)
_TOTALS = (
    "SELECT count(*) AS tracks, coalesce(sum(seconds), 0) AS seconds FROM ("
    "SELECT max(t.duration_s) AS seconds FROM verdicts AS v "
    "JOIN reasons AS n ON n.release = v.release AND n.seq = v.reason "
    "JOIN releases AS r ON r.id = v.release AND r.withdrawn = 0 "
    "JOIN tracks AS t ON t.release = v.release AND t.track = v.track AND t.withdrawn = 0 "
    f"WHERE n.decision = 'publish' AND v.channels & {PUBLIC} GROUP BY v.track)"
)
_RELEASES = f"SELECT count(*) FROM releases AS r WHERE r.withdrawn = 0 AND EXISTS ({_MAY_LEAVE} r.id)"
_VOLUMES = "SELECT count(*) AS volumes, coalesce(sum(bytes), 0) AS bytes FROM volumes WHERE files > 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A track or release that words find, with what it can be narrowed by. `decade` 0 when its date is not known."""

    id: str
    release: str
    collection: str
    decade: int
    classes: frozenset[str]
    codecs: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What is open to the public: different tracks, their length, releases; volumes that have files, and their size."""

    tracks: int
    seconds: float
    releases: int
    volumes: int
    bytes: int


def newest(tx: Connection, limit: int) -> tuple[str, ...]:
    """Releases, the last added first."""
    return tuple(tx.execute(text(_NEWEST), {"limit": limit}).scalars())


def shelf(tx: Connection, points: Iterable[str]) -> tuple[str, ...]:
    """For each point in the order of ids, the release that stands there or next: ids are spread evenly, so random
    points give a random shelf without reading all."""
    found: dict[str, None] = {}
    for point in points:
        at = tx.execute(text(_NEXT), {"at": point}).scalar() or tx.execute(text(_NEXT), {"at": ""}).scalar()
        if at:
            found[at] = None
    return tuple(found)


def found(tx: Connection, words: str, kind: DocumentKind) -> tuple[Found, ...]:
    """Everything of this kind that has these words, best first; without words everything, newest first."""
    match = find_match(Query(words=words, kinds=(kind,)))
    if match is None or not is_indexed(tx):
        return ()
    rows = tx.execute(text(_FOUND[kind]), {"match": match, "limit": MAX_FOUND})
    return tuple(dict.fromkeys(map(find_facets, rows)))


def is_indexed(tx: Connection) -> bool:
    """Whether anything can be found: the index is made by the first release."""
    return tx.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'search1_words'").first() is not None


def genres(tx: Connection) -> dict[str, frozenset[str]]:
    """The genres of each release that has some."""
    said: dict[str, set[str]] = {}
    for release, genre in tx.execute(text(_GENRES)):
        said.setdefault(release, set()).add(genre)
    return {release: frozenset(some) for release, some in said.items()}


def totals(tx: Connection) -> Totals:
    """Everything that is open, counted: reads all of the verdicts."""
    tracks, seconds = tx.execute(text(_TOTALS)).one()
    volumes, size = tx.execute(text(_VOLUMES)).one()
    releases = tx.execute(text(_RELEASES)).scalar_one()
    return Totals(tracks=tracks, seconds=seconds, releases=releases, volumes=volumes, bytes=size)


def find_facets(row: Row[tuple[str, ...]]) -> Found:
    """What a row says of a thing: id, release, collection, date; classes and codecs with commas between."""
    return Found(
        id=row.id,
        release=intern(row.release),
        collection=intern(row.collection),
        decade=next(_decades(row.date), 0),
        classes=_split(row.classes),
        codecs=_split(row.codecs),
    )


def _decades(date: str) -> Iterator[int]:
    year = date[:4]
    if len(year) == 4 and year.isascii() and year.isdigit():
        yield int(year) // 10 * 10


@lru_cache(1_000)  # a hundred thousand things have few kinds: they share them
def _split(text: str | None) -> frozenset[str]:
    return frozenset((text or "").split(",")) - {""}


# ── volumes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_MEMBERS = (
    "SELECT m.release, r.title, count(*) AS files, sum(m.bytes) AS bytes FROM members AS m "
    "JOIN releases AS r ON r.id = m.release AND r.withdrawn = 0 "
    "WHERE m.volume = :volume AND m.present = 1 GROUP BY m.release ORDER BY min(m.path) LIMIT :limit"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a release has in a volume."""

    release: str
    title: str
    files: int
    bytes: int


def shares(tx: Connection, volume: str, limit: int = 2_000) -> tuple[Share, ...]:
    """The releases in a volume, in the order of its folders."""
    rows = tx.execute(text(_MEMBERS), {"volume": volume, "limit": limit})
    return tuple(Share(release=row.release, title=row.title, files=row.files, bytes=row.bytes) for row in rows)
