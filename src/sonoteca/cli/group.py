"""Commands of views: `volumes make` and `volumes drop`."""

from typing import Any

import click

from sonoteca.cli.house import json_option, reading, writing
from sonoteca.cli.publish import volumes
from sonoteca.cli.screen import Screen, shown, size
from sonoteca.model.errors import Refused
from sonoteca.model.view import Where
from sonoteca.pipeline import grouping
from sonoteca.pipeline.archive import Archive
from sonoteca.torrents.views import KINDS, TIERS, parse_where


@volumes.command("make")
@click.option(
    "--where",
    "said",
    multiple=True,
    metavar="KIND=VALUE",
    help=f"What to take, several times: {', '.join(KINDS)}. Several values of one kind: any of them. None: everything.",
)
@click.option("--tier", type=click.Choice(list(TIERS)), default="access", help="Which copy of each track.")
@click.option("--title", default="", metavar="TEXT", help="What people should read; what was asked for, otherwise.")
@click.option("--list", "as_list", is_flag=True, help="Only list the files and the volumes that have them.")
@json_option
@click.pass_context
def volumes_make(ctx: click.Context, /, said: tuple[str, ...], as_json: bool, as_list: bool, **options: str) -> None:
    """Make a torrent over any grouping, of files that volumes have: "everything by this artist". No audio is read."""
    screen = Screen(as_json=as_json)
    where, tier = parse_where(said), options["tier"]
    told = None
    if not as_list:
        with writing(ctx) as archive:
            told = _made(archive, where, tier, options["title"])
    if told is None:
        with reading(ctx) as archive:
            told = grouping.file_list(archive, where, tier)
    drawn = _drawn_view if "magnet" in told else _drawn_list
    screen.result(told, lambda: drawn(screen, told))


def _made(archive: Archive, where: Where, tier: str, title: str) -> dict[str, Any] | None:
    """The view, None when it would be too large."""
    try:
        return grouping.make(archive, where, tier, title)
    except Refused as refused:
        if refused.code not in ("view-too-large", "torrent-limit"):
            raise
        return None


def _drawn_view(screen: Screen, told: dict[str, Any]) -> None:
    screen.say(f"{told['name']}: {shown(told['title'])}", "bold")
    screen.say(f"  revision {told['revision']} · {told['files']} files · {size(told['bytes'])}")
    screen.out.print(f"  {told['magnet']}", soft_wrap=True, markup=False)
    screen.say(f"It is seeded until: sonoteca volumes drop {told['name']}")


def _drawn_list(screen: Screen, told: dict[str, Any]) -> None:
    screen.say(f"{told['files']} files, {size(told['bytes'])}, in {len(told['volumes'])} volumes:", "bold")
    for one in told["volumes"]:
        screen.say(f"{one['name']}: {len(one['files'])} of its files")
        screen.out.print(f"  {one['magnet']}", soft_wrap=True, markup=False)


@volumes.command("drop")
@click.argument("name")
@json_option
@click.pass_context
def volumes_drop(ctx: click.Context, name: str, as_json: bool) -> None:
    """Take a view down. The volumes that have its files are not touched."""
    screen = Screen(as_json=as_json)
    with writing(ctx) as archive:
        told = grouping.drop(archive, name)
    screen.result(told, lambda: screen.say(f"{told['name']} is not seeded any more."))


__all__ = ["volumes_drop", "volumes_make"]
