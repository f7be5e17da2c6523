"""What time alone changes: a permission that ends takes its recordings out of the swarm with the next run."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sonoteca.pipeline import look, publish, work
from sonoteca.pipeline.archive import Archive, coordinator, create, with_doors
from sonoteca.pipeline.intake import Wish, enqueue
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.clock import FixedClock, SeededEntropy


@pytest.fixture
def folder(tmp_path: Path, corpus: Path) -> Path:
    """A release that may be published everywhere, until the year ends."""
    folder = tmp_path / "shelf" / "Maker - Short Leave"
    folder.mkdir(parents=True)
    source = min((corpus / "alsa-speaker-test").glob("*.wav"), key=lambda path: path.stat().st_size)
    shutil.copyfile(source, folder / "01 one.wav")
    (folder / "rights.toml").write_text('licence = "CC-BY-4.0"\nuntil = 2026-12-31\nchannels = ["swarm", "stream"]\n')
    return folder


@contextmanager
def opened(root: Path, now: str) -> Iterator[Archive]:
    """The archive at another time."""
    archive = with_doors(str(root), LocalDisk(str(root)), FixedClock(now), SeededEntropy(now))
    try:
        with coordinator(archive):
            yield archive
    finally:
        archive.close()


def run(archive: Archive) -> None:
    """As the command does."""
    list(work.run(archive, 1, lambda *_: None))
    list(publish.publish(archive, 1, lambda *_: None))


def public(archive: Archive) -> int:
    """How many files are in the swarm."""
    return sum(one["files"] for one in look.volumes(archive)["volumes"])


def test_a_permission_that_ends_takes_its_recording_out(tmp_path: Path, folder: Path) -> None:
    root = tmp_path / "archive"
    create(str(root), FixedClock("2026-11-23T10:00:00Z"))
    (root / "sonoteca.toml").write_text("reserve_bytes = 0\n")
    with opened(root, "2026-11-23T10:00:00Z") as archive:
        list(enqueue(archive, Wish(paths=(str(folder),), collection="", trusts_manifest=True, moves=False)))
        run(archive)
        held = public(archive)
    with opened(root, "2026-12-31T23:00:00Z") as archive:
        run(archive)
        assert public(archive) == held
    with opened(root, "2027-01-01T01:00:00Z") as archive:
        run(archive)
        assert public(archive) == 0
