"""Intake commands: init, add, run."""

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import click

from sonoteca.cli.house import absolute, json_option, main, reading, writing
from sonoteca.cli.screen import Screen, shown, size
from sonoteca.cli.telling import Came, Telling, drawn_came
from sonoteca.model.errors import Refused
from sonoteca.pipeline import decide, intake, preview, renewal
from sonoteca.pipeline.archive import Archive, create, one_run
from sonoteca.pipeline.decide import Choice
from sonoteca.pipeline.heed import heed, release_of
from sonoteca.pipeline.intake import Planned, Wish
from sonoteca.pipeline.renewal import Ask
from sonoteca.pipeline.rounds import Rounds

HOUR_S = 3600.0
HEED_EVERY_S = 60.0


@main.command()
@click.argument("directory", default=".", type=click.Path(file_okay=False))
@json_option
def init(directory: str, as_json: bool) -> None:
    """Make a new, empty archive in DIRECTORY: settings, keys, store."""
    screen = Screen(as_json=as_json)
    key = create(absolute(directory))
    screen.result({"archive": absolute(directory), "recovery_key": key}, lambda: _drawn_init(screen, directory, key))


def _drawn_init(screen: Screen, directory: str, key: str) -> None:
    screen.say(f"A new archive is in {shown(absolute(directory))}.")
    screen.say(f"Move {key} to another machine or print it: only it can replace a lost or stolen archive key.", "bold")
    screen.say("Next: sonoteca add FOLDER, then sonoteca run.")


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--dry-run", is_flag=True, help="List releases, space, time and what would be held; change nothing.")
@click.option("--collection", default="", metavar="NAME", help="The collection that these releases belong to.")
@click.option(
    "--trust-manifest",
    is_flag=True,
    help="You stand behind the manifests and licence files in these folders (recorded).",
)
@click.option("--move", is_flag=True, help="Remove the originals once the archive has them safe.")
@json_option
@click.pass_context
def add(ctx: click.Context, /, paths: tuple[str, ...], as_json: bool, **options: bool | str) -> None:
    """Put folders into the queue. A release is a folder."""
    screen = Screen(as_json=as_json)
    wish = Wish(
        paths=tuple(absolute(path) for path in paths),
        collection=str(options["collection"]),
        trusts_manifest=bool(options["trust_manifest"]),
        moves=bool(options["move"]),
    )
    if options["dry_run"]:
        _dry_run(ctx, screen, wish)
    else:
        _add(ctx, screen, wish)


def _add(ctx: click.Context, screen: Screen, wish: Wish) -> None:
    counts: dict[str, int] = {}
    files = total = 0
    with writing(ctx) as archive:
        for planned, state in intake.enqueue(archive, wish):
            counts[str(state)] = counts.get(str(state), 0) + 1
            files += len(planned.plan.files)
            total += planned.plan.bytes
    plain = {"releases": sum(counts.values()), "files": files, "bytes": total, **counts}
    screen.result(plain, lambda: _drawn_add(screen, plain))


def _drawn_add(screen: Screen, plain: dict[str, int]) -> None:
    screen.say(f"{plain['releases']} releases, {plain['files']} files, {size(plain['bytes'])}, are in the queue.")
    screen.say("Next: sonoteca run")


def _dry_run(ctx: click.Context, screen: Screen, wish: Wish) -> None:
    with reading(ctx) as archive:
        seen = preview.preview(archive, wish)
    screen.result(seen.plain(), lambda: _drawn_preview(screen, seen))


def _drawn_preview(screen: Screen, seen: preview.Preview) -> None:
    rows = [(one.name, one.recordings, one.refused, size(one.bytes), one.verdict) for one in seen.releases]
    screen.table(
        "Releases found", ("folder", "recordings", "refused", "size", "what would be public"), rows, right=(1, 2, 3)
    )
    space = f"{size(seen.bytes)}; {size(seen.free_bytes)} are free"
    screen.say(f"{len(seen.releases)} releases, {space}; about {seen.seconds:.0f} s of work.")
    for rule, count, because, cure in seen.held:
        screen.say(f"held by {rule}: {count} tracks: {because}")
        screen.say(f"    {cure}", "bold")
    if not seen.fits:
        screen.say("It does not fit: the free space would fall below reserve_bytes.", "bold red")


@main.command()
@click.option(
    "--jobs",
    default=0,
    type=click.IntRange(0, 256),
    metavar="N",
    help="Folders worked at once (0: the setting, or one for each processor).",
)
@click.option("--keep", is_flag=True, help="When nothing waits, wait for more, until Ctrl-C.")
@click.option(
    "--recipe",
    "recipes",
    multiple=True,
    type=click.Choice(renewal.NAMES),
    help="Make this again by its recipe as it is now, or make it where it is missing; of everything, or of ID….",
)
@click.argument("idents", nargs=-1, metavar="[ID…]")
@json_option
@click.pass_context
def run(ctx: click.Context, /, jobs: int, keep: bool, recipes: tuple[str, ...], **options: Any) -> None:
    """Work the queue, then render and publish what may leave. Ctrl-C is safe; running again goes on."""
    screen, idents = Screen(as_json=options["as_json"]), options["idents"]
    if idents and not recipes:
        cure = "sonoteca run --recipe low ID, or sonoteca run alone for all that waits"
        raise Refused("no-recipe", "an ID says of what, and nothing says what to make", where=idents[0], cure=cure)
    came = Came()
    with reading(ctx) as archive, one_run(archive), closing(Telling(screen, came)) as telling:
        meant = decide.find_targets(archive, Choice(ids=idents)) if idents else ()
        ask = Ask(names=frozenset(recipes), releases=frozenset(one.release for one in meant))
        rounds = Rounds(archive, telling, jobs or archive.settings.jobs, ask=ask)
        # A round that made way for another command is begun again, behind that command.
        while not rounds.round():
            screen.say_aside("making way for another command")
        while keep:
            telling.close()
            wait_until_due(rounds, lambda: _heed(screen, archive))
            rounds.round()
    plain = {"outcomes": came.outcomes, "failed": came.failed, **came.plain()}
    screen.result(plain, lambda: _drawn_run(screen, came))
    if came.failed:
        ctx.exit(1)


def wait_until_due(rounds: Rounds, heed: Callable[[], None]) -> None:
    """Looks every second whether there is something to do, and every minute what the seeder found; an hour is enough
    whatever it finds: permissions end."""
    until, next_heed = time.monotonic() + HOUR_S, 0.0
    while time.monotonic() < until and not rounds.is_due():
        if time.monotonic() >= next_heed:
            heed()
            next_heed = time.monotonic() + HEED_EVERY_S
        time.sleep(1)


def _heed(screen: Screen, archive: Archive) -> None:
    for one in heed(archive):
        where = f"sonoteca verify {release_of(one.path)}"
        screen.say_aside(shown(f"damaged, and not given to anybody (S019): {one.path}; {where} tells more", 500))


def _drawn_run(screen: Screen, came: Came) -> None:
    words = ", ".join(f"{count} {word}" for word, count in sorted(came.outcomes.items()))
    if words or not (came.rendered or came.volumes):
        screen.say(f"Done: {words or 'nothing was waiting'}.")
    drawn_came(screen, came)
    screen.say("Next: sonoteca status shows what is held and why.")


__all__ = ["Planned", "add", "init", "run"]
