"""Command: bench."""

import os
from dataclasses import asdict
from functools import partial
from typing import Any

import click

from sonoteca.bench import audio, publish, store, torrents, web
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench
from sonoteca.cli.house import absolute, json_option, main
from sonoteca.cli.screen import Screen
from sonoteca.model.errors import Refused
from sonoteca.ports.bench_folder import BenchFolder

_MODULES = {"store": store, "publish": publish, "web": web, "torrents": torrents, "audio": audio}
BENCHES = {name: module.measure for name, module in _MODULES.items()}
GROUPS = {name: tuple(module.GROUPS) for name, module in _MODULES.items()}


@main.command()
@click.argument("name", type=click.Choice([*BENCHES, "all"]))
@click.option(
    "--corpus",
    envvar="SONOTECA_CORPUS",
    default="../shared/corpus",
    metavar="DIR",
    help="Real recordings to measure with.",
)
@click.option("--scratch", default="", metavar="DIR", help="Where to work; about 8 GB are needed.")
@click.option("--runs", default=3, metavar="N", help="Repetitions of each comparison.")
@click.option("--releases", default=20_000, metavar="N", help="Synthetic releases for the scale figure.")
@click.option("--sound", default=600, metavar="SECONDS", help="Sound in each comparison of publishing.")
@click.option("--torrents", default=20_000, metavar="N", help="Torrents of 4 files for the seeder.")
@click.option("--volumes", default=25, metavar="N", help="Torrents of 2,000 files for the seeder.")
@click.option(
    "--only",
    type=click.Choice([one for groups in GROUPS.values() for one in groups]),
    default=None,
    help="One group of figures.",
)
@json_option
def bench(name: str, as_json: bool, **options: Any) -> None:
    """The project's own measurements: one figure a line."""
    corpus = options["corpus"]
    if not os.path.isdir(corpus):
        cure = "--corpus DIR names a folder of releases"
        raise Refused("no-corpus", "there are no recordings to measure with", where=corpus, cure=cure)
    screen = Screen(as_json=as_json)
    with BenchFolder.temporary(options["scratch"]) as folder:
        plan = Bench(
            scratch=folder,
            corpus=absolute(corpus),
            runs=options["runs"],
            releases=options["releases"],
            sound_s=options["sound"],
            torrents=options["torrents"],
            volumes=options["volumes"],
            only=options["only"] or "",
        )
        for one in BENCHES if name == "all" else (name,):
            for figure in BENCHES[one](plan):
                _tell(screen, figure)


def _tell(screen: Screen, one: Figure | Skipped) -> None:
    if isinstance(one, Skipped):
        screen.err.print(f"{one.figure}: not read: {one.why}", markup=False, soft_wrap=True)
    else:
        screen.result(asdict(one), partial(_drawn_figure, screen, one))


def _drawn_figure(screen: Screen, figure: Figure) -> None:
    screen.say(f"{figure.figure:32} {figure.value:10.4g} {figure.unit:12} {figure.against}")
