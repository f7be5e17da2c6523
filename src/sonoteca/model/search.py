"""Search: what an index is given, what it is asked, and what it answers.

An index is derived and may be stale: a hit names a row, and only the row says what may be shown (and whether it is
withdrawn).
"""

from dataclasses import dataclass
from enum import StrEnum

MAX_LIMIT = 200


class DocumentKind(StrEnum):
    """What a hit can be."""

    RELEASE = "release"
    TRACK = "track"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One thing to be found. `id` is a track's or the release's own id; the same track in two releases is two
    documents. `names` are people and groups, `words` everything else worth finding. The facets may have several values
    each (a release with FLAC and MP3); `decades` are years such as 1990. `is_held`: nothing of it may leave."""

    kind: DocumentKind
    id: str
    release: str
    title: str
    names: str = ""
    words: str = ""
    collection: str = ""
    licence_classes: tuple[str, ...] = ()
    codecs: tuple[str, ...] = ()
    decades: tuple[int, ...] = ()
    is_held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Every word must be found, the last one also as a beginning (unless a space follows it). No words: everything that
    passes the filters. Filters: "" or 0 does not filter. `kinds` () is every kind. `cursor` is that of the page before,
    "" for the first."""

    words: str = ""
    kinds: tuple[DocumentKind, ...] = ()
    collection: str = ""
    licence_class: str = ""
    codec: str = ""
    decade: int = 0
    limit: int = 20
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A document found; a higher score is a better match, comparable within one answer only."""

    kind: DocumentKind
    id: str
    release: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Hits, best first. `cursor` asks for the next page, "" when this is the last. `total` is a lower bound unless
    `total_is_exact`."""

    hits: tuple[Hit, ...]
    cursor: str
    total: int
    total_is_exact: bool
