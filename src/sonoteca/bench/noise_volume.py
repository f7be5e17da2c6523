"""Noise: files that nothing can compress or guess, and the hybrid torrent over them, for a peer that seeds one folder.

Takes  a folder of the bench, a name, paths, the size of each.
Gives  <name>/<path> for each file, volume.torrent beside it; the torrent, the files' hash layers. The same each time.
"""

from collections.abc import Sequence

import numpy as np

from sonoteca.formats.pieces import FileMeter
from sonoteca.model.files import Layers
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Assembled, Flavour, Member, Outside
from sonoteca.ports.bench_folder import BenchFolder
from sonoteca.torrents.assemble import assemble


def write_noise(
    folder: BenchFolder, name: str, paths: Sequence[str], file_bytes: int
) -> tuple[Assembled, dict[str, Layers]]:
    """The torrent, and the layers of each file by its path."""
    chance, layers, members = np.random.default_rng(2), dict[Digest, Layers](), []
    for path in paths:
        raw = chance.bytes(file_bytes)
        made = _layers(raw)
        layers[made.digest] = made
        members.append(Member(path=path, digest=made.digest, bytes=file_bytes))
        folder.write(f"{name}/{path}", raw)
    torrent = assemble(name, members, layers.__getitem__, Flavour.HYBRID, Outside())
    folder.write("volume.torrent", torrent.torrent)
    return torrent, {one.path: layers[one.digest] for one in members}


def _layers(raw: bytes) -> Layers:
    meter = FileMeter()
    meter.update(memoryview(raw))
    made = meter.finish().layers
    if made is None:
        raise RuntimeError("a meter without layers")
    return made
