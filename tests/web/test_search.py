"""Search: what words find, narrowed; every state has an address; nothing that is asked makes a mistake of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from sonoteca.catalogue.window import Bounds
from sonoteca.web.app import close
from tests.scenarios.session import Session
from tests.web.asking import Visitor
from tests.web.conftest import application
from tests.web.reading import Reading, offences

FEW = Bounds(most=10, looked=15, ranked=40, sampled=8)


def counts(visitor: Visitor, address: str) -> str:
    """What the page says that it found."""
    page = Reading(visitor.get(address).text)
    return next(text.strip() for tag, text in page.texts if tag == "p" and "release" in text and "track" in text)


def test_words_find_releases_and_tracks(visitor: Visitor) -> None:
    assert counts(visitor, "/search?q=twenty").startswith("1 release, 20 tracks")
    page = Reading(visitor.get("/search?q=twenty").text)
    assert len([one for one in page.all("button") if one.get("class") == "play"]) == 20


def test_a_beginning_is_enough(visitor: Visitor) -> None:
    assert counts(visitor, "/search?q=twen").startswith("1 release, 20 tracks")


def test_what_is_held_is_not_found(visitor: Visitor) -> None:
    for words in ("secret", "held", "nobody"):
        answer = visitor.get(f"/search?q={words}")
        assert "0 releases, 0 tracks" in answer.text
        assert "Secret" not in answer.text
        assert "Nothing was found" in answer.text
        assert "Show releases" not in answer.text


def test_what_was_held_is_found_once_it_may_be(session: Session, own_visitor: Visitor) -> None:
    """Neither before nor when it was withdrawn: the index learns it with the rows."""
    assert counts(own_visitor, "/search?q=nobody").startswith("0 releases, 0 tracks")
    (hit,) = [one for one in session.ask("search", "nobody")["hits"] if one["kind"] == "track"]
    session.ask("rights", "grant", hit["release"], "--licence", "CC0-1.0", "--statement", "asked the maker")
    session.ask("run")
    assert counts(own_visitor, "/search?q=nobody").startswith("1 release, 1 track")
    session.ask("withdraw", hit["release"], "--reason", "x")
    assert counts(own_visitor, "/search?q=nobody").startswith("0 releases, 0 tracks")


def test_facets_lead_to_what_they_count(visitor: Visitor) -> None:
    page = Reading(visitor.get("/search?show=tracks").text)
    links = [link for link in page.links if link.startswith("/search?") and len(parse_qs(urlsplit(link).query)) == 2]
    assert len(links) >= 3
    for link in links:
        answer = visitor.get(link)
        assert answer.status == 200
        assert offences(answer.text) == []
        assert not counts(visitor, link).startswith("0 ")


def test_narrowing(visitor: Visitor) -> None:
    assert counts(visitor, "/search?decade=2000").startswith("1 release, 20 tracks")
    assert counts(visitor, "/search?decade=1990").startswith("0 releases, 0 tracks")
    assert counts(visitor, "/search?licence=nc").startswith("0 releases, 0 tracks")
    assert counts(visitor, "/search?format=flac&decade=2000&licence=free").startswith("1 release, 20 tracks")


def along(visitor: Visitor, address: str) -> list[str]:
    """The tracks, page by page along `next`."""
    seen = []
    while address:
        page = Reading(visitor.get(address).text)
        seen += [one["data-track"] for one in page.all("button") if "data-track" in one]
        address = next((one["href"] for one in page.all("a") if one.get("rel") == "next"), "")
    return seen


def test_pages_join(visitor: Visitor) -> None:
    """All tracks, each once."""
    seen = along(visitor, "/search?show=tracks")
    assert len(seen) == len(set(seen)) == 30


@pytest.mark.parametrize("asked", ["show=tracks", "format=flac&show=tracks"])
def test_pages_of_too_much_join(made: Path, visitor: Visitor, asked: str) -> None:
    """As many as are shown, each once; of everything the same as on a site that shows more."""
    app = application(made)
    app.state.site = replace(app.state.site, bounds=replace(FEW, most=27, looked=28))
    seen = along(Visitor(app), f"/search?{asked}")
    assert len(seen) == len(set(seen)) == 27
    assert asked != "show=tracks" or seen == along(visitor, "/search?show=tracks")[:27]
    close(app)


@pytest.fixture
def hurried(made: Path) -> Iterator[Visitor]:
    """Somebody at a website that shows few of what is found."""
    app = application(made)
    app.state.site = replace(app.state.site, bounds=FEW)
    yield Visitor(app)
    close(app)


@pytest.mark.parametrize("asked", ["show=tracks", "q=maker", "format=flac&show=tracks", "q=maker&format=flac"])
def test_of_too_much_the_best_are_shown_page_by_page_and_it_is_said(hurried: Visitor, asked: str) -> None:
    text = hurried.get(f"/search?{asked}").text
    assert "more than 10 tracks" in text
    before, _, after = text.partition("There are more than are shown")
    assert "</ol>" in before and "</main>" in after and "There are more" not in after, "once, behind what is shown"
    assert "Page 1 of" not in text
    assert "/view.torrent" not in text
    assert offences(text) == []
    page = Reading(text)
    assert len({one["data-track"] for one in page.all("button") if "data-track" in one}) == FEW.most
    assert "There is no page 2" in hurried.get(f"/search?{asked}&page=2").text


def test_facets_of_too_much_say_the_least_and_lead_on(hurried: Visitor) -> None:
    text = hurried.get("/search?show=tracks").text
    counted = re.findall(r'<span class="num soft">(?:<span class="unseen">at least </span>)?[\d,]+(<span)?', text)
    assert len(counted) >= 3
    assert all(counted)
    links = [link for link in Reading(text).links if link.startswith("/search?") and "=" in link.partition("show=")[0]]
    assert len(links) >= 3
    for link in links:
        assert not counts(hurried, link).startswith("0 ")


def test_of_little_it_is_exact_beside_too_much(hurried: Visitor) -> None:
    assert counts(hurried, "/search?q=javascript").startswith("1 release, 1 track")


@pytest.mark.parametrize(
    "query",
    [
        "q=" + quote('"><script>alert(1)</script>'),
        "q=" + quote("' OR 1=1 --"),
        "q=" + quote('" OR NEAR(a b) *'),
        "q=%00%ff%fe",
        "q=" + "a" * 5_000,
        "q=" + quote("\u202eabc\u0301" * 50),
        "page=-1",
        "page=99999999999999999999",
        "page=99999",
        "page=%C2%B2",
        "page=1.5",
        "show=everything",
        "decade=never",
        "licence=%22%3E%3Cb%3E",
        "genre=" + "g" * 10_000,
        "collection=" + quote("a'b\"c<d>"),
        "format=%F0%9F%92%A9",
        "q=a&q=b&unknown=1",
    ],
)
def test_whatever_is_asked(query: str, visitor: Visitor) -> None:
    answer = visitor.get(f"/search?{query}")
    assert answer.status == 200
    assert offences(answer.text) == []
    assert len(answer.body) < 200_000
