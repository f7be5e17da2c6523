"""A wrong piece met by the seeder: told to the archivist, on the command line and on the desk, until it is mended."""

import os
from pathlib import Path

from sonoteca.model.damage import Damage
from sonoteca.model.finding import finding
from sonoteca.pipeline.archive import Archive, open_archive
from sonoteca.pipeline.heed import damages, heed, mend, release_of
from sonoteca.pipeline.look import overview
from tests.scenarios.session import Session
from tests.swarms import Client, make_volume, publish, seeding, until

OBJECT = "urn:uuid:0f1e2d3c-0000-8000-8000-000000000001"
FILE = f"store/ab/cd/{OBJECT.replace(':', '%3a')}/v1/content/masters/01.opus"


def test_a_file_names_its_release() -> None:
    assert release_of(FILE) == OBJECT
    assert release_of("store/ab/abcd") == ""


def opened(folder: Path) -> Archive:
    Session(folder)
    return open_archive(os.fspath(folder))


def test_it_is_mended_when_verify_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    archive = opened(tmp_path / "archive")
    try:
        known = Damage(path=FILE, at="2026-11-29T10:00:00Z", torrent="vol")
        archive.private.save_damages([known])
        mend(archive, ("another",), [])
        mend(archive, (OBJECT,), [finding("S006", where=FILE)])
        mend(archive, (), [finding("S003", where=f"{FILE.partition('/v1')[0]}/inventory.json")])
        assert damages(archive) == (known,)
        assert overview(archive)["damages"] == [
            {"path": FILE, "at": known.at, "torrent": "vol", "release": OBJECT},
        ]
        mend(archive, (OBJECT,), [finding("S006", where=FILE.replace("01", "02"))])
        assert damages(archive) == ()
    finally:
        archive.close()


def test_what_the_seeder_meets_is_kept_and_told(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    archive = opened(root)
    try:
        volume = make_volume(root, "vol", (600_000,))
        wrong = root / volume.seed.files[0]
        spoilt = bytearray(wrong.read_bytes())
        spoilt[300_000] ^= 1
        wrong.write_bytes(spoilt)
        publish(root, volume)
        assert heed(archive) == ()
        with seeding(root) as seeder:
            seeder.ask("sync")
            assert heed(archive) == ()
            client = Client(tmp_path / "client")
            client.add(volume).connect_peer(("127.0.0.1", seeder.port))
            (found,) = until(lambda: heed(archive), "the wrong piece met")
            assert (found.path, found.torrent) == (volume.seed.files[0], "vol")
            assert heed(archive) == ()
        told = Session(root).words("status")
        assert "S019" in told and volume.seed.files[0] in told.replace("\n", "")
    finally:
        archive.close()
