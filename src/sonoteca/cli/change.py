"""Commands that decide: edit, export csv, rights show, grant, hold."""

import sys
from pathlib import Path
from typing import Any

import click

from sonoteca.cli.house import absolute, json_option, main, reading, writing
from sonoteca.cli.look import drawn_rights
from sonoteca.cli.screen import Screen, shown
from sonoteca.model.errors import Refused
from sonoteca.model.rights import Channel, Layer
from sonoteca.pipeline import decide, look, sheets
from sonoteca.pipeline.decide import Choice
from sonoteca.pipeline.trust import trust
from sonoteca.rights.records import Grant, Hold, Trust

CHANNELS = [str(channel) for channel in Channel]
MAX_SHEET_BYTES = 256 * 1024 * 1024
MAX_EVIDENCE_BYTES = 64 * 1024 * 1024


def read_file(path: str, max_bytes: int) -> bytes:
    """A file that a person named; "-" is standard input."""
    if path == "-":
        return sys.stdin.buffer.read(max_bytes)
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Refused(
            "no-file", f"the file cannot be read: {error.strerror}", where=path, cure="check its name"
        ) from error
    if len(content) > max_bytes:
        raise Refused("too-large", f"at most {max_bytes} bytes", where=path, cure="split it")
    return content


@main.group()
def export() -> None:
    """The catalogue, for other programs."""


@export.command("csv")
@click.option("--collection", default="", metavar="NAME", help="Only this collection.")
@click.option("--output", default="-", metavar="FILE", help="Where to write; - is standard output.")
@click.pass_context
def export_csv(ctx: click.Context, collection: str, output: str) -> None:
    """One row a track, to be edited and given back with `edit --from`."""
    with reading(ctx) as archive, click.open_file(output, "w", encoding="utf-8") as file:
        for part in sheets.export_csv(archive, collection):
            file.write(part)


@main.command()
@click.argument("release", required=False, default="")
@click.option("--from", "sheet", default="", metavar="FILE.csv", help="Take back what `export csv` gave, edited.")
@click.option("--set", "fields", multiple=True, metavar="FIELD=TEXT", help="One field of RELEASE: --set title=Aria.")
@json_option
@click.pass_context
def edit(ctx: click.Context, release: str, sheet: str, fields: tuple[str, ...], as_json: bool) -> None:
    """Correct descriptions: one release with --set, or many with --from."""
    if bool(sheet) == bool(release and fields):
        raise click.UsageError("either RELEASE with --set FIELD=TEXT, or --from FILE.csv")
    screen = Screen(as_json=as_json)
    with writing(ctx) as archive:
        if sheet:
            wanted, findings = sheets.read_csv(archive, read_file(sheet, MAX_SHEET_BYTES))
        else:
            wanted, findings = sheets.set_fields(archive, release, fields), ()
        done = list(decide.edit(archive, wanted))
    told = [{"code": one.code, "where": shown(one.where), "detail": shown(one.detail)} for one in findings]
    screen.result({"edited": done, "findings": told}, lambda: _drawn_edit(screen, done, told))
    if findings:
        ctx.exit(1)


def _drawn_edit(screen: Screen, done: list[str], told: list[dict[str, str]]) -> None:
    screen.say(f"{len(done)} releases edited." if done else "Nothing was different.")
    for one in told:
        screen.say(f"not taken: {one['where']}: {one['detail']}", "bold")


@main.group()
def rights() -> None:
    """Evidence and verdicts."""


@rights.command("show")
@click.argument("ident")
@json_option
@click.pass_context
def rights_show(ctx: click.Context, ident: str, as_json: bool) -> None:
    """What is known about the rights in a release or track, and what follows."""
    screen = Screen(as_json=as_json)
    with reading(ctx) as archive:
        told = look.rights_of(archive, ident)
    screen.result(told, lambda: _drawn_rights(screen, told))


def _drawn_rights(screen: Screen, told: list[dict[str, Any]]) -> None:
    for one in told:
        screen.say(one["release"], "bold")
        drawn_rights(screen, one)


def choice_options(command: Any) -> Any:
    """What a decision is about."""
    command = click.option("--collection", default="", metavar="NAME", help="Everything in this collection.")(command)
    command = click.option(
        "--rule", default="", metavar="RULE", help="Everything held by this rule (see sonoteca status)."
    )(command)
    return click.argument("idents", nargs=-1)(command)


@rights.command("grant")
@choice_options
@click.option("--licence", default="", metavar="LICENCE", help="SPDX, a Creative Commons address, or LicenseRef-NAME.")
@click.option("--statement", default="", metavar="TEXT", help="The grant in words.")
@click.option(
    "--evidence", "evidence", default="", metavar="FILE", help="The letter or page it rests on; kept with the record."
)
@click.option("--issuer", default="", metavar="NAME", help="Who gave it.")
@click.option("--note", default="", metavar="TEXT", help="Anything a successor should know.")
@click.option("--channel", "channels", multiple=True, type=click.Choice(CHANNELS), help="Only these channels.")
@click.option("--territory", "territories", multiple=True, metavar="XX", help="Only these countries (ISO 3166).")
@click.option("--from", "valid_from", default="", metavar="DATE", help="Not before this day.")
@click.option("--until", "valid_until", default="", metavar="DATE", help="Not after this day.")
@json_option
@click.pass_context
def rights_grant(ctx: click.Context, /, idents: tuple[str, ...], as_json: bool, **terms: Any) -> None:
    """Record that you have the right to publish: for one track, one release, or a hundred at once."""
    screen = Screen(as_json=as_json)
    with writing(ctx) as archive:
        targets = decide.find_targets(archive, _choice(idents, terms))
        done = list(decide.grant(archive, targets, _grant(archive, terms)))
        told = look.summary(archive, done)
    screen.result(told, lambda: _drawn_decision(screen, told))


def _choice(idents: tuple[str, ...], wish: dict[str, Any]) -> Choice:
    return Choice(ids=idents, rule=wish["rule"], collection=wish["collection"])


def _grant(archive: Any, terms: dict[str, Any]) -> Grant:
    digest = ""
    if terms["evidence"]:
        suffix = Path(terms["evidence"]).suffix
        digest = decide.attach_evidence(archive, read_file(terms["evidence"], MAX_EVIDENCE_BYTES), suffix)
    return Grant(
        licence=terms["licence"],
        statement=terms["statement"],
        channels=tuple(Channel(one) for one in terms["channels"]),
        territories=terms["territories"],
        valid_from=terms["valid_from"],
        valid_until=terms["valid_until"],
        evidence_digest=digest,
        issuer=terms["issuer"],
        note=terms["note"],
    )


@rights.command("hold")
@choice_options
@click.option("--reason", default="", metavar="TEXT", help="Why it is held.")
@click.option("--lift", is_flag=True, help="End an earlier hold.")
@click.option("--artwork", is_flag=True, help="The pictures of these releases alone.")
@json_option
@click.pass_context
def rights_hold(ctx: click.Context, /, idents: tuple[str, ...], as_json: bool, **wish: Any) -> None:
    """Keep something from the public, whatever the evidence says; or lift that."""
    screen = Screen(as_json=as_json)
    if not (wish["reason"] or wish["lift"]):
        raise click.UsageError("--reason TEXT says why it is held, --lift ends a hold")
    layer = Layer.ARTWORK if wish["artwork"] else Layer.ALL
    with writing(ctx) as archive:
        targets = decide.find_targets(archive, _choice(idents, wish))
        done = list(decide.hold(archive, targets, Hold(reason=wish["reason"], lifted=wish["lift"], layer=layer)))
        told = look.summary(archive, done)
    screen.result(told, lambda: _drawn_decision(screen, told))


@rights.command("trust")
@click.argument("path", default="", metavar="[PATH]")
@click.option("--collection", default="", metavar="NAME", help="Everything that is added to this collection.")
@click.option("--reason", default="", metavar="TEXT", help="Why you stand behind it.")
@click.option("--withdraw", is_flag=True, help="Take an earlier word back.")
@json_option
@click.pass_context
def rights_trust(ctx: click.Context, /, path: str, as_json: bool, **wish: Any) -> None:
    """Stand behind the manifests and licence files of a folder or a collection; or no longer."""
    if not (path or wish["collection"]):
        raise click.UsageError("name a PATH, or --collection NAME, or both")
    screen = Screen(as_json=as_json)
    with writing(ctx) as archive:
        key = archive.source.key(archive.source.resolve(absolute(path), archive.root), "") if path else ""
        said = Trust(source_key=key, collection=wish["collection"], reason=wish["reason"], withdrawn=wish["withdraw"])
        trust(archive, said)
        told = look.overview(archive)["publishable"]
    screen.result({"publishable": told}, lambda: screen.say(f"{told['download']} tracks may be downloaded now."))


@rights.command("audit")
@json_option
@click.pass_context
def rights_audit(ctx: click.Context, as_json: bool) -> None:
    """Judge everything again: after a change of settings, or because a licence ended."""
    screen = Screen(as_json=as_json)
    with writing(ctx) as archive:
        changed = decide.audit(archive)
    screen.result({"changed": changed}, lambda: _drawn_audit(screen, changed))


def _drawn_audit(screen: Screen, changed: list[str]) -> None:
    for release in changed:
        screen.say(f"changed: {release}")
    screen.say(f"{len(changed)} releases have other verdicts than before.")


def _drawn_decision(screen: Screen, told: dict[str, Any]) -> None:
    count = f"{told['public']} of {told['tracks']} tracks may be downloaded"
    screen.say(f"{told['releases']} releases judged again: {count}.")
    for one in told["held"]:
        screen.say(f"still held by {one['rule']}: {one['tracks']} tracks: {one['because']}")
        screen.say(f"    {one['cure']}", "bold")
