"""The merkle tree of BEP 52: from the sha256 of 16 KiB blocks to the root that names a file in a v2 torrent.

Takes  layers: hashes of one level, 32 bytes each, concatenated.   Gives  the layer some levels up, or the root.
Never  hashes a file's bytes (formats/pieces.py does), or knows how large a block is.

What is missing on the right stands for blocks of a file that ends earlier. BEP 52: such leaves are 32 zero bytes, not
the hash of zeros; a node above them is the hash of its two children like any other. So a layer is completed, level by
level, with the one hash that a subtree of nothing but such leaves has there.
"""

import functools
import hashlib

HASH_BYTES = 32
EMPTY_LEAF = bytes(HASH_BYTES)


@functools.cache
def pad_hash(level: int) -> bytes:
    """The root of a subtree of 2**level missing leaves."""
    if level == 0:
        return EMPTY_LEAF
    below = pad_hash(level - 1)
    return hashlib.sha256(below + below).digest()


def parents(hashes: bytes, level: int) -> bytes:
    """The layer above `hashes`, which stand `level` levels above the leaves; one without a neighbour gets the pad."""
    _verify_whole(hashes)
    if len(hashes) % (2 * HASH_BYTES):
        hashes += pad_hash(level)
    sha256 = hashlib.sha256
    return b"".join([sha256(hashes[at : at + 2 * HASH_BYTES]).digest() for at in range(0, len(hashes), 2 * HASH_BYTES)])


def layer(hashes: bytes, levels: int, level: int = 0) -> bytes:
    """The layer `levels` above `hashes`: one hash for each 2**levels of them, the last one padded. Empty for none."""
    for step in range(levels):
        hashes = parents(hashes, level + step)
    return hashes


def root(hashes: bytes, level: int = 0) -> bytes:
    """The root over `hashes`, which stand `level` levels above the leaves: padded to the next power of two, no further.

    b"" for no hashes: BEP 52 gives an empty file no root.
    """
    _verify_whole(hashes)
    while len(hashes) > HASH_BYTES:
        hashes = parents(hashes, level)
        level += 1
    return hashes


def _verify_whole(hashes: bytes) -> None:
    if len(hashes) % HASH_BYTES:
        raise ValueError(f"{len(hashes)} bytes are not a whole number of hashes")
