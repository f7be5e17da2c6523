"""Torrent files: the files that an info dict tells of, as v1 lists them, as v2 grows them, and whether both agree.

Takes  the parts of an info dict, from anybody.   Gives  TorrentFile, in the torrent's order.
Never  gives a path that could leave a folder, two files of one path, or a file that is a folder too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sonoteca.formats import merkle
from sonoteca.formats.bencode import Value
from sonoteca.formats.bencode_fields import Dict, dict_of, list_of, number_of, text_of
from sonoteca.formats.naming import clash_key, is_device
from sonoteca.model.malformed import Malformed

MAX_TOTAL_BYTES = 2**53
# In a file tree a long folder name stands once, and once more in the path of each file that is made of it.
MAX_TREE_CHARS = 50_000_000
_NUL = "\0"
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True, kw_only=True)
class TorrentFile:
    """A file of a torrent. `path` is below the torrent's name, as found (surrogateescape for what is not UTF-8), and
    never leaves it; `pieces_root` is b"" in v1 and for an empty file; a pad holds zeros and nobody wants it."""

    path: str
    pieces_root: bytes = b""
    is_pad: bool = False
    bytes: int


def files_of(info: Dict, name: str, piece_bytes: int) -> tuple[TorrentFile, ...]:
    """The files of an info dict whose torrent bears this name; Malformed says what is wrong with them."""
    listed = tuple(_listed(info, name)) if b"pieces" in info else ()
    tree = tuple(_tree(dict_of(info[b"file tree"], "file tree"))) if b"file tree" in info else ()
    if listed and tree:
        files = _agreed(listed, tree, piece_bytes)
        if is_one_file(tree, name) != (b"length" in info):
            raise Malformed("B140", "the v1 and v2 halves disagree whether there is a folder around the file")
    else:
        files = listed or tree
    _verify_files(files)
    return files


def is_one_file(tree: tuple[TorrentFile, ...], name: str) -> bool:
    """Whether a file tree has no folder around its file. BEP 52: if it is the only one and bears the torrent's name."""
    return [file.path for file in tree] == [name]


def name_of(value: Value, what: str) -> str:
    """One name of a path, which cannot leave its folder."""
    if not isinstance(value, bytes):
        raise Malformed("B110", f"a name in {what} is not a text")
    if value in (b"", b".", b"..") or b"/" in value or b"\0" in value:
        raise Malformed("B120", f"a name in {what} is no name: {value[:80]!r}")
    name = value.decode("utf-8", "surrogateescape")
    # On Windows "\\" parts names as "/" does, "c:" is a drive, and "nul.opus" a device.
    if "\\" in name or _DRIVE.match(name) or is_device(name):
        raise Malformed("B121", f"a name in {what} is no name on Windows: {name[:80]!r}")
    return name


def _listed(info: Dict, name: str) -> Iterator[TorrentFile]:
    """The files as v1 lists them."""
    if b"files" not in info:
        yield TorrentFile(path=name, bytes=_size(info))
        return
    if b"length" in info:
        raise Malformed("B110", "a length and a list of files: one of them is wrong")
    for item in list_of(info[b"files"], "files"):
        file = dict_of(item, "files")
        parts = list_of(file.get(b"path.utf-8", file.get(b"path")), "path")
        path = "/".join([name_of(part, "path") for part in parts])
        yield TorrentFile(path=path, bytes=_size(file), is_pad=_is_pad(file))


def _tree(tree: Dict) -> Iterator[TorrentFile]:
    """The files as v2 has them, in the order of the tree."""
    # Depth was bounded by bencode; keys were in order, so the files are.
    waiting: list[tuple[str, Dict]] = [("", tree)]
    chars = 0
    while waiting:
        path, node = waiting.pop()
        if b"" in node:
            yield _leaf(path, node)
            continue
        if not node:
            raise Malformed("B127", f"an empty folder in the file tree: {path[:80]!r}")
        chars += sum(len(path) + len(key) for key in node)
        if chars > MAX_TREE_CHARS:
            raise Malformed("B125", f"paths of more than {MAX_TREE_CHARS} characters in the file tree")
        below = [(_joined(path, name_of(key, "file tree")), dict_of(node[key], "file tree")) for key in node]
        waiting.extend(reversed(below))


def _leaf(path: str, node: Dict) -> TorrentFile:
    if len(node) != 1 or not path:
        raise Malformed("B123", f"a file and a folder at one place of the file tree: {path[:80]!r}")
    file = dict_of(node[b""], "file tree")
    size = _size(file)
    root = text_of(file, b"pieces root") if b"pieces root" in file else b""
    if len(root) != (merkle.HASH_BYTES if size else 0):
        raise Malformed("B133", f"a file of {size} bytes with a root of {len(root)} bytes: {path[:80]!r}")
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
                raise Malformed("B140", f"the v1 and v2 halves tell of different files at {file.path[:80]!r}")
            if file.bytes and start % piece_bytes:
                raise Malformed("B141", f"no piece begins where this file does: {file.path[:80]!r}")
            file = TorrentFile(path=file.path, bytes=file.bytes, pieces_root=twin.pieces_root)
        found.append(file)
        start += file.bytes
    if (left := next(roots, None)) is not None:
        raise Malformed("B140", f"the v1 half leaves out {left.path[:80]!r}")
    return tuple(found)


def _verify_files(files: tuple[TorrentFile, ...]) -> None:
    """Raises Malformed unless each file can stand on a disk beside the others."""
    if sum(file.bytes for file in files) > MAX_TOTAL_BYTES:
        raise Malformed("B126", f"files of more than {MAX_TOTAL_BYTES} bytes")
    # Pads may share a path (libtorrent's do); nobody writes them. Below every other character, a NUL puts what is in a
    # folder right behind a file of its name.
    paths = sorted(
        (clash_key(path).replace("/", _NUL), path) for path in (file.path for file in files if not file.is_pad)
    )
    if not paths:
        raise Malformed("B127", "no files but pads")
    for (key, path), (key_after, after) in pairwise(paths):
        if key == key_after or key_after.startswith(key + _NUL):
            raise _clash(path, after)


def _clash(path: str, after: str) -> Malformed:
    """What is wrong with two paths that cannot stand beside each other."""
    if path == after:
        return Malformed("B122", f"two files have one path: {path[:80]!r}")
    if after.startswith(f"{path}/"):
        return Malformed("B123", f"a path is a file and a folder: {path[:80]!r}")
    return Malformed("B124", f"differ in case or composition alone: {path[:80]!r}, {after[:80]!r}")


def _size(file: Dict) -> int:
    return number_of(file, b"length", MAX_TOTAL_BYTES)


def _is_pad(file: Dict) -> bool:
    attributes = file.get(b"attr", b"")
    return isinstance(attributes, bytes) and b"p" in attributes  # BEP 47


def _joined(above: str, name: str) -> str:
    return f"{above}/{name}" if above else name
