"""Streams, as values: a file of somebody else's swarm that is listened to while it comes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be heard: a torrent, as a magnet link or as the bytes of its .torrent, and the path of a file in it,
    below its name; the end of a path is enough when no other file ends so."""

    path: str
    link: str = ""
    torrent: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The file that is meant: its number in the torrent, its path, its size, and where it begins in the pieces."""

    index: int
    path: str
    bytes: int
    offset: int
    piece_bytes: int
