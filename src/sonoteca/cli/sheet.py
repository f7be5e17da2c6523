"""How the sheet of a track is drawn (sonoteca show --qc)."""

from typing import Any

from sonoteca.cli.screen import Screen, shown


def drawn_sheets(screen: Screen, told: dict[str, Any]) -> None:
    """A table for each track."""
    for one in told["tracks"]:
        title = shown(str(one["title"]["text"]))
        if one["sheet"] is None:
            screen.say(f"{title} ({one['track']}): not decoded, because nothing is made of what is held")
            continue
        rows = [line for row in one["sheet"] for line in _lines(row)]
        screen.table(f"{title} ({one['track']})", ("what", "value", "code", "what it means"), rows)


def _lines(row: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    if not row["findings"]:
        return [(row["name"], row["value"], "", "")]
    said = [(one["code"], f"{one['meaning']}: {one['detail']}".rstrip(": ")) for one in row["findings"]]
    return [
        (row["name"] if not number else "", row["value"] if not number else "", code, text)
        for number, (code, text) in enumerate(said)
    ]
