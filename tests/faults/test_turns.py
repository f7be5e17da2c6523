"""Turns: a decision is not kept waiting by a long run, and two runs do not work one queue."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sonoteca.model.errors import Conflict
from sonoteca.ports.disk import Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.turns import LOCK, WAITING, is_awaited, turn
from tests.scenarios.session import COMMAND, Session, environment

WAIT_S = 120.0


class Pauses:
    """What somebody who waits does between two looks, `many` times and no more."""

    def __init__(self, many: int) -> None:
        self.left = many

    def __call__(self, _: float) -> None:
        self.left -= 1
        if not self.left:
            raise TimeoutError("waited long enough")


def test_who_waits_is_seen_and_comes_next(tmp_path: Path) -> None:
    disk: Disk = LocalDisk(str(tmp_path), create=True)
    with disk.lock(LOCK):
        seen: list[bool] = []

        def pause(_: float) -> None:
            seen.append(is_awaited(disk))
            raise TimeoutError

        with pytest.raises(TimeoutError), turn(disk, 60.0, pause):
            pass
        assert seen == [True]
        assert not is_awaited(disk)
    with turn(disk, 60.0, Pauses(1)):
        assert not is_awaited(disk)


def test_a_second_waits_behind_the_first_who_waits(tmp_path: Path) -> None:
    disk: Disk = LocalDisk(str(tmp_path), create=True)
    with disk.lock(WAITING), pytest.raises(TimeoutError), turn(disk, 60.0, Pauses(3)):
        pass


def test_patience_has_an_end(tmp_path: Path) -> None:
    disk: Disk = LocalDisk(str(tmp_path), create=True)
    with disk.lock(LOCK), pytest.raises(Conflict), turn(disk, 0.0):
        pass


def test_a_withdrawal_goes_between_two_releases_of_a_run(tmp_path: Path, corpus: Path) -> None:
    """The run makes way, goes on behind it, and ends with everything published but what was taken back."""
    shelf = tmp_path / "shelf"
    sources = sorted((corpus / "sonic-pi-samples").glob("*.flac"), key=lambda path: path.stat().st_size)[:9]
    for number, source in enumerate(sources):
        folder = shelf / f"Maker - Album {number}"
        folder.mkdir(parents=True)
        shutil.copyfile(source, folder / "01 sound.flac")
        (folder / "rights.json").write_text('{"license": "CC0-1.0"}')
    session = Session(tmp_path / "archive")
    session.take(str(shelf / "Maker - Album 0"), "--trust-manifest")
    track = next(hit["id"] for hit in session.ask("search", "maker")["hits"] if hit["kind"] == "track")
    session.words("add", str(shelf), "--trust-manifest")
    with subprocess.Popen([*COMMAND, "run", "--json"], cwd=session.folder, env=environment()) as running:
        session.ask("withdraw", track, "--reason", "asked")
        assert running.wait(timeout=WAIT_S) == 0
    session.ask("run")
    assert sum(one["files"] for one in session.ask("volumes")["volumes"]) == 8 * 4
    assert session.ask("verify")["whole"]
