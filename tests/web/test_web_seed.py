"""The web seed: stock clients take whole torrents from the website alone, and nothing that may not be in a swarm."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sonoteca.formats import metainfo
from sonoteca.formats.metainfo import Metainfo
from sonoteca.web.app import close
from tests.clients.binding import require_libtorrent
from tests.clients.shelf import files_below, pads_in, sha256_of
from tests.clients.swarming import peer
from tests.clients.waiting import until
from tests.scenarios.session import Session
from tests.tools import require_tool
from tests.web.asking import Visitor
from tests.web.conftest import application
from tests.web.serving import Served, served
from tests.web.test_pages import track_of

TWENTY = re.compile(r"/volume/([^\"]+-access-[^\"]+-0001)\.torrent")


@pytest.fixture(scope="module")
def site(made: Path) -> Iterator[Served]:
    with served(made) as found:
        yield found


@contextmanager
def visiting(archive: Path, host: str = "localhost") -> Iterator[Visitor]:
    """Somebody who asks for this host."""
    app = application(archive)
    yield Visitor(app, host=host)
    close(app)


def volume_of(visitor: Visitor) -> str:
    """A volume with listening copies."""
    found = TWENTY.search(visitor.get("/volumes").text)
    assert found
    return found[1]


def torrent_of(visitor: Visitor, name: str, flavour: str = "hybrid") -> tuple[bytes, Metainfo]:
    answer = visitor.get(f"/volume/{name}.torrent?flavour={flavour}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/x-bittorrent")
    return answer.body, metainfo.parse(answer.body)


def wanted(found: Metainfo) -> set[str]:
    return {f"{found.name}/{one.path}" for one in found.files if not one.is_pad}


def bare(name: str) -> str:
    return name.replace("\u200c", "").replace("\u200d", "")


def at(address: str, found: Metainfo, path: str) -> str:
    return f"{address}/seed/{quote(found.name)}/{quote(path)}"


# ── what it answers ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_file_and_every_pad_is_there(visitor: Visitor) -> None:
    _, found = torrent_of(visitor, volume_of(visitor))
    assert found.outside.web_seeds == ("http://localhost/seed/",)
    for one in found.files:
        answer = visitor.get(at("", found, one.path))
        assert (answer.status, len(answer.wire)) == (200, one.bytes), one.path
        if one.is_pad:
            assert not any(answer.wire)
    one = max(found.files, key=lambda file: file.bytes)
    part = visitor.get(at("", found, one.path), range="bytes=100-199")
    assert (part.status, part.headers["content-range"]) == (206, f"bytes 100-199/{one.bytes}")
    pad = next(one for one in found.files if one.is_pad)
    assert visitor.get(at("", found, pad.path), range="bytes=1-2").wire == b"\0\0"


@pytest.mark.parametrize(
    "path", ["x", "../../keys/archive", ".pad/x.1", f".pad/{'0' * 32}.999999", f".pad/{'0' * 32}.0", "%00", "a" * 5000]
)
def test_what_is_in_no_torrent_is_not_there(visitor: Visitor, path: str) -> None:
    assert visitor.get(f"/seed/{volume_of(visitor)}/{path}").status == 404
    assert visitor.get(f"/seed/nothing/{path}").status == 404


def test_a_strange_host_stands_in_no_torrent(made: Path) -> None:
    """Who asks decides where his client will ask again, but not what else is written into a file."""
    with visiting(made, 'a b"><script>') as visitor:
        assert torrent_of(visitor, volume_of(visitor))[1].outside.web_seeds == ()


def test_flavours_tell_of_the_same_files(visitor: Visitor) -> None:
    """Each is assembled when it is asked for; only the hybrid is kept here."""
    name = volume_of(visitor)
    hybrid, v1, v2 = (torrent_of(visitor, name, one)[1] for one in ("hybrid", "v1", "v2"))
    assert wanted(hybrid) == wanted(v1) == wanted(v2)
    assert (v1.flavour, v1.hashes.v2, v2.flavour, v2.hashes.v1) == ("v1", "", "v2", "")
    assert {one.pieces_root for one in v2.files} == {one.pieces_root for one in hybrid.files if not one.is_pad}
    assert v1.sha1_pieces == hybrid.sha1_pieces


def test_the_address_of_the_settings_comes_first(session: Session) -> None:
    """It stands in what is written to torrents/ too, and no infohash depends on it."""
    with visiting(session.folder) as visitor:
        before = torrent_of(visitor, volume_of(visitor))[1]
    with open(session.folder / "sonoteca.toml", "a") as settings:
        settings.write('web_address = "https://archive.example/"\n')
    with visiting(session.folder) as visitor:
        name = volume_of(visitor)
        _, after = torrent_of(visitor, name)
        assert f"ws={quote('https://archive.example/seed/', safe=':')}" in visitor.get(f"/volume/{name}").text
    assert after.outside.web_seeds == ("https://archive.example/seed/",)
    assert after.hashes == before.hashes
    session.words("rebuild")
    kept = metainfo.parse((session.folder / f"torrents/{name}.torrent").read_bytes())
    assert kept.outside.web_seeds == ("https://archive.example/seed/",)
    assert kept.hashes == before.hashes


@pytest.mark.parametrize("flavour", ["hybrid", "v1"])
def test_a_torrent_is_read_once_for_all_who_take_it(made: Path, flavour: str) -> None:
    """Each gets the web seed under the address by which he came."""
    app = application(made)
    name = volume_of(Visitor(app))
    for host in ("localhost", "a.example", "b.example"):
        _, found = torrent_of(Visitor(app, host=host), name, flavour)
        assert found.outside.web_seeds == (f"http://{host}/seed/",)
    assert len(app.state.site.torrents) == 1
    close(app)


def test_what_is_withdrawn_is_gone_at_once(session: Session, own_visitor: Visitor) -> None:
    """And all else is where it was, for whoever still has the former torrent."""
    _, found = torrent_of(own_visitor, volume_of(own_visitor))
    for file in found.files:
        assert own_visitor.get(at("", found, file.path)).status == 200
    session.words("withdraw", track_of(own_visitor).removeprefix("/track/"), "--reason", "asked to")
    now = {file.path: own_visitor.get(at("", found, file.path)).status for file in found.files}
    gone = [path for path, status in now.items() if status == 410]
    assert sorted(path.endswith(".credits.txt") for path in gone) == [False, True]
    assert set(now.values()) == {200, 410}
    _, after = torrent_of(own_visitor, volume_of(own_visitor))
    assert wanted(found) - wanted(after) == {f"{found.name}/{path}" for path in gone}


# ── clients ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def by_libtorrent(torrent: Path, folder: Path) -> None:
    require_libtorrent()
    with peer("127.0.0.1") as client:
        handle = client.fetch(torrent, folder, ("127.0.0.1", 9))
        until(lambda: handle.status().is_seeding, "libtorrent to finish", 60, told=lambda: handle.status().progress)


def by_aria2(torrent: Path, folder: Path) -> None:
    command = [require_tool("aria2c"), "--no-conf", "--enable-dht=false", "--enable-dht6=false", "--seed-time=0"]
    command += ["--bt-enable-lpd=false", "--enable-peer-exchange=false", "--file-allocation=none"]
    done = subprocess.run([*command, f"--dir={folder}", str(torrent)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


CLIENTS: dict[str, Any] = {"libtorrent": by_libtorrent, "aria2": by_aria2}


@pytest.mark.parametrize(
    ("client", "flavour"), [("libtorrent", "hybrid"), ("libtorrent", "v1"), ("libtorrent", "v2"), ("aria2", "v1")]
)
def test_the_web_seed_alone_is_enough(site: Served, made: Path, tmp_path: Path, client: str, flavour: str) -> None:
    """No peer has any of it."""
    with visiting(made, f"127.0.0.1:{site.port}") as visitor:
        raw, found = torrent_of(visitor, volume_of(visitor), flavour)
    (tmp_path / "one.torrent").write_bytes(raw)
    CLIENTS[client](tmp_path / "one.torrent", tmp_path / "got")
    arrived = files_below(tmp_path / "got")
    names = set(arrived) - pads_in(arrived)
    # libtorrent writes names without joiners, and asks for them so.
    assert {bare(name) for name in names} == {bare(name) for name in wanted(found)}
    stored = {sha256_of(path) for path in (made / "store").rglob("*") if path.is_file()}
    assert {arrived[name] for name in names} <= stored
    shutil.rmtree(tmp_path / "got")
