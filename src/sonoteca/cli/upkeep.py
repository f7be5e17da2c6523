"""Commands that keep an archive well: verify, rebuild, ledger verify."""

from typing import Any

import click

from sonoteca.cli.house import json_option, main, reading, writing
from sonoteca.cli.screen import Screen, shown
from sonoteca.model.finding import Finding
from sonoteca.pipeline import rebuild as rebuilding
from sonoteca.pipeline import verify as verifying
from sonoteca.pipeline.heed import mend
from sonoteca.ports.turns import UP


@main.command()
@click.argument("idents", nargs=-1, metavar="[ID]...")
@click.option("--reference", is_flag=True, help="Also let ocfl-py judge every object (if installed).")
@click.option("--layers", is_flag=True, help="Also make the hash layers of every file again, in the same read.")
@click.option(
    "--jobs", default=0, type=click.IntRange(0, 256), metavar="N", help="Threads (0: one for each processor)."
)
@json_option
@click.pass_context
def verify(ctx: click.Context, /, idents: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Read every byte again and say what is wrong. Exit code 4 when something is."""
    screen = Screen(as_json=as_json)
    with reading(ctx) as archive, screen.bar("verifying", verifying.bytes_to_read(archive, idents)) as bar:
        checks = verifying.Checks(ids=idents, **options)
        findings = list(verifying.verify(archive, checks, bar.advance))
        mend(archive, verifying.wanted(archive, idents), findings)
    told = [_plain(one) for one in findings]
    screen.result({"findings": told, "whole": not findings}, lambda: _drawn_verify(screen, told))
    if findings:
        ctx.exit(4)


def _plain(one: Finding) -> dict[str, str]:
    return {"code": one.code, "severity": str(one.severity), "where": shown(one.where), "detail": shown(one.detail)}


def _drawn_verify(screen: Screen, told: list[dict[str, str]]) -> None:
    if not told:
        screen.say("Every byte is what was promised.")
        return
    screen.table("Damage", ("code", "where", "what"), [(one["code"], one["where"], one["detail"]) for one in told])
    screen.say("Restore the named files from another copy; nothing was changed.", "bold")


@main.command()
@json_option
@click.pass_context
def rebuild(ctx: click.Context, as_json: bool) -> None:
    """Make the catalogue again from store, records and ledger; not while `up` runs, whose website has it open."""
    screen = Screen(as_json=as_json)
    # Asked before the work, not after it: the new catalogue cannot take the place of one that others read.
    with writing(ctx) as archive, archive.disk.lock(UP), screen.bar("describing", None) as bar:
        count = rebuilding.rebuild(archive, bar.advance)
    screen.result({"releases": count}, lambda: screen.say(f"{count} releases described again."))


@main.group()
def ledger() -> None:
    """The append-only signed log of commitments."""


@ledger.command("verify")
@json_option
@click.pass_context
def ledger_verify(ctx: click.Context, as_json: bool) -> None:
    """Recompute the log's tree from its entries and check the signature."""
    screen = Screen(as_json=as_json)
    with reading(ctx) as archive:
        told = [_plain(one) for one in archive.ledger.verify()]
        size = archive.ledger.size
    screen.result({"findings": told, "entries": size}, lambda: _drawn_ledger(screen, told, size))
    if told:
        ctx.exit(4)


def _drawn_ledger(screen: Screen, told: list[dict[str, str]], size: int) -> None:
    if not told:
        screen.say(f"The ledger is whole: {size} entries, tree and signature agree.")
    for one in told:
        screen.say(f"{one['code']}  {one['where']}  {one['detail']}", "bold red")
