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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sonoteca.formats import bencode, merkle
from sonoteca.formats.bencode import Value
from sonoteca.model.files import BLOCK_BYTES
from sonoteca.model.torrent import Flavour, InfoHashes, Outside

MAX_BYTES = 10_000_000  # libtorrent's default: what is larger, hardly a client opens
MAX_PIECE_BYTES = 1 << 30
MAX_TOTAL_BYTES = 2**53
# In a file tree a long folder name stands once, and once more in the path of each file that is made of it.
MAX_TREE_CHARS = 50_000_000
_SHA1_BYTES = 20
_NUL = "\0"

_Dict = Mapping[bytes, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class TorrentFile:
    """A file of a torrent. `path` is below the torrent's name, as found (surrogateescape for what is not UTF-8), and
    never leaves it; `pieces_root` is b"" in v1 and for an empty file; a pad holds zeros and nobody wants it."""

    path: str
    pieces_root: bytes = b""
    is_pad: bool = False
    bytes: int


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
    """What a .torrent says; ValueError says what is wrong with it."""
    if len(raw) > MAX_BYTES:
        raise ValueError(f"{len(raw)} bytes, at most {MAX_BYTES}")
    root, raw_info = bencode.parse_with_raw(raw, b"info")
    info = _dict(root[b"info"], "info")
    has_v1, has_v2 = _halves(info)
    name = _part(_bytes(info, b"name.utf-8" if b"name.utf-8" in info else b"name"), "name")
    piece_bytes = _piece_bytes(info, has_v2)
    listed = tuple(_listed(info, name)) if has_v1 else ()
    tree = tuple(_tree(_dict(info[b"file tree"], "file tree"))) if has_v2 else ()
    files = _agreed(listed, tree, piece_bytes) if has_v1 and has_v2 else listed or tree
    _verify_files(files)
    # BEP 52: a tree of one file that bears the torrent's name has no folder around it.
    is_one_file = [file.path for file in tree] == [name] if has_v2 else b"length" in info
    if has_v1 and is_one_file != (b"length" in info):
        raise ValueError("the v1 and v2 halves disagree whether there is a folder around the file")
    return Metainfo(
        name=name,
        flavour=Flavour.HYBRID if has_v1 and has_v2 else Flavour.V1 if has_v1 else Flavour.V2,
        hashes=hashed(raw_info, has_v1=has_v1, has_v2=has_v2),
        info=raw_info,
        piece_bytes=piece_bytes,
        files=files,
        is_one_file=is_one_file,
        is_private=info.get(b"private") == 1,
        sha1_pieces=_sha1_pieces(info, files, piece_bytes) if has_v1 else b"",
        piece_layers=_piece_layers(root, files, piece_bytes) if has_v2 else {},
        outside=_outside(root),
    )


def hashes_of(info: bytes) -> InfoHashes:
    """The infohashes of an info dict as received: v1, v2 or both, by what stands in it. ValueError when it is none."""
    has_v1, has_v2 = _halves(_dict(bencode.parse(info), "info"))
    return hashed(info, has_v1=has_v1, has_v2=has_v2)


def hashed(info: bytes, *, has_v1: bool, has_v2: bool) -> InfoHashes:
    """The infohashes of an info dict of which is known what stands in it."""
    return InfoHashes(
        v1=hashlib.sha1(info, usedforsecurity=False).hexdigest() if has_v1 else "",
        v2=hashlib.sha256(info).hexdigest() if has_v2 else "",
    )


def _halves(info: _Dict) -> tuple[bool, bool]:
    """Whether it has a v1 and a v2 half."""
    if info.get(b"meta version", 1) not in (1, 2):
        raise ValueError(f"meta version {info[b'meta version']!r:.40} is not known")
    has_v1, has_v2 = b"pieces" in info, info.get(b"meta version") == 2
    if has_v2 != (b"file tree" in info):
        raise ValueError("a file tree and meta version 2 belong together")
    if has_v1 != (b"files" in info or b"length" in info):
        raise ValueError("pieces and a length or list of files belong together")
    if not has_v1 and not has_v2:
        raise ValueError("an info dict without pieces and without a file tree")
    return has_v1, has_v2


def _piece_bytes(info: _Dict, has_v2: bool) -> int:
    found = _int(info, b"piece length", MAX_PIECE_BYTES)
    # BEP 52: a power of two, at least 16 KiB; BEP 3 asks for nothing.
    if not found or (has_v2 and (found < BLOCK_BYTES or found & (found - 1))):
        raise ValueError(f"a piece cannot have {found} bytes")
    return found


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _listed(info: _Dict, name: str) -> Iterator[TorrentFile]:
    """The files as v1 lists them."""
    if b"files" not in info:
        yield TorrentFile(path=name, bytes=_size(info))
        return
    if b"length" in info:
        raise ValueError("a length and a list of files: one of them is wrong")
    for item in _list(info[b"files"], "files"):
        file = _dict(item, "files")
        parts = _list(file.get(b"path.utf-8", file.get(b"path")), "path")
        path = "/".join([_part(part, "path") for part in parts])
        yield TorrentFile(path=path, bytes=_size(file), is_pad=_is_pad(file))


def _tree(tree: _Dict) -> Iterator[TorrentFile]:
    """The files as v2 has them, in the order of the tree."""
    # Depth was bounded by bencode; keys were in order, so the files are.
    waiting: list[tuple[str, _Dict]] = [("", tree)]
    chars = 0
    while waiting:
        path, node = waiting.pop()
        if b"" in node:
            yield _leaf(path, node)
            continue
        if not node:
            raise ValueError(f"an empty folder in the file tree: {path[:80]!r}")
        chars += sum(len(path) + len(key) for key in node)
        if chars > MAX_TREE_CHARS:
            raise ValueError(f"paths of more than {MAX_TREE_CHARS} characters in the file tree")
        below = [(_joined(path, _part(key, "file tree")), _dict(node[key], "file tree")) for key in node]
        waiting.extend(reversed(below))


def _leaf(path: str, node: _Dict) -> TorrentFile:
    if len(node) != 1 or not path:
        raise ValueError(f"a file and a folder at one place of the file tree: {path[:80]!r}")
    file = _dict(node[b""], "file tree")
    size = _size(file)
    root = _bytes(file, b"pieces root") if b"pieces root" in file else b""
    if len(root) != (merkle.HASH_BYTES if size else 0):
        raise ValueError(f"a file of {size} bytes with a root of {len(root)} bytes: {path[:80]!r}")
    return TorrentFile(path=path, bytes=size, pieces_root=root)


def _agreed(
    listed: tuple[TorrentFile, ...], tree: tuple[TorrentFile, ...], piece_bytes: int
) -> tuple[TorrentFile, ...]:
    """The file list of a hybrid with the roots of its tree. BEP 52: same files, same order, each at a piece's start."""
    roots, found, start = iter(tree), [], 0
    for file in listed:
        if not file.is_pad:
            twin = next(roots, None)
            if twin is None or (twin.path, twin.bytes) != (file.path, file.bytes):
                raise ValueError(f"the v1 and v2 halves tell of different files at {file.path[:80]!r}")
            if file.bytes and start % piece_bytes:
                raise ValueError(f"no piece begins where this file does: {file.path[:80]!r}")
            file = TorrentFile(path=file.path, bytes=file.bytes, pieces_root=twin.pieces_root)
        found.append(file)
        start += file.bytes
    if (left := next(roots, None)) is not None:
        raise ValueError(f"the v1 half leaves out {left.path[:80]!r}")
    return tuple(found)


def _verify_files(files: tuple[TorrentFile, ...]) -> None:
    if sum(file.bytes for file in files) > MAX_TOTAL_BYTES:
        raise ValueError(f"files of more than {MAX_TOTAL_BYTES} bytes")
    # Pads may share a path (libtorrent's do); nobody writes them. Below every other character, a NUL puts what is in a
    # folder right behind a file of its name.
    paths = sorted(file.path.replace("/", _NUL) for file in files if not file.is_pad)
    if not paths:
        raise ValueError("no files but pads")
    for path, after in pairwise(paths):
        if path == after or after.startswith(path + _NUL):
            what = "two files have one path" if path == after else "a path is a file and a folder"
            raise ValueError(f"{what}: {path.replace(_NUL, '/')[:80]!r}")


def _size(file: _Dict) -> int:
    return _int(file, b"length", MAX_TOTAL_BYTES)


def _is_pad(file: _Dict) -> bool:
    attributes = file.get(b"attr", b"")
    return isinstance(attributes, bytes) and b"p" in attributes  # BEP 47


def _joined(above: str, name: str) -> str:
    return f"{above}/{name}" if above else name


def _part(value: Value, what: str) -> str:
    """One name of a path, which cannot leave its folder."""
    if not isinstance(value, bytes):
        raise ValueError(f"a name in {what} is not a text")
    if value in (b"", b".", b"..") or b"/" in value or b"\0" in value:
        raise ValueError(f"a name in {what} is no name: {value[:80]!r}")
    return value.decode("utf-8", "surrogateescape")


# ── hashes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sha1_pieces(info: _Dict, files: tuple[TorrentFile, ...], piece_bytes: int) -> bytes:
    pieces = _bytes(info, b"pieces")
    count = -(-sum(file.bytes for file in files) // piece_bytes)
    if len(pieces) != count * _SHA1_BYTES:
        raise ValueError(f"{len(pieces)} bytes are not the hashes of {count} pieces")
    return pieces


def _piece_layers(root: _Dict, files: tuple[TorrentFile, ...], piece_bytes: int) -> dict[bytes, bytes]:
    """The layers of files larger than a piece: all of them, no others, each giving its root."""
    given = _dict(root.get(b"piece layers", {}), "piece layers")
    large = {file.pieces_root: file for file in files if file.pieces_root and file.bytes > piece_bytes}
    if given.keys() != large.keys():
        raise ValueError(
            f"{len(given)} piece layers, and {len(large)} roots that need one: they do not belong together"
        )
    level = (piece_bytes // BLOCK_BYTES).bit_length() - 1
    found = {}
    for key, file in large.items():
        layer, length = given[key], -(-file.bytes // piece_bytes) * merkle.HASH_BYTES
        if not isinstance(layer, bytes) or len(layer) != length or merkle.root(layer, level) != key:
            raise ValueError(f"the piece layer does not give the root of {file.path[:80]!r}")
        found[key] = layer
    return found


# ── outside ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _outside(root: _Dict) -> Outside:
    """Trackers, web seeds, predecessors, comment. What has not the form is left out: no hash depends on it."""
    announce = _texts(root.get(b"announce"))
    tiers = root.get(b"announce-list")
    trackers = tuple(filter(None, map(_texts, tiers))) if isinstance(tiers, list) else ()
    similar = root.get(b"similar")
    return Outside(
        trackers=trackers or ((announce,) if announce else ()),
        web_seeds=_texts(root.get(b"url-list")),
        similar=tuple(one.hex() for one in similar if isinstance(one, bytes) and len(one) in (20, 32))
        if isinstance(similar, list)
        else (),
        comment="".join(_texts(root.get(b"comment"))),
    )


def _texts(value: Value | None) -> tuple[str, ...]:
    """The texts of a list, or of one alone, that are UTF-8 and not empty."""
    items = value if isinstance(value, list) else [value]
    raw = [item for item in items if isinstance(item, bytes) and item]
    return tuple(text for text in (one.decode("utf-8", "ignore") for one in raw) if text)


# ── kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _dict(value: Value, what: str) -> dict[bytes, Value]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not a dict")
    return value


def _list(value: Value | None, what: str) -> list[Value]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{what} is not a list, or an empty one")
    return value


def _bytes(values: _Dict, key: bytes) -> bytes:
    value = values.get(key)
    if not isinstance(value, bytes):
        raise ValueError(f"{key.decode('utf-8', 'backslashreplace')[:40]} is not a text")
    return value


def _int(values: _Dict, key: bytes, most: int) -> int:
    value = values.get(key)
    if not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{key.decode()} is not a number from 0 to {most}")
    return value
