"""Events: the lines of events.jsonl, with PREMIS event types (the Library of Congress' vocabulary "eventType").

Pure: values in, lines out. Each line is a canonical JSON object: type, at, agent, outcome, path, detail.
"""

from collections.abc import Container, Iterable

from sonoteca import __version__
from sonoteca.acquire.take import Taken
from sonoteca.formats import json
from sonoteca.model.release import Release
from sonoteca.model.sound import Sound

AGENT = f"sonoteca {__version__}"


def of_taking(taken: Taken, release: Release, now: str, *, is_new: bool) -> list[dict[str, str]]:
    """What happened when a folder was taken."""
    kind = "ingestion" if is_new else "accession"
    found = [_event(kind, now, "success", "", f"{len(taken.files)} files from {taken.source.source_key}")]
    for master in release.masters:
        found.append(_event("message digest calculation", now, "success", master.path, f"sha256 {master.digest}"))
        known = master.audio.puid or "no PRONOM id"
        found.append(
            _event(
                "format identification",
                now,
                "success",
                master.path,
                f"{known} ({master.audio.container}/{master.audio.codec})",
            )
        )
    for one in taken.source.findings:
        if one.code.startswith("K"):
            found.append(_event("fixity check", now, str(one.severity), "", f"{one.code} {one.detail}"))
    for file in taken.refused:
        found.append(_event("quarantine", now, file.finding.code, "", file.finding.detail))
    return found


def of_rendering(sounds: Iterable[Sound], made: Container[str], now: str) -> list[dict[str, str]]:
    """What was measured of tracks, and what was made of them; `made` are the paths of files that are new."""
    found = []
    for sound in sounds:
        lost = f", {sound.loss.seconds:.3f} s lost" if sound.loss.packets else ""
        outcome = "failure" if sound.is_refused else "warning" if sound.loss.packets else "success"
        detail = f"track {sound.track}, {sound.samples} samples{lost}, {sound.recipe or sound.loss.first_error}"
        found.append(_event("metadata extraction", now, outcome, sound.master, detail))
        found += [
            _event("migration", now, "success", one.path, f"{one.recipe}, sha256 {one.digest}")
            for one in sound.made
            if one.path in made
        ]
    return found


def _event(kind: str, now: str, outcome: str, path: str, detail: str) -> dict[str, str]:
    return {"type": kind, "at": now, "agent": AGENT, "outcome": outcome, "path": path, "detail": detail}


def format_events(events: list[dict[str, str]]) -> bytes:
    """One line each."""
    return b"".join(json.format(event) + b"\n" for event in events)
