"""Ctrl-C in the middle of a run, and two who want to change an archive at the same time."""

import select
import signal
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoteca.pipeline.archive import LOCK
from sonoteca.ports.local_disk import LocalDisk
from tests.faults.snapshot import snapshot, waiting
from tests.scenarios.session import COMMAND, Session, environment

pytestmark = pytest.mark.faults
RELEASES = 60
WAIT_S = 120.0


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many small releases, each with a sound of its own."""
    folder = tmp_path_factory.mktemp("stopping") / "shelf"
    for number in range(RELEASES):
        release = folder / f"Maker - 2001 - Album {number}"
        release.mkdir(parents=True)
        with wave.open(str(release / "01 Sound.wav"), "wb") as file:
            file.setparams((1, 2, 44_100, 0, "NONE", ""))
            file.writeframes(bytes((number * 7 + step * step) % 251 for step in range(8_000)))
    return folder


def has_begun(archive: Path) -> bool:
    """The first folder is being copied or looked at."""
    return (archive / "quarantine" / "1").exists()


def has_some(archive: Path) -> bool:
    """A few releases are in the store, others wait."""
    return len(list((archive / "store").glob("*/*/*"))) >= 5


@pytest.mark.parametrize("moment", [has_begun, has_some])
def test_ctrl_c_stops_a_run_and_running_again_goes_on(
    tmp_path: Path, shelf: Path, moment: Callable[[Path], bool]
) -> None:
    session = Session(tmp_path / "archive")
    session.words("add", str(shelf))
    command = [*COMMAND, "run"]
    with subprocess.Popen(command, cwd=session.folder, env=environment(), stderr=subprocess.PIPE) as running:
        while not moment(session.folder):
            assert running.poll() is None, "it ended before it could be stopped"
            select.select([], [], [], 0.002)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=WAIT_S)
    assert running.returncode == 130
    assert said.decode().splitlines()[-1] == "stopped; nothing is lost, the same command goes on from here"
    before = session.ask("status")
    assert before["releases"] < RELEASES
    outcomes = session.ask("run")["outcomes"]
    # One may have landed in the store without its rows: it is ended before the queue is worked.
    assert outcomes["new"] in (RELEASES - before["releases"], RELEASES - before["releases"] - 1)
    assert set(outcomes) == {"new"}
    assert session.ask("status")["releases"] == RELEASES
    assert waiting(session.folder) == []
    assert snapshot(session.folder)["quarantine"] == []
    assert session.ask("verify", "--reference")["whole"] is True


CHANGING = (("add", "."), ("run",), ("rebuild",), ("rights", "audit"), ("edit", "urn:uuid:0", "--set", "title=Other"))


def test_the_second_who_would_change_an_archive_is_told_who_is_first(tmp_path: Path) -> None:
    """Who only looks is not in anybody's way."""
    session = Session(tmp_path / "archive")
    (session.folder / "sonoteca.toml").write_text("reserve_bytes = 0\npatience_s = 0\n")
    session.ask("run")  # locks stand beside the archive from the first command on
    before = snapshot(session.folder)
    with LocalDisk(str(session.folder)).lock(LOCK):
        for words in CHANGING:
            command = [*COMMAND, *words]
            done = subprocess.run(
                command, cwd=session.folder, env=environment(), capture_output=True, timeout=WAIT_S, check=False
            )
            told = done.stderr.decode().splitlines()
            assert done.returncode == 6
            assert [line.split()[0] for line in told] == ["error", "where", "do"]
            assert "another process works on this archive" in told[0]
        assert session.ask("verify")["whole"] is True
        assert session.ask("status")["releases"] == 0
    assert snapshot(session.folder) == before
