"""Command: demo. Everything that exists, at once, on recordings that it composes itself or on a folder of yours.

Order  the website is there first and fills while the bars run; then `sonoteca up` takes over its socket, so nobody who
       came early is turned away.
"""

import os
import signal
import socket
import sys
from contextlib import closing
from typing import Any

import click

from sonoteca.cli.demo_check import check
from sonoteca.cli.house import absolute, command, json_option, main
from sonoteca.cli.screen import Screen
from sonoteca.cli.up import JsonLines, Lines, already, keep_up
from sonoteca.config import Settings, parse_settings
from sonoteca.demo.compose import TO_TRY, compose
from sonoteca.pipeline import look, running
from sonoteca.pipeline.addresses import settle
from sonoteca.pipeline.archive import SETTINGS, create, open_archive
from sonoteca.ports.children import Child
from sonoteca.ports.listening import listen, name_of, near
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.turns import UP


@main.command()
@click.option("--music", default="", metavar="FOLDER", help="Your own recordings instead of the composed ones.")
@click.option("--once", is_flag=True, help="End by itself when everything is published and checked.")
@click.option("--place", default="demo", metavar="DIR", help="Where the demo's archive and music are made.")
@json_option
@click.pass_context
def demo(ctx: click.Context, music: str, once: bool, place: str, as_json: bool) -> None:
    """Compose a small label's catalogue, archive it, publish it, and run the whole archive."""
    screen = Screen(as_json=as_json)
    ctx.obj = root = absolute(os.path.join(place, "archive"))
    settings = _prepare(root)
    with listen(settings.web_listen) as listening:
        with closing(running.early_site(root, listening)) as early:
            screen.say(f"The website is already starting on http://{near(name_of(listening))}/ and fills meanwhile.")
            _fill(ctx, music, place, as_json)
            if not once:
                _show(screen, root, listening, early)
                return
        check(ctx, screen, root, listening)


def _prepare(root: str) -> Settings:
    """The demo's archive, made if need be, on free ports."""
    if not os.path.exists(os.path.join(root, SETTINGS)):
        create(root)
    disk = LocalDisk(root)
    if running.is_held(disk, UP):
        raise already(root)
    settle(disk, parse_settings(disk.read(SETTINGS)).patience_s)
    return parse_settings(disk.read(SETTINGS))


def _fill(ctx: click.Context, music: str, place: str, as_json: bool) -> None:
    if music:
        words: dict[str, Any] = {"paths": (absolute(music),), "trust_manifest": False, "collection": "demo"}
    else:
        folder = absolute(os.path.join(place, "music"))
        compose(folder)
        words = {"paths": (folder,), "trust_manifest": True, "collection": "demo"}
    ctx.invoke(command(ctx, "add"), dry_run=False, move=False, as_json=as_json, **words)
    ctx.invoke(command(ctx, "run"), jobs=0, keep=False, as_json=as_json)
    ctx.invoke(command(ctx, "status"), as_json=as_json)


def _show(screen: Screen, root: str, listening: socket.socket, early: Child) -> None:
    """Runs the archive until Ctrl-C."""
    tell = JsonLines() if screen.as_json else Lines(screen)

    def heed(said: dict[str, Any]) -> None:
        tell(said)
        if said["part"] == "up" and said.get("event") == "ready":
            early.send(signal.SIGTERM)  # who listens to it already, may to the end
            _drawn_things_to_try(screen, root, near(name_of(listening)))

    keep_up(root, listening, heed)
    screen.say("The archive stays there: run the demo again and it goes on from here.")


def _drawn_things_to_try(screen: Screen, root: str, address: str) -> None:
    """The commands as they can be typed from here: with the program that was called, and the demo's archive named."""
    program = os.path.relpath(sys.argv[0]) if os.access(sys.argv[0], os.X_OK) else "sonoteca"
    screen.say("")
    screen.say(f"The website:  http://{address}/", "bold")
    screen.say(f"For whoever runs it, held recordings and why:  http://{address}/operator")
    if link := _find_magnet(root):
        screen.say("In the swarm, for a torrent client on this machine:")
        screen.out.print(f"  {link}", soft_wrap=True, markup=False)
    screen.say("Three things to try, in another terminal:")
    for typed, shows in TO_TRY:
        words = typed.replace("sonoteca", f"{program} --archive {os.path.relpath(root)}", 1)
        screen.out.print(f"  {words}\n      {shows}", soft_wrap=True, markup=False)
    screen.say("Ctrl-C stops everything.")
    screen.say("")


def _find_magnet(root: str) -> str:
    archive = open_archive(root)
    try:
        return next((str(one["magnet"]) for one in look.volumes(archive)["volumes"] if one["magnet"]), "")
    finally:
        archive.close()
