"""Identify: which recordings a file is."""

from typing import Any

import click

from sonoteca.cli.house import absolute, json_option, main, reading
from sonoteca.cli.like import drawn_like
from sonoteca.cli.screen import Screen
from sonoteca.pipeline.identify import identify as identified


@main.command()
@click.argument("file", type=click.Path())
@json_option
@click.pass_context
def identify(ctx: click.Context, file: str, as_json: bool) -> None:
    """Which recordings FILE is, in whole or in part. It is decoded apart; nothing of it is kept."""
    screen = Screen(as_json=as_json)
    with reading(ctx) as archive:
        told = identified(archive, absolute(file))
    screen.result(told, lambda: _drawn(screen, told))


def _drawn(screen: Screen, told: dict[str, Any]) -> None:
    if not told["found"]:
        screen.say("Nothing here is like it.")
        screen.say("Only what may leave the archive has been decoded: what is held is known by its bytes alone.")
        return
    drawn_like(screen, "It is", told["found"])
