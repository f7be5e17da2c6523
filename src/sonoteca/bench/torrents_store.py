"""A store of 2,000 files of 4 MB in 200 objects, and the volume over them: what a re-issue works on.

Takes  a folder in the scratch folder with an empty archive.   Gives  objects as deposit leaves them, recordings
       included (holes: torrents_files.py).
Never  is an archive that `verify` would pass: the digests are those of the files' heads.
"""

import hashlib
from collections.abc import Iterator
from functools import cache

from sonoteca.bench.bare_objects import NOW, small, write_object
from sonoteca.bench.torrents_files import HEAD_BYTES, sparse_layers
from sonoteca.formats import pieces
from sonoteca.model.files import Layers
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Group, Slot, Volume
from sonoteca.ports.bench_folder import BenchFolder
from sonoteca.preserve.versions import Content

FILES, IN_A_RELEASE, FILE_BYTES = 2000, 10, 4_000_000
NAME = "sonoteca-netlabel-original-free-0001"


def release_id(number: int) -> str:
    """Of a release, in the form that ids have."""
    return f"urn:uuid:{hashlib.sha256(b'album %d' % number).hexdigest()[:8]}-0000-8000-8000-{number:012}"


def head(number: int) -> bytes:
    """What a file begins with."""
    return hashlib.shake_128(b"head %d" % number).digest(HEAD_BYTES)


@cache
def _layers(number: int) -> Layers:
    return sparse_layers(head(number), FILE_BYTES)


def build(scratch: BenchFolder, name: str) -> None:
    """The objects, below the archive `name`."""
    for number in range(FILES // IN_A_RELEASE):
        for place, one in write_object(scratch, name, release_id(number), _state(number)):
            scratch.write_sparse(place, head(int(one.staged or "0")), FILE_BYTES)


def _state(number: int) -> Iterator[Content]:
    for at in range(number * IN_A_RELEASE, (number + 1) * IN_A_RELEASE):
        one = _layers(at)
        yield Content(path=f"masters/{at:05}.opus", digest=one.digest, bytes=one.bytes, staged=str(at))
        yield small(f"pieces/{one.digest}.pieces", pieces.format(one))


def volume() -> Volume:
    """Over all of them, before it is first issued."""
    return Volume(
        name=NAME,
        group=Group(collection="netlabel", tier=Tier.ORIGINAL, licence_class="free"),
        number=1,
        revision=0,
        opened_at=NOW,
        slots=tuple(map(_slot, range(FILES))),
    )


def _slot(at: int) -> Slot:
    release, digest = at // IN_A_RELEASE, _layers(at).digest
    return Slot(
        path=f"Artist {release // 20} - Album {release:05} of pieces/{at % IN_A_RELEASE + 1:02} The piece {at}.opus",
        release=release_id(release),
        track=f"trk_{at}",
        file=f"masters/{at:05}.opus",
        kind="audio",
        digest=digest,
        bytes=FILE_BYTES,
    )
