"""What an address asks of the search, and the one address of each state."""

import pytest
from starlette.datastructures import QueryParams

from sonoteca.web.search_page import MAX_PAGE, MAX_VALUE, MAX_WORDS, Asked, asked


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Asked()),
        ("q=+a++b+", Asked(q="a b")),
        ("q=a&licence=free&page=2", Asked(q="a", licence="free", page=2)),
        ("show=tracks", Asked(show="tracks")),
        ("show=x&page=x", Asked()),
        ("page=0", Asked()),
        ("page=-3", Asked()),
        ("page=99999", Asked(page=MAX_PAGE)),
        ("page=999999", Asked()),
        ("page=%C2%B2", Asked()),
        ("q=%00", Asked()),
        ("q=" + "a" * 1000, Asked(q="a" * MAX_WORDS)),
        ("genre=" + "a" * 1000, Asked(genre="a" * MAX_VALUE)),
    ],
)
def test_asked(query: str, expected: Asked) -> None:
    assert asked(QueryParams(query)) == expected


@pytest.mark.parametrize(
    "state",
    [Asked(), Asked(q="ü & <b>"), Asked(q="a", genre="Folk/Rock", decade="1990", show="tracks", page=7)],
)
def test_an_address_means_its_state(state: Asked) -> None:
    assert asked(QueryParams(state.url.partition("?")[2])) == state
