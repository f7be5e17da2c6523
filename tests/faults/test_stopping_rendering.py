"""Real processes in the middle of a long decode: Ctrl-C leaves no child and nothing in quarantine; a decoder that is
killed is replaced; a second `run` is told who is first; a decision waits for no decoder."""

import os
import random
import select
import signal
import subprocess
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.snapshot import snapshot, waiting
from tests.scenarios.session import COMMAND, Session, environment

pytestmark = pytest.mark.faults
SECONDS, RATE_HZ = 120, 44_100
WAIT_S = 120.0


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of one recording that takes some seconds to render."""
    folder = tmp_path_factory.mktemp("rendering") / "shelf" / "Maker - 2001 - Long"
    folder.mkdir(parents=True)
    with wave.open(str(folder / "01 Long.wav"), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(random.Random(1).randbytes(RATE_HZ * 2) * SECONDS)
    (folder / "rights.json").write_text('{"license": "CC0-1.0"}')
    return folder.parent


@contextmanager
def rendering(archive: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`sonoteca run`, when it decodes."""
    with subprocess.Popen([*COMMAND, "run", "--json"], cwd=archive, env=environment(), stderr=subprocess.PIPE) as run:
        try:
            while not list(archive.glob("quarantine/render-*/1/*.opus")):
                assert run.poll() is None, "it ended before it was rendering"
                select.select([], [], [], 0.002)
            yield run
        finally:
            run.kill()


def below(pid: int) -> list[int]:
    """Every process that this one started, and those that they started, the innermost last."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *below(int(child))]
    return found


def is_there(pid: int) -> bool:
    """Whether a process has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_ctrl_c_leaves_no_child_and_running_again_goes_on(tmp_path: Path, shelf: Path) -> None:
    session = Session(tmp_path / "archive")
    session.words("add", str(shelf), "--trust-manifest")
    with rendering(session.folder) as run:
        children = below(run.pid)
        assert len(children) >= 2
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=WAIT_S)
    assert (run.returncode, [pid for pid in children if is_there(pid)]) == (130, [])
    assert said.decode().splitlines()[-1].startswith("stopped; nothing is lost")
    assert snapshot(session.folder)["quarantine"] == []
    told = session.ask("run")
    assert (told["rendered"], len(told["volumes"]), told["failed"]) == (1, 3, [])
    assert waiting(session.folder) == [] and session.ask("verify", "--reference")["whole"] is True


def decoder_of(run: "subprocess.Popen[bytes]") -> int:
    """The process that writes the files."""
    (found,) = [pid for pid in below(run.pid) if any(".opus" in name for name in open_files(pid))]
    return found


def open_files(pid: int) -> list[str]:
    """What it has open."""
    return [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]


def test_a_decoder_that_was_killed_is_replaced_and_there_is_one_run_at_a_time(tmp_path: Path, shelf: Path) -> None:
    session = Session(tmp_path / "archive")
    session.words("add", str(shelf), "--trust-manifest")
    with rendering(session.folder) as run:
        decoder = decoder_of(run)
        os.kill(decoder, signal.SIGSTOP)  # so that it does not end before the other has asked
        assert session.ask("run", code=6)["error"]["code"] == "locked"
        os.kill(decoder, signal.SIGKILL)
        run.communicate(timeout=WAIT_S)
    assert run.returncode == 0
    assert len(session.ask("volumes")["volumes"]) == 3
    assert not [row for row in snapshot(session.folder)["rows"]["findings"] if "Q902" in row]
    assert session.ask("verify")["whole"] is True


def test_a_withdrawal_does_not_wait_for_a_decoder_that_hangs(tmp_path: Path, shelf: Path) -> None:
    session = Session(tmp_path / "archive")
    session.words("add", str(shelf), "--trust-manifest")
    release = ""
    with rendering(session.folder) as run:
        children = below(run.pid)
        os.kill(decoder_of(run), signal.SIGSTOP)
        release = session.ask("search", "maker")["hits"][0]["id"]
        assert session.ask("withdraw", release, "--reason", "asked")["public"] == 0
        run.communicate(timeout=WAIT_S)
    assert (run.returncode, [pid for pid in children if is_there(pid)]) == (0, [])
    assert session.ask("volumes")["volumes"] == snapshot(session.folder)["quarantine"] == []
    session.ask("reinstate", release)
    assert len(session.ask("run")["volumes"]) == 3


def test_a_coordinator_that_was_killed_leaves_no_child(tmp_path: Path, shelf: Path) -> None:
    session = Session(tmp_path / "archive")
    session.words("add", str(shelf), "--trust-manifest")
    with rendering(session.folder) as run:
        ends = [os.pidfd_open(pid) for pid in below(run.pid)]
        run.kill()
        run.communicate(timeout=WAIT_S)
        for end in ends:
            assert select.select([end], [], [], WAIT_S)[0], "a child outlived its coordinator"
            os.close(end)
    assert list(session.folder.glob("quarantine/render-*"))
    assert session.ask("run")["rendered"] == 1
    assert snapshot(session.folder)["quarantine"] == [] and waiting(session.folder) == []
