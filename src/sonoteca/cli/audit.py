"""Command of proof: audit."""

from typing import Any

import click

from sonoteca.cli.house import json_option, main, reading
from sonoteca.cli.screen import Screen, shown
from sonoteca.model.copies import Audited, Outcome
from sonoteca.model.torrent import Flavour
from sonoteca.pipeline.audit import Wish, audit_volume
from sonoteca.swarm.audit_plan import MAX_BLOCKS

STYLES = {Outcome.PROVED: "bold green", Outcome.FAILED: "bold red"}


@main.command()
@click.argument("volume", metavar="VOLUME")
@click.option(
    "--peer", "peers", multiple=True, metavar="HOST:PORT", help="Ask this peer, and no others but named ones."
)
@click.option("--web-seed", "web_seeds", multiple=True, metavar="URL", help="Ask this web seed (BEP 19).")
@click.option("--blocks", default=30, type=click.IntRange(1, MAX_BLOCKS), metavar="N", help="Blocks of each (30).")
@click.option("--flavour", type=click.Choice([str(one) for one in Flavour]), help="The swarm that is asked.")
@json_option
@click.pass_context
def audit(ctx: click.Context, /, volume: str, as_json: bool, **options: Any) -> None:
    """Ask those who hold a volume for random blocks, and write down who could prove a copy."""
    screen = Screen(as_json=as_json)
    flavour = Flavour(options["flavour"]) if options["flavour"] else None
    wish = Wish(peers=options["peers"], web_seeds=options["web_seeds"], blocks=options["blocks"], flavour=flavour)
    with reading(ctx) as archive:
        told = audit_volume(archive, volume, wish, lambda one: None if as_json else _drawn_place(screen, one))
    screen.result(told, lambda: _drawn(screen, told))
    if told["failed"]:
        ctx.exit(1)


def _drawn_place(screen: Screen, one: Audited) -> None:
    client = f" ({shown(one.client, 60)})" if one.client else ""
    screen.say(f"{one.address}{client}: {one.outcome}", STYLES.get(one.outcome, "bold"))
    if one.asked:
        screen.say(
            f"  {one.right} of {one.asked} blocks right · median {one.median_ms:.0f} ms, p99 {one.p99_ms:.0f} ms"
        )
    if one.why:
        screen.say(f"  {shown(one.why)}")


def _drawn(screen: Screen, told: dict[str, Any]) -> None:
    for one in told["skipped"]:
        screen.say(f"not asked: {shown(one['address'])}: {shown(one['why'])}")
    sure = f"{told['confidence']:.1%}"
    screen.say(
        f"With {told['blocks']} of {told['of_blocks']} blocks, who lacks {told['lacks']:.0%} is caught with {sure}."
    )
    copies = told["copies"]
    screen.say(f"Copies of {told['volume']}: {copies['seen']} seen, {copies['proved']} proved.", "bold")


__all__ = ["audit"]
