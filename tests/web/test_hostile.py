"""Hostile names and texts stay text: nothing of them is markup, an address, a program, or turns what is beside it."""

import re

from tests.web.asking import Visitor
from tests.web.conftest import HOSTILE
from tests.web.reading import Reading, offences

TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def releases(visitor: Visitor) -> list[str]:
    """Every release of the archive."""
    found: list[str] = []
    for page in (1, 2):
        links = Reading(visitor.get(f"/search?show=releases&page={page}").text).links
        found += [link for link in links if link.startswith("/release/")]
    return list(dict.fromkeys(found))


def test_all_of_them_have_pages(visitor: Visitor) -> None:
    assert len(releases(visitor)) == len(HOSTILE) + 1


def test_hostile_names_are_text(visitor: Visitor) -> None:
    for address in releases(visitor):
        html = visitor.get(address).text
        page = Reading(html)
        assert offences(html) == []
        tracks = [link for link in page.links if link.startswith("/track/")]
        for link in tracks:
            assert offences(visitor.get(link).text) == []
        assert not TURNING.search(html)


def test_evidence_is_text(visitor: Visitor) -> None:
    shown = [visitor.get(one).text for one in releases(visitor)]
    told = [one for one in shown if "&lt;/script&gt;&lt;script&gt;alert(1)" in one]
    assert len(told) == len(HOSTILE)
    assert all("<script>alert" not in one and "<img src=x" not in one for one in shown)


def test_templates_in_names_are_not_run(visitor: Visitor) -> None:
    assert any("{% for x in" in visitor.get(one).text for one in releases(visitor))


def test_pictures_with_hostile_titles_are_xml(visitor: Visitor) -> None:
    for address in releases(visitor):
        cover = next(link for link in Reading(visitor.get(address).text).links if link.startswith("/cover/"))
        answer = visitor.get(cover)
        assert answer.headers["content-type"] == "image/svg+xml"
        # Elements that a drawing of ours is made of, and no other; the text is escaped by the same rules as XML.
        names = {tag for tag, _ in Reading(answer.text).tags}
        assert names <= {"svg", "rect", "circle", "path", "g", "text", "tspan", "clippath"}
        assert not TURNING.search(answer.text)
