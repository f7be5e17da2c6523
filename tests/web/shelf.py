"""An archive with releases to listen to: long enough that a download can be stopped in the middle."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy

from sonoteca import holdings
from sonoteca.catalogue import read
from sonoteca.catalogue.tables import SCHEMA
from sonoteca.convert.flac import FlacFile
from sonoteca.holdings import PublicFile
from sonoteca.ports.database import Database
from tests.scenarios.session import Session
from tests.unit.convert.recordings import made, noise, write

NAME = "01 – “Ünïcode” 作品 100%.flac"
LONG = "Maker - 2001 - Long"
HELD = "Nobody - 2002 - Held"
ALL = ((LONG, NAME, 180, 44_100), (LONG, "02 Two.flac", 20, 48_000), (HELD, "x.flac", 2, 48_000))


@dataclass(frozen=True)
class Shelf:
    """The archive, and what was put into it, by name."""

    session: Session
    originals: dict[str, bytes]

    def files(self) -> list[PublicFile]:
        """What may leave, by the catalogue."""
        database = Database(str(self.session.folder), SCHEMA)
        try:
            with database.read() as tx:
                found = [holdings.standing(tx, kept.release.id) for kept in read.all_releases(tx)]
            return [file for one in found if one for file in holdings.public_files(one)]
        finally:
            database.close()

    def one(self, name: str, tier: str = "original") -> PublicFile:
        return next(one for one in self.files() if one.tier == tier and name in one.name)

    def address(self, file: PublicFile) -> str:
        return f"/file/{file.digest}/x"

    def zip_address(self, file: PublicFile) -> str:
        return f"/zip/{file.release.removeprefix('urn:uuid:')}.zip"


def make_shelf(folder: Path) -> Shelf:
    """Two recordings that are public, of three minutes and of twenty seconds, and one that is held."""
    music, originals = folder / "music", {}
    for album, name, seconds, rate_hz in (
        (LONG, NAME, 180, 44_100),
        (LONG, "02 Two.flac", 20, 48_000),
        (HELD, "x.flac", 2, 48_000),
    ):
        path = music / album / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sound = (noise(seconds, rate_hz, 2, level=0.1 + seconds / 1000) * 32_767).astype(numpy.int16)
        assert write(FlacFile, path, made(sound, rate_hz, form="s16"), ())
        originals[name] = path.read_bytes()
    (music / LONG / "rights.json").write_text(json.dumps({"license": "CC-BY-4.0", "rights_holders": ["Maker"]}))
    session = Session(folder / "archive")
    told = session.take(str(music), "--trust-manifest")
    assert (told["outcomes"], told["failed"]) == ({"new": 2}, []), told
    return Shelf(session, originals)


def moved(shelf: Shelf, folder: Path) -> Shelf:
    """The same archive at a place of its own."""
    shutil.copytree(shelf.session.folder, folder, symlinks=True)
    return Shelf(Session(folder), shelf.originals)


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
