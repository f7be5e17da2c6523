"""The command that serves the website."""

import socket
import sys
from typing import Any

import click

from sonoteca.cli.house import json_option, main
from sonoteca.cli.screen import Screen
from sonoteca.config import Settings, parse_settings
from sonoteca.pipeline.archive import SETTINGS, find_root
from sonoteca.ports.listening import adopt, listen, name_of, near
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.walls import allow_open_files
from sonoteca.web import serving
from sonoteca.web.app import create_app
from sonoteca.web.lines import format_line

GRACE_S = 10
FILES = 4096


@main.command("serve")
@click.option("--listen", "where", default="", metavar="ADDRESS:PORT", help="Listen here instead of at web_listen.")
@click.option("--fd", default=-1, metavar="N", help="Listen on this descriptor, which somebody opened already.")
@click.option("--grace", default=GRACE_S, metavar="SECONDS", help="How long streams may go on after the end is asked.")
@json_option
@click.pass_context
def serve(ctx: click.Context, where: str, fd: int, grace: int, as_json: bool) -> None:
    """Serve the website until Ctrl-C: one JSON line a request, without addresses of visitors."""
    root = find_root(str(ctx.obj))
    settings = parse_settings(LocalDisk(root).read(SETTINGS))
    listening = adopt(fd) if fd >= 0 else listen(where or settings.web_listen)
    screen = Screen(as_json=as_json)
    if screen.err.is_terminal:
        screen.say_aside(f"The site is on http://{near(name_of(listening))}/ · Ctrl-C stops")
    allow_open_files(FILES)
    _serve(root, settings, listening, grace)


def _serve(root: str, settings: Settings, listening: socket.socket, grace_s: int) -> None:
    address = settings.web_address or f"http://{near(name_of(listening))}"
    app = create_app(root, settings)
    write_line({"event": "starting", "address": address})
    serving.serve(app, serving.Way(listening=listening, grace_s=grace_s, write=write_line))


def write_line(said: dict[str, Any]) -> None:
    """To standard output, at once."""
    sys.stdout.write(format_line(said) + "\n")
    sys.stdout.flush()
