"""Transparency log: the tree of RFC 6962, proofs of what is in it, and its checkpoints (C2SP tlog-checkpoint).

Takes  entries, or hashes of them.   Gives  roots, inclusion proofs, checkpoint texts and back.
Never  reads a file or signs (the ledger does both), or knows into which files the tree is cut (formats/tiles.py).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sonoteca.model.errors import Damaged

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()  # RFC 6962 §2.1
_SIZE_FORM = re.compile(r"0|[1-9][0-9]{0,18}")


# ── the tree ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 §2.1: a leaf, kept apart from nodes by its first byte."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 §2.1: a node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, or over roots of subtrees of one size."""
    level = list(hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        # An odd one rises as it is: the same tree as RFC 6962's largest power of two on the left.
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)] + odd
    return level[0]


# ── proofs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def inclusion_proof(index: int, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """RFC 6962 §2.1.1: the neighbours on the way from leaf `index` to the root over these leaf hashes, lowest first."""
    if not 0 <= index < len(hashes):
        raise ValueError(f"there is no leaf {index} in a tree of {len(hashes)}")
    if len(hashes) == 1:
        return ()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return (*inclusion_proof(index, hashes[:split]), root(hashes[split:]))
    return (*inclusion_proof(index - split, hashes[split:]), root(hashes[:split]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """A claim: the leaf with this hash stands at `index` of the tree of `size` leaves, as `proof` shows."""

    leaf: bytes
    index: int
    size: int
    proof: tuple[bytes, ...]


def verify_inclusion(claim: Inclusion, expected: bytes) -> None:
    """Raises Damaged when the proof does not lead to the expected root (RFC 9162 §2.1.3.2)."""
    if not 0 <= claim.index < claim.size:
        raise Damaged("inclusion", f"there is no leaf {claim.index} in a tree of {claim.size}")
    found, node, last = claim.leaf, claim.index, claim.size - 1
    for neighbour in claim.proof:
        if not last:
            raise Damaged("inclusion", "the proof is longer than the tree is high")
        if node & 1 or node == last:
            found = node_hash(neighbour, found)
            # The last one of a level rises until it has a neighbour on its left.
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, neighbour)
        node, last = node >> 1, last >> 1
    if last or found != expected:
        raise Damaged("inclusion", "the proof does not lead to the root")


# ── checkpoints ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What is signed: the log `origin` had `size` entries, and `root` (32 bytes) is the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that the text of a signed note says."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise ValueError("a checkpoint has three lines or more, none of them empty")
    origin, size, root_text, *extensions = lines[:-1]
    if not _SIZE_FORM.fullmatch(size):
        raise ValueError("the second line of a checkpoint is a number")
    try:
        found = base64.b64decode(root_text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the third line of a checkpoint is base64") from error
    checkpoint = Checkpoint(origin=origin, size=int(size), root=found, extensions=tuple(extensions))
    if format_checkpoint(checkpoint) != text:
        raise ValueError("the root of a checkpoint is not in its one canonical form")
    return checkpoint


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text to be signed."""
    root_text = base64.b64encode(checkpoint.root).decode("ascii")
    lines = (checkpoint.origin, str(checkpoint.size), root_text, *checkpoint.extensions)
    if len(checkpoint.root) != HASH_BYTES or not _SIZE_FORM.fullmatch(lines[1]):
        raise ValueError("a checkpoint has a size of up to 19 digits and a root of 32 bytes")
    if not all(lines) or any("\n" in line for line in lines):
        raise ValueError("each part of a checkpoint is one line")
    return "\n".join(lines) + "\n"
