"""Outside: a .torrent that is there, with other things said beside its info dict.

Takes  the bytes of one of our own .torrent files, and what is to stand outside.
Gives  the same torrent, trackers, web seeds and comment replaced; infohash and piece layers are what they were.
Never  touches a byte of the info dict.
"""

from sonoteca.formats import bencode
from sonoteca.model.torrent import Outside
from sonoteca.torrents.assemble import outside_entries

INSIDE = frozenset({b"info", b"piece layers"})


def rewritten(torrent: bytes, outside: Outside) -> bytes:
    """The torrent with this outside; ValueError when it is none."""
    root, info = bencode.parse_with_raw(torrent, b"info")
    said = {key: bencode.format(value) for key, value in outside_entries(outside).items()}
    kept = {key: bencode.format(value) for key, value in root.items() if key in INSIDE and key != b"info"}
    return bencode.format_joined({**said, **kept, b"info": info})
