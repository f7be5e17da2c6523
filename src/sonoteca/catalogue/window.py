"""Window: the best of what words find, narrowed, as much as pages show of it; what it costs does not grow with the
archive.

Takes  a snapshot; words, and by what they are narrowed.
Gives  at most `most` things, best first: a title that is just these words before all others, then as the index ranks
       them, of equals the newest. And a sample of the rest, to say by what it could be narrowed.
Never  looks at more rows, or ranks more entries, than Bounds say. Of words that more entries have, the last written
       are ranked, and those whose title they are. What is everything (no words, no filter) is put in order whole: the
       caller remembers it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice

from sqlalchemy import Connection, text

from sonoteca.catalogue.browse import CLASSES, Found, find_facets, is_indexed
from sonoteca.formats import json
from sonoteca.model.search import DocumentKind, Query
from sonoteca.ports.search import WEIGHTS, find_match, match_genre, match_open, match_title

PLACES = 5

_MATCHING = (
    f"SELECT rowid AS document, -bm25(search1_words, {WEIGHTS}) AS score FROM search1_words WHERE search1_words MATCH "
)
_BEST = (
    f"WITH ranked AS ({_MATCHING} :match ORDER BY rowid DESC LIMIT :ranked), "
    f"titled AS ({_MATCHING} :titled ORDER BY rowid DESC LIMIT :most), "
    "best AS (SELECT document, max(is_titled) AS is_titled, max(score) AS score FROM ("
    "SELECT document, 0 AS is_titled, score FROM ranked UNION ALL SELECT document, 1, score FROM titled) "
    "GROUP BY document) "
    "SELECT b.document FROM best AS b JOIN search1_documents AS d ON d.document = b.document "
    "JOIN releases AS r ON r.id = d.release "
    "ORDER BY b.is_titled DESC, b.score DESC, r.added_at DESC, r.id, b.document LIMIT :looked"
)
# "LIMIT -1": without a limit SQLite leaves out the order of a part of a join.
_NEWEST = (
    "SELECT d.document FROM (SELECT id FROM releases WHERE withdrawn = 0 ORDER BY added_at DESC, id LIMIT -1) AS r "
    "CROSS JOIN search1_documents AS d ON d.release = r.id AND d.kind = :kind"
)
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM search1_words WHERE search1_words MATCH :match LIMIT :limit)"
_AT = "SELECT rowid FROM search1_words WHERE search1_words MATCH :match AND rowid >= :at ORDER BY rowid LIMIT :limit"
_LAST = "SELECT max(document) FROM search1_documents"
# `j` are numbers of documents, in the order wanted.
_ROWS = {
    DocumentKind.TRACK: (
        "SELECT h.id, h.release, r.collection, r.date, rec.codec AS codecs, "
        f"({CLASSES} AND v.track = h.id) AS classes "
        "FROM json_each(:documents) AS j CROSS JOIN search1_documents AS h ON h.document = j.value "
        "CROSS JOIN releases AS r ON r.id = h.release AND r.withdrawn = 0 "
        "CROSS JOIN tracks AS t ON t.release = h.release AND t.track = h.id AND t.withdrawn = 0 "
        "JOIN recordings AS rec ON rec.id = t.recording WHERE classes IS NOT NULL ORDER BY j.key"
    ),
    DocumentKind.RELEASE: (
        f"SELECT h.id, h.release, r.collection, r.date, ({CLASSES}) AS classes, "
        "(SELECT group_concat(DISTINCT m.codec) FROM masters AS m WHERE m.release = h.release) AS codecs "
        "FROM json_each(:documents) AS j CROSS JOIN search1_documents AS h ON h.document = j.value "
        "CROSS JOIN releases AS r ON r.id = h.release AND r.withdrawn = 0 WHERE classes IS NOT NULL ORDER BY j.key"
    ),
}
_GENRES = (
    "SELECT r.id, g.value FROM json_each(:releases) AS j CROSS JOIN releases AS r ON r.id = j.value, "
    "json_each(r.text, '$.genres') AS g WHERE g.type = 'text'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A window has at most `most` things. The rows of at most `looked` entries are looked at for it, and of `sampled`
    for the sample. At most `ranked` entries are ranked, and `most` whose title is just the words."""

    most: int = 1_000
    looked: int = 2_000
    ranked: int = 10_000
    sampled: int = 500


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """One value of each kind that a thing must have, "" for any."""

    licence: str = ""
    genre: str = ""
    decade: str = ""
    collection: str = ""
    format: str = ""

    def passes(self, one: "Seen") -> bool:
        """Whether it has all of them: what the index says may be old, the rows decide."""
        chosen = ((each.name, getattr(self, each.name)) for each in fields(self))
        return all(not value or value in one.values(kind) for kind, value in chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A thing that words find, and the genres of its release."""

    found: Found
    genres: frozenset[str]

    def values(self, kind: str) -> frozenset[str]:
        """What it has of a kind of Narrowing."""
        if kind == "genre":
            return self.genres
        if kind == "licence":
            return self.found.classes
        if kind == "format":
            return self.found.codecs
        value = self.found.collection if kind == "collection" else str(self.found.decade or "")
        return frozenset({value} - {""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody looks for: every word, the last one also as a beginning; without words everything."""

    words: str = ""
    kind: DocumentKind
    narrowing: Narrowing = Narrowing()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.words.strip() and self.narrowing == Narrowing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The best; `is_whole`: there are no others."""

    shown: tuple[Seen, ...] = ()
    is_whole: bool = True


def window(tx: Connection, wanted: Wanted, bounds: Bounds = BOUNDS) -> Window:
    """What is found, best first; without words the newest first."""
    match = _match(tx, wanted)
    if match is None:
        return Window()
    count = tx.execute(text(_COUNT), {"match": match, "limit": bounds.looked + 1}).scalar_one()
    documents = _newest(tx, wanted.kind) if wanted.is_everything else iter(_best(tx, match, wanted.words, bounds))
    seen: dict[Seen, None] = {}
    while len(seen) <= bounds.most and (some := list(islice(documents, bounds.most + 1))):
        seen.update(dict.fromkeys(_seen(tx, wanted, some)))
    is_whole = (wanted.is_everything or count <= bounds.looked) and len(seen) <= bounds.most
    return Window(shown=tuple(seen)[: bounds.most], is_whole=is_whole)


def sample(tx: Connection, wanted: Wanted, bounds: Bounds = BOUNDS) -> tuple[Seen, ...]:
    """Some of what is found, from everywhere in the index: what came last is not taken for all there is."""
    match = _match(tx, wanted)
    if match is None:
        return ()
    last = tx.execute(text(_LAST)).scalar() or 0
    documents: list[int] = []
    for place in range(PLACES):
        asked = {"match": match, "at": last * place // PLACES, "limit": max(1, bounds.sampled // PLACES)}
        documents += tx.execute(text(_AT), asked).scalars()
    return _seen(tx, wanted, documents)


def _match(tx: Connection, wanted: Wanted) -> str | None:
    chosen, decade = wanted.narrowing, wanted.narrowing.decade
    if decade and not (decade.isascii() and decade.isdigit() and len(decade) <= 4):
        return None
    query = Query(
        words=wanted.words,
        kinds=(wanted.kind,),
        collection=chosen.collection,
        licence_class=chosen.licence,
        codec=chosen.format,
        decade=int(decade or 0),
    )
    match = find_match(query)
    return match_open(match_genre(match, chosen.genre)) if match and is_indexed(tx) else None


def _newest(tx: Connection, kind: DocumentKind) -> Iterator[int]:
    """As far as they are asked for: of what is held a whole shipment may have come last."""
    with tx.execute(text(_NEWEST), {"kind": kind.value}) as rows:
        yield from rows.scalars()


def _best(tx: Connection, match: str, words: str, bounds: Bounds) -> Sequence[int]:
    asked = {
        "match": match,
        "titled": match_title(match, words),
        "ranked": bounds.ranked,
        "most": bounds.most if words.strip() else 0,
        "looked": bounds.looked,
    }
    return tx.execute(text(_BEST), asked).scalars().all()


def _seen(tx: Connection, wanted: Wanted, documents: Sequence[int]) -> tuple[Seen, ...]:
    rows = tx.execute(text(_ROWS[wanted.kind]), {"documents": json.format(list(documents)).decode()})
    found = tuple(map(find_facets, rows))
    genres: dict[str, set[str]] = {}
    releases = json.format(sorted({one.release for one in found})).decode()
    for release, genre in tx.execute(text(_GENRES), {"releases": releases}):
        genres.setdefault(release, set()).add(genre)
    seen = (Seen(found=one, genres=frozenset(genres.get(one.release, ()))) for one in found)
    return tuple(one for one in seen if wanted.narrowing.passes(one))
