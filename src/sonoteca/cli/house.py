"""House: the group that every command belongs to, what they share, and how errors leave.

Order  an error is told in three lines and becomes an exit code here, and nowhere else.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

import click

from sonoteca import __version__
from sonoteca.cli.screen import Screen
from sonoteca.model.errors import Refused, SonotecaError, Unreachable
from sonoteca.pipeline.archive import Archive, coordinator, find_root, open_archive

# In the order of a release's life. A command's module is loaded when it is called: `status` needs no decoder, `init` no
# search, and each of them starts at once.
MODULES = {
    **dict.fromkeys(("init", "add", "run"), "sonoteca.cli.intake"),
    **dict.fromkeys(("status", "show", "search"), "sonoteca.cli.look"),
    **dict.fromkeys(("edit", "export", "rights"), "sonoteca.cli.change"),
    "volumes": "sonoteca.cli.group",
    **dict.fromkeys(("withdraw", "reinstate"), "sonoteca.cli.publish"),
    "plan": "sonoteca.cli.plan",
    "identify": "sonoteca.cli.identify",
    "seed": "sonoteca.cli.seed",
    "audit": "sonoteca.cli.audit",
    "play": "sonoteca.cli.play",
    "serve": "sonoteca.cli.serve",
    "up": "sonoteca.cli.up",
    **dict.fromkeys(("verify", "rebuild", "ledger"), "sonoteca.cli.upkeep"),
    "bench": "sonoteca.cli.bench",
    "demo": "sonoteca.cli.demo",
}
Command = TypeVar("Command", bound=Callable[..., Any])


class House(click.Group):
    """The group: tells errors, in the order in which commands were written."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a release's life, not of the alphabet."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command, its module loaded."""
        if name in MODULES:
            import_module(MODULES[name])
        return super().get_command(ctx, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; turns an error into its three lines and its exit code."""
        try:
            return super().invoke(ctx)
        except SonotecaError as error:
            Screen(as_json=bool(ctx.meta.get("json"))).error(error)
            ctx.exit(error.exit_code)
        except OSError as error:
            # Doors tell their own failures: what comes here is the output that went nowhere.
            if error.errno == errno.EPIPE:
                raise  # click ends quietly: whoever read has seen enough
            what = f"the output could not be written: {error.strerror or error}"
            told = Unreachable(
                "output",
                what,
                where=str(error.filename or "output"),
                cure="name a file that can be written, or free some space",
            )
            Screen(as_json=False).error(told)
            ctx.exit(told.exit_code)
        except KeyboardInterrupt:
            Screen(as_json=False).err.print("stopped; nothing is lost, the same command goes on from here")
            ctx.exit(130)


@click.group(
    cls=House,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "--archive",
    "archive_dir",
    envvar="SONOTECA_ARCHIVE",
    default=".",
    metavar="DIR",
    help="The archive's folder (or any folder in it).",
)
@click.version_option(__version__, prog_name="sonoteca")
@click.pass_context
def main(ctx: click.Context, archive_dir: str) -> None:
    """A preservation archive for recorded music that anyone can run and anyone can mirror."""
    ctx.obj = archive_dir
    if ctx.invoked_subcommand is None:
        _say_what_next(ctx)


def _say_what_next(ctx: click.Context) -> None:
    """`sonoteca` alone: the state of the archive, or how to make one."""
    try:
        find_root(str(ctx.obj))
    except Refused:
        screen = Screen(as_json=False)
        screen.say("There is no archive in this folder or above it.")
        screen.say("Next: sonoteca init DIR makes one; sonoteca demo shows everything at once; sonoteca -h lists all.")
        return
    ctx.invoke(command(ctx, "status"), as_json=False)


def command(ctx: click.Context, name: str) -> click.Command:
    """Another command of the house."""
    found = main.get_command(ctx, name)
    if found is None:
        raise ValueError(f"there is no command {name}")
    return found


def json_option(command: Command) -> Command:
    """--json, as every command has it."""
    return click.option("--json", "as_json", is_flag=True, callback=_remember, help="Print one JSON object instead.")(
        command
    )


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    ctx.meta["json"] = value
    return value


@contextmanager
def reading(ctx: click.Context) -> Iterator[Archive]:
    """The archive, for looking."""
    archive = open_archive(find_root(str(ctx.obj)))
    try:
        yield archive
    finally:
        archive.close()


@contextmanager
def writing(ctx: click.Context) -> Iterator[Archive]:
    """The archive, when it is our turn to change it."""
    with reading(ctx) as archive, coordinator(archive, archive.settings.patience_s):
        yield archive


def absolute(path: str) -> str:
    """A path as the person meant it, from where they stand."""
    return os.path.abspath(path)
