"""Demo, checked: the archive is run, looked at from outside as anybody would, and stopped.

Order  up → home page, a release's page, a part of its sound → every volume is seeded → every byte of the store → stop.
"""

import re
import signal
import socket
import sys
import time
from contextlib import closing
from typing import Any

import click

from sonoteca.cli.house import command
from sonoteca.cli.screen import Screen
from sonoteca.model.errors import Damaged, Unreachable
from sonoteca.pipeline import look
from sonoteca.pipeline.archive import open_archive
from sonoteca.pipeline.supervisor import parse_line
from sonoteca.ports.children import Child
from sonoteca.ports.control import ask
from sonoteca.ports.fetch import Fetched, fetch
from sonoteca.ports.libtorrent_swarm import verify_installed
from sonoteca.ports.listening import name_of, near

READY_S = 120.0
STOP_S = 60.0
_RELEASE = re.compile(rb'href="(/release/[0-9a-f-]{36})"')
_STREAM = re.compile(rb'data-src="(/stream/trk_[0-9a-z]+\.opus)"')
OGG = b"OggS"


def check(ctx: click.Context, screen: Screen, root: str, listening: socket.socket) -> None:
    """Raises what is wrong; returns when all is well and nothing runs any more."""
    found: dict[str, Any] = {}
    with closing(_started(root, listening)) as child:
        address = near(name_of(listening))
        _await(child, "ready", READY_S)
        found["pages"] = _visit(address)
        found["volumes"] = _seeded(root)
        ctx.invoke(command(ctx, "verify"), idents=(), reference=False, jobs=0, as_json=screen.as_json)
        child.send(signal.SIGTERM)
        _await(child, "stopped", STOP_S)
    screen.result({"checked": found}, lambda: _drawn(screen, found))


def _started(root: str, listening: socket.socket) -> Child:
    number = listening.fileno()
    words = (sys.executable, "-m", "sonoteca", "--archive", root, "up", "--fd", str(number), "--json")
    return Child(words, (number,))


def _await(child: Child, event: str, patience_s: float) -> None:
    until, said = time.monotonic() + patience_s, ""
    while time.monotonic() < until and not child.is_silent:
        for line in child.lines():
            said = line
            told = parse_line(line)
            if (told.get("part"), told.get("event")) == ("up", event):
                return
        time.sleep(0.02)
    raise Unreachable("not-up", f"the archive is not {event}", where=said[:500], cure="sonoteca up says more")


def _visit(address: str) -> list[str]:
    """What was fetched: the home page, and of a release its page and a part of its first track."""
    home = _page(address, "/")
    release = _RELEASE.search(home.body)
    if release is None:
        return ["/"]  # nothing may be public: the operator's page says why
    page = _page(address, release[1].decode())
    stream = _STREAM.search(page.body)
    if stream is None:
        raise Damaged("no-player", "a release's page has nothing to play", where=release[1].decode())
    sound = fetch(address, stream[1].decode(), {"Range": "bytes=0-1023"})
    if sound.status != 206 or len(sound.body) != 1024 or not sound.body.startswith(OGG):
        raise Damaged("no-sound", "a part of the sound is not what it should be", where=stream[1].decode())
    return ["/", release[1].decode(), stream[1].decode()]


def _page(address: str, path: str) -> Fetched:
    found = fetch(address, path)
    if found.status != 200 or b"</html>" not in found.body:
        raise Damaged("no-page", f"a page of the website is not whole: {found.status}", where=path)
    return found


def _seeded(root: str) -> list[str]:
    """The volumes that the seeder serves: all of them."""
    archive = open_archive(root)
    try:
        wanted = [str(one["name"]) for one in look.volumes(archive)["volumes"] if one["magnet"]]
    finally:
        archive.close()
    try:
        verify_installed()
    except Unreachable:
        return []  # there is no wheel for this Python, as the seeder has said
    told = ask(root, "sync")
    states = {one["v1"]: one for one in (told or {"torrents": []})["torrents"]}
    bad = [one for one in states.values() if one["state"] != "seeding"]
    if told is None or bad or len(states) < len(wanted):
        raise Unreachable("not-seeded", f"{len(wanted)} volumes, {len(states) - len(bad)} seeded", where=root)
    return wanted


def _drawn(screen: Screen, found: dict[str, Any]) -> None:
    pages = "home page, release and sound" if len(found["pages"]) > 1 else "home page (nothing may be public)"
    screen.say(f"Checked: {pages}; {len(found['volumes'])} volumes are seeded; everything was stopped again.", "bold")
