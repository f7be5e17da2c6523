"""Info dict: which file of a torrent is meant, and which pieces hold a stretch of it. Pure.

Takes  an info dict of anybody, as bytes: what peers send for a magnet link has no layers beside it, so that
       formats/metainfo.py cannot judge all of it; the infohash has vouched for it.
Gives  Found; pieces.
Never  believes a name to be a path on a disk: it is compared and shown, nothing else.
"""

from sonoteca.formats import bencode
from sonoteca.formats.bencode_fields import dict_of, number_of, text_of
from sonoteca.formats.torrent_files import TorrentFile, files_of, name_of
from sonoteca.model.stream import Found

MAX_INFO_BYTES = 10_000_000
MAX_PIECE_BYTES = 64 * 1024 * 1024


def find(info: bytes, path: str) -> Found:
    """The file of this path, or the only one whose path ends so; for "" the only file. ValueError otherwise."""
    if len(info) > MAX_INFO_BYTES:
        raise ValueError(f"an info dict of more than {MAX_INFO_BYTES} bytes")
    said = dict_of(bencode.parse(info), "info")
    piece_bytes = number_of(said, b"piece length", MAX_PIECE_BYTES)
    if not piece_bytes:
        raise ValueError("pieces of no bytes")
    files = files_of(said, name_of(text_of(said, b"name"), "name"), piece_bytes)
    is_v2 = b"pieces" not in said
    return _found(files, _chosen(files, path), piece_bytes, is_v2=is_v2)


def _chosen(files: tuple[TorrentFile, ...], path: str) -> int:
    real = [number for number, file in enumerate(files) if not file.is_pad and file.bytes]
    exact = [number for number in real if files[number].path == path]
    ending = [number for number in real if not path or f"/{files[number].path}".endswith(f"/{path.lstrip('/')}")]
    found = exact or ending
    if len(found) != 1:
        what = "no file" if not found else f"{len(found)} files"
        some = ", ".join(repr(files[number].path[:100]) for number in (found or real)[:5])
        raise ValueError(f"{what} of this path; there are: {some}")
    return found[0]


def _found(files: tuple[TorrentFile, ...], index: int, piece_bytes: int, *, is_v2: bool) -> Found:
    offset = 0
    for file in files[:index]:
        # BEP 52: without a v1 half each file begins a piece.
        offset += file.bytes + (-file.bytes % piece_bytes if is_v2 else 0)
    one = files[index]
    return Found(index=index, path=one.path, bytes=one.bytes, offset=offset, piece_bytes=piece_bytes)


def pieces_of(found: Found, start: int, count: int) -> range:
    """The pieces that hold `count` bytes from `start` of the file."""
    if not 0 <= start < start + count <= found.bytes:
        raise ValueError(f"the file has no {count} bytes at {start}")
    first, last = (found.offset + start) // found.piece_bytes, (found.offset + start + count - 1) // found.piece_bytes
    return range(first, last + 1)
