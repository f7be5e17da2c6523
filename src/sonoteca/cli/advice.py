"""Advice: what to do next, from the state of an archive. Pure."""

from typing import Any


def advice(told: dict[str, Any]) -> list[str]:
    """The next steps, the most pressing first."""
    queue = told["queue"]
    found = []
    if told["recovery_key_is_here"]:
        found.append("Move recovery-key.txt away from this machine: a thief of the archive would have it too.")
    if told["free_bytes"] < told["reserve_bytes"]:
        found.append("Free some space: less than reserve_bytes is left, and sonoteca run will stop.")
    if queue.get("queued") or queue.get("working"):
        found.append(
            f"Next: sonoteca run takes the {queue.get('queued', 0) + queue.get('working', 0)} waiting folders."
        )
    if queue.get("failed"):
        found.append(f"{queue['failed']} folders failed: mend what sonoteca run said and add them again.")
    if not found and told["held"]:
        found.append("Next: sonoteca rights show ID, then sonoteca rights grant, for what is held.")
    if not found and not told["releases"]:
        found.append("Next: sonoteca add FOLDER (--dry-run first, if you like), then sonoteca run.")
    return found
