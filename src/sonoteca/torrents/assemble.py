"""Assemble: name, members and their stored hash layers become a .torrent, byte for byte the same each time.

Takes  a name, members in any order, the hashes of each (a function of the digest), a flavour, what stands outside.
Gives  the .torrent, its infohashes, and its members in the order of its files; magnet links.
Never  reads a file or a clock. The info dict follows from name, members and flavour: no date, no creator, no private
       flag, nothing of Outside; so that whoever assembles the same volume again, anywhere, gets the same swarm.

    hybrid   v1 and v2 in one info dict (BEP 52): files, pads and sha1 pieces; file tree, piece layers beside it
    v1       the hybrid without its v2 half: the same files, pads and pieces
    v2       the hybrid without its v1 half: no pads, each file is a tree of its own
"""

import urllib.parse
from collections.abc import Callable, Mapping, Sequence

from sonoteca.formats import bencode
from sonoteca.formats.bencode import Value
from sonoteca.formats.metainfo import hashed
from sonoteca.model.errors import Damaged
from sonoteca.model.files import PIECE_BYTES, PieceHashes
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Assembled, Flavour, InfoHashes, Member, Outside
from sonoteca.torrents import layout, limits, writing
from sonoteca.torrents.writing import Written

_SHA1_BYTES = 20


def assemble(
    name: str, members: Sequence[Member], hashes: Callable[[Digest], PieceHashes], flavour: Flavour, outside: Outside
) -> Assembled:
    """The torrent over these members. Refused: it would not open everywhere (limits.py). Damaged: the hashes are not
    those of the member. `hashes` is asked once for each member, in the order of the files."""
    limits.verify_openable(name, members)
    members = layout.ordered(members)
    found = [_verified(member, hashes(member.digest)) for member in members]
    info = {b"name": _value(name.encode()), b"piece length": _value(PIECE_BYTES)}
    root = {key: _value(value) for key, value in outside_entries(outside).items()}
    if flavour is not Flavour.V2:
        info |= _v1(name, members, found)
    if flavour is not Flavour.V1:
        info |= {b"file tree": writing.file_tree(members, found), b"meta version": _value(2)}
        root[b"piece layers"] = writing.piece_layers(found)
    raw_info = writing.joined(info)
    torrent = writing.joined({b"info": raw_info, **root})
    limits.verify_torrent(name, len(torrent.raw), torrent.tokens)
    infohashes = hashed(raw_info.raw, has_v1=flavour is not Flavour.V2, has_v2=flavour is not Flavour.V1)
    return Assembled(torrent=torrent.raw, hashes=infohashes, members=members)


def _value(value: Value) -> Written:
    return Written(raw=bencode.format(value), tokens=bencode.tokens(value))


def _verified(member: Member, found: PieceHashes) -> PieceHashes:
    if found.digest != member.digest or found.bytes != member.bytes:
        what = f"the hash layers are those of another file: {found.digest}, {found.bytes} bytes"
        raise Damaged("layers-differ", what, where=member.path, cure="run: sonoteca verify")
    return found


def _v1(name: str, members: Sequence[Member], hashes: Sequence[PieceHashes]) -> dict[bytes, Written]:
    """BEP 3, with the pads of BEP 47."""
    pieces = _value(_pieces(hashes))
    if layout.is_one_file(name, members):
        return {b"length": _value(members[0].bytes), b"pieces": pieces}
    return {b"files": writing.file_list(members, layout.pads(members)), b"pieces": pieces}


def _pieces(hashes: Sequence[PieceHashes]) -> bytes:
    if len(hashes) == 1:
        # Nothing follows, so nothing is padded: the last piece ends where the file ends.
        return hashes[0].sha1_pieces[:-_SHA1_BYTES] + hashes[0].sha1_tail
    return b"".join([one.sha1_pieces for one in hashes])


def outside_entries(outside: Outside) -> dict[bytes, Value]:
    """What stands beside the info dict: BEP 3 and 12 (trackers), 19 (web seeds), 38 (predecessors)."""
    trackers = [[one.encode() for one in tier] for tier in outside.trackers if tier]
    found: dict[bytes, Value] = {}
    if trackers:
        found[b"announce"] = trackers[0][0]
    if sum(map(len, trackers)) > 1:
        found[b"announce-list"] = [list(tier) for tier in trackers]
    if outside.web_seeds:
        found[b"url-list"] = [one.encode() for one in outside.web_seeds]
    if outside.similar:
        # BEP 38 knows hashes of 20 bytes; libtorrent finds a v2 torrent by the first 20 of its own.
        found[b"similar"] = [bytes.fromhex(one)[:_SHA1_BYTES] for one in outside.similar]
    if outside.comment:
        found[b"comment"] = outside.comment.encode()
    return found


def magnet(hashes: InfoHashes, name: str, outside: Outside, peer: str = "") -> str:
    """A link (BEP 9, 52, 53) by which a client finds the torrent: both hashes, name, trackers, web seeds, and `peer`
    ("host:port") to ask first."""
    parts = [f"xt=urn:btih:{hashes.v1}"] if hashes.v1 else []
    if hashes.v2:
        # A multihash: sha2-256, 32 bytes. Beside a v1 hash it is numbered: rTorrent refuses a second `xt`, libtorrent
        # reads it either way.
        parts.append(f"{'xt.2' if hashes.v1 else 'xt'}=urn:btmh:1220{hashes.v2}")
    said: Mapping[str, Sequence[str]] = {
        "dn": [name],
        "tr": [one for tier in outside.trackers for one in tier],
        "ws": outside.web_seeds,
        "x.pe": [peer] if peer else [],
    }
    parts += [f"{key}={urllib.parse.quote(value, safe=':')}" for key in said for value in said[key]]
    return f"magnet:?{'&'.join(parts)}"
