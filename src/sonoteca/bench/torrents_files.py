"""Files for benches with torrents: tens of thousands of distinct ones, right to the last bit, on little of the disk.

Takes  a size.   Gives  files whose first block is like no other's and whose rest is a hole, with their hash layers.
Why    a torrent cares for hashes, paths and sizes. A hole is read as zeros: every piece can be asked for, is hashed and
       is right, and 80,000 files of 4 MB take 4 KiB each. Throughput is not measured on holes (torrents_seed.py).
"""

import hashlib
from dataclasses import dataclass
from functools import cache

from sonoteca.formats import merkle
from sonoteca.model.files import BLOCK_BYTES, PIECE_BYTES, Layers
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Flavour, InfoHashes, Member, Outside, Seed
from sonoteca.ports.bench_folder import BenchFolder
from sonoteca.swarm.seeds import format_seed
from sonoteca.torrents.assemble import assemble

HEAD_BYTES = 4096
_LEVELS = 4  # from blocks of 16 KiB to pieces of 256 KiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A torrent and what has to lie where for it to be seeded."""

    seed: Seed
    torrent: bytes
    files: tuple[tuple[str, bytes, int], ...]


@cache
def _rest(size: int) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Of a file of zeros: its piece layer, v1 pieces and unpadded tail after the first piece, the other leaves of that
    piece, and all leaves but the first."""
    leaf = hashlib.sha256(bytes(BLOCK_BYTES)).digest()
    blocks, odd = divmod(size, BLOCK_BYTES)
    leaves = leaf * blocks + (hashlib.sha256(bytes(odd)).digest() if odd else b"")
    pieces = -(-size // PIECE_BYTES)
    zeros = hashlib.sha1(bytes(PIECE_BYTES), usedforsecurity=False).digest()
    tail = hashlib.sha1(bytes((size - 1) % PIECE_BYTES + 1), usedforsecurity=False).digest()
    others = leaf * (PIECE_BYTES // BLOCK_BYTES - 1)
    return merkle.layer(leaves, _LEVELS)[32:], zeros * (pieces - 1), tail, others, leaves[32:]


def sparse_layers(head: bytes, size: int) -> Layers:
    """Of a file that begins with `head` (at most a block) and goes on with zeros; `size` is more than a piece."""
    layer, pieces, tail, leaves, others = _rest(size)
    leaf = hashlib.sha256(head.ljust(BLOCK_BYTES, b"\0")).digest()
    first = merkle.root(leaf + leaves)
    piece = hashlib.sha1(head, usedforsecurity=False)
    piece.update(bytes(PIECE_BYTES - len(head)))
    return Layers(
        digest=Digest(hashlib.sha256(head).hexdigest()),
        leaves=leaf + others,
        pieces_root=merkle.root(first + layer, _LEVELS),
        piece_layer=first + layer,
        sha1_pieces=piece.digest() + pieces,
        sha1_tail=tail,
        bytes=size,
    )


def make(name: str, files: int, size: int) -> Made:
    """A torrent of so many files, each like no other, in albums of twenty, under the names that a store gives."""
    layers: dict[Digest, Layers] = {}
    members, places = [], dict[Digest, tuple[str, bytes, int]]()
    for number in range(files):
        head = hashlib.shake_128(f"{name} {number}".encode()).digest(HEAD_BYTES)
        one = sparse_layers(head, size)
        layers[one.digest] = one
        members.append(Member(path=_path(name, number), digest=one.digest, bytes=size))
        places[one.digest] = (_place(one.digest, number), head, size)
    made = assemble(name, members, layers.__getitem__, Flavour.HYBRID, Outside())
    files_ = tuple(places[member.digest] for member in made.members)
    seed = Seed(
        name=name, torrent=f"torrents/{name}.torrent", hashes=made.hashes, files=tuple(path for path, *_ in files_)
    )
    return Made(seed=seed, torrent=made.torrent, files=files_)


def _path(name: str, number: int) -> str:
    return f"Some Artist - An Album of {name} {number // 20}/{number:04} A title of a usual length.opus"


def _place(digest: Digest, number: int) -> str:
    """As long as in a store (OCFL): two tuples, an object's name, a version, a logical path."""
    return f"store/{digest[:2]}/{digest[2:4]}/{digest}/v2/content/access/{number:04} A title of a usual length.opus"


def put(scratch: BenchFolder, folder: str, made: Made) -> InfoHashes:
    """Files, torrent and seed list into an archive's folder below the scratch folder."""
    for path, head, size in made.files:
        scratch.write_sparse(f"{folder}/{path}", head, size)
    scratch.write(f"{folder}/{made.seed.torrent}", made.torrent)
    scratch.write(f"{folder}/torrents/{made.seed.name}.seed.json", format_seed(made.seed))
    return made.seed.hashes
