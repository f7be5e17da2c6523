"""Every link of the site, followed from the first page: all of them lead somewhere, none to a mistake."""

from collections import Counter
from urllib.parse import urldefrag, urljoin

from tests.web.asking import Visitor
from tests.web.reading import Reading, offences

MAX_ADDRESSES = 3_000
FORM = "/view.torrent"  # a button, for those who press it


def test_every_link_leads_somewhere(visitor: Visitor) -> None:
    waiting, seen, kinds = ["/"], {"/"}, Counter[str]()
    broken: list[tuple[str, int]] = []
    while waiting:
        address = waiting.pop()
        # Whoever takes a flavour asks that it be seeded; who only looks does not.
        is_looked_at = address.startswith(("/file/", "/stream/", "/zip/")) or "flavour=" in address
        answer = visitor.get(address, "HEAD" if is_looked_at else "GET")
        kinds[address.split("/")[1].split("?")[0]] += 1
        if answer.status != 200:
            broken.append((address, answer.status))
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        assert offences(answer.text) == [], address
        for link in Reading(answer.text).links:
            target = urldefrag(urljoin(address, link)).url
            # Facets multiply: two choices at once are enough.
            if target.startswith("/") and target not in seen and target != FORM and target.count("&") < 3:
                seen.add(target)
                waiting.append(target)
        assert len(seen) < MAX_ADDRESSES
    assert broken == []
    assert kinds["release"] == 11
    assert kinds["track"] == 30
    assert kinds["volume"] >= 4
    assert kinds["cover"] == 11
    assert kinds["file"] >= 90


def test_anchors_are_there(visitor: Visitor) -> None:
    page = Reading(visitor.get("/about").text)
    ids = {one["id"] for _, one in page.tags if "id" in one}
    assert {link.partition("#")[2] for link in page.links if link.startswith(("#", "/about#"))} <= ids
