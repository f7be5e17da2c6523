"""Files as the archive holds them: a path inside a release, a digest, a size; and the layers of hashes beside them."""

import builtins
from dataclasses import dataclass

from sonoteca.model.ids import Digest

BLOCK_BYTES = 16 * 1024  # BEP 52: the leaf of the merkle tree
PIECE_BYTES = 256 * 1024  # fixed: SHA-1 layers cannot be derived again for another size


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of a release: `path` is its logical path ("masters/01 Aria.flac"), portable and NFC."""

    path: str
    digest: Digest
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceHashes:
    """The hashes of one file that torrents of 256 KiB pieces are assembled from. All raw bytes, concatenated.

    pieces_root  BEP 52 root over the leaves, 32 bytes; b"" for an empty file
    piece_layer  256 KiB layer, 32 bytes a piece; b"" when the file has at most one piece
    sha1_pieces  sha1 of each 256 KiB piece, the last one padded with zeros, 20 bytes each
    sha1_tail    sha1 of the last piece unpadded (equal to the last of sha1_pieces when it is full), 20 bytes or b""
    """

    digest: Digest
    pieces_root: bytes
    piece_layer: bytes
    sha1_pieces: bytes
    sha1_tail: bytes
    bytes: int  # last: the name hides the type from the fields below it


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers(PieceHashes):
    """All hashes of one file that are kept (docs/formats/pieces.md): with its `leaves`, the sha256 of each 16 KiB block
    (the last one as long as it is), 32 bytes each, from which torrents of any other v2 piece size follow too."""

    leaves: builtins.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What one read of a file gave: its digests and layers. `extra` has further digests that were asked for by name
    ("md5", "sha1", "sha512", "crc32"), hexadecimal, lower case."""

    digest: Digest
    bytes: int
    layers: Layers | None
    extra: tuple[tuple[str, str], ...] = ()
