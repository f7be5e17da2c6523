"""An archive as a whole: it is up, it is used while it is up, its parts fall and come again, and it ends."""

import json
import os
import re
import shutil
import signal
from pathlib import Path

import pytest

from sonoteca.pipeline.running import look as look_at
from sonoteca.pipeline.seeding import ask
from sonoteca.ports.fetch import fetch
from sonoteca.ports.local_disk import LocalDisk
from tests.running.archive import Slow, make_archive, make_release, opened, running
from tests.running.programs import is_gone, until
from tests.scenarios.session import Session


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return make_archive(tmp_path_factory.mktemp("up"))


@pytest.fixture
def session(made: Session, tmp_path: Path) -> Session:
    """A copy of the archive, in another place."""
    shutil.copytree(made.folder, tmp_path / "archive", symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
    return opened(tmp_path / "archive")


def released(address: str) -> list[str]:
    """The releases on the home page."""
    return sorted(set(re.findall(rb"/release/[0-9a-f-]{36}", fetch(address, "/").body)))


def flac(address: str, release: str) -> str:
    """The address of the lossless file of a release."""
    page = fetch(address, release).body.decode()
    return re.findall(r'"(/file/[0-9a-f]{64}/[^"?]*\.flac)', page)[0]


def test_a_stream_outlives_a_reload_and_new_visitors_are_served(session: Session) -> None:
    with running(session.folder) as (up, address):
        path = flac(address, released(address)[0].decode())
        whole = fetch(address, path).body
        slow = Slow(address, path)
        old = up.event("web", "started")["pid"]
        up.send(signal.SIGHUP)
        new = up.event("web", "reloading")["pid"]
        assert up.event("web", "stopping")["streams"] >= 1
        assert fetch(address, "/healthz").status == 200
        assert not is_gone(old)
        assert slow.rest() == whole
        assert (up.event("web", "ended")["pid"], up.end()) == (old, 0)
        assert is_gone(new)


def test_it_is_used_while_it_is_up(session: Session, tmp_path: Path) -> None:
    """Added: taken, rendered, seeded, shown; withdrawn: gone. Nobody restarts anything."""
    make_release(tmp_path / "more" / "Maker - More", 2)
    with running(session.folder) as (up, address):
        before = released(address)
        session.words("add", str(tmp_path / "more"), "--trust-manifest")
        both = until(lambda: len(found := released(address)) == 2 and found, "the new release")
        (more,) = set(both) - set(before)
        ident = more.decode().rpartition("/")[2]
        session.words("withdraw", ident, "--reason", "a test")
        assert released(address) == before
        assert fetch(address, more.decode()).status == 410
        told = look_at(str(session.folder), LocalDisk(str(session.folder)), address)
        assert (told["up"], told["coordinator"], told["web"]["ready"]) == (True, {"runs": True}, True)
        assert session.words("up", code=6) == ""
        assert up.end(signal.SIGINT) == 0
    assert json.loads(session.words("up", "--status", "--json", code=3))["error"]["code"] == "not-up"
    assert session.ask("verify")["whole"]


def test_parts_that_are_killed_come_again_and_then_all_of_it_is(session: Session) -> None:
    with running(session.folder) as (up, address):
        web = up.event("web", "started")["pid"]
        seeder = up.event("seeder", "started")["pid"]
        until(lambda: ask(str(session.folder), "status"), "the seeder")
        os.kill(web, signal.SIGKILL)
        # Who asks meanwhile waits in the queue of the socket.
        assert fetch(address, "/healthz").status == 200
        os.kill(seeder, signal.SIGKILL)
        assert {up.event(part, "died")["code"] for part in ("web", "seeder")} == {-9}
        up.event("seeder", "started")
        until(lambda: ask(str(session.folder), "status"), "the seeder again")
        up.event("web", "started")
        assert up.end(signal.SIGKILL) == -9
        for pid in up.pids:
            until(lambda pid=pid: is_gone(pid), "left behind")


def test_a_log_has_no_visitor_in_it(session: Session) -> None:
    with running(session.folder) as (up, address):
        secret = {"User-Agent": "Telltale/1.0", "Referer": "http://telltale.example/", "Cookie": "telltale=1"}
        fetch(address, "/search?q=telltale", secret)
        line = up.event("web", "request")
        assert set(line) == {"time", "part", "event", "method", "path", "status", "ms", "bytes"}
        assert (line["method"], line["path"], line["status"]) == ("GET", "/search", 200)
        assert "server" not in fetch(address, "/").headers
        up.end()
        said = json.dumps([line for line in up.lines if line["part"] == "web" and line["event"] != "starting"])
    assert "telltale" not in said.lower()
    assert "127.0.0.1" not in said
