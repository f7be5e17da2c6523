"""Command of hearing: play."""

import os
import secrets
import socket
import sys
from contextlib import closing
from typing import Any, BinaryIO
from urllib.parse import quote, unquote

import click
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sonoteca.cli.house import json_option, main
from sonoteca.cli.screen import Screen, shown, size
from sonoteca.formats.naming import portable
from sonoteca.model.errors import Refused
from sonoteca.model.stream import Wanted
from sonoteca.ports.download import Download
from sonoteca.ports.stream import MAX_READ_BYTES, Stream, StreamLimits
from sonoteca.ports.stream_process import ProcessStreams
from sonoteca.web.serving import Way, serve
from sonoteca.web.swarm_stream import Desk, hear

MAGNET = "magnet:?"


@main.command()
@click.argument("target", metavar="MAGNET#PATH")
@click.option("--output", default="", metavar="FILE", help="Write the file instead; - is standard output.")
@click.option("--port", default=0, type=click.IntRange(0, 65_535), help="Of the address for a player (any).")
@click.option("--dht", is_flag=True, help="Look for peers in the distributed hash table too.")
@click.option("--wait", default=60, type=click.IntRange(1, 3600), metavar="S", help="Seconds to wait for peers (60).")
@json_option
def play(target: str, as_json: bool, **options: Any) -> None:
    """Hear a track of anybody's swarm while it comes: gives an address that any player opens."""
    wanted = wanted_of(target)
    wait_s = float(options["wait"])
    limits = StreamLimits(streams=1, file_bytes=1 << 40, open_s=wait_s, read_s=wait_s, dht=options["dht"])
    screen = Screen(as_json=as_json)
    with closing(ProcessStreams.temporary(limits)) as streams:
        if options["output"]:
            with closing(streams.open(wanted)) as stream:
                _written(screen, stream, options["output"])
        else:
            _served(screen, Desk(streams, 1), wanted, options["port"])


def wanted_of(target: str) -> Wanted:
    """What "magnet:?…#path" or "FILE.torrent#path" means."""
    source, _, path = target.partition("#")
    if source[: len(MAGNET)].lower() == MAGNET:
        return Wanted(link=source, path=unquote(path))
    try:
        with open(source, "rb") as file:
            return Wanted(torrent=file.read(10_000_001), path=unquote(path))
    except OSError as error:
        what = f"neither a magnet link nor a .torrent that can be read ({error.strerror})"
        cure = "sonoteca play 'magnet:?xt=…#Artist - Title/01 Aria.opus', in quotes"
        raise Refused("stream-link", what, where=source[:200], cure=cure) from error


def _written(screen: Screen, stream: Stream, output: str) -> None:
    if output == "-":
        _copy(stream, sys.stdout.buffer)
        return
    with Download(output) as file:
        _copy(stream, file)
    told = {"path": stream.path, "bytes": stream.size, "output": os.path.abspath(output)}
    screen.result(told, lambda: screen.say(f"{shown(stream.path)}: {size(stream.size)} in {shown(output)}"))


def _copy(stream: Stream, to: BinaryIO) -> None:
    for start in range(0, stream.size, MAX_READ_BYTES):
        to.write(stream.read(start, MAX_READ_BYTES))


def _served(screen: Screen, desk: Desk, wanted: Wanted, port: int) -> None:
    stream = desk.take(wanted)  # and kept: what a player skips to is there at once
    word, name = secrets.token_urlsafe(16), portable(stream.path.rpartition("/")[2])

    async def answer(request: Request) -> Response:
        return await hear(request, desk, wanted)

    # The word is in the path: other users of this machine, and pages in a browser, do not know it.
    app = Starlette(routes=[Route(f"/{word}/{{name}}", answer)])
    with socket.create_server(("127.0.0.1", port)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/{word}/{quote(name)}"
        told = {"address": address, "path": stream.path, "bytes": stream.size}
        screen.result(told, lambda: _drawn(screen, told))
        serve(app, Way(listening=listening, grace_s=1, write=lambda line: None))


def _drawn(screen: Screen, told: dict[str, Any]) -> None:
    screen.say(f"{shown(told['path'])}, {size(told['bytes'])}. Open this in any player (mpv, VLC, a browser):")
    screen.out.print(told["address"], soft_wrap=True, markup=False)
    screen.say("Ctrl-C stops. Nothing is given to others, nothing is kept.")


__all__ = ["play"]
