"""Writing: the large parts of a .torrent as bytes, straight from members and hashes.

Takes  members in the order of the files, with the hashes of each.
Gives  Written: what bencode.format would give for the same part, and how many tokens a reader meets in it.
Never  builds the values in between: of 25,000 files that would be half a million objects, made to be written once.

Tests compare every part with what bencode makes of plain values.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sonoteca.formats import bencode
from sonoteca.formats.merkle import HASH_BYTES
from sonoteca.model.files import PieceHashes
from sonoteca.model.torrent import Member
from sonoteca.torrents.layout import PAD_FOLDER

# A list and a dict are two tokens, their beginning and their end; a key, a text and a number are one each.
_FILE_TOKENS = 2 + 2 + 1 + 2
_PAD_TOKENS = 2 + 3 + 2 + 2 + 2
_FOLDER_TOKENS = 1 + 2
_LEAF_TOKENS = 1 + 2 + 1 + 2 + 2 + 2
_PAD_HEAD = b"d4:attr1:p6:lengthi%de4:pathl%d:%b%d:%bee"
_PADS = PAD_FOLDER.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A value in bencode, and its tokens."""

    raw: bytes
    tokens: int


def text(raw: bytes) -> bytes:
    """A text."""
    return b"%d:%b" % (len(raw), raw)


def joined(entries: Mapping[bytes, Written]) -> Written:
    """A dict of parts that are written already."""
    raw = bencode.format_joined({key: one.raw for key, one in entries.items()})
    return Written(raw=raw, tokens=2 + len(entries) + sum(one.tokens for one in entries.values()))


def file_list(members: Sequence[Member], pads: Iterable[tuple[str, int]]) -> Written:
    """BEP 3's `files`, with the pads of BEP 47: `pads` has a name and a size for each member, ("", 0) for none."""
    chunks, tokens = [b"l"], 2
    folders: dict[str, tuple[bytes, int]] = {"": (b"", 0)}
    for member, (pad, gap) in zip(members, pads, strict=True):
        above, _, name = member.path.rpartition("/")
        if above not in folders:
            parts = above.split("/")
            folders[above] = b"".join([text(part.encode()) for part in parts]), len(parts)
        folder, depth = folders[above]
        chunks.append(b"d6:lengthi%de4:pathl%b%bee" % (member.bytes, folder, text(name.encode())))
        tokens += _FILE_TOKENS + depth + 1
        if gap:
            chunks.append(_PAD_HEAD % (gap, len(_PADS), _PADS, len(pad), pad.encode()))
            tokens += _PAD_TOKENS
    chunks.append(b"e")
    return Written(raw=b"".join(chunks), tokens=tokens)


def file_tree(members: Sequence[Member], hashes: Sequence[PieceHashes]) -> Written:
    """BEP 52's `file tree`: a dict for each folder, and for each file a dict whose only key is empty."""
    chunks, tokens = [b"d"], 2
    here: list[str] = []
    for member, one in zip(members, hashes, strict=True):
        *folder, name = member.path.split("/")
        if folder != here:
            # Members stand in the order of the tree, so a folder that was left is not entered again.
            kept = _common(folder, here)
            chunks.append(b"e" * (len(here) - kept))
            chunks += [b"%bd" % text(part.encode()) for part in folder[kept:]]
            tokens += _FOLDER_TOKENS * (len(folder) - kept)
            here = folder
        chunks.append(
            b"%bd0:d6:lengthi%de11:pieces root%d:%bee"
            % (text(name.encode()), member.bytes, HASH_BYTES, one.pieces_root)
        )
    chunks.append(b"e" * (len(here) + 1))
    return Written(raw=b"".join(chunks), tokens=tokens + _LEAF_TOKENS * len(members))


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many parts at the beginning are the same."""
    count = 0
    while count < min(len(first), len(second)) and first[count] == second[count]:
        count += 1
    return count


def piece_layers(hashes: Iterable[PieceHashes]) -> Written:
    """BEP 52's `piece layers`: of every file larger than a piece; the same content twice is one entry."""
    layers = {one.pieces_root: one.piece_layer for one in hashes if one.piece_layer}
    chunks = [b"d", *_entries(layers), b"e"]
    return Written(raw=b"".join(chunks), tokens=2 + 2 * len(layers))


def _entries(layers: dict[bytes, bytes]) -> Iterator[bytes]:
    head = b"%d:" % HASH_BYTES
    for root in sorted(layers):
        layer = layers[root]
        yield head
        yield root
        yield b"%d:" % len(layer)
        yield layer
