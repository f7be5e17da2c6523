"""A window has the best of what is found, says whether that is all, and costs the same in a large catalogue."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection

from sonoteca.catalogue import browse, write
from sonoteca.catalogue.documents import documents_of
from sonoteca.catalogue.entries import rows_of
from sonoteca.catalogue.window import Bounds, Narrowing, Seen, Wanted, sample, window
from sonoteca.model.search import DocumentKind
from sonoteca.ports.database import Database
from sonoteca.ports.search import SqliteSearch
from tests.unit.catalogue import making

RELEASE, TRACK = DocumentKind.RELEASE, DocumentKind.TRACK
RELEASES, TRACKS = 60, 3
FEW = Bounds(most=10, looked=20, ranked=40, sampled=16)
WORDS = ("", "amber", "band", "a", "fjord 5", "grove 3 ", "band 7", "nothing", "ambient", "c3")


def put(tx: Connection, number: int, title: str = "", is_held: bool = False, day: int = 0) -> None:
    """A release, as an ingest writes it."""
    described = making.release(number, tracks=TRACKS)
    described = making.retitled(described, title) if title else described
    found = making.facts(number, described)
    found = replace(found, created_at=f"2026-11-{day or 1:02}T10:00:00Z")
    rows = rows_of(found, described, making.judgement(described, making.HOLD if is_held else making.MAY))
    write.save_release(tx, rows)
    SqliteSearch(tx).index(documents_of(rows))


def filled(count: int) -> Database:
    catalogue = making.empty_catalogue()
    with catalogue.write() as tx:
        for number in range(count):
            put(tx, number, is_held=number % 5 == 4, day=1 + number % 9)
    return catalogue


@pytest.fixture(scope="module")
def catalogue() -> Iterator[Database]:
    """A fifth of it is held."""
    made = filled(RELEASES)
    yield made
    made.close()


@pytest.mark.parametrize("kind", [RELEASE, TRACK])
@pytest.mark.parametrize("words", WORDS)
def test_a_window_that_is_wide_enough_has_all_that_is_found(
    catalogue: Database, words: str, kind: DocumentKind
) -> None:
    with catalogue.read() as tx:
        found = window(tx, Wanted(words=words, kind=kind))
        expected = browse.found(tx, words, kind)
    assert found.is_whole
    assert [one.found for one in found.shown] == list(expected)


@pytest.mark.parametrize(
    ("narrowing", "finds"),
    [
        (Narrowing(collection="c3"), True),
        (Narrowing(genre="rock; roll"), True),
        (Narrowing(genre="roll"), False),
        (Narrowing(licence="free", format="flac"), True),
        (Narrowing(licence="nc"), False),
        (Narrowing(decade="1960"), True),
        (Narrowing(decade="01960"), False),
        (Narrowing(decade="never"), False),
        (Narrowing(decade="1950", collection="c1"), True),
    ],
)
@pytest.mark.parametrize("words", ["", "amber"])
def test_it_is_narrowed_as_the_rows_are(catalogue: Database, narrowing: Narrowing, finds: bool, words: str) -> None:
    with catalogue.read() as tx:
        shown = window(tx, Wanted(words=words, kind=TRACK, narrowing=narrowing)).shown
        genres, every = browse.genres(tx), browse.found(tx, words, TRACK)
    rows = [Seen(found=one, genres=genres[one.release]) for one in every]
    assert list(shown) == [one for one in rows if narrowing.passes(one)]
    assert bool(shown) == finds


@pytest.mark.parametrize("words", ["", "a", "band", "ambient"])
def test_of_too_much_it_has_the_best_and_says_so(catalogue: Database, words: str) -> None:
    with catalogue.read() as tx:
        found = window(tx, Wanted(words=words, kind=TRACK), FEW)
        every = browse.found(tx, words, TRACK)
    assert not found.is_whole
    assert len({one.found for one in found.shown}) == len(found.shown) == FEW.most
    assert {one.found for one in found.shown} <= set(every)


def test_without_words_the_newest_are_the_best_whenever_they_were_written(catalogue: Database) -> None:
    with catalogue.read() as tx:
        found = window(tx, Wanted(kind=RELEASE), FEW)
        every = browse.found(tx, "", RELEASE)
    assert [one.found for one in found.shown] == list(every[: FEW.most])


@pytest.mark.parametrize("title", ["Amber", "ámber!", "The Amber Band"])
def test_a_title_that_is_the_words_comes_first_however_many_have_them(title: str) -> None:
    catalogue = making.empty_catalogue()
    with catalogue.write() as tx:
        put(tx, 0, title)
        for number in range(1, RELEASES):
            put(tx, number, "The amber band " * (2 + number % 3))
        found = window(tx, Wanted(words=title, kind=RELEASE), FEW)
    assert not found.is_whole
    assert found.shown[0].found.release == making.release(0, tracks=TRACKS).id


def test_what_is_held_takes_no_place() -> None:
    catalogue = making.empty_catalogue()
    with catalogue.write() as tx:
        for number in range(RELEASES):
            put(tx, number, "Amber", is_held=number > 2, day=1 if number < 3 else 2)
        assert len(window(tx, Wanted(words="amber", kind=RELEASE), FEW).shown) == 3
        assert len(window(tx, Wanted(words="", kind=TRACK), FEW).shown) == 3 * TRACKS


def test_what_is_held_since_is_not_found_though_the_index_is_older(catalogue: Database) -> None:
    wanted = Wanted(words="band 0", kind=RELEASE)
    with catalogue.read() as tx:
        before = window(tx, wanted).shown
        write.remove_verdicts(tx, before[0].found.release)
        assert window(tx, wanted).shown == before[1:]


def test_a_sample_has_what_was_written_first_and_last() -> None:
    catalogue = making.empty_catalogue()
    with catalogue.write() as tx:
        for number in range(RELEASES):
            put(tx, number, day=1 if number < RELEASES // 2 else 2)
        wanted = Wanted(words="ambient", kind=TRACK)
        newest, found = window(tx, wanted, FEW).shown, sample(tx, wanted, FEW)
    releases: dict[str, int] = {making.release(number, tracks=TRACKS).id: number for number in range(RELEASES)}
    assert min(releases[one.found.release] for one in newest) >= RELEASES // 2
    assert min(releases[one.found.release] for one in found) == 0
    assert max(releases[one.found.release] for one in found) >= RELEASES * 3 // 4
    assert 0 < len(found) <= FEW.sampled


def test_words_take_as_many_steps_in_a_large_catalogue() -> None:
    small, large = filled(RELEASES), filled(RELEASES * 4)
    for words in ("ambient", "a", "band"):
        few, many = (steps(one, Wanted(words=words, kind=TRACK)) for one in (small, large))
        assert many <= few * 1.05 + 20, words


def steps(catalogue: Database, wanted: Wanted) -> int:
    """How many steps SQLite's virtual machine takes for a window and a sample."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    with catalogue.read() as tx:
        driver: Any = tx.connection.driver_connection
        driver.set_progress_handler(count, 1)
        try:
            window(tx, wanted, FEW)
            sample(tx, wanted, FEW)
        finally:
            driver.set_progress_handler(None, 1)
    return counted[0]
