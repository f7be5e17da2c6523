"""Pages: each is whole, small, guarded and found again; what is not there is said so."""

import gzip
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.web.asking import AWAY, Visitor
from tests.web.reading import Reading, offences

UNKNOWN = "/release/00000000-0000-8000-8000-000000000000"
PAGES = (
    "/",
    "/search",
    "/search?q=maker",
    "/search?q=nothing-has-this-word",
    "/volumes",
    "/plan",
    "/about",
    "/operator",
)
MISSING = (
    "/nothing",
    UNKNOWN,
    "/release/x",
    "/release/00000000-0000-8000-8000-00000000000G",
    "/track/trk_" + "a" * 32,
    "/track/rec_" + "a" * 32,
    "/track/%00",
    "/volume/none",
    "/volume/none.torrent",
    "/volume/..%2F..%2Fsonoteca.torrent",
    "/cover/00000000-0000-8000-8000-000000000000.svg",
    "/cover/x.png",
    "/static/x/none.css",
    "/static/x/../app.py",
)


def twenty(visitor: Visitor) -> str:
    """The address of the release with twenty tracks."""
    hits = Reading(visitor.get("/search?q=twenty&show=releases").text).links
    return next(link for link in hits if link.startswith("/release/"))


def track_of(visitor: Visitor) -> str:
    return next(link for link in Reading(visitor.get(twenty(visitor)).text).links if link.startswith("/track/"))


def volume_of(visitor: Visitor) -> str:
    links = Reading(visitor.get("/volumes").text).links
    return next(link for link in links if re.fullmatch(r"/volume/[^.]+", link))


def every(visitor: Visitor) -> tuple[str, ...]:
    return (*PAGES, twenty(visitor), track_of(visitor), volume_of(visitor))


def test_every_page_is_whole(visitor: Visitor) -> None:
    for address in every(visitor):
        answer = visitor.get(address)
        assert answer.status == 200, address
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert offences(answer.text) == [], address


@pytest.mark.parametrize("address", MISSING)
def test_what_is_not_there_is_a_page_too(address: str, visitor: Visitor) -> None:
    answer = visitor.get(address)
    assert answer.status == 404
    assert offences(answer.text) == []


def test_every_answer_is_guarded(visitor: Visitor) -> None:
    for address in (*every(visitor), "/nothing", "/healthz", "/robots.txt", "/opensearch.xml", "/favicon.ico"):
        headers = visitor.get(address).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "set-cookie" not in headers


def test_what_a_page_loads_carries_no_more_than_counts_for_it(visitor: Visitor) -> None:
    page = Reading(visitor.get("/").text)
    loaded = [one["src"] for one in page.all("script")]
    loaded += [one["href"] for one in page.all("link") if one.get("rel") == "stylesheet"]
    assert len(loaded) > 1
    for address in loaded:
        headers = visitor.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "content-security-policy" not in headers


def test_nothing_comes_from_other_hosts(visitor: Visitor) -> None:
    for address in every(visitor):
        page = Reading(visitor.get(address).text)
        fetched = [one.get("src", "") for tag in ("img", "script", "source", "audio") for one in page.all(tag)]
        fetched += [one["href"] for one in page.all("link")]
        assert [one for one in fetched if one and (not one.startswith("/") or one.startswith("//"))] == []


def test_a_page_of_twenty_tracks_is_small(visitor: Visitor) -> None:
    """Page, styles and every script; sound, pictures, and the fonts, which are fetched once a year, not counted."""
    answer = visitor.get(twenty(visitor), accept_encoding="gzip")
    page = Reading(answer.text)
    assert len([one for one in page.all("button") if one.get("class") == "play"]) == 20
    total = len(answer.wire)
    waiting = [one["href"] for one in page.all("link") if one.get("rel") == "stylesheet"]
    waiting += [one["src"] for one in page.all("script")]
    for address in waiting:
        file = visitor.get(address, accept_encoding="gzip")
        assert file.status == 200
        total += len(file.wire)
        imported = re.findall(r'from "(\./[^"]+)"', file.text) if address.endswith(".js") else []
        waiting += [new for one in imported if (new := urljoin(address, one)) not in waiting]
    assert total <= 60_000


def test_play_buttons_say_what_players_need(visitor: Visitor) -> None:
    page = Reading(visitor.get(twenty(visitor)).text)
    buttons = [one for one in page.all("button") if one.get("class") == "play"]
    assert len(buttons) == 20
    for one in buttons:
        track = one["data-track"]
        assert one["data-src"] == f"/stream/{track}.opus"
        assert one["data-webm"] == f"/stream/{track}.webm"
        assert one["data-mp4"] == f"/stream/{track}.mp4"
        assert one["data-waveform"] == f"/waveform/{track}.json"
        assert one["data-release-url"] == twenty(visitor)
        assert one["aria-label"] == f"Play {one['data-title']}"
        assert float(one["data-seconds"]) > 0
        assert one["data-artist"] == "Maker"
        assert one["data-cover"].startswith("/cover/")
    assert len(page.all("noscript")) == len(page.all("audio")) == 20


def test_a_page_that_is_known_is_not_sent_again(visitor: Visitor) -> None:
    for address in ("/", "/search?q=maker", twenty(visitor), "/volumes", "/about"):
        first = visitor.get(address)
        again = visitor.get(address, if_none_match=first.headers["etag"])
        assert (again.status, again.wire) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert first.headers["cache-control"] == "no-cache"


def test_packed_for_those_who_can_unpack(visitor: Visitor) -> None:
    plain, packed = visitor.get("/"), visitor.get("/", accept_encoding="br, gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.wire) == plain.wire


def test_head_is_answered(visitor: Visitor) -> None:
    for address in (*every(visitor), "/robots.txt", "/healthz"):
        assert visitor.get(address, "HEAD").status == 200


def test_pages_cannot_be_written(visitor: Visitor) -> None:
    answer = visitor.get("/", "POST")
    assert answer.status == 405
    assert offences(answer.text) == []


def test_styles_are_kept_for_a_year(visitor: Visitor) -> None:
    sheet = Reading(visitor.get("/").text).all("link")[0]["href"]
    answer = visitor.get(sheet, accept_encoding="gzip")
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    old = re.sub(r"/static/\w+/", "/static/000000000000/", sheet)
    assert "immutable" not in visitor.get(old).headers["cache-control"]


def test_health(visitor: Visitor, tmp_path: Path) -> None:
    assert visitor.get("/healthz").text == "ok\n"
    assert visitor.get("/readyz").text == '{"ready":true}'


def test_a_host_name_from_outside_stays_text(visitor: Visitor, made: Path) -> None:
    from_outside = Visitor(visitor._app, AWAY, 'a"><script>')
    assert "<script>" not in from_outside.get("/opensearch.xml").text
