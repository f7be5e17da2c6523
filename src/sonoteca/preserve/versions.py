"""Versions: what an object holds and what it should hold → its next inventory, and which bytes must come in for it.

Takes  the inventory so far (None for a new object), the whole new state, the time, a message.
Gives  the next inventory and the content that has to lie in the object before it is true; nothing when nothing changed.
Never  touches a disk; drops a byte that an older version rests on; keeps two files of one object with the same bytes.
"""

import builtins
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sonoteca.formats.ocfl import CONTENT, Inventory, Version, unique_and_apart, verify_logical_path
from sonoteca.model.ids import Digest

AGENT = "Sonoteca"  # OCFL 1.1 §3.5.3.1: a version says who made it


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One file of a state: its logical path, digest, size in bytes, and where its bytes are: `staged` on the disk, to
    be renamed into the object, or `content` in memory. Neither is needed for bytes that the object has already."""

    path: str
    digest: Digest
    bytes: int
    staged: str = ""
    content: builtins.bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Bytes that must lie at this content path ("v2/content/…") of the object."""

    to: str
    content: Content


def next_inventory(
    inventory: Inventory | None, object_id: str, state: Sequence[Content], now: str, message: str
) -> tuple[Inventory, tuple[Incoming, ...]]:
    """The inventory that follows, and what must come in. The same inventory and nothing, when it says so already."""
    _verify_state(state)
    wanted = {content.path: content.digest for content in sorted(state, key=lambda content: content.path)}
    if inventory is not None and inventory.id != object_id:
        raise ValueError(f"the inventory is that of {inventory.id}")
    if inventory is not None and inventory.state() == wanted:
        return inventory, ()
    number = inventory.head_number + 1 if inventory else 1
    incoming = _incoming(inventory.manifest if inventory else {}, state, number)
    manifest = dict(inventory.manifest) if inventory else {}
    manifest.update({item.content.digest: (item.to,) for item in incoming})
    version = Version(created=now, message=message, user=AGENT, state=wanted)
    versions = {**(inventory.versions if inventory else {}), number: version}
    return Inventory(id=object_id, manifest=manifest, versions=versions), incoming


def _verify_state(state: Sequence[Content]) -> None:
    if not state:
        raise ValueError("a version holds at least one file")
    for content in state:
        verify_logical_path(content.path)
        if content.content is not None and _digest(content.content) != content.digest:
            raise ValueError(f"the content of {content.path} has another digest")
    unique_and_apart((content.path for content in state), "E095")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _incoming(have: Mapping[Digest, tuple[str, ...]], state: Sequence[Content], number: int) -> tuple[Incoming, ...]:
    """The first path of each digest that the object lacks; further paths of it are names for the same bytes."""
    found: dict[Digest, Incoming] = {}
    for content in sorted(state, key=lambda content: content.path):
        if content.digest in have:
            continue
        known = found.get(content.digest)
        if known is None:
            found[content.digest] = Incoming(to=f"v{number}/{CONTENT}/{content.path}", content=content)
        elif not _has_bytes(known.content) and _has_bytes(content):
            found[content.digest] = Incoming(to=known.to, content=content)
    for item in found.values():
        if not _has_bytes(item.content):
            raise ValueError(f"the object lacks the bytes of {item.content.path}, and nobody gives them")
    return tuple(found.values())


def _has_bytes(content: Content) -> bool:
    return bool(content.staged) or content.content is not None
