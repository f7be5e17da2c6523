"""Advice: what to do next, from the state of an archive. Pure."""

from collections.abc import Iterator
from typing import Any


def advice(told: dict[str, Any]) -> list[str]:
    """The next steps, the most pressing first."""
    return [*_pressing(told), *_queue(told)] or list(_further(told))[:1]


def _pressing(told: dict[str, Any]) -> Iterator[str]:
    if told["recovery_key_is_here"]:
        yield "Move recovery-key.txt away from this machine: a thief of the archive would have it too."
    if told["free_bytes"] < told["reserve_bytes"]:
        yield "Free some space: less than reserve_bytes is left, and sonoteca run will stop."


def _queue(told: dict[str, Any]) -> Iterator[str]:
    queue, waiting = told["queue"], told["swarm"]["waiting"]
    folders = queue.get("queued", 0) + queue.get("working", 0)
    if folders:
        yield f"Next: sonoteca run takes the {folders} waiting folders."
    elif waiting:
        yield f"Next: sonoteca run looks at the {waiting} releases whose publication waits."
    if queue.get("failed"):
        yield f"{queue['failed']} folders failed: mend what sonoteca run said and add them again."


def _further(told: dict[str, Any]) -> Iterator[str]:
    if told["swarm"]["volumes"] and not told["swarm"]["is_seeding"]:
        yield "Next: sonoteca seed gives the volumes to whoever asks; sonoteca volumes lists them."
    if told["held"]:
        yield "Next: sonoteca rights show ID, then sonoteca rights grant, for what is held."
    if not told["releases"]:
        yield "Next: sonoteca add FOLDER (--dry-run first, if you like), then sonoteca run."
