"""What is withdrawn is gone at once, wherever it stood, from a website that runs and remembers; and comes back."""

from tests.scenarios.session import Session
from tests.web.asking import Visitor
from tests.web.reading import Reading, offences
from tests.web.test_pages import track_of, twenty


def everywhere(visitor: Visitor, word: str) -> list[str]:
    """The pages on which a word stands."""
    pages = ("/", "/search", "/search?q=twenty", "/search?show=tracks", "/volumes")
    return [one for one in pages if word in visitor.get(one).text]


def test_a_withdrawn_release_is_gone_at_once(session: Session, own_visitor: Visitor) -> None:
    visitor = own_visitor
    address, track = twenty(visitor), track_of(visitor)
    cover = next(link for link in Reading(visitor.get(address).text).links if link.startswith("/cover/"))
    for _ in range(2):  # so that it is remembered
        assert visitor.get(address).status == 200
        assert len(everywhere(visitor, address)) >= 3
    etag = visitor.get(address).headers["etag"]
    session.words("withdraw", address.removeprefix("/release/"), "--reason", "asked to")
    gone = visitor.get(address, if_none_match=etag)
    assert gone.status == 410
    assert "withdrawn" in gone.text
    assert "Twenty" not in gone.text
    assert offences(gone.text) == []
    assert visitor.get(track).status == 410
    assert visitor.get(cover).status == 404
    assert everywhere(visitor, address) == everywhere(visitor, track) == []
    session.words("reinstate", address.removeprefix("/release/"))
    session.words("run")
    assert visitor.get(address).status == visitor.get(track).status == visitor.get(cover).status == 200


def test_a_withdrawn_track_leaves_its_release(session: Session, own_visitor: Visitor) -> None:
    visitor = own_visitor
    address, track = twenty(visitor), track_of(visitor)
    assert visitor.get(address).status == visitor.get(track).status == 200
    session.words("withdraw", track.removeprefix("/track/"), "--reason", "asked to")
    assert visitor.get(track).status == 410
    release = visitor.get(address)
    assert release.status == 200
    assert track not in release.text
    assert "19 tracks" in release.text
