"""Search in memory: the same words, filters and pages as ports/search.py, by looking at every document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sonoteca.formats.fold import Term, index_words
from sonoteca.model.search import Document, Hit, Page, Query
from sonoteca.ports.search import (
    MAX_TOTAL,
    facets_of,
    find_terms,
    format_cursor,
    page_size,
    parse_cursor,
    wanted_facets,
)


@dataclass(frozen=True, slots=True)
class _Indexed:
    document: Document
    title: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]
    facets: frozenset[str]

    def score(self, term: Term) -> float:
        fields = ((self.title, 10.0), (self.names, 6.0), (self.words, 1.0))
        return sum(weight for words, weight in fields if _is_in(term, words))


def _is_in(term: Term, words: frozenset[str]) -> bool:
    return term.word in words or (term.is_prefix and any(word.startswith(term.word) for word in words))


class MemorySearch:
    """A double of SqliteSearch. Scores differ, what is found does not."""

    def __init__(self) -> None:
        self._documents: list[_Indexed] = []

    def index(self, documents: Sequence[Document]) -> None:
        """See ports.search.Search."""
        self.forget({document.release for document in documents})
        for one in documents:
            title, names, words = (frozenset(index_words(text)) for text in (one.title, one.names, one.words))
            self._documents.append(_Indexed(one, title, names, words, frozenset(facets_of(one))))

    def forget(self, releases: Iterable[str]) -> None:
        """See ports.search.Search."""
        gone = set(releases)
        self._documents = [one for one in self._documents if one.document.release not in gone]

    def clear(self) -> None:
        """See ports.search.Search."""
        self._documents = []

    def search(self, query: Query) -> Page:
        """See ports.search.Search."""
        after = parse_cursor(query.cursor)
        terms = find_terms(query)
        found = [] if terms is None else self._matches(terms, wanted_facets(query))
        rest = [hit for hit in found if after is None or _place(hit) > (-after[0], after[1], after[2])]
        limit = page_size(query)
        hits = tuple(rest[:limit])
        cursor = format_cursor(hits[-1]) if len(rest) > limit else ""
        return Page(hits=hits, cursor=cursor, total=min(len(found), MAX_TOTAL), total_is_exact=len(found) <= MAX_TOTAL)

    def _matches(self, terms: list[Term], wanted: list[list[str]]) -> list[Hit]:
        hits = []
        for one in self._documents:
            scores = [one.score(term) for term in terms]
            if all(scores) and all(one.facets.intersection(facets) for facets in wanted):
                document = one.document
                hits.append(Hit(kind=document.kind, id=document.id, release=document.release, score=sum(scores, 0.0)))
        return sorted(hits, key=_place)


def _place(hit: Hit) -> tuple[float, str, str]:
    return -hit.score, hit.id, hit.release
