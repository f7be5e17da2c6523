"""An archive's folder with nothing but what seeding needs: files by digest below store/, torrents beside them."""

import hashlib
import random
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sonoteca.formats.pieces import FileMeter
from sonoteca.model.files import Layers
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Flavour, InfoHashes, Member, Outside, Seed
from sonoteca.torrents.assemble import assemble

OUTSIDE = Outside()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A torrent of the shelf. `files` are the digests that a client should have, by path below the folder it chose."""

    seed: Seed
    torrent: Path
    files: Mapping[str, str]

    @property
    def hashes(self) -> InfoHashes:
        return self.seed.hashes


class Shelf:
    """Files, and the torrents assembled over them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.members: dict[str, Member] = {}
        self._layers: dict[Digest, Layers] = {}
        (root / "store").mkdir(parents=True)
        (root / "torrents").mkdir()

    def put(self, path: str, raw: bytes) -> None:
        """Stores a file that will be called so in torrents."""
        meter = FileMeter()
        meter.update(memoryview(raw))
        layers = meter.finish().layers
        assert layers is not None
        self._layers[layers.digest] = layers
        self.members[path] = Member(path=path, digest=layers.digest, bytes=len(raw))
        self.place(layers.digest).write_bytes(raw)

    def fill(self, sizes: Mapping[str, int], seed: int = 0) -> None:
        """Noise of these sizes, the same each time."""
        noise = random.Random(seed)
        for path, size in sizes.items():
            self.put(path, noise.randbytes(size))

    def place(self, digest: str) -> Path:
        """Where the bytes lie: nothing of their name in the torrent is in it."""
        return self.root / "store" / digest

    def publish(
        self, name: str, flavour: Flavour = Flavour.HYBRID, without: Iterable[str] = (), outside: Outside = OUTSIDE
    ) -> Published:
        """Our own torrent over the members that are not left out."""
        left_out = set(without)
        members = [member for path, member in self.members.items() if path not in left_out]
        made = assemble(name, members, self._layers.__getitem__, flavour, outside)
        torrent = self.root / "torrents" / f"{made.hashes.short}.torrent"
        torrent.write_bytes(made.torrent)
        seed = Seed(
            name=f"{name} {made.hashes.short}",
            torrent=torrent.relative_to(self.root).as_posix(),
            hashes=made.hashes,
            files=tuple(f"store/{member.digest}" for member in made.members),
        )
        # A torrent that is its file has no folder around it.
        above = "" if [member.path for member in members] == [name] else f"{name}/"
        files = {above + member.path: str(member.digest) for member in made.members}
        return Published(seed=seed, torrent=torrent, files=files)

    def state(self) -> dict[str, tuple[int, int, str]]:
        """Everything below store/: inode, time of change and digest of each."""
        return {
            path.name: (path.stat().st_ino, path.stat().st_mtime_ns, sha256_of(path))
            for path in sorted((self.root / "store").iterdir())
        }


def sha256_of(path: Path) -> str:
    """Of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_below(folder: Path) -> dict[str, str]:
    """Digests by path of every file that a client wrote, pads too."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def pads_in(paths: Iterable[str]) -> set[str]:
    """Those in a torrent's folder of pads."""
    return {path for path in paths if path.split("/")[1:2] == [".pad"]}


def forget(folder: Path) -> None:
    """Downloads are large and pytest keeps folders of three runs."""
    shutil.rmtree(folder, ignore_errors=True)
