"""The command that seeds, and asks and stops the one that does."""

import dataclasses
import os
import sys
from contextlib import ExitStack
from typing import Any

import click
from rich.live import Live
from rich.text import Text

from sonoteca.cli.house import json_option, main
from sonoteca.cli.screen import LINE_EVERY_S, Screen, shown, size
from sonoteca.model.errors import Refused
from sonoteca.pipeline import seeding
from sonoteca.pipeline.archive import find_root
from sonoteca.swarm.shards import Share

MAX_ROWS = 200
STATES = ("seeding", "adding", "resting", "failed")


@main.command("seed")
@click.option("--listen", default="", metavar="ADDRESS:PORT", help="Listen here instead of where seed_listen says.")
@click.option("--status", "is_status", is_flag=True, help="Ask the seeder of this archive how it goes.")
@click.option("--stop", "is_stop", is_flag=True, help="Stop the seeder of this archive.")
@click.option("--shard", default="", metavar="N/M", help="Be one of several seeders; `seed` starts them itself.")
@click.option("--fd", default=-1, metavar="N", help="The line to whoever started this shard.")
@json_option
@click.pass_context
def seed(ctx: click.Context, /, as_json: bool, **chosen: Any) -> None:
    """Give the published volumes to whoever asks, until Ctrl-C; nothing is ever taken."""
    root = find_root(str(ctx.obj))
    screen = Screen(as_json=as_json)
    if chosen["is_status"] or chosen["is_stop"]:
        _ask(screen, root, "stop" if chosen["is_stop"] else "status")
        return
    settings = seeding.load_settings(root)
    if chosen["listen"]:
        settings = dataclasses.replace(settings, seed_listen=chosen["listen"])
    if chosen["shard"]:
        seeding.serve_shard(root, settings, _share(chosen["shard"]), chosen["fd"])
        os._exit(0)
    with ExitStack() as ending:
        told = _Told(screen, ending)
        seeding.serve(root, settings, told.note, told.said, note_every_s=1.0 if told.is_live else LINE_EVERY_S)
    screen.say("Stopped: nothing is served any more.")
    sys.stdout.flush()
    os._exit(0)  # see seeding.serve; there is nothing to put away


def _share(text: str) -> Share:
    shard, _, shards = text.partition("/")
    return Share(shard=int(shard), shards=int(shards))


def _ask(screen: Screen, root: str, command: str) -> None:
    told = seeding.ask(root, command)
    if told is None:
        raise Refused("no-seeder", "nothing seeds this archive", where=root, cure="sonoteca seed starts it")
    screen.result(told, lambda: _drawn(screen, told) if "torrents" in told else screen.say("The seeder stops."))


class _Told:
    """What the seeder says while it runs: a line that changes on a terminal, one a minute elsewhere."""

    def __init__(self, screen: Screen, ending: ExitStack) -> None:
        self._screen = screen
        self._has_begun = False
        self.is_live = screen.err.is_terminal and not screen.as_json
        # No thread of its own: walls are put up before any is started.
        self._live = Live(console=screen.err, auto_refresh=False, transient=True) if self.is_live else None
        if self._live:
            ending.enter_context(self._live)

    def note(self, told: dict[str, Any]) -> None:
        """A status, now and then."""
        if self._screen.as_json:
            self._screen.result(told, lambda: None)
        elif not self._has_begun:
            _drawn_beginning(self._screen, told)
        self._has_begun = True
        if self._live:
            self._live.update(Text(_line(told)), refresh=True)
        elif not self._screen.as_json:
            self._screen.say(_line(told))
        sys.stdout.flush()

    def said(self, text: str) -> None:
        """What a shard says."""
        if self._screen.as_json:
            self._screen.result({"event": "warning", "text": text}, lambda: None)
        else:
            self._screen.say(shown(text, 500))
        sys.stdout.flush()


def _drawn_beginning(screen: Screen, told: dict[str, Any]) -> None:
    screen.say(f"Seeding on {', '.join(told['addresses'])}. Ctrl-C stops.", "bold")
    for way in told["reachable_by"]:
        screen.say(f"found by {shown(way)}")
    for warning in told["warnings"]:
        screen.say(f"warning: {shown(warning)}", "bold")
    if not any(told[state] for state in STATES):
        screen.say("Nothing is published yet: sonoteca run makes volumes of what may leave; they are taken up at once.")


def _line(told: dict[str, Any]) -> str:
    counts = f"{told['seeding']} seeding, {told['adding']} being opened, {told['failed']} in error"
    counts += f", {told['resting']} at rest" if told["resting"] else ""
    return f"{counts} · {told['peers']} peers · {size(told['uploaded_bytes'])} given"


def _drawn(screen: Screen, told: dict[str, Any]) -> None:
    _drawn_beginning(screen, told)
    screen.say(_line(told))
    rows = [
        (one["name"], one["state"], one["peers"], size(one["uploaded_bytes"]), _announced(one), one["v1"] or one["v2"])
        for one in told["torrents"][:MAX_ROWS]
    ]
    if rows:
        screen.table("Torrents", ("name", "state", "peers", "given", "last told to others", "hash"), rows, right=(2, 3))
    for one in told["torrents"]:
        if one["error"]:
            screen.say(f"{shown(one['name'])}: {shown(one['error'])}", "bold red")
        for path in one["damaged"]:
            screen.say(f"{shown(one['name'])}: damaged, and not served: {shown(path)}", "bold red")
        for way in one["announced"]:
            if way["trouble"]:
                screen.say(f"{shown(one['name'])}: {shown(way['way'])}: {shown(way['trouble'])}")


def _announced(one: dict[str, Any]) -> str:
    return max((way["at"] for way in one["announced"]), default="") or "—"
