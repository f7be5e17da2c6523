"""Command: demo. Everything that exists, at once, on recordings that it composes itself or on a folder of yours."""

import os
import sys

import click

from sonoteca.cli.house import absolute, command, json_option, main
from sonoteca.demo.compose import TO_TRY, compose
from sonoteca.pipeline.archive import SETTINGS, create


@main.command()
@click.option("--music", default="", metavar="FOLDER", help="Your own recordings instead of the composed ones.")
@click.option("--once", is_flag=True, help="End by itself when everything is done.")
@click.option("--place", default="demo", metavar="DIR", help="Where the demo's archive and music are made.")
@json_option
@click.pass_context
def demo(ctx: click.Context, music: str, once: bool, place: str, as_json: bool) -> None:
    """Compose a small label's catalogue, archive it, and show it."""
    archive = absolute(os.path.join(place, "archive"))
    if not os.path.exists(os.path.join(archive, SETTINGS)):
        create(archive)
    if music:
        words = {"paths": (absolute(music),), "trust_manifest": False, "collection": "demo"}
    else:
        folder = absolute(os.path.join(place, "music"))
        compose(folder)
        words = {"paths": (folder,), "trust_manifest": True, "collection": "demo"}
    ctx.obj = archive
    ctx.invoke(command(ctx, "add"), dry_run=False, move=False, as_json=as_json, **words)
    ctx.invoke(command(ctx, "run"), jobs=0, keep=False, as_json=as_json)
    ctx.invoke(command(ctx, "verify"), idents=(), reference=False, jobs=0, as_json=as_json)
    ctx.invoke(command(ctx, "status"), as_json=as_json)
    if not as_json:
        _things_to_try(archive, once)


def _things_to_try(archive: str, once: bool) -> None:
    """The commands as they can be typed from here: with the program that was called, and the demo's archive named."""
    program = os.path.relpath(sys.argv[0]) if os.access(sys.argv[0], os.X_OK) else "sonoteca"
    click.echo("\nThree things to try:")
    for typed, shows in TO_TRY:
        words = typed.replace("sonoteca", f"{program} --archive {os.path.relpath(archive)}", 1)
        click.echo(f"  {words}\n      {shows}")
    if not once:
        click.echo("The archive stays there: run the demo again and nothing changes.")
