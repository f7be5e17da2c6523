"""A store of 25,000 files of which there are only the hashes: what torrents are made of, and not a byte of audio.

Takes  a folder in the scratch folder with an empty archive.   Gives  objects as deposit would leave them, but for the
       recordings themselves; the volumes over them. All of it follows from numbers.
Never  is an archive that `verify` would pass: its files of 4 MB are missing.
"""

import functools
import hashlib
from collections.abc import Iterator

from sonoteca.bench.bare_objects import NOW, small, write_object
from sonoteca.formats import pieces
from sonoteca.model.files import BLOCK_BYTES, PIECE_BYTES, Layers
from sonoteca.model.ids import Digest
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Group, Slot, Volume
from sonoteca.ports.bench_folder import BenchFolder
from sonoteca.preserve.versions import Content

FILES, IN_A_RELEASE = 25_000, 10
VOLUMES = range(1, 6)
GROUP = Group(collection="netlabel", tier=Tier.ACCESS, licence_class="cc-by")
_BESIDE = ("release.json", "source.json", "events.jsonl")


def file_bytes(number: int) -> int:
    """The size of a file: 4 MB, a little more or less."""
    return 4_000_000 + number * 7919 % 100_000 - 50_000


TOTAL_BYTES = sum(map(file_bytes, range(FILES)))


def layers(number: int) -> Layers:
    """Hashes of a file that never was: root and piece layer follow from the leaves, as in real ones."""
    size = file_bytes(number)
    seed = hashlib.sha256(b"file %d" % number).digest()
    leaves = hashlib.shake_128(seed).digest(-(-size // BLOCK_BYTES) * 32)
    root, layer = pieces.root_and_layer(leaves)
    return Layers(
        bytes=size,
        digest=Digest(seed.hex()),
        leaves=leaves,
        pieces_root=root,
        piece_layer=layer,
        sha1_pieces=hashlib.shake_128(seed + b"1").digest(-(-size // PIECE_BYTES) * 20),
        sha1_tail=hashlib.sha1(seed, usedforsecurity=False).digest(),
    )


def release_id(number: int) -> str:
    """Of a release, in the form that ids have."""
    return f"urn:uuid:{hashlib.sha256(b'release %d' % number).hexdigest()[:8]}-0000-8000-8000-{number:012}"


def build(scratch: BenchFolder, name: str) -> None:
    """The objects, below the archive `name`."""
    for number in range(FILES // IN_A_RELEASE):
        for _ in write_object(scratch, name, release_id(number), _state(number)):
            pass  # the recordings are missing


def _state(number: int) -> Iterator[Content]:
    for at in range(number * IN_A_RELEASE, (number + 1) * IN_A_RELEASE):
        one = layers(at)
        yield Content(path=f"masters/{at:05}.opus", digest=one.digest, bytes=one.bytes, staged="not there")
        yield small(f"pieces/{one.digest}.pieces", pieces.format(one))
    for name in _BESIDE:
        yield small(name, f"{name} of {number}".encode())


@functools.cache
def volumes() -> tuple[Volume, ...]:
    """The volumes over all files, as their records would say."""
    share = FILES // len(VOLUMES)
    return tuple(
        Volume(
            name=f"sonoteca-netlabel-access-cc-by-{number:04}",
            group=GROUP,
            number=number,
            revision=1,
            opened_at=NOW,
            slots=tuple(map(_slot, range((number - 1) * share, number * share))),
        )
        for number in VOLUMES
    )


def _slot(at: int) -> Slot:
    release = at // IN_A_RELEASE
    folder = f"Artist {release // 20} - Album {release:05} of pieces"
    return Slot(
        path=f"{folder}/{at % IN_A_RELEASE + 1:02} The piece called {at}.opus",
        release=release_id(release),
        track=f"trk_{at}",
        file=f"masters/{at:05}.opus",
        kind="audio",
        digest=Digest(hashlib.sha256(b"file %d" % at).hexdigest()),
        bytes=file_bytes(at),
    )
