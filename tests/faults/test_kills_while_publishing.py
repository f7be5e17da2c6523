"""SIGKILL at any moment of publishing, withdrawing and reinstating, with the real decoder: no process outlives its
coordinator, and after the same in peace the archive is what it would be had nothing happened. And while a seeder runs:
it never serves what was withdrawn once the next command has run, nor after it was killed itself.
"""

import json
import random
import shutil
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.faults.acts import new_archive
from tests.faults.scenes import differences, eventual
from tests.faults.snapshot import snapshot
from tests.faults.test_kills import Hatchery
from tests.swarms import Seeder, seeding

pytestmark = pytest.mark.faults
WORDS = ("publish", "withdraw", "reinstate")
LONGEST = {"publish": 75, "withdraw": 40, "reinstate": 30}  # deeds


@pytest.fixture(scope="module")
def shelf(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small releases of real recordings that may be published."""
    shelf = tmp_path_factory.mktemp("publishing") / "shelf"
    for name, found in (("Bells", "freedesktop-theme/*.oga"), ("Voices", "alsa-speaker-test/*.wav")):
        folder = shelf / f"Maker - 2001 - {name}"
        folder.mkdir(parents=True)
        for path in sorted(corpus.glob(found), key=lambda path: path.stat().st_size)[:2]:
            shutil.copyfile(path, folder / path.name)
        (folder / "rights.json").write_text('{"license": "CC0-1.0"}')
    return shelf


@pytest.mark.parametrize("kills", [12, pytest.param(150, marks=pytest.mark.soak)])
def test_kills_while_publishing(folder: Path, shelf: Path, kills: int) -> None:
    chance, fell = random.Random("publishing"), Counter[str]()
    with Hatchery() as hatchery:
        begun, wanted = folder / "begun", list[dict[str, Any]]()
        new_archive(begun)
        assert [hatchery.do(word, begun, shelf).code for word in ("add", "run")] == [0, 0]
        twin = folder / "twin"
        shutil.copytree(begun, twin)
        for word in WORDS:
            assert hatchery.do(word, twin, shelf).code == 0
            wanted.append(snapshot(twin))
        while fell.total() < kills:
            archive = folder / "archive"
            shutil.copytree(begun, archive)
            for word, end in zip(WORDS, wanted, strict=True):
                for _ in range(2):
                    delay_s = chance.uniform(0, 0.3 if word == "publish" and chance.random() < 0.3 else 0.004)
                    came = hatchery.do(word, archive, shelf, chance.randint(1, LONGEST[word]), delay_s)
                    assert came.code in (0, -signal.SIGKILL)
                    fell.update([f"{word}, {came.step}"] if came.code else [])
                assert hatchery.do(word, archive, shelf).code == 0
                assert differences(eventual(snapshot(archive)), eventual(end)) == [], fell
            shutil.rmtree(archive)
    assert len(fell) >= kills * 2 // 3, f"the kills fell in few places: {fell}"


# ── while a seeder runs ──────────────────────────────────────────────────────────────────────────────────────────────


def listed(root: Path) -> list[str]:
    """The names and infohashes that the seed lists say."""
    found = [json.loads(path.read_bytes()) for path in (root / "torrents").glob("*.seed.json")]
    return sorted(f"{one['name']} {one['hashes']['v1']}" for one in found)


def served(seeder: Seeder) -> list[str]:
    """The same of what is in the swarm."""
    told = seeder.ask("sync")
    assert told["synced"] and not told["failed"]
    return sorted(f"{one['name']} {one['v1']}" for one in told["torrents"])


MOMENTS = ("disk.remove:torrents issuing.recall#1", "disk.write:records volumes._recorded#1")
MOMENTS += ("database.commit volumes.issue#1", "disk.replace:torrents torrents._replace#2")


def test_the_coordinator_and_the_seeder_are_killed(tmp_path: Path, shelf: Path) -> None:
    root = tmp_path / "archive"
    new_archive(root)
    with Hatchery() as hatchery:
        assert [hatchery.do(word, root, shelf).code for word in ("add", "publish")] == [0, 0]
        published = listed(root)
        with seeding(root) as seeder:
            assert served(seeder) == published
            for at in MOMENTS:
                order = {"archive": str(root), "shelf": str(shelf), "after": None, "delay_s": 0}
                assert hatchery.send(word="withdraw", at=at, **order).code == -signal.SIGKILL
                assert served(seeder) == listed(root)
                # Whatever comes next carries the decision out.
                assert hatchery.do("add", root, shelf).code == 0
                withdrawn = listed(root)
                assert served(seeder) == withdrawn
                # Two volumes at least had something of it, in two flavours each.
                assert len(set(published) - set(withdrawn)) >= 4
                assert hatchery.do("reinstate", root, shelf).code == 0
                assert served(seeder) == published
            assert hatchery.do("withdraw", root, shelf).code == 0
            seeder.kill()
        with seeding(root) as again:
            assert served(again) == listed(root) == withdrawn
            again.kill()
            # Nobody is there to be told: it is read by who comes.
            assert hatchery.do("reinstate", root, shelf).code == 0
        with seeding(root) as last:
            assert served(last) == listed(root) == published
