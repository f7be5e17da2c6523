"""A disk that is full at one write after the other: every command ends with exit code 5 and three lines, nothing is
damaged, and with room again the same commands end with everything in.
"""

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.snapshot import waiting
from tests.mounts import tmpfs
from tests.scenarios.session import COMMAND, Session, environment

pytestmark = [pytest.mark.faults, pytest.mark.needs_root]
FULL = 5
# From "not even a row" to "all but the last": the whole shelf needs about 350 pages of 4 KiB.
PAGES = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 80, 110, 150, 200, 260, 320)


@pytest.fixture
def shelf(tmp_path: Path, corpus: Path) -> Path:
    """Three small releases, one of them with a file that is refused."""
    folder = tmp_path / "shelf"
    for release, count in (("freedesktop-theme", 5), ("teeworlds", 4), ("sonic-pi-samples", 3)):
        (folder / release).mkdir(parents=True)
        smallest = sorted((corpus / release).glob("*.*"), key=lambda path: path.stat().st_size)[:count]
        for path in [*smallest, corpus / release / "rights.json"]:
            shutil.copyfile(path, folder / release / path.name)
    shutil.copyfile(corpus / "openttd-openmsx" / "tttheme2.mid", folder / "teeworlds" / "theme.mid")
    return folder


def sounds(shelf: Path) -> list[Path]:
    """The recordings of the shelf."""
    return [path for path in shelf.rglob("*") if path.suffix in (".oga", ".wv", ".flac")]


def attempt(archive: Path, *words: str) -> int:
    """One command on a disk that may be full; its error, if it has one, is three lines in JSON."""
    command = [*COMMAND, *words, "--json"]
    done = subprocess.run(command, cwd=archive, env=environment(), capture_output=True, timeout=300, check=False)
    if done.returncode:
        assert done.stdout, (done.returncode, done.stderr[-3000:])
        told = json.loads(done.stdout.splitlines()[-1])["error"]
        # SQLite cannot say why it could not make the files beside its own.
        assert told["code"] in ("disk-full", "space", "cannot-open"), (told, done.stderr[-2000:])
        assert told["what"] and told["where"] and told["cure"]
    return done.returncode


def test_a_full_disk_at_every_write(tmp_path: Path, shelf: Path) -> None:
    """More room each time, on the same archive: what could be kept is kept, and at the end everything is."""
    with tmpfs(tmp_path / "small") as disk:
        session = Session(disk.folder / "archive")
        codes = Counter[int]()
        for pages in PAGES:
            disk.limit(free_pages=pages)
            codes[attempt(session.folder, "add", str(shelf))] += 1
            codes[attempt(session.folder, "run")] += 1
        disk.limit()
        assert set(codes) <= {0, FULL} and codes[FULL] >= len(PAGES) // 2
        session.take(str(shelf))
        told = session.ask("status")
        assert (
            told["releases"] == 3 and told["masters"] == len(sounds(shelf)) and told["intents"] == told["outbox"] == 0
        )
        assert waiting(session.folder) == []
        assert session.ask("verify", "--reference")["whole"] is True
        assert [path.name for path in (session.folder / "quarantine").iterdir()] == ["refused"]
        assert session.ask("rebuild")["releases"] == 3


def test_the_files_run_out(tmp_path: Path, shelf: Path) -> None:
    """No room for another name is a full disk too."""
    with tmpfs(tmp_path / "small") as disk:
        session = Session(disk.folder / "archive")
        session.words("add", str(shelf))
        for files in (0, 3, 10, 30, 60):
            disk.limit(free_files=files)
            assert attempt(session.folder, "run") in (0, FULL)
        disk.limit()
        session.take(str(shelf))
        assert session.ask("status")["releases"] == 3
        assert session.ask("verify", "--reference")["whole"] is True
