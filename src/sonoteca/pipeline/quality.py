"""Quality: the sheets of tracks, as the one decode left them, for `sonoteca show --qc`.

Takes  an id, or the beginning of one.
Gives  a sheet for each track it means: rows, levels, traits, what is lost; None in its place for what was not decoded.
Never  decodes: what is held has no sheet, because nothing is made of it.
"""

from collections.abc import Iterator
from typing import Any

from sonoteca.catalogue.entries import ObjectFacts
from sonoteca.convert.sheet import Row, sheet_of
from sonoteca.formats import plain
from sonoteca.model.finding import FINDINGS
from sonoteca.model.release import Track
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.facts import load_facts
from sonoteca.pipeline.look import Target, find_ids


def show_quality(archive: Archive, word: str) -> dict[str, Any]:
    """{"kind": "quality", "tracks": […]}; Refused when the word names nothing."""
    with archive.database.read() as tx:
        targets = find_ids(tx, word)
    return {"kind": "quality", "tracks": [one for target in targets for one in _sheets(archive, target)]}


def _sheets(archive: Archive, target: Target) -> Iterator[dict[str, Any]]:
    facts = load_facts(archive.disk, target.release)
    for track in facts.release.tracks:
        if not target.tracks or track.id in target.tracks:
            yield _told(facts, track)


def _told(facts: ObjectFacts, track: Track) -> dict[str, Any]:
    sound = next((one for one in facts.sounds if one.track == track.id), None)
    master = next((one for one in facts.release.masters if one.recording == track.recording), None)
    found: dict[str, Any] = {
        "track": track.id,
        "release": facts.release.id,
        "title": plain.to_plain(track.title),
        "sheet": None,
    }
    if sound is None or master is None:
        return found
    report = facts.reports.get(master.path)
    before = report.findings if report else ()
    return found | {
        "sheet": [_row(one) for one in sheet_of(sound, master.audio, before)],
        "measured_by": sound.recipe,
        "loudness": plain.to_plain(sound.loudness),
        "loss": plain.to_plain(sound.loss),
        "traits": plain.to_plain(sound.traits),
    }


def _row(row: Row) -> dict[str, Any]:
    findings = [
        {"code": one.code, "severity": str(one.severity), "meaning": FINDINGS[one.code][1], "detail": one.detail}
        for one in row.findings
        if one.code in FINDINGS
    ]
    return {"name": row.name, "value": row.value, "findings": findings}
