"""A small archive with a website and a seeder: what clients follow. Two collections, each with originals and copies for
listening; made by the command line of recordings that were made here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy

from sonoteca.convert.flac import FlacFile
from sonoteca.formats.metainfo import parse
from sonoteca.ports.libtorrent_swarm import LibtorrentSwarm
from sonoteca.ports.swarm import SEEDING, SwarmSettings
from sonoteca.swarm.seeds import parse_seed
from tests.clients.network import free_port
from tests.clients.shelf import sha256_of
from tests.clients.waiting import until
from tests.scenarios.session import Session
from tests.unit.convert.recordings import made, noise, write

RATE_HZ = 48_000
RELEASES = {
    "Early": ("Maker - 2001 - One", "Maker - 2002 - Two", "Maker - 2004 - Four"),
    "Late": ("Other - 2011 - Three",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What is published now: the digest of each file by its path below the folder that a client downloads to."""

    name: str
    hashes: tuple[str, str]
    bytes: int
    files: dict[str, str]


class Living:
    """The archive, and what it publishes at the moment."""

    def __init__(self, folder: Path, trackers: tuple[str, ...] = ()) -> None:
        self.session = Session(folder / "archive")
        settings = f"reserve_bytes = 0\nseed_trackers = {json.dumps(list(trackers))}\n"
        (self.session.folder / "sonoteca.toml").write_text(settings)
        for collection, albums in RELEASES.items():
            for number, album in enumerate(albums):
                _record(folder / "music" / collection / album, len(collection) + number)
            self.session.words(
                "add", str(folder / "music" / collection), "--collection", collection, "--trust-manifest"
            )
        told = self.session.ask("run")
        assert (told["outcomes"], told["failed"]) == ({"new": 4}, []), told

    @property
    def root(self) -> Path:
        return self.session.folder

    def volumes(self) -> dict[str, Volume]:
        """By name."""
        return {one.name: one for one in map(self._volume, sorted(self.root.glob("torrents/*.seed.json")))}

    def _volume(self, path: Path) -> Volume:
        seed = parse_seed(path.read_bytes())
        inside = parse((self.root / seed.torrent).read_bytes())
        real = [one for one in inside.files if not one.is_pad]
        files = {
            f"{inside.name}/{one.path}": sha256_of(self.root / place)
            for one, place in zip(real, seed.files, strict=True)
        }
        hashes = (inside.hashes.v1, inside.hashes.v2)
        return Volume(name=seed.name, hashes=hashes, bytes=sum(one.bytes for one in real), files=files)

    def release(self, title: str) -> str:
        """The id of a release."""
        return str(self.session.ask("search", title)["hits"][0]["release"])

    def withdraw(self, title: str) -> None:
        self.session.words("withdraw", self.release(title), "--reason", "asked to")

    @contextmanager
    def seeding(self, address: str) -> Iterator[tuple[str, int]]:
        """Everything that is published now is given at this address."""
        endpoint = (address, free_port(address))
        swarm = LibtorrentSwarm(SwarmSettings(listen=(f"{address}:{endpoint[1]}",)))
        try:
            seeds = [parse_seed(path.read_bytes()) for path in sorted(self.root.glob("torrents/*.seed.json"))]
            for seed in seeds:
                swarm.add(seed, (self.root / seed.torrent).read_bytes(), str(self.root))
            until(lambda: _is_seeding(swarm, len(seeds)), "our seeder")
            yield endpoint
        finally:
            swarm.close()


def _is_seeding(swarm: LibtorrentSwarm, count: int) -> bool:
    swarm.drain()
    return [one.state for one in swarm.status()] == [SEEDING] * count


def _record(folder: Path, level: int) -> None:
    folder.mkdir(parents=True)
    for track in (1, 2):
        sound = (noise(3, RATE_HZ, 2, level=0.02 * level + track / 10) * 32_767).astype(numpy.int16)
        assert write(FlacFile, folder / f"{track:02} Track {track}.flac", made(sound, RATE_HZ, form="s16"), ())
    (folder / "rights.json").write_text(json.dumps({"license": "CC-BY-4.0", "rights_holders": ["Maker"]}))
