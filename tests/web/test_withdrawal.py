"""What is withdrawn is gone at once, wherever it stood, from a website that runs and remembers; and comes back."""

import shutil

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
    ident = track.removeprefix("/track/")
    session.words("edit", address.removeprefix("/release/"), "--set", f"tracks/{ident}/artist=Only Here")
    assert visitor.get(address).status == visitor.get(track).status == 200
    assert "Only Here" in visitor.get(address).text
    session.words("withdraw", ident, "--reason", "asked to")
    assert visitor.get(track).status == 410
    release = visitor.get(address)
    assert release.status == 200
    assert track not in release.text
    assert "Only Here" not in release.text
    assert "19 tracks" in release.text


def unreadable_layers(session: Session) -> None:
    """No torrent can be assembled any more."""
    shutil.rmtree(session.folder / "cache/pieces", ignore_errors=True)
    for path in (session.folder / "store").rglob("pieces/*"):
        path.write_bytes(b"nothing")


def test_a_torrent_that_cannot_be_issued_without_it_is_given_to_nobody(session: Session, own_visitor: Visitor) -> None:
    """Its .torrent names what was withdrawn, and its link leads to whoever has it."""
    visitor, track = own_visitor, track_of(own_visitor)
    view = session.ask("volumes", "make", "--where", "artist=Maker")
    volume = next(one for one in session.ask("volumes")["volumes"] if one["tier"] == "access")
    name, link = volume["name"], volume["v1"]
    release = twenty(visitor)
    places = [f"/volume/{name}", f"/volume/{name}.torrent", f"/volume/{name}.torrent?flavour=v1"]
    places += [f"/view/{view['name']}", f"/view/{view['name']}.torrent"]
    pages = ["/volumes", release, "/view.txt?q=twenty", "/torrents.json", "/volumes.rss"]
    assert [visitor.get(one).status for one in places] == [200] * len(places)
    assert [link in visitor.get(one).text for one in pages] == [True] * len(pages)
    unreadable_layers(session)
    session.ask("withdraw", track.removeprefix("/track/"), "--reason", "asked")
    assert [visitor.get(one).status for one in places] == [404] * len(places)
    assert [one for one in pages if link in visitor.get(one).text] == []
    assert view["v1"] not in visitor.get("/volumes").text
