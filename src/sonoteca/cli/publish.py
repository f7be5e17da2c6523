"""Commands of publication: volumes, withdraw, reinstate."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click

from sonoteca.cli.house import json_option, main, reading, writing
from sonoteca.cli.screen import Screen, shown, size
from sonoteca.cli.telling import Came, Telling, drawn_came
from sonoteca.model.finding import FINDINGS, Finding
from sonoteca.pipeline import decide, grouping, lint, look, publish
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.decide import Choice


def publish_all(archive: Archive, screen: Screen, jobs: int, *, refresh: bool = False) -> Came:
    """Renders what waits and issues the volumes that change."""
    came = Came()
    with closing(Telling(screen, came)) as telling:
        telling.rendering(publish.seconds_waiting(archive))
        for one in publish.publish(archive, jobs, telling.rendered, refresh=refresh):
            telling.published(one)
    return came


@main.group(invoke_without_command=True)
@json_option
@click.pass_context
def volumes(ctx: click.Context, as_json: bool) -> None:
    """The volumes: what is in the swarm, by collection, tier and licence class; with magnet links."""
    if ctx.invoked_subcommand is not None:
        return
    screen = Screen(as_json=as_json)
    with reading(ctx) as archive:
        told = {**look.volumes(archive), "views": grouping.listed(archive)}
    screen.result(told, lambda: _drawn_volumes(screen, told))


def _drawn_volumes(screen: Screen, told: dict[str, Any]) -> None:
    if not told["volumes"]:
        screen.say("No volume yet: sonoteca run makes them of what may be in a swarm.")
    for one in told["volumes"]:
        screen.say(one["name"], "bold")
        copies = f"copies: {one['copies']['seen']} seen, {one['copies']['proved']} proved"
        screen.say(f"  revision {one['revision']} · {one['files']} files · {size(one['bytes'])} · {copies}")
        # One line, however long: it is copied, not read.
        screen.out.print(f"  {one['magnet'] or 'empty: everything in it was taken back'}", soft_wrap=True, markup=False)
    for one in told["views"]:
        screen.say(f"{one['name']}: {shown(one['title'])}", "bold")
        until = f" · until {one['until'][:10]}" if one["until"] else ""
        screen.say(f"  a view · revision {one['revision']} · {one['files']} files · {size(one['bytes'])}{until}")
        screen.out.print(f"  {one['magnet']}", soft_wrap=True, markup=False)
    if told["stale"]:
        screen.say(f"{told['stale']} releases were edited since their credits were written.", "bold")
        screen.say("Next: sonoteca volumes refresh writes them again and issues their volumes.", "bold")


@volumes.command("refresh")
@json_option
@click.pass_context
def volumes_refresh(ctx: click.Context, as_json: bool) -> None:
    """Write credits again where descriptions were edited, and issue the volumes that have them."""
    screen = Screen(as_json=as_json)
    with writing(ctx) as archive:
        publish.mark_edited(archive)
        came = publish_all(archive, screen, archive.settings.jobs, refresh=True)
    screen.result({**came.plain(), "failed": came.failed}, lambda: _drawn_refresh(screen, came))
    if came.failed:
        ctx.exit(1)


@volumes.command("lint")
@click.argument("files", nargs=-1, metavar="[FILE.torrent]…")
@json_option
@click.pass_context
def volumes_lint(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """Whether torrents open in the clients that people have: those of the archive, or files of anybody. Exit code 3
    when one does not."""
    screen = Screen(as_json=as_json)
    if files:
        linted = list(lint.lint_files(files))
    else:
        with reading(ctx) as archive:
            linted = list(lint.lint_archive(archive))
    told = [{"torrent": shown(name), "findings": [_plain(one) for one in found]} for name, found in linted]
    screen.result({"torrents": told}, lambda: _drawn_lint(screen, told))
    if any(found for _, found in linted):
        ctx.exit(3)


def _plain(one: Finding) -> dict[str, str]:
    return {"code": one.code, "what": FINDINGS[one.code][1], "where": shown(one.where), "detail": shown(one.detail)}


def _drawn_lint(screen: Screen, told: Sequence[dict[str, Any]]) -> None:
    for one in told:
        screen.say(f"{one['torrent']}: {'does not open everywhere' if one['findings'] else 'opens everywhere'}")
        for found in one["findings"]:
            said = ": ".join(part for part in (found["what"], found["where"], found["detail"]) if part)
            screen.say(f"  {found['code']}  {said}")
    if not told:
        screen.say("No torrent yet: sonoteca run makes them of what may be in a swarm.")


def _drawn_refresh(screen: Screen, came: Came) -> None:
    drawn_came(screen, came)
    if not came.volumes:
        screen.say("Every volume has the newest credits.")


@main.command()
@click.argument("idents", nargs=-1, required=True, metavar="ID…")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept with the record, and shown to the operator.")
@json_option
@click.pass_context
def withdraw(ctx: click.Context, idents: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Take tracks or releases out of the public: out of the swarm at once, out of lists and search. The store keeps
    them."""
    screen = Screen(as_json=as_json)
    with writing(ctx) as archive:
        targets = decide.find_targets(archive, Choice(ids=idents))
        done = list(decide.withdraw(archive, targets, reason))
        told = look.after_withdrawal(archive, done)
    screen.result(told, lambda: _drawn_withdrawal(screen, told, "withdrawn"))


@main.command()
@click.argument("idents", nargs=-1, required=True, metavar="ID…")
@json_option
@click.pass_context
def reinstate(ctx: click.Context, idents: tuple[str, ...], as_json: bool) -> None:
    """Bring back what was withdrawn: with its former place, path and infohash."""
    screen = Screen(as_json=as_json)
    with writing(ctx) as archive:
        targets = decide.find_targets(archive, Choice(ids=idents))
        done = list(decide.reinstate(archive, targets))
        told = look.after_withdrawal(archive, done)
    screen.result(told, lambda: _drawn_withdrawal(screen, told, "reinstated"))


def _drawn_withdrawal(screen: Screen, told: dict[str, Any], word: str) -> None:
    screen.say(f"{word}, in {told['releases']} releases; {told['public']} of their {told['tracks']} tracks are public.")
    for one in told["volumes"]:
        if one["is_dark"]:
            screen.say(f"{one['name']}: cannot be issued as it should be, so nobody is given any of it.", "bold red")
            screen.say("  sonoteca verify says what is damaged; when it is restored, sonoteca run issues it.")
        else:
            screen.say(f"{one['name']}: revision {one['revision']}, {one['files']} files")
    if word == "withdrawn":
        screen.say("The store keeps everything; sonoteca reinstate ID brings it back.")
    for one in told["held"]:
        screen.say(f"held by {one['rule']}: {one['tracks']} tracks: {shown(one['because'])}")


__all__ = ["reinstate", "volumes", "volumes_lint", "volumes_refresh", "withdraw"]
