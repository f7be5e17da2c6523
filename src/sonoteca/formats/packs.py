"""Packs: the piece hashes of thousands of files in one, so that assembling a torrent opens one file and not thousands.

Takes  PieceHashes; or the table of a pack, and records as they are read from it.
Gives  the bytes of a pack; where in it the record of a digest stands; PieceHashes again.
Never  gives a record of which a byte differs, or that belongs to another digest. Form in docs/formats/pieces.md.

A pack is derived from `.pieces` files and may vanish: nothing is in it that is not in them, and leaves are left out.
"""

import hashlib
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from sonoteca.formats.merkle import HASH_BYTES
from sonoteca.model.files import PIECE_BYTES, PieceHashes
from sonoteca.model.ids import Digest

MAGIC = b"\x89PPACKS\n"
VERSION = 1
HEAD = struct.Struct(">8sII")  # magic, version, number of files
MAX_FILES = 1 << 20
_ROW_BYTES = HASH_BYTES + 8  # a digest; where its record ends, from the first record on
_CHECK_BYTES = 8
_CHECKSUM_BYTES = 32
_START = struct.Struct(">Q32s")  # size of the file, its root
_SHA1_BYTES = 20


def format(entries: Iterable[PieceHashes]) -> bytes:
    """The bytes of a pack with these files; the same files give the same bytes."""
    by_digest = {bytes.fromhex(one.digest): one for one in entries}
    if len(by_digest) > MAX_FILES:
        raise ValueError(f"{len(by_digest)} files, a pack has at most {MAX_FILES}")
    records, ends, end = [], [], 0
    for digest in sorted(by_digest):
        records.append(_record(digest, by_digest[digest]))
        end += len(records[-1])
        ends.append(end)
    table = b"".join([HEAD.pack(MAGIC, VERSION, len(ends)), *sorted(by_digest), struct.pack(f">{len(ends)}Q", *ends)])
    return b"".join([table, hashlib.sha256(table).digest(), *records])


def _record(digest: bytes, one: PieceHashes) -> bytes:
    parts = (one.piece_layer, one.sha1_pieces, one.sha1_tail)
    if tuple(map(len, parts)) != _lengths(one.bytes) or len(one.pieces_root) != HASH_BYTES:
        raise ValueError(f"these are not the hashes of a file of {one.bytes} bytes")
    body = b"".join([_START.pack(one.bytes, one.pieces_root), *parts])
    return body + _check(digest, body)


def _check(digest: bytes, body: bytes) -> bytes:
    return hashlib.sha256(digest + body).digest()[:_CHECK_BYTES]


def _lengths(size: int) -> tuple[int, int, int]:
    """Bytes of piece layer, SHA-1 pieces and SHA-1 tail. An empty file is in no torrent, and in no pack."""
    if size <= 0:
        raise ValueError("no empty file is in a pack")
    pieces = -(-size // PIECE_BYTES)
    return pieces * HASH_BYTES if pieces > 1 else 0, pieces * _SHA1_BYTES, _SHA1_BYTES


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Which files a pack has: `digests` 32 bytes each, sorted; `ends` where the record of each ends; `start` is where
    the first one stands in the pack, `bytes` how long the whole pack is."""

    digests: bytes
    ends: "array[int]"
    start: int

    @property
    def files(self) -> int:
        """How many."""
        return len(self.ends)

    @property
    def bytes(self) -> int:
        """Of the whole pack."""
        return self.start + (self.ends[-1] if self.ends else 0)

    def find(self, digest: Digest) -> tuple[int, int] | None:
        """Where in the pack the record of a digest stands, and its length."""
        wanted, digests = bytes.fromhex(digest), self.digests
        at = bisect_left(range(len(self.ends)), wanted, key=lambda at: digests[at * HASH_BYTES : (at + 1) * HASH_BYTES])
        if digests[at * HASH_BYTES : (at + 1) * HASH_BYTES] != wanted:
            return None
        begin = self.ends[at - 1] if at else 0
        return self.start + begin, self.ends[at] - begin


def table_bytes(head: bytes) -> int:
    """How many bytes from its beginning the table of a pack takes; ValueError when this is the head of none."""
    if len(head) < HEAD.size:
        raise ValueError("shorter than the head of a pack")
    magic, version, count = HEAD.unpack_from(head)
    if magic != MAGIC or version != VERSION or count > MAX_FILES:
        raise ValueError("not a pack of piece hashes")
    return HEAD.size + int(count) * _ROW_BYTES + _CHECKSUM_BYTES


def parse_table(raw: bytes) -> Table:
    """The table at the beginning of a pack, exactly; ValueError says what is wrong with it."""
    if len(raw) != table_bytes(raw[: HEAD.size]):
        raise ValueError("the table of a pack is cut off")
    if hashlib.sha256(memoryview(raw)[:-_CHECKSUM_BYTES]).digest() != raw[-_CHECKSUM_BYTES:]:
        raise ValueError("the checksum of a pack's table differs")
    middle = HEAD.size + HEAD.unpack_from(raw)[2] * HASH_BYTES
    ends = array("Q", struct.unpack(f">{HEAD.unpack_from(raw)[2]}Q", raw[middle:-_CHECKSUM_BYTES]))
    return Table(digests=raw[HEAD.size : middle], ends=ends, start=len(raw))


def parse_record(raw: bytes, digest: Digest) -> PieceHashes:
    """The hashes in the record of a digest; ValueError when a byte of it differs."""
    body = raw[:-_CHECK_BYTES]
    if len(body) < _START.size or _check(bytes.fromhex(digest), body) != raw[-_CHECK_BYTES:]:
        raise ValueError("a record of a pack is damaged")
    size, root = _START.unpack_from(body)
    layer, sha1s, tail = _lengths(size)
    if len(body) != _START.size + layer + sha1s + tail:
        raise ValueError("a record of a pack has another length than its file's size demands")
    first = _START.size + layer
    return PieceHashes(
        digest=digest,
        bytes=size,
        pieces_root=root,
        piece_layer=body[_START.size : first],
        sha1_pieces=body[first:-tail],
        sha1_tail=body[-tail:],
    )
