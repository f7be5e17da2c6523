"""Command: demo. Everything that exists, at once, on recordings that it composes itself or on a folder of yours."""

import os

import click

from sonoteca.cli.house import absolute, command, json_option, main
from sonoteca.demo.compose import compose
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
    ctx.invoke(command(ctx, "run"), jobs=0, as_json=as_json)
    ctx.invoke(command(ctx, "verify"), idents=(), reference=False, jobs=0, as_json=as_json)
    ctx.invoke(command(ctx, "status"), as_json=as_json)
    if not as_json:
        _things_to_try(archive, bool(music), once)


def _things_to_try(archive: str, is_own: bool, once: bool) -> None:
    word = "" if is_own else " lantern"
    click.echo("Three things to try:")
    click.echo(f"  sonoteca --archive {archive} search{word or ' WORDS'}")
    click.echo(f"  sonoteca --archive {archive} export csv --output sheet.csv")
    click.echo(
        f"  sonoteca --archive {archive} rights grant --help" if is_own else f"  sonoteca --archive {archive} show ID"
    )
    if not once:
        click.echo("The archive stays there; run the demo again and nothing changes.")
