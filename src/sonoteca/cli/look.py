"""Commands that look: status, show, search."""

from typing import Any

import click

from sonoteca.cli.advice import advice
from sonoteca.cli.house import json_option, main, reading
from sonoteca.cli.like import drawn_like
from sonoteca.cli.screen import Screen, duration, shown, size
from sonoteca.cli.sheet import drawn_sheets
from sonoteca.model.errors import Refused
from sonoteca.model.finding import FINDINGS
from sonoteca.model.search import Query
from sonoteca.pipeline import look
from sonoteca.pipeline.quality import show_quality


@main.command("status")
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """What is where: queue, held and why, what may be public, space, health."""
    screen = Screen(as_json=as_json)
    with reading(ctx) as archive:
        told = look.overview(archive)
    screen.result(told, lambda: _drawn_status(screen, told))


def _drawn_status(screen: Screen, told: dict[str, Any]) -> None:
    screen.say(shown(told["name"]), "bold")
    kept = f"{told['releases']} releases, {told['recordings']} recordings, {told['tracks']} tracks"
    screen.say(f"{kept}, {duration(told['seconds'])} of sound, {size(told['bytes'])} as received")
    space = f"{size(told['free_bytes'])} free, {size(told['reserve_bytes'])} stay in reserve"
    screen.say(f"{space}; {told['ledger_entries']} entries in the ledger")
    screen.say("")
    if told["queue"]:
        screen.table("Queue", ("state", "folders"), sorted(told["queue"].items()), right=(1,))
    if told["tracks"]:
        screen.table("May leave the archive", ("by", "tracks"), list(told["publishable"].items()), right=(1,))
    _drawn_swarm(screen, told["swarm"])
    for one in told["damages"]:
        screen.say(f"damaged, and not given to anybody (S019): {shown(one['path'], 300)}", "bold red")
        screen.say(f"  sonoteca verify {shown(one['release'])} tells more; restore the file from another copy")
    _drawn_held(screen, told["held"])
    _drawn_findings(screen, "Findings (files that are kept)", told["findings"])
    _drawn_findings(screen, "Refused (in quarantine until they expire)", told["refused"])
    for line in advice(told):
        screen.say(line, "bold")


def _drawn_swarm(screen: Screen, swarm: dict[str, Any]) -> None:
    if swarm["volumes"]:
        screen.say(f"In the swarm: {swarm['volumes']} volumes, {swarm['files']} files, {size(swarm['bytes'])}")
        given = f"{swarm['peers']} peers, {size(swarm['uploaded_bytes'])} given since it started"
        screen.say(f"seeding: {given}" if swarm["is_seeding"] else "nothing seeds them now: sonoteca seed does")
        if swarm["failed"]:
            screen.say(f"{swarm['failed']} volumes cannot be seeded: sonoteca seed --status says why", "bold red")
        for warning in swarm["warnings"]:
            screen.say(f"warning: {warning}", "bold")
        screen.say("")


def _drawn_held(screen: Screen, held: list[dict[str, Any]]) -> None:
    if not held:
        return
    rows = [(one["rule"], one["tracks"], one["releases"], one["because"]) for one in held]
    screen.table("Held: kept, not public", ("rule", "tracks", "releases", "because"), rows, right=(1, 2))
    for one in held:
        screen.say(f"{one['rule']}: {one['cure']}")
    screen.say("A whole group at once: sonoteca rights grant --rule RULE --licence LICENCE")
    screen.say("")


def _drawn_findings(screen: Screen, title: str, counts: dict[str, int]) -> None:
    rows = [(code, count, FINDINGS[code][1] if code in FINDINGS else "") for code, count in sorted(counts.items())]
    if rows:
        screen.table(title, ("code", "files", "what"), rows, right=(1,))


@main.command()
@click.argument("ident", metavar="ID")
@click.option("--qc", "with_sheet", is_flag=True, help="The sheet of each track: what the decode found.")
@json_option
@click.pass_context
def show(ctx: click.Context, ident: str, with_sheet: bool, as_json: bool) -> None:
    """One release, recording or track, with rights and provenance."""
    screen = Screen(as_json=as_json)
    with reading(ctx) as archive:
        told = show_quality(archive, ident) if with_sheet else look.show(archive, ident)
    draw = _DRAWN[told["kind"]]
    screen.result(told, lambda: draw(screen, told))


def _drawn_release(screen: Screen, told: dict[str, Any]) -> None:
    release = told["release"]
    names = ", ".join(shown(one["name"]) for one in release.get("contributors", []))
    screen.say(shown(_text(release["title"])), "bold")
    screen.say(" · ".join(part for part in (names, release.get("date", ""), release["id"]) if part))
    screen.say(f"from {shown(told['source_key'])}, taken {told['captured_at']}, version {told['version']}")
    if told["withdrawn"]:
        screen.say("withdrawn: out of the public", "bold red")
    screen.say("")
    rows = [
        (one["position"], one.get("number", ""), _text(one["title"]), duration(one.get("duration_s", 0.0)), one["id"])
        for one in release.get("tracks", [])
    ]
    screen.table("Tracks", ("", "no.", "title", "length", "id"), rows, right=(0, 3))
    _drawn_masters(screen, release)
    drawn_rights(screen, told["rights"])
    for title, key in (("Findings", "findings"), ("Refused", "refused")):
        found = [(one["code"], one.get("where", ""), _meaning(one)) for one in told[key]]
        if found:
            screen.table(title, ("code", "file", "what"), found)


def _drawn_masters(screen: Screen, release: dict[str, Any]) -> None:
    rows = []
    for one in release.get("masters", []):
        audio = one["audio"]
        form = f"{audio['codec']}, {audio['sample_rate_hz']} Hz, {audio['channels']} ch"
        rows.append((one["path"], form, size(one["bytes"]), one["role"], one["digest"][:16] + "…"))
    screen.table("Masters, as received", ("file", "form", "size", "role", "sha256"), rows, right=(2,))


def _meaning(one: dict[str, Any]) -> str:
    said = FINDINGS[one["code"]][1] if one["code"] in FINDINGS else ""
    return f"{said} ({one['detail']})" if one.get("detail") else said


def _text(statement: dict[str, Any]) -> str:
    return str(statement["text"])


def _drawn_recording(screen: Screen, told: dict[str, Any]) -> None:
    screen.say(told["recording"], "bold")
    screen.say(f"{told['codec']} in {told['container']}, {told['sample_rate_hz']} Hz, {told['channels']} channels")
    screen.say(f"{duration(told['duration_s'])}, {size(told['bytes'])}, sha256 {told['digest']}")
    _drawn_places(screen, told["places"])
    titles = {one["track"]: one["title"] for one in told["places"]}
    for track in dict.fromkeys(one["of"] for one in told["like"]):
        head = f"Identical and similar recordings: {shown(titles.get(track) or track)}"
        drawn_like(screen, head, [one for one in told["like"] if one["of"] == track])


def _drawn_track(screen: Screen, told: dict[str, Any]) -> None:
    screen.say(told["track"], "bold")
    _drawn_places(screen, told["places"])
    if told["like"]:
        drawn_like(screen, "Identical and similar recordings", told["like"])
    for one in told["rights"]:
        drawn_rights(screen, one)


_DRAWN = {
    "release": _drawn_release,
    "recording": _drawn_recording,
    "track": _drawn_track,
    "quality": drawn_sheets,
}


def _drawn_places(screen: Screen, places: list[dict[str, Any]]) -> None:
    rows = [(one["title"], one["artist"], one["release_title"], one["position"], one["release"]) for one in places]
    screen.table("Heard on", ("title", "artist", "release", "no.", "id"), rows, right=(3,))


def drawn_rights(screen: Screen, told: dict[str, Any]) -> None:
    """Evidence and verdicts of one release."""
    evidence = [
        (
            one["kind"],
            one["statement"],
            one["licence"] or "not understood",
            "evidence" if one["trusted"] else "claim",
            one.get("captured_from", ""),
        )
        for one in told["evidence"]
    ]
    screen.table("What is said about rights", ("where", "statement", "licence", "counts as", "from"), evidence)
    _drawn_artwork(screen, told["artwork"])
    verdicts = [
        (one["decision"], one["rule"], one["because"], one["rendition"], ", ".join(one["channels"]), one["tracks"])
        for one in told["verdicts"]
    ]
    heads = ("verdict", "rule", "because", "rendition", "channels", "tracks")
    screen.table("What follows", heads, verdicts, right=(5,))
    for cure in sorted({one["cure"] for one in told["verdicts"] if one["cure"]}):
        screen.say(f"to change it: {shown(cure)}", "bold")


def _drawn_artwork(screen: Screen, told: dict[str, Any]) -> None:
    """The front cover: what it is, and where it goes."""
    if told.get("path"):
        shown_or_not = "shown on pages" if told["shown"] else "held" if told["held"] else "not shown on pages"
        screen.say(f"Front cover: {shown(told['path'])}, sha256 {told['sha256']}: {shown_or_not}")
    for key, what in (("carried_by", "files made here carry a picture"), ("inside", "originals came with one inside")):
        if told.get(key):
            screen.say(f"    {len(told[key])} {what}: {shown(', '.join(told[key]), 300)}")


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--collection", default="", metavar="NAME", help="Only this collection.")
@click.option("--limit", default=20, metavar="N", help="How many hits.")
@click.option("--cursor", default="", metavar="TEXT", help="Go on after an earlier answer (its cursor).")
@json_option
@click.pass_context
def search(ctx: click.Context, /, words: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Find releases and tracks by words; the last word may be a beginning."""
    limit, cursor = options["limit"], options["cursor"]
    if not 1 <= limit <= 1000:
        raise Refused("limit", "from 1 to 1000", where="--limit", cure="use --cursor to go on")
    screen = Screen(as_json=as_json)
    query = Query(words=" ".join(words), collection=options["collection"], limit=limit, cursor=cursor)
    with reading(ctx) as archive:
        told = look.search(archive, query)
    screen.result(told, lambda: _drawn_search(screen, told))


def _drawn_search(screen: Screen, told: dict[str, Any]) -> None:
    about = "" if told["total_is_exact"] else "more than "
    rows = [
        (one["kind"], one["title"], one["artist"], one["release_title"], one["date"], one["id"]) for one in told["hits"]
    ]
    screen.table(f"{about}{told['total']} found", ("", "title", "artist", "release", "date", "id"), rows)
    if told["cursor"]:
        screen.say(f"more: --cursor {told['cursor']}")
