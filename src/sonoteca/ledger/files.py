"""Files of the ledger, read: each checked for its form and its length before anything is made of it.

Takes  the disk, a place.   Gives  hashes, entries, the verified checkpoint; Damaged with the file's path otherwise.
Never  writes.
"""

from collections.abc import Callable
from typing import TypeVar

from sonoteca.formats import note, tlog
from sonoteca.formats.tiles import ENTRIES, WIDTH, Place, parse_bundle, parse_tile
from sonoteca.model.errors import Damaged
from sonoteca.ports.disk import Disk

T = TypeVar("T")
FOLDER = "ledger"
CHECKPOINT = "ledger/checkpoint"
CURE = "restore ledger/ from a backup or a mirror"
_MAX_BYTES = WIDTH * (2 + 0xFFFF)  # of the largest bundle


def path_of(place: Place) -> str:
    """Where a tile or bundle stands in the archive."""
    return f"{FOLDER}/{place.path}"


def load_parts(disk: Disk, place: Place) -> tuple[bytes, ...]:
    """The hashes of a tile, or the entries of a bundle: as many as the place is wide."""
    path = path_of(place)
    raw = disk.read(path, max_bytes=_MAX_BYTES)
    parts = parsed(path, raw, parse_bundle if place.level == ENTRIES else parse_tile)
    if len(parts) != place.width:
        raise Damaged("ledger-form", f"it has {len(parts)} parts, not {place.width}", where=path, cure=CURE)
    return parts


def load_checkpoint(disk: Disk, verifier_key: str) -> tlog.Checkpoint | None:
    """The checkpoint, signed by this key and of the log of this key's name; None when there is none."""
    if disk.find(CHECKPOINT) is None:
        return None
    key = note.parse_verifier_key(verifier_key)
    signed = parsed(CHECKPOINT, disk.read(CHECKPOINT, max_bytes=note.MAX_BYTES), note.parse)
    note.verify(signed, [key], where=CHECKPOINT)
    checkpoint = parsed(CHECKPOINT, signed.text, tlog.parse_checkpoint)
    if checkpoint.origin != key.name:
        raise Damaged("ledger-form", "this is the checkpoint of another log", where=CHECKPOINT, cure=CURE)
    return checkpoint


S = TypeVar("S")


def parsed(path: str, raw: S, parse: Callable[[S], T]) -> T:
    """What `parse` makes of it; its ValueError becomes Damaged, with the path."""
    try:
        return parse(raw)
    except ValueError as error:
        raise Damaged("ledger-form", f"the file cannot be read: {error}", where=path, cure=CURE) from error
