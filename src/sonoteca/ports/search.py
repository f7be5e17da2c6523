"""Search: the index of what can be found, behind a Protocol, because the engine will change with the archive's size.

Takes  documents (model/search.py), folded by formats/fold.py like every query, so that engines agree on words.
Gives  hits, best first, with a cursor and a total. The real one here is SQLite FTS5 inside the catalogue: it shares the
       caller's transaction, so rows and index change together; honest up to 100,000 recordings.
Never  lets a query's characters reach FTS syntax: terms hold letters, digits and signs only, and are quoted all the
       same. Never decides what may be shown: the caller looks each hit up in the rows.

Facets are words of a column of their own ("k…" kind, "c…" collection, "l…" licence class, "f…" codec, "d…" decade,
"t…" the whole title, "h…" held), so that a filter is a posting list and not a scan. Documents written by an older
program have no "t…" and "h…": they are found, but no title comes first because it is just the words asked for.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from sqlalchemy import Connection

from sonoteca.formats.fold import Term, index_words, query_terms
from sonoteca.model.errors import Refused
from sonoteca.model.search import MAX_LIMIT, Document, DocumentKind, Hit, Page, Query

MAX_TOTAL = 10_000
MAX_CURSOR = 400
# How much a word counts by where it stands: title, names, words, facets.
WEIGHTS = "10.0, 6.0, 1.0, 0.0"
# The number is the form of what is inside: another folding or other columns are other tables, empty until reindexed.
TABLES = (
    "CREATE TABLE IF NOT EXISTS search1_documents (document INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, "
    "release TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS search1_by_release ON search1_documents (release)",
    # Tokenizer "ascii": splits at the spaces that folding made and takes every other character as it comes.
    "CREATE VIRTUAL TABLE IF NOT EXISTS search1_words USING fts5 (title, names, words, facets, tokenize='ascii', "
    "prefix='2 3')",
)
ADD_DOCUMENT = "INSERT INTO search1_documents (kind, id, release) VALUES (?, ?, ?)"
ADD_WORDS = "INSERT INTO search1_words (rowid, title, names, words, facets) VALUES (?, ?, ?, ?, ?)"
MATCHES = (
    f"SELECT -bm25(search1_words, {WEIGHTS}) AS score, d.kind AS kind, d.id AS id, d.release AS release "
    "FROM search1_words JOIN search1_documents AS d ON d.document = search1_words.rowid "
    "WHERE search1_words MATCH :match"
)
NEXT_PAGE = (
    f"SELECT * FROM ({MATCHES}) "
    "WHERE :is_first OR score < :score OR (score = :score AND (id, release) > (:id, :release)) "
    "ORDER BY score DESC, id, release LIMIT :limit"
)
COUNT = "SELECT count(*) FROM (SELECT 1 FROM search1_words WHERE search1_words MATCH :match LIMIT :limit)"


class Search(Protocol):
    """An index of documents."""

    def index(self, documents: Sequence[Document]) -> None:
        """What these documents' releases are found by from now on, and nothing else of those releases."""

    def forget(self, releases: Iterable[str]) -> None:
        """Nothing of these releases is found any more."""

    def clear(self) -> None:
        """Nothing is found any more."""

    def search(self, query: Query) -> Page:
        """The hits for a query; Refused "bad-cursor" for a cursor that this index did not give."""


class SqliteSearch:
    """FTS5 in the catalogue, within the transaction it is made for."""

    PLACES: ClassVar[tuple[str, ...]] = ("catalogue.sqlite",)

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def index(self, documents: Sequence[Document]) -> None:
        """See Search. The tables are made by the first document."""
        self._make_tables()
        self.forget({document.release for document in documents})
        for document in documents:
            added = self._tx.exec_driver_sql(ADD_DOCUMENT, (document.kind.value, document.id, document.release))
            cells = (words_of(document.title), words_of(document.names), words_of(document.words))
            self._tx.exec_driver_sql(ADD_WORDS, (added.lastrowid, *cells, " ".join(facets_of(document))))

    def forget(self, releases: Iterable[str]) -> None:
        """See Search."""
        if not self._has_tables():
            return
        for release in releases:
            chosen = "SELECT document FROM search1_documents WHERE release = ?"
            self._tx.exec_driver_sql(f"DELETE FROM search1_words WHERE rowid IN ({chosen})", (release,))
            self._tx.exec_driver_sql("DELETE FROM search1_documents WHERE release = ?", (release,))

    def clear(self) -> None:
        """See Search."""
        for table in ("search1_words", "search1_documents"):
            self._tx.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")

    def search(self, query: Query) -> Page:
        """See Search."""
        after = parse_cursor(query.cursor)
        match = find_match(query)
        if match is None or not self._has_tables():
            return Page(hits=(), cursor="", total=0, total_is_exact=True)
        limit = page_size(query)
        score, identity, release = after or (0.0, "", "")
        asked = {"match": match, "is_first": after is None, "score": score, "id": identity, "release": release}
        rows = self._tx.exec_driver_sql(NEXT_PAGE, {**asked, "limit": limit + 1}).all()
        total = self._tx.exec_driver_sql(COUNT, {"match": match, "limit": MAX_TOTAL + 1}).scalar_one()
        hits = tuple(
            Hit(kind=DocumentKind(row.kind), id=row.id, release=row.release, score=row.score) for row in rows[:limit]
        )
        cursor = format_cursor(hits[-1]) if len(rows) > limit else ""
        return Page(hits=hits, cursor=cursor, total=min(total, MAX_TOTAL), total_is_exact=total <= MAX_TOTAL)

    def _make_tables(self) -> None:
        for statement in TABLES:
            self._tx.exec_driver_sql(statement)

    def _has_tables(self) -> bool:
        return self._tx.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'search1_words'").first() is not None


def words_of(text: str) -> str:
    """A text's words as the index holds them."""
    return " ".join(index_words(text))


def facets_of(document: Document) -> list[str]:
    """A document's facet words."""
    return [
        facet("k", document.kind.value),
        facet("c", document.collection),
        *(facet("l", name) for name in document.licence_classes),
        *(facet("f", name) for name in document.codecs),
        *(facet("d", str(year)) for year in document.decades),
        facet("t", words_of(document.title)),
        *((facet("h", "held"),) if document.is_held else ()),
    ]


def facet(letter: str, value: str) -> str:
    """One facet as a word; its value may hold any character, so it is hashed."""
    return letter + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def wanted_facets(query: Query) -> list[list[str]]:
    """The filters: of each inner list one facet must be there."""
    wanted = [[facet("k", kind.value) for kind in query.kinds]] if query.kinds else []
    if query.collection:
        wanted.append([facet("c", query.collection)])
    if query.licence_class:
        wanted.append([facet("l", query.licence_class)])
    if query.codec:
        wanted.append([facet("f", query.codec)])
    if query.decade:
        wanted.append([facet("d", str(query.decade))])
    return wanted


def find_terms(query: Query) -> list[Term] | None:
    """The words asked for; None when there are characters but no word among them, so that nothing can match."""
    terms = query_terms(query.words)
    return None if query.words.strip() and not terms else terms


def find_match(query: Query) -> str | None:
    """The FTS5 expression for a query; None when nothing can match."""
    terms = find_terms(query)
    if terms is None:
        return None
    parts = [f"facets : ({' OR '.join(map(_quote, one))})" for one in wanted_facets(query)]
    if terms:
        words = " AND ".join(_quote(term.word) + (" *" if term.is_prefix else "") for term in terms)
        parts.insert(0, f"{{title names words}} : ({words})")
    # Without a word or a filter: everything, which in FTS5 is every kind of document.
    every = " OR ".join(_quote(facet("k", kind.value)) for kind in DocumentKind)
    return " AND ".join(parts) or f"facets : ({every})"


def match_genre(match: str, genre: str) -> str:
    """`match`, and this genre among the words around a thing; "" is any, and so is one without a word."""
    said = words_of(genre)
    return f"({match}) AND words : {_quote(said)}" if said else match


def match_title(match: str, words: str) -> str:
    """`match`, and a title of these words and no others."""
    return f"({match}) AND facets : {_quote(facet('t', words_of(words)))}"


def match_open(match: str) -> str:
    """`match` without what was held when it was written; the rows say what is held now."""
    return f"({match}) NOT facets : {_quote(facet('h', 'held'))}"


def _quote(word: str) -> str:
    # FTS5: a string in double quotes is a string whatever it holds; a double quote within is doubled.
    return '"' + word.replace('"', '""') + '"'


def page_size(query: Query) -> int:
    """How many hits a page has."""
    return max(1, min(query.limit, MAX_LIMIT))


def format_cursor(hit: Hit) -> str:
    """Where the page that ends with this hit ends."""
    return json.dumps([hit.score.hex(), hit.id, hit.release])


def parse_cursor(cursor: str) -> tuple[float, str, str] | None:
    """What `format_cursor` was given; None for the first page; Refused for anything else."""
    if not cursor:
        return None
    try:
        score, identity, release = json.loads(cursor[:MAX_CURSOR])
        # Ids are ASCII: a lone surrogate must not reach the database.
        return float.fromhex(score), identity.encode("ascii").decode(), release.encode("ascii").decode()
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise Refused("bad-cursor", "this is no cursor of a page", cure="ask for the first page again") from error
