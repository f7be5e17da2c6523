"""Pieces: the hashes that torrents are assembled from, computed in the one read that stores a file, and kept beside it.

Takes  the bytes of a file as they pass (FileMeter, LayerMeter), or the bytes of a `.pieces` file.
Gives  Copied and Layers (model/files.py); the canonical bytes of a `.pieces` file and back (docs/formats/pieces.md).
Never  reads a file by itself; accepts a `.pieces` file of which any byte was changed, cut off or added.

Every length follows from the file's size, so there is one form for each value and nothing to disagree with itself.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterable
from typing import Protocol

from sonoteca.formats import merkle
from sonoteca.model.errors import Damaged
from sonoteca.model.files import BLOCK_BYTES, PIECE_BYTES, Copied, Layers, PieceHashes
from sonoteca.model.ids import Digest, is_digest

MAGIC = b"\x89PIECES\n"  # as PNG does it: a high bit and a line end, so that a transfer "as text" shows
VERSION = 1
MAX_BYTES = 2**63 - 1
EXTRA_DIGESTS = frozenset({"crc32", "md5", "sha1", "sha512"})

PIECE_LEVEL = (PIECE_BYTES // BLOCK_BYTES).bit_length() - 1  # pieces stand this many levels above the leaves
_HEAD = struct.Struct(">8sIQ32s32s")  # magic, version, size of the file, its sha256, its root
_NO_ROOT = bytes(32)
_SHA1_BYTES = 20
_CHECKSUM_BYTES = 32


# ── while a file passes ──────────────────────────────────────────────────────────────────────────────────────────────


class _Hash(Protocol):
    def update(self, data: memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


class _Crc32:
    """zlib's CRC-32, as .sfv lists have it, with the face of a hashlib hash."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: memoryview, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"


def _started(name: str) -> _Hash:
    if name not in EXTRA_DIGESTS:
        raise ValueError(f"no digest is called {name!r}")
    # For comparing with lists that people made, not for security.
    return _Crc32() if name == "crc32" else hashlib.new(name, usedforsecurity=False)


class LayerMeter:
    """Layers of one file, from its bytes in order, in blocks of any size (256 KiB multiples are fastest)."""

    def __init__(self) -> None:
        self._bytes = 0
        self._leaves = bytearray()
        self._sha1_pieces = bytearray()
        self._sha1_tail = b""
        self._rest = bytearray()  # the start of a piece that is not complete yet
        # Copying a hash that was started is cheaper than starting one.
        self._new_leaf = hashlib.sha256().copy

    def update(self, block: memoryview) -> None:
        """Takes the next bytes; nothing of `block` is held afterwards."""
        self._bytes += len(block)
        if self._rest:
            block = self._complete(block)
        whole_pieces = len(block) - len(block) % PIECE_BYTES
        for start in range(0, whole_pieces, PIECE_BYTES):
            self._piece(block[start : start + PIECE_BYTES])
        self._rest += block[whole_pieces:]

    def finish(self, digest: Digest) -> Layers:
        """The layers, after the last of the bytes; `digest` is theirs."""
        if self._rest:
            self._last_piece()
        leaves = bytes(self._leaves)
        pieces_root, piece_layer = root_and_layer(leaves)
        return Layers(
            bytes=self._bytes,
            digest=digest,
            leaves=leaves,
            pieces_root=pieces_root,
            piece_layer=piece_layer,
            sha1_pieces=bytes(self._sha1_pieces),
            sha1_tail=self._sha1_tail,
        )

    def _complete(self, block: memoryview) -> memoryview:
        """Fills the piece that was begun; gives what is left of the block."""
        needed = PIECE_BYTES - len(self._rest)
        self._rest += block[:needed]
        if len(self._rest) == PIECE_BYTES:
            piece, self._rest = self._rest, bytearray()
            self._piece(memoryview(piece))
        return block[needed:]

    def _piece(self, piece: memoryview) -> None:
        self._leaf_hashes(piece)
        self._sha1_tail = hashlib.sha1(piece, usedforsecurity=False).digest()
        self._sha1_pieces += self._sha1_tail

    def _last_piece(self) -> None:
        piece = memoryview(self._rest)
        self._leaf_hashes(piece)
        sha1 = hashlib.sha1(piece, usedforsecurity=False)
        self._sha1_tail = sha1.digest()
        sha1.update(bytes(PIECE_BYTES - len(piece)))
        self._sha1_pieces += sha1.digest()

    def _leaf_hashes(self, piece: memoryview) -> None:
        new_leaf, leaves = self._new_leaf, self._leaves
        for start in range(0, len(piece), BLOCK_BYTES):
            leaf = new_leaf()
            leaf.update(piece[start : start + BLOCK_BYTES])
            leaves += leaf.digest()


class FileMeter:
    """Digests and layers of one file, from its bytes in order, in blocks of any size (256 KiB multiples are fastest).

    `extra` asks for further digests by name (EXTRA_DIGESTS); without `layers` only digests are made. One file a meter.
    """

    def __init__(self, extra: frozenset[str] = frozenset(), layers: bool = True) -> None:
        self._whole = hashlib.sha256()
        self._extra = {name: _started(name) for name in sorted(extra)}
        self._layers = LayerMeter() if layers else None
        self._bytes = 0

    def update(self, block: memoryview) -> None:
        """Takes the next bytes; nothing of `block` is held afterwards."""
        self._bytes += len(block)
        if self._layers is None:
            self._digest(block)
            return
        # Piece by piece, so that all hashes find its bytes in the processor's cache.
        for start in range(0, len(block), PIECE_BYTES):
            part = block[start : start + PIECE_BYTES]
            self._digest(part)
            self._layers.update(part)

    def finish(self) -> Copied:
        """What the bytes gave, after the last of them."""
        digest = Digest(self._whole.hexdigest())
        layers = self._layers.finish(digest) if self._layers else None
        extra = tuple((name, state.hexdigest()) for name, state in self._extra.items())
        return Copied(digest=digest, bytes=self._bytes, layers=layers, extra=extra)

    def _digest(self, block: memoryview) -> None:
        self._whole.update(block)
        for state in self._extra.values():
            state.update(block)


def root_and_layer(leaves: bytes) -> tuple[bytes, bytes]:
    """BEP 52: a file of one piece or less has no layer, and its tree is as high as its blocks need, not as a piece."""
    if len(leaves) <= merkle.HASH_BYTES << PIECE_LEVEL:
        return merkle.root(leaves), b""
    piece_layer = merkle.layer(leaves, PIECE_LEVEL)
    return merkle.root(piece_layer, PIECE_LEVEL), piece_layer


def without_leaves(layers: Layers) -> PieceHashes:
    """What torrents of 256 KiB pieces need of them."""
    return PieceHashes(
        digest=layers.digest,
        bytes=layers.bytes,
        pieces_root=layers.pieces_root,
        piece_layer=layers.piece_layer,
        sha1_pieces=layers.sha1_pieces,
        sha1_tail=layers.sha1_tail,
    )


# ── the .pieces file ─────────────────────────────────────────────────────────────────────────────────────────────────


def format(layers: Layers) -> bytes:
    """The bytes of the `.pieces` file; ValueError when a layer has not the length that the size demands."""
    if not is_digest(layers.digest):
        raise ValueError("the digest is not a sha256")
    parts = (layers.leaves, layers.piece_layer, layers.sha1_pieces, layers.sha1_tail)
    if tuple(map(len, parts)) != _lengths(layers.bytes) or len(layers.pieces_root) != (32 if layers.bytes else 0):
        raise ValueError(f"the layers are not those of a file of {layers.bytes} bytes")
    _verify_tail(layers)
    root = layers.pieces_root or _NO_ROOT
    body = _HEAD.pack(MAGIC, VERSION, layers.bytes, bytes.fromhex(layers.digest), root) + b"".join(parts)
    return body + hashlib.sha256(body).digest()


def parse(raw: bytes, *, is_verified: bool = False) -> Layers:
    """The layers that a `.pieces` file holds; ValueError says what is wrong with its form. `is_verified`: its bytes are
    those of a digest that was kept elsewhere, so that the checksum at its end need not be made as well.

    Whether they are the hashes of the file that they name is another question: `verify_layers`, `verify_pieces`.
    """
    if len(raw) < _HEAD.size + _CHECKSUM_BYTES:
        raise ValueError("shorter than an empty .pieces file")
    magic, version, size, digest, root = _HEAD.unpack_from(raw)
    if magic != MAGIC:
        raise ValueError("not a .pieces file")
    if version != VERSION:
        raise ValueError(f"version {version} of the .pieces format is not known")
    lengths = _lengths(size)
    if len(raw) != _HEAD.size + sum(lengths) + _CHECKSUM_BYTES:
        raise ValueError(f"{len(raw)} bytes are not what the layers of a file of {size} bytes take")
    if not is_verified and hashlib.sha256(memoryview(raw)[:-_CHECKSUM_BYTES]).digest() != raw[-_CHECKSUM_BYTES:]:
        raise ValueError("the checksum at the end differs")
    if not size and root != _NO_ROOT:
        raise ValueError("an empty file has no root")
    return _read_layers(raw, size, Digest(digest.hex()), root if size else b"")


def _read_layers(raw: bytes, size: int, digest: Digest, root: bytes) -> Layers:
    parts, start = [], _HEAD.size
    for length in _lengths(size):
        parts.append(raw[start : start + length])
        start += length
    leaves, piece_layer, sha1_pieces, sha1_tail = parts
    layers = Layers(
        bytes=size,
        digest=digest,
        leaves=leaves,
        pieces_root=root,
        piece_layer=piece_layer,
        sha1_pieces=sha1_pieces,
        sha1_tail=sha1_tail,
    )
    _verify_tail(layers)
    return layers


def _lengths(size: int) -> tuple[int, int, int, int]:
    """Bytes of leaves, piece layer, SHA-1 pieces and SHA-1 tail of a file of `size` bytes."""
    if not 0 <= size <= MAX_BYTES:
        raise ValueError(f"no file has {size} bytes")
    blocks, pieces = -(-size // BLOCK_BYTES), -(-size // PIECE_BYTES)
    layer = pieces * merkle.HASH_BYTES if pieces > 1 else 0
    return blocks * merkle.HASH_BYTES, layer, pieces * _SHA1_BYTES, _SHA1_BYTES if size else 0


def _verify_tail(layers: Layers) -> None:
    if layers.bytes % PIECE_BYTES == 0 and layers.sha1_tail != layers.sha1_pieces[-_SHA1_BYTES:]:
        raise ValueError("the last piece is full, so its SHA-1 is the tail's")


# ── are they right ───────────────────────────────────────────────────────────────────────────────────────────────────


def verify_layers(layers: Layers, where: str = "") -> None:
    """Raises Damaged when root and piece layer are not those of the leaves: no file is needed to tell."""
    if root_and_layer(layers.leaves) != (layers.pieces_root, layers.piece_layer):
        raise Damaged("pieces-tree", "the root does not follow from the leaves", where=where, cure=_CURE)


def verify_pieces(raw: bytes, blocks: Iterable[memoryview], where: str = "") -> Layers:
    """Hashes the file again, from its bytes in order, and raises Damaged when a `.pieces` file says anything else."""
    try:
        stored = parse(raw)
    except ValueError as error:
        raise Damaged("pieces-form", f"the hash layers cannot be read: {error}", where=where, cure=_CURE) from error
    meter = FileMeter()
    for block in blocks:
        meter.update(block)
    if meter.finish().layers != stored:
        raise Damaged("pieces-differ", "the hash layers are not those of the file", where=where, cure=_CURE)
    return stored


_CURE = "restore the release from another copy of the archive, then run: sonoteca verify"
