"""Tally: audits and sightings become copies seen and copies proved. Pure.

Takes  audits and sightings of any volumes, and the time.   Gives  Copies by the short infohash of the volume.
Why    a holder counts once, however many ports it has, and by its newest audit that says anything (DECISIVE): who
       proved a copy and later gave a wrong block holds none. Who cannot be reached any more keeps the proof until it
       is PROOF_DAYS old: archives sleep at night.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sonoteca.model.copies import DECISIVE, Audited, Copies, Outcome, Sighting

PROOF_DAYS = 90
SIGHTING_DAYS = 30


def earliest(now: str, days: int) -> str:
    """The time so many days ago, in the same form."""
    return (datetime.fromisoformat(now) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def tally(audits: Iterable[Audited], sightings: Iterable[Sighting], now: str) -> Mapping[str, Copies]:
    """Copies by volume; a volume of which nothing is known is not in it."""
    proofs = _proofs(audits, earliest(now, PROOF_DAYS))
    seen = _newest(sightings, earliest(now, SIGHTING_DAYS))
    found = {}
    for volume in proofs.keys() | seen.keys():
        times, sighting = proofs.get(volume, []), seen.get(volume)
        found[volume] = Copies(
            seen=sighting.complete if sighting else 0,
            seen_at=sighting.at if sighting else "",
            proved=len(times),
            proved_at=max(times, default=""),
        )
    return found


def _proofs(audits: Iterable[Audited], since: str) -> dict[str, list[str]]:
    """When each copy that is proved was proved, by volume."""
    last: dict[tuple[str, str, str], Audited] = {}
    for one in sorted(audits, key=lambda one: one.at):
        if one.outcome in DECISIVE and one.at >= since:
            last[(one.volume_hash, one.place, one.host)] = one
    found: dict[str, list[str]] = {}
    for (volume, _, _), one in last.items():
        if one.outcome is Outcome.PROVED:
            found.setdefault(volume, []).append(one.at)
    return found


def _newest(sightings: Iterable[Sighting], since: str) -> dict[str, Sighting]:
    found: dict[str, Sighting] = {}
    for one in sorted(sightings, key=lambda one: one.at):
        if one.at >= since:
            found[one.volume_hash] = one
    return found
