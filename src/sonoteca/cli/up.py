"""The command that runs an archive as a whole."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

import click
from rich.text import Text

from sonoteca.cli.house import json_option, main
from sonoteca.cli.screen import Screen, shown
from sonoteca.config import parse_settings
from sonoteca.model.errors import Conflict, Refused
from sonoteca.pipeline import running
from sonoteca.pipeline.archive import SETTINGS, find_root
from sonoteca.pipeline.supervisor import Supervisor
from sonoteca.ports.disk import Disk
from sonoteca.ports.listening import adopt, listen, name_of, near
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.service import notify
from sonoteca.ports.turns import UP
from sonoteca.web.lines import format_line

STATES = {"ready": "READY=1", "stopping": "STOPPING=1"}


@main.command("up")
@click.option("--listen", "where", default="", metavar="ADDRESS:PORT", help="The website's, instead of web_listen.")
@click.option("--fd", default=-1, metavar="N", help="The website's socket, which somebody opened already.")
@click.option("--status", "is_status", is_flag=True, help="Say how the parts of this archive go; exit code 0: all run.")
@json_option
@click.pass_context
def up(ctx: click.Context, where: str, fd: int, is_status: bool, as_json: bool) -> None:
    """Run the whole archive until Ctrl-C: its queue, its website and its seeder."""
    root, screen = find_root(str(ctx.obj)), Screen(as_json=as_json)
    if is_status:
        _tell_status(ctx, screen, root, where)
        return
    teller = Lines(screen) if screen.out.is_terminal and not as_json else JsonLines()
    if running.is_held(LocalDisk(root), UP):  # before its address is found taken
        raise already(root)
    settings = parse_settings(LocalDisk(root).read(SETTINGS))
    with adopt(fd) if fd >= 0 else listen(where or settings.web_listen) as listening:
        is_clean = keep_up(root, listening, teller)
    if not is_clean:
        ctx.exit(1)


def keep_up(root: str, listening: socket.socket, tell: Callable[[dict[str, Any]], None]) -> bool:
    """Runs the parts until a signal; whether each ended when it was asked."""
    disk = LocalDisk(root)
    settings = parse_settings(disk.read(SETTINGS))
    address = f"http://{near(name_of(listening))}/"

    def heed(said: dict[str, Any]) -> None:
        tell(said)
        if said["part"] == "up" and said.get("event") in STATES:
            notify(STATES[str(said["event"])])

    with _alone(root, disk):
        supervisor = Supervisor(running.parts(root, settings, listening), heed)
        heed({"part": "up", "event": "starting", "address": address})
        is_clean = supervisor.run()
    heed({"part": "up", "event": "stopped"})
    return is_clean


def already(root: str) -> Conflict:
    """What is said to a second one."""
    cure = "sonoteca up --status says how it goes; Ctrl-C there, or SIGTERM, ends it"
    return Conflict("up-already", "this archive is up", where=root, cure=cure)


@contextmanager
def _alone(root: str, disk: Disk) -> Iterator[None]:
    with ExitStack() as held:
        try:
            held.enter_context(disk.lock(UP))
        except Conflict as error:
            raise already(root) from error
        yield


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class JsonLines:
    """One JSON object a line: time, part, event and what belongs to it."""

    def __call__(self, said: dict[str, Any]) -> None:
        """One line."""
        sys.stdout.write(format_line(said) + "\n")
        sys.stdout.flush()


class Lines:
    """For a person: what changes, without the requests of every visitor."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._address = ""

    def __call__(self, said: dict[str, Any]) -> None:
        """One line, when there is something to tell."""
        self._address = str(said.get("address", self._address))
        if text := self._words(said):
            style = "red" if said.get("event") in ("died", "killed", "error", "not-reloaded") else ""
            at = datetime.now().astimezone().strftime("%H:%M:%S")
            line = Text.assemble((at, "dim"), "  ", (f"{said['part']:<11}", "bold"), "  ", (shown(text, 500), style))
            self._screen.out.print(line, soft_wrap=True)

    def _words(self, said: dict[str, Any]) -> str:
        event = str(said.get("event", ""))
        if event == "request":
            return f"{said['status']} {said['method']} {said['path']}" if int(said["status"]) >= 500 else ""
        if said["part"] == "up":
            return OWN.get(event, event).format(address=self._address)
        if event in ("said", "warning", "error"):
            return str(said.get("text", ""))
        words = EVENTS.get(event)
        return words.format(**said) if words else ""


OWN = {
    "starting": "starting; the site will be on {address}",
    "ready": "the archive is on {address} · Ctrl-C stops everything",
    "stopping": "stopping: streams in flight may end",
    "stopped": "stopped; nothing is lost, the same command goes on",
}
EVENTS = {
    "started": "started",
    "listening": "answers",
    "died": "ended by itself (exit code {code}); starts again in {again_in_s:.1f} s",
    "reloading": "another one is started and takes over",
    "not-reloaded": "the other one did not come up (exit code {code}): the old one goes on",
    "killed": "did not end when asked: killed",
    "ended": "ended",
}


# ── status ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _tell_status(ctx: click.Context, screen: Screen, root: str, where: str) -> None:
    disk = LocalDisk(root)
    told = running.look(root, disk, where or parse_settings(disk.read(SETTINGS)).web_listen)
    if not (told["up"] or told["coordinator"]["runs"] or told["web"]["runs"] or told["seeder"]["runs"]):
        raise Refused("not-up", "nothing of this archive runs", where=root, cure="sonoteca up starts it")
    screen.result(told, lambda: _drawn_status(screen, told))
    is_whole = told["up"] and told["coordinator"]["runs"] and told["web"]["ready"] and told["seeder"]["runs"]
    if not is_whole:
        ctx.exit(1)


def _drawn_status(screen: Screen, told: dict[str, Any]) -> None:
    seeder, web = told["seeder"], told["web"]
    given = "{seeding} seeding, {adding} being opened, {failed} in error"
    rows = (
        ("supervisor", told["up"], "sonoteca up"),
        ("coordinator", told["coordinator"]["runs"], "works the queue"),
        ("web", web["ready"], web["address"]),
        ("seeder", seeder["runs"], given.format(**seeder) if "seeding" in seeder else seeder.get("why", "")),
    )
    screen.table("Parts", ("part", "", ""), [(name, "runs" if runs else "—", what) for name, runs, what in rows])
