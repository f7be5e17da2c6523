"""SIGKILL at any moment of `add` and `run`: after one more run the archive is what it would be had nothing happened."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest
from ocfl.validator import Validator

from sonoteca.pipeline.archive import create
from sonoteca.ports.memory.clock import FixedClock
from tests.faults.hatchery import NOW
from tests.faults.snapshot import snapshot
from tests.scenarios.session import environment

KILLS = 200
CHAINS = 8
pytestmark = pytest.mark.faults


class Hatchery:
    """The program of hatchery.py."""

    def __enter__(self) -> "Hatchery":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.hatchery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def do(self, word: str, archive: Path, folder: Path, kill_after_s: float | None = None) -> int:
        """The exit code of one command; -9 when the kill came in time."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{word}\t{archive}\t{folder}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        timer = threading.Timer(kill_after_s, kill, (pid,)) if kill_after_s is not None else None
        if timer:
            timer.start()
        ended = self._process.stdout.readline().split()
        if timer:
            timer.cancel()
        assert ended[:2] == ["END", str(pid)]
        return int(ended[2])


def kill(pid: int) -> None:
    """As the kernel does when memory runs out."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture(scope="module")
def hatchery() -> Iterator[Hatchery]:
    """One for all chains."""
    with Hatchery() as hatched:
        yield hatched


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Path:
    """A few small real releases: documents, several formats, duplicates, one that is refused whole."""
    folder = tmp_path_factory.mktemp("kills") / "shelf"
    for release in ("alsa-speaker-test", "asc-music", "teeworlds"):
        keep = sorted(path for path in (corpus / release).iterdir() if path.is_file())
        (folder / release).mkdir(parents=True)
        for path in [*keep[:4], corpus / release / "rights.json", corpus / release / "COPYRIGHT"]:
            shutil.copyfile(path, folder / release / path.name)
    (folder / "scores").mkdir()
    shutil.copyfile(corpus / "openttd-openmsx" / "tttheme2.mid", folder / "scores" / "theme.mid")
    return folder


def new_archive(folder: Path) -> Path:
    """An empty archive whose keys are those of every other in this test."""
    create(str(folder), FixedClock(NOW))
    (folder / "sonoteca.toml").write_text("reserve_bytes = 0\n")
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, hatchery: Hatchery, shelf: Path) -> Path:
    """What it should be."""
    archive = new_archive(tmp_path_factory.mktemp("undisturbed") / "archive")
    assert hatchery.do("add", archive, shelf) == 0
    assert hatchery.do("run", archive, shelf) == 0
    return archive


@pytest.mark.parametrize("chain", range(CHAINS))
def test_kills(chain: int, tmp_path: Path, hatchery: Hatchery, shelf: Path, undisturbed: Path) -> None:
    """A chain of kills at seeded moments, then one run in peace."""
    chance = random.Random(chain)
    archive = new_archive(tmp_path / "archive")
    kills = 0
    longest = {"add": 0.15, "run": 0.9}
    for _ in range(KILLS * 3):
        if kills >= KILLS // CHAINS:
            break
        word = chance.choice(("add", "run", "run"))
        code = hatchery.do(word, archive, shelf, kill_after_s=chance.uniform(0, longest[word]))
        assert code in (0, -signal.SIGKILL)
        kills += code == -signal.SIGKILL
    assert kills >= KILLS // CHAINS
    assert hatchery.do("add", archive, shelf) == 0
    assert hatchery.do("run", archive, shelf) == 0
    assert snapshot(archive) == snapshot(undisturbed)
    for home in (path.parent for path in (archive / "store").rglob("0=ocfl_object_1.1")):
        validator = Validator()
        assert validator.validate_object(str(home)), validator.status_str()
