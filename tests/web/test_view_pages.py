"""A visitor's own torrent, at one click, without scripts: what a search found, from the web seed, then seeded."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import anyio
import pytest

from sonoteca.catalogue.window import Bounds
from sonoteca.formats import metainfo
from sonoteca.formats.metainfo import Metainfo
from sonoteca.model.torrent import Flavour, Slot
from sonoteca.model.view import View
from sonoteca.ports.inbox import Inbox
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.torrents import views
from sonoteca.torrents.requests import Wish, format_wish, name_of, parse_wish
from sonoteca.web.app import close
from tests.clients.shelf import files_below, pads_in, sha256_of
from tests.scenarios.session import Session
from tests.web.asking import Visitor
from tests.web.conftest import application
from tests.web.serving import Served, served
from tests.web.test_media import curl
from tests.web.test_pages import track_of
from tests.web.test_web_seed import at, by_aria2, by_libtorrent, visiting, volume_of, wanted

FORM = re.compile(r'<form class="space" method="post" action="/view.torrent">')


@pytest.fixture
def site(session: Session) -> Iterator[Served]:
    with served(session.folder) as found:
        yield found


def waiting(session: Session) -> set[str]:
    """Requests that nobody has looked at."""
    return set(Inbox(LocalDisk(str(session.folder))).names())


def taken(site: Served, folder: Path, *fields: str) -> Metainfo:
    """What the button gives, as a browser sends its form."""
    (folder / "mine.torrent").write_bytes(curl("-f", *(f"-d{one}" for one in fields), site.address + "/view.torrent"))
    return metainfo.parse((folder / "mine.torrent").read_bytes())


def test_the_button_is_where_something_was_found(visitor: Visitor) -> None:
    assert FORM.search(visitor.get("/search?q=twenty").text)
    assert not FORM.search(visitor.get("/search?q=nothingsuch").text)


def test_what_was_found_comes_from_the_web_seed_at_once_and_is_seeded_then(
    site: Served, session: Session, tmp_path: Path
) -> None:
    found = taken(site, tmp_path, "q=twenty", "tier=access", "flavour=hybrid")
    assert len(wanted(found)) == 40
    assert found.outside.web_seeds == (site.address + "/seed/",)
    by_libtorrent(tmp_path / "mine.torrent", tmp_path / "got")  # nobody has looked at the request yet
    arrived = files_below(tmp_path / "got")
    stored = {sha256_of(path) for path in (session.folder / "store").rglob("*") if path.is_file()}
    assert set(arrived) == wanted(found)
    assert set(arrived.values()) <= stored
    session.words("run")
    assert waiting(session) == set()
    (view,) = session.ask("volumes")["views"]
    assert (view["name"], view["v1"], view["v2"]) == (found.name, found.hashes.v1, found.hashes.v2)
    assert view["until"]
    assert (session.folder / f"torrents/{found.name}.seed.json").exists()
    assert taken(site, tmp_path, "q=twenty", "tier=access").hashes == found.hashes


def test_a_withdrawal_ends_it(site: Served, session: Session, tmp_path: Path) -> None:
    found = taken(site, tmp_path, "q=twenty")
    session.words("run")
    path = next(one.path for one in found.files if one.path.endswith(".opus"))
    assert curl("-o/dev/null", "-w%{http_code}", at(site.address, found, path)) == b"200"
    with visiting(session.folder) as visitor:
        track = track_of(visitor)
    session.words("withdraw", track.removeprefix("/track/"), "--reason", "asked to")
    assert session.ask("volumes")["views"] == []
    assert not (session.folder / f"torrents/{found.name}.seed.json").exists()
    assert curl("-o/dev/null", "-w%{http_code}", at(site.address, found, path)) == b"404"
    recalled = json.loads(curl(site.address + "/recalls.json"))
    assert found.hashes.v1 in json.dumps(recalled)
    assert len(wanted(taken(site, tmp_path, "q=twenty"))) == 38


def test_it_may_be_of_another_flavour(site: Served, session: Session, tmp_path: Path) -> None:
    found = taken(site, tmp_path, "q=twenty", "tier=original", "flavour=v1")
    by_aria2(tmp_path / "mine.torrent", tmp_path / "got")
    arrived = files_below(tmp_path / "got")
    assert set(arrived) - pads_in(arrived) == wanted(found)
    session.words("run")
    assert (session.folder / f"torrents/{found.name}.v1.seed.json").exists()


def test_a_flavour_of_a_volume_is_asked_for_by_taking_it(site: Served, session: Session) -> None:
    before = waiting(session)
    with visiting(session.folder) as visitor:
        name = volume_of(visitor)
    for flavour in ("hybrid", "v1"):
        curl("-f", "-o/dev/null", f"{site.address}/volume/{name}.torrent?flavour={flavour}")
    assert len(waiting(session) - before) == 1
    session.words("run")
    assert (session.folder / f"torrents/{name}.v1.seed.json").exists()


def test_a_picture_in_somebody_elses_page_asks_for_nothing(session: Session, own_visitor: Visitor) -> None:
    """Whoever follows a link from there gets the torrent all the same."""
    address, before = f"/volume/{volume_of(own_visitor)}.torrent?flavour=v1", waiting(session)
    for elsewhere in ("cross-site", "same-site", "anything"):
        assert own_visitor.get(address, sec_fetch_site=elsewhere).status == 200
    assert waiting(session) == before
    assert own_visitor.get(address, sec_fetch_site="same-origin").status == 200
    assert len(waiting(session) - before) == 1


def forged(slots: tuple[Slot, ...], **lie: object) -> View:
    """A view whose first recording is said to be another one, called after what is in it then."""
    lying = (replace(slots[0], **lie), *slots[1:])
    name = views.selection_name("sonoteca", lying)
    return View(name=name, title="", asked="[]", tier="original", revision=1, made_at="", slots=lying)


def test_nothing_leaves_because_a_request_says_so(site: Served, session: Session, tmp_path: Path) -> None:
    """What lies in the inbox was looked at by nobody: a digest there may be that of anything."""
    found = taken(site, tmp_path, "q=twenty", "tier=original")
    (name,) = waiting(session)
    inbox = Inbox(LocalDisk(str(session.folder)))
    view = parse_wish(inbox.find(name) or b"", "sonoteca").view
    assert view is not None
    held = next(path for path in (session.folder / "store").rglob("*.wav") if "Secret" in path.name)
    for lie in (
        {"digest": sha256_of(held)},
        {"bytes": view.slots[0].bytes - 1},
        {"release": view.slots[0].release[:-1]},
    ):
        lying = forged(view.slots, **lie)
        inbox.done(name)
        inbox.put(name_of(lying.name, Flavour.HYBRID), format_wish(Wish(name=lying.name, view=lying)))
        places = [f"{site.address}/seed/{lying.name}/{quote(slot.path)}" for slot in lying.slots[:3]]
        statuses = [curl("-o/dev/null", "-w%{http_code}", place) for place in places]
        assert statuses == [b"404", b"200", b"200"], lie
    assert found.name == view.name


def status(site: Served, *words: str) -> bytes:
    return curl("-o/dev/null", "-w%{http_code}", *words)


def test_nobody_presses_the_button_from_elsewhere(site: Served, session: Session) -> None:
    before, address = waiting(session), site.address + "/view.torrent"
    assert status(site, "-HSec-Fetch-Site: cross-site", "-dq=twenty", address) == b"403"
    for elsewhere in ("null", "https://evil.example", f"{site.address}.evil.example", "http://[", ""):
        assert status(site, f"-HOrigin: {elsewhere}" if elsewhere else "-HOrigin;", "-dq=twenty", address) == b"403"
    assert waiting(session) == before
    assert status(site, f"-HOrigin: {site.address}", "-dq=twenty", address) == b"200"
    assert status(site, address) == b"405"
    assert status(site, "-dtier=gold", address) == b"400"
    assert status(site, "-dflavour=v3", address) == b"400"
    assert status(site, "-d" + "a=b&" * 5000, address) == b"413"
    assert status(site, "-dq=nothingsuch", address) == b"404"
    assert status(site, "-d\xff=%ff%00", address) in (b"400", b"404", b"200")
    assert len(waiting(session) - before) <= 1


def test_a_list_for_programs_and_people(visitor: Visitor) -> None:
    told = json.loads(visitor.get("/view.json?q=twenty").text)
    assert (told["schema"], told["files"]) == ("sonoteca/file-list/1", 40)
    lines = [line for line in visitor.get("/view.txt?q=twenty").text.splitlines() if not line.startswith("#")]
    assert len(lines) == 40
    assert visitor.get("/view.txt?tier=gold").status == 400


def test_a_list_has_pages(site: Served, visitor: Visitor) -> None:
    """A page at a time, as `next` leads; together they are what the command line lists at once."""
    first = json.loads(visitor.get("/view.json?q=twenty&page=1").text)
    assert (first["page"], first["pages"], first["next"]) == (1, 1, "")
    beyond = json.loads(visitor.get("/view.json?q=twenty&page=2").text)
    assert (beyond["page"], beyond["files"], beyond["volumes"]) == (2, 0, [])
    assert "page" not in visitor.get("/view.txt?q=twenty").text.splitlines()[0]


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("/view.txt?q=twenty", "/view.txt?x=1&q=+twenty++&page=1&show=tracks&licence="),
        ("/view.json?q=twenty", "/view.json?q=twenty&tier=access&q2=x"),
        ("/search?q=twenty", "/search?q=twenty&x=1&page=0"),
        ("/volumes", "/volumes?x=1"),
        ("/volumes.rss?tier=access", "/volumes.rss?x=1&tier=access"),
        ("/torrents.json", "/torrents.json?x=1"),
        ("/", "/?x=1"),
    ],
)
def test_what_means_nothing_makes_no_other_page(made: Path, address: str, other: str) -> None:
    """Whoever makes up addresses has nothing made."""
    app = application(made)
    visitor, memory = Visitor(app), app.state.site.memory
    before = visitor.get(address)
    count = len(memory)
    assert visitor.get(other).wire == before.wire
    assert len(memory) == count
    close(app)


def test_the_archives_own_groupings_have_pages(session: Session, own_visitor: Visitor) -> None:
    told = session.ask("volumes", "make", "--where", "artist=Maker", "--title", "<b>All & more</b>")
    listed = own_visitor.get("/volumes").text
    assert "&lt;b&gt;All &amp; more&lt;/b&gt;" in listed
    page = own_visitor.get(f"/view/{told['name']}")
    assert page.status == 200
    assert told["v1"] in page.text
    found = metainfo.parse(own_visitor.get(f"/view/{told['name']}.torrent?flavour=v2").body)
    assert found.hashes.v2
    session.words("volumes", "drop", told["name"])
    assert own_visitor.get(f"/view/{told['name']}").status == 404
    assert own_visitor.get(f"/view/{told['name']}.torrent").status == 404


def test_what_is_too_much_is_not_looked_for_to_the_end(session: Session) -> None:
    """Thirty tracks are no torrent where ten are the most that a search finds: the list has them."""
    app = application(session.folder)
    app.state.site = replace(app.state.site, bounds=Bounds(most=10, looked=15, ranked=20, sampled=8))
    answer = Visitor(app).get("/view.torrent", "POST")
    assert (answer.status, answer.headers["location"].partition("?")[0]) == (303, "/view.txt")
    close(app)


@pytest.mark.parametrize(
    ("address", "method"), [("/view.txt?q=t", "GET"), ("/view.json", "GET"), ("/view.torrent", "POST")]
)
def test_what_reads_much_waits_for_its_turn_and_pages_do_not(session: Session, address: str, method: str) -> None:
    app = application(session.folder)
    visitor, site, came = Visitor(app), app.state.site, []

    async def ask() -> None:
        came.append(await visitor.ask(address, method, {}))

    async def all_of_it() -> None:
        async with anyio.create_task_group() as tasks, site.turn:
            tasks.start_soon(ask)
            assert (await visitor.ask("/search?q=t", "GET", {})).status == 200
            assert site.turn.statistics().tasks_waiting == 1
            assert came == []

    anyio.run(all_of_it)
    assert [one.status for one in came] == [200]
    close(app)
