"""Search: the index in the catalogue and its double find the same, page the same, and take hostile words for words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.model.errors import Refused
from sonoteca.model.search import MAX_LIMIT, Document, DocumentKind, Page, Query
from sonoteca.ports.memory.search import MemorySearch
from sonoteca.ports.search import MAX_TOTAL, Search, SqliteSearch
from tests.unit.catalogue import making

RELEASE, TRACK = DocumentKind.RELEASE, DocumentKind.TRACK


def document(number: int, title: str = "", kind: DocumentKind = TRACK, **more: object) -> Document:
    """Document `number`, in release number // 10."""
    made = Document(kind=kind, id=f"id{number:05d}", release=f"r{number // 10}", title=title)
    return replace(made, **more)  # type: ignore[arg-type]


@contextmanager
def in_the_catalogue() -> Iterator[Search]:
    database = making.empty_catalogue()
    with database.write() as tx:
        yield SqliteSearch(tx)
    database.close()


@contextmanager
def in_memory() -> Iterator[Search]:
    yield MemorySearch()


BOTH = pytest.mark.parametrize("place", [in_the_catalogue, in_memory])
Place = Callable[[], "Iterator[Search]"]


@pytest.fixture(params=[in_the_catalogue, in_memory], ids=["catalogue", "memory"])
def search(request: pytest.FixtureRequest) -> Iterator[Search]:
    """An empty index."""
    with request.param() as made:
        yield made


def ids(page: Page) -> set[str]:
    return {hit.id for hit in page.hits}


def asked(search: Search, words: str, **more: object) -> set[str]:
    return ids(search.search(replace(Query(words=words), **more)))  # type: ignore[arg-type]


def test_nothing_is_found_in_nothing(search: Search) -> None:
    assert search.search(Query(words="x")) == Page(hits=(), cursor="", total=0, total_is_exact=True)
    search.forget(["r1"])
    search.clear()


def test_every_word_must_be_there_wherever(search: Search) -> None:
    search.index([document(1, "Blue Train", names="John Coltrane"), document(2, "Blue Moon", words="train station")])
    assert asked(search, "blue ") == {"id00001", "id00002"}
    assert asked(search, "coltrane blue ") == {"id00001"}
    assert asked(search, "blue station moon ") == {"id00002"}
    assert asked(search, "blue nothing ") == set()


def test_the_last_word_may_be_a_beginning(search: Search) -> None:
    search.index([document(1, "Blue Train")])
    assert asked(search, "blue tr") == {"id00001"}
    assert asked(search, "blue tr ") == set()
    assert asked(search, "bl train") == set()


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Ærøskøbing Łódź", "aeroskobing lodz"),
        ("Straße", "STRASSE"),
        ("AC/DC", "acdc"),
        ("Don't", "dont"),
        ("R.E.M.", "rem"),
        ("東京都", "京都"),
        ("東京都", "東"),
        ("ﾃｽﾄ", "テスト"),
        ("السَّلامُ", "السلام"),
        ("שָׁלוֹם", "שלום"),
        ("e\u0301te\u0301", "été"),
        ("★ Blackstar", "★"),
        ("ภาษาไทย", "ไทย"),
    ],
)
def test_spelling_does_not_matter(search: Search, title: str, words: str) -> None:
    search.index([document(1, title), document(2, "other")])
    assert asked(search, words) == {"id00001"}


def test_the_title_counts_most(search: Search) -> None:
    search.index([document(1, "x", words="blue"), document(2, "y", names="blue"), document(3, "blue")])
    assert [hit.id for hit in search.search(Query(words="blue")).hits] == ["id00003", "id00002", "id00001"]


def test_filters_are_all_passed(search: Search) -> None:
    search.index(
        [
            document(1, "a", collection="netlabel", licence_classes=("free",), codecs=("flac", "mp3"), decades=(1990,)),
            document(2, "a", collection="net label", licence_classes=("nc", "free"), codecs=("mp3",), decades=(2000,)),
            document(3, "a", kind=RELEASE, collection="netlabel"),
        ]
    )
    assert asked(search, "a", collection="netlabel") == {"id00001", "id00003"}
    assert asked(search, "a", collection="net") == set()
    assert asked(search, "a", licence_class="free") == {"id00001", "id00002"}
    assert asked(search, "a", codec="mp3", decade=2000) == {"id00002"}
    assert asked(search, "a", kinds=(RELEASE,)) == {"id00003"}
    assert asked(search, "", codec="flac") == {"id00001"}
    assert asked(search, "") == {"id00001", "id00002", "id00003"}


def test_facets_are_not_words(search: Search) -> None:
    search.index([document(1, "a", collection="netlabel", codecs=("flac",), decades=(1990,))])
    for words in ("netlabel", "flac", "1990", "kind", "facets", "track"):
        assert asked(search, words) == set()


def test_indexing_again_replaces_all_of_a_release(search: Search) -> None:
    search.index([document(1, "one"), document(2, "two"), document(11, "one")])
    search.index([document(1, "three")])
    assert asked(search, "one") == {"id00011"}
    assert asked(search, "two") == set()
    assert asked(search, "three") == {"id00001"}


def test_what_is_forgotten_is_not_found(search: Search) -> None:
    search.index([document(1, "one"), document(2, "one"), document(11, "one")])
    search.forget(["r0", "r99"])
    assert asked(search, "one") == {"id00011"}
    assert search.search(Query(words="one")).total == 1
    search.clear()
    assert asked(search, "one") == set()
    search.index([document(1, "one")])
    assert asked(search, "one") == {"id00001"}


@pytest.mark.parametrize("words", ["common", ""])
def test_pages_cover_everything_once(search: Search, words: str) -> None:
    search.index([document(number, "common" + " and more" * (number % 5)) for number in range(73)])
    query, seen, pages = Query(words=words, limit=10), [], 0
    while True:
        page = search.search(query)
        assert (page.total, page.total_is_exact) == (73, True)
        assert [hit.score for hit in page.hits] == sorted((hit.score for hit in page.hits), reverse=True)
        seen += [hit.id for hit in page.hits]
        pages += 1
        if not page.cursor:
            break
        query = replace(query, cursor=page.cursor)
    assert (sorted(seen), pages) == ([f"id{number:05d}" for number in range(73)], 8)


def test_a_page_has_a_size(search: Search) -> None:
    search.index([document(number, "a") for number in range(MAX_LIMIT + 5)])
    assert len(search.search(Query(words="a", limit=10**9)).hits) == MAX_LIMIT
    assert len(search.search(Query(words="a", limit=-1)).hits) == 1


def test_a_large_total_is_a_lower_bound(search: Search) -> None:
    search.index([document(number, "a") for number in range(MAX_TOTAL + 1)])
    page = search.search(Query(words="a"))
    assert (page.total, page.total_is_exact) == (MAX_TOTAL, False)


CURSORS = [
    "x",
    "[]",
    "[1,2,3]",
    '["1",2,3]',
    '["nan","\\ud800","r"]',
    '["0x1p+99999","a","b"]',
    "[" * 500,
    '["1","a"]',
    "\0",
]


@pytest.mark.parametrize("cursor", CURSORS, ids=range(len(CURSORS)))
def test_a_cursor_of_nobody_is_refused(search: Search, cursor: str) -> None:
    search.index([document(1, "a")])
    with pytest.raises(Refused) as caught:
        search.search(Query(words="a", cursor=cursor))
    assert caught.value.code == "bad-cursor"


SYNTAX = [
    '"',
    "'",
    "a OR b",
    "a AND",
    "NOT a",
    "NEAR(a b)",
    "title:a",
    "{title}:a",
    "facets : k",
    "a*",
    "^a",
    "a + b",
    "(",
]
SIGNS = [")", '" OR "1"="1', "-", "--", "; DROP TABLE releases", "%", "_", "\\", "*", "search1_words", "🎵", "\t\r\n"]
NO_TEXT = ["a\0b", "\0", "\ud800", "a\udce9", "\u202e", "\ufeff"]
LONG = ["a" * 10_000, " ".join("abcdefghij") * 500, "東" * 10_000, "\u0301" * 10_000, "ﷺ" * 10_000]
HOSTILE = [*SYNTAX, *SIGNS, *NO_TEXT, *LONG]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_only_words(search: Search, words: str) -> None:
    search.index([document(1, "secret"), document(2, words, names=words, words=words, collection=words)])
    assert "id00001" not in asked(search, words + " ") or not words.strip()
    assert "id00001" not in asked(search, "zzz " + words)
    assert asked(search, "", collection=words) == ({"id00002"} if words else {"id00001", "id00002"})


def test_words_that_are_only_marks_find_nothing(search: Search) -> None:
    search.index([document(1, "a")])
    assert asked(search, "!?") == set()


ANY = st.text(max_size=20)


@settings(max_examples=60)
@given(st.lists(st.tuples(ANY, ANY, ANY), max_size=6), st.lists(ANY, max_size=6))
def test_both_find_the_same(texts: list[tuple[str, str, str]], queries: list[str]) -> None:
    documents = [document(n, title, names=names, words=words) for n, (title, names, words) in enumerate(texts)]
    asking = [*queries, *(part for text in texts for part in (text[0], text[1][:3], f"{text[0]} {text[2]}"))]
    with in_the_catalogue() as real, in_memory() as double:
        real.index(documents)
        double.index(documents)
        for words in asking:
            query = Query(words=words, limit=50)
            assert ids(real.search(query)) == ids(double.search(query)), words


def test_it_goes_with_its_transaction() -> None:
    database = making.empty_catalogue()
    with database.write() as tx:
        SqliteSearch(tx).index([document(1, "a")])
    with pytest.raises(KeyError), database.write() as tx:
        SqliteSearch(tx).index([document(11, "a")])
        raise KeyError
    with database.read() as tx:
        assert asked(SqliteSearch(tx), "a") == {"id00001"}
