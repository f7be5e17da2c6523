"""The command of volunteers: plan."""

import zipfile
from contextlib import ExitStack
from typing import Any

import click

from sonoteca.cli.house import json_option, main, reading
from sonoteca.cli.screen import Screen, shown, size
from sonoteca.pipeline import planning
from sonoteca.pipeline.archive import Archive
from sonoteca.ports.clock import SystemEntropy


@main.command()
@click.option("--space", required=True, metavar="SIZE", help="How much there is: 4TB, 500GB, 1.5TiB.")
@click.option("--seed", default="", metavar="TEXT", help="The same text gives the same draw while needs are the same.")
@click.option("--zip", "target", default="", metavar="FILE", help="Write the .torrent files into this ZIP.")
@json_option
@click.pass_context
def plan(ctx: click.Context, space: str, seed: str, target: str, as_json: bool) -> None:
    """The volumes that most need a copy, for somebody with some space: drawn by chance, the needy more likely."""
    screen = Screen(as_json=as_json)
    space_bytes = planning.space_of(space)
    with reading(ctx) as archive:
        told = planning.planned(archive, space_bytes, seed or SystemEntropy().salt("a plan")[:8])
        if target:
            _write(archive, told, target)
    screen.result(told, lambda: _drawn(screen, told))


def _write(archive: Archive, told: dict[str, Any], target: str) -> None:
    with ExitStack() as open_files:
        raw = open_files.enter_context(click.open_file(target, "wb"))
        packed = open_files.enter_context(zipfile.ZipFile(raw, "w"))
        for name, content in planning.torrents_of(archive, [one["name"] for one in told["volumes"]]):
            packed.writestr(name, content)


def _drawn(screen: Screen, told: dict[str, Any]) -> None:
    for one in told["volumes"]:
        copies = f"copies: {one['copies']['seen']} seen, {one['copies']['proved']} proved"
        screen.say(f"{shown(one['name'])} · {size(one['bytes'])} · {copies}", "bold")
        # One line, however long: it is copied, not read.
        screen.out.print(f"  {one['magnet']}", soft_wrap=True, markup=False)
    if not told["volumes"]:
        screen.say("No volume fits." if told["offered"] else "No volume yet: sonoteca run makes them.")
        return
    count = f"{len(told['volumes'])} of {told['offered']} volumes, {size(told['bytes'])}"
    screen.say(f"{count} of {size(told['space_bytes'])}, drawn with --seed {shown(told['seed'])}")


__all__ = ["plan"]
