"""Like: what a track or a file is like, as a table."""

from typing import Any

from sonoteca.cli.screen import Screen, duration, shown

HEADS = ("", "bits", "from", "for", "title", "artist", "release", "track")


def drawn_like(screen: Screen, title: str, found: list[dict[str, Any]]) -> None:
    """Likenesses as a table: how alike, how many bits differ, where in it they agree and for how long."""
    rows = []
    for one in found:
        place = one["places"][0] if one["places"] else {"title": "", "artist": "", "release_title": ""}
        names = [shown(place[name], 40) for name in ("title", "artist", "release_title")]
        at = (f"{100 * one['error']:.1f} %", duration(one["start_s"]), duration(one["span_s"]))
        rows.append((one["likeness"], *at, *names, one["track"]))
    screen.table(title, HEADS, rows, right=(1, 2, 3))
