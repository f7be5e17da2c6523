"""Need: what is known of a volume that says how much the world needs another copy of it."""

from dataclasses import dataclass

from sonoteca.model.copies import Copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A volume somebody could hold. `seen` copies say that they are whole, `proved` have shown it, the last of them at
    `proved_at` (ISO 8601, "" for never). `obsolete`: another torrent has taken its place."""

    volume: str
    bytes: int
    files: int
    seen: int = 0
    proved: int = 0
    proved_at: str = ""
    obsolete: bool = False


def need_of(volume: str, size: tuple[int, int], copies: Copies) -> Need:
    """The need of a volume of (files, bytes) of which these copies are known."""
    files, count = size
    return Need(
        volume=volume, files=files, bytes=count, seen=copies.seen, proved=copies.proved, proved_at=copies.proved_at
    )
