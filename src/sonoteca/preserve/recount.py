"""Recount: the hash layers of a file, made a second time by another hand, for whoever audits the first.

Takes  the bytes of a file, piece by piece.   Gives  its digest, and the bytes that its `.pieces` file must have.
Never  shares code with formats/pieces.py or merkle.py, so that a mistake there cannot hide here: it goes by the words
       of docs/formats/pieces.md and BEP 52 alone, plainly rather than fast.
"""

import hashlib

PIECE_BYTES = 256 * 1024
_BLOCK_BYTES = 16 * 1024
_NOTHING = bytes(32)  # BEP 52: a leaf beyond the end of the file


class Recount:
    """One file. Every piece has 256 KiB, but the last."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()
        self._bytes = 0
        self._leaves = bytearray()
        self._layer = bytearray()
        self._sha1s = bytearray()
        self._tail = b""

    def update(self, piece: memoryview) -> None:
        """The next piece."""
        if self._bytes % PIECE_BYTES or len(piece) > PIECE_BYTES:
            raise ValueError("every piece but the last has 256 KiB")
        self._bytes += len(piece)
        self._whole.update(piece)
        leaves = [
            hashlib.sha256(piece[start : start + _BLOCK_BYTES]).digest() for start in range(0, len(piece), _BLOCK_BYTES)
        ]
        self._leaves += b"".join(leaves)
        self._layer += _top(leaves + [_NOTHING] * (PIECE_BYTES // _BLOCK_BYTES - len(leaves)), _NOTHING)
        self._tail = hashlib.sha1(piece, usedforsecurity=False).digest()
        padded = bytes(piece) + bytes(PIECE_BYTES - len(piece))
        self._sha1s += hashlib.sha1(padded, usedforsecurity=False).digest()

    def digest(self) -> str:
        """Of the whole file."""
        return self._whole.hexdigest()

    def layers_file(self) -> bytes:
        """What its `.pieces` file must be."""
        layer = bytes(self._layer) if len(self._layer) > 32 else b""
        head = b"\x89PIECES\n" + (1).to_bytes(4, "big") + self._bytes.to_bytes(8, "big") + self._whole.digest()
        body = b"".join([head, self._root(), self._leaves, layer, self._sha1s, self._tail])
        return body + hashlib.sha256(body).digest()

    def _root(self) -> bytes:
        if len(self._layer) > 32:
            beyond = _top([_NOTHING] * (PIECE_BYTES // _BLOCK_BYTES), _NOTHING)
            return _top(_split(self._layer), beyond)
        return _top(_split(self._leaves), _NOTHING) if self._leaves else _NOTHING


def _split(hashes: bytearray) -> list[bytes]:
    return [bytes(hashes[at : at + 32]) for at in range(0, len(hashes), 32)]


def _top(hashes: list[bytes], beyond: bytes) -> bytes:
    """The root over hashes of one level; `beyond` is what stands there where the file has ended."""
    while len(hashes) > 1:
        if len(hashes) % 2:
            hashes = [*hashes, beyond]
        hashes = [hashlib.sha256(hashes[at] + hashes[at + 1]).digest() for at in range(0, len(hashes), 2)]
        beyond = hashlib.sha256(beyond + beyond).digest()
    return hashes[0]
