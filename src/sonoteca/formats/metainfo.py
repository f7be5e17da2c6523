"""Metainfo: what a .torrent of anybody says, checked until it can be believed.

Takes  the bytes of a .torrent: v1 (BEP 3), v2 (BEP 52) or hybrid, at most MAX_BYTES.
Gives  Metainfo: the bytes of the info dict exactly as they came, its hashes, its files in order; and what stands
       outside it.
Never  gives a path that could leave a folder; gives hashes over anything but the bytes as received; believes a piece
       layer that does not give the root in the info dict, or a hybrid whose halves tell of different files.

The formats' own readers of torrents differ in what they forgive. This one forgives nothing that makes two readers see
different files; what it does not know (source, md5sum, profiles) it passes over.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sonoteca.formats import bencode, merkle
from sonoteca.formats.bencode import Value
from sonoteca.formats.bencode_fields import Dict, dict_of, number_of, text_of
from sonoteca.formats.torrent_files import TorrentFile, files_of, is_one_file, name_of
from sonoteca.model.files import BLOCK_BYTES
from sonoteca.model.malformed import Malformed
from sonoteca.model.torrent import Flavour, InfoHashes, Outside

MAX_BYTES = 10_000_000  # libtorrent's default: what is larger, hardly a client opens
MAX_PIECE_BYTES = 1 << 30
_SHA1_BYTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Metainfo:
    """A .torrent that was believed. `sha1_pieces` is b"" in v2; `piece_layers` has, by root, those of files larger than
    a piece, and is empty in v1. `is_one_file`: the torrent is its file, without a folder around it."""

    name: str
    flavour: Flavour
    hashes: InfoHashes
    info: bytes
    piece_bytes: int
    files: tuple[TorrentFile, ...]
    is_one_file: bool
    is_private: bool
    sha1_pieces: bytes
    piece_layers: Mapping[bytes, bytes]
    outside: Outside


def parse(raw: bytes) -> Metainfo:
    """What a .torrent says; Malformed says what is wrong with it."""
    if len(raw) > MAX_BYTES:
        raise Malformed("B101", f"{len(raw)} bytes, at most {MAX_BYTES}")
    root, raw_info = bencode.parse_with_raw(raw, b"info")
    info = dict_of(root[b"info"], "info")
    has_v1, has_v2 = _halves(info)
    name = name_of(text_of(info, b"name.utf-8" if b"name.utf-8" in info else b"name"), "name")
    piece_bytes = _piece_bytes(info, has_v2)
    files = files_of(info, name, piece_bytes)
    return Metainfo(
        name=name,
        flavour=Flavour.HYBRID if has_v1 and has_v2 else Flavour.V1 if has_v1 else Flavour.V2,
        hashes=hashed(raw_info, has_v1=has_v1, has_v2=has_v2),
        info=raw_info,
        piece_bytes=piece_bytes,
        files=files,
        is_one_file=b"length" in info if has_v1 else is_one_file(files, name),
        is_private=info.get(b"private") == 1,
        sha1_pieces=_sha1_pieces(info, files, piece_bytes) if has_v1 else b"",
        piece_layers=_piece_layers(root, files, piece_bytes) if has_v2 else {},
        outside=_outside(root),
    )


def hashes_of(info: bytes) -> InfoHashes:
    """The infohashes of an info dict as received: v1, v2 or both, by what stands in it. Malformed when it is none."""
    has_v1, has_v2 = _halves(dict_of(bencode.parse(info), "info"))
    return hashed(info, has_v1=has_v1, has_v2=has_v2)


def hashed(info: bytes, *, has_v1: bool, has_v2: bool) -> InfoHashes:
    """The infohashes of an info dict of which is known what stands in it."""
    return InfoHashes(
        v1=hashlib.sha1(info, usedforsecurity=False).hexdigest() if has_v1 else "",
        v2=hashlib.sha256(info).hexdigest() if has_v2 else "",
    )


def _halves(info: Dict) -> tuple[bool, bool]:
    """Whether it has a v1 and a v2 half."""
    if info.get(b"meta version", 1) not in (1, 2):
        raise Malformed("B111", f"meta version {info[b'meta version']!r:.40} is not known")
    has_v1, has_v2 = b"pieces" in info, info.get(b"meta version") == 2
    if has_v2 != (b"file tree" in info):
        raise Malformed("B111", "a file tree and meta version 2 belong together")
    if has_v1 != (b"files" in info or b"length" in info):
        raise Malformed("B111", "pieces and a length or list of files belong together")
    if not has_v1 and not has_v2:
        raise Malformed("B111", "an info dict without pieces and without a file tree")
    return has_v1, has_v2


def _piece_bytes(info: Dict, has_v2: bool) -> int:
    found = number_of(info, b"piece length", MAX_PIECE_BYTES)
    # BEP 52: a power of two, at least 16 KiB; BEP 3 asks for nothing.
    if not found or (has_v2 and (found < BLOCK_BYTES or found & (found - 1))):
        raise Malformed("B112", f"a piece cannot have {found} bytes")
    return found


# ── hashes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sha1_pieces(info: Dict, files: tuple[TorrentFile, ...], piece_bytes: int) -> bytes:
    pieces = text_of(info, b"pieces")
    count = -(-sum(file.bytes for file in files) // piece_bytes)
    if len(pieces) != count * _SHA1_BYTES:
        raise Malformed("B130", f"{len(pieces)} bytes are not the hashes of {count} pieces")
    return pieces


def _piece_layers(root: Dict, files: tuple[TorrentFile, ...], piece_bytes: int) -> dict[bytes, bytes]:
    """The layers of files larger than a piece: all of them, no others, each giving its root."""
    given = dict_of(root.get(b"piece layers", {}), "piece layers")
    large = [file for file in files if file.bytes > piece_bytes and not file.is_pad]
    wanted = {file.pieces_root for file in large}
    if given.keys() != wanted:
        raise Malformed(
            "B131", f"{len(given)} piece layers, and {len(wanted)} roots need one: they do not belong together"
        )
    level = (piece_bytes // BLOCK_BYTES).bit_length() - 1
    found: dict[bytes, bytes] = {}
    for file in large:
        # Equal files share a layer; whoever lies about a size shares it too.
        key, length = file.pieces_root, -(-file.bytes // piece_bytes) * merkle.HASH_BYTES
        layer = found.get(key) or _layer(given[key], level, key)
        if len(layer) != length:
            raise Malformed("B132", f"the piece layer does not give the root of {file.path[:80]!r}")
        found[key] = layer
    return found


def _layer(value: Value, level: int, root: bytes) -> bytes:
    """A layer that gives its root; b"" for any other."""
    if not isinstance(value, bytes) or len(value) % merkle.HASH_BYTES:
        return b""
    return value if merkle.root(value, level) == root else b""


# ── outside ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _outside(root: Dict) -> Outside:
    """Trackers, web seeds, predecessors, comment. What has not the form is left out: no hash depends on it."""
    announce = _texts(root.get(b"announce"))
    tiers = root.get(b"announce-list")
    trackers = tuple(filter(None, map(_texts, tiers))) if isinstance(tiers, list) else ()
    similar = root.get(b"similar")
    hashes = similar if isinstance(similar, list) else []
    return Outside(
        trackers=trackers or ((announce,) if announce else ()),
        web_seeds=_texts(root.get(b"url-list")),
        similar=tuple(one.hex() for one in hashes if isinstance(one, bytes) and len(one) in (20, 32)),
        comment="".join(_texts(root.get(b"comment"))),
    )


def _texts(value: Value | None) -> tuple[str, ...]:
    """The texts of a list, or of one alone, that are UTF-8 and not empty."""
    items = value if isinstance(value, list) else [value]
    raw = [item for item in items if isinstance(item, bytes) and item]
    return tuple(text for text in (one.decode("utf-8", "ignore") for one in raw) if text)
