"""Limits: what the stock clients open. A torrent beyond them is refused here, not by every listener's client.

Takes  a torrent's name and members before it is assembled, its bytes after.
Gives  nothing, or Refused with the limit in its words.
Never  makes anything smaller: whoever divides files into volumes does.

    10,000,000 bytes of .torrent   libtorrent (so qBittorrent and most others): load_torrent_limits.max_buffer_size
    2,097,152 pieces               the same: max_pieces
    3,000,000 tokens               the same: max_decode_tokens; 100 deep: max_decode_depth
    8,000 files                    ours: a hybrid of 4 MB files has then about 9 MB
    1,023 bytes of path            macOS, where a path has no more; the folder of the download has to fit in too

Without empty files: v2 gives them no root, v1 clients disagree on whether they exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sonoteca.model.errors import Refused
from sonoteca.model.files import PIECE_BYTES
from sonoteca.model.torrent import Member
from sonoteca.torrents import layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a torrent may have; `max_folders` is how many names a path may have."""

    max_torrent_bytes: int = 10_000_000
    max_pieces: int = 2_097_152
    max_tokens: int = 3_000_000
    max_files: int = 8_000
    max_path_bytes: int = 1_023
    max_folders: int = 64


STOCK = Limits()


def verify_openable(name: str, members: Sequence[Member], limits: Limits = STOCK) -> None:
    """Raises Refused when no torrent over these members under this name opens everywhere. Needs no hashes."""
    if not members:
        raise _refused("a torrent of no files", name, "give it a file")
    _verify_most(len(members), limits.max_files, "files", name)
    for member in members:
        _verify_member(name, member, limits)
    _verify_most(sum(-(-member.bytes // PIECE_BYTES) for member in members), limits.max_pieces, "pieces", name)
    layout.verify_names(name, members)
    _verify_pads(members)


def verify_torrent(name: str, torrent_bytes: int, tokens: int, limits: Limits = STOCK) -> None:
    """Raises Refused when a .torrent that was assembled is larger than clients read."""
    _verify_most(torrent_bytes, limits.max_torrent_bytes, "bytes in a .torrent", name)
    _verify_most(tokens, limits.max_tokens, "tokens in a .torrent", name)


def _verify_member(name: str, member: Member, limits: Limits) -> None:
    if member.bytes <= 0:
        raise _refused("an empty file cannot be in a torrent", member.path, "leave the file out")
    path = f"{name}/{member.path}".encode("utf-8", "surrogatepass")
    _verify_most(len(path), limits.max_path_bytes, "bytes in a path", member.path)
    _verify_most(member.path.count("/") + 1, limits.max_folders, "names in a path", member.path)


def _verify_pads(members: Sequence[Member]) -> None:
    names = [name for name, gap in layout.pads(members) if gap]
    if len(set(names)) != len(names):
        raise _refused("two pads of a torrent have one path, which rtorrent refuses", "", "rename one of the files")


def _verify_most(count: int, most: int, of_what: str, where: str) -> None:
    if count > most:
        what = f"{count:,} {of_what}, stock clients open at most {most:,}"
        raise _refused(what, where, "divide it into more volumes")


def _refused(what: str, where: str, cure: str) -> Refused:
    return Refused("torrent-limit", what, where=where.encode("utf-8", "backslashreplace").decode(), cure=cure)
