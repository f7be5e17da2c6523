"""The disk becomes full while real recordings are rendered: exit code 5, three lines, nothing half; with room again the
run ends as if there had been room all the time. It is never told of a recording (Q902)."""

import random
import wave
from pathlib import Path

import pytest

from sonoteca.model.errors import Unreachable
from sonoteca.pipeline.archive import SETTINGS
from sonoteca.pipeline.recover import recover
from sonoteca.pipeline.verify import Checks, verify
from tests.faults import acts
from tests.faults.acts import new_archive, opened
from tests.faults.faulty import Plan
from tests.faults.scenes import differences
from tests.faults.snapshot import snapshot
from tests.faults.test_full_disk import FULL, attempt
from tests.mounts import tmpfs

pytestmark = [pytest.mark.faults, pytest.mark.needs_root]
SECONDS, RATE_HZ = 10, 44_100
# From a row's page to all but the last: noise makes a FLAC of about 220 pages, an Opus of about 40.
PAGES = (0, 8, 30, 60, 120, 200, 240, 270, 300, 340, 400)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of one noisy recording that may be published."""
    folder = tmp_path_factory.mktemp("full") / "shelf" / "Maker - 2001 - Noise"
    folder.mkdir(parents=True)
    with wave.open(str(folder / "01 Noise.wav"), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(random.Random(1).randbytes(SECONDS * RATE_HZ * 2))
    (folder / "rights.json").write_text('{"license": "CC0-1.0"}')
    return folder.parent


def taken(root: Path, shelf: Path) -> Path:
    """An archive that has it, and has published nothing yet."""
    new_archive(root)
    with opened(root, Plan(), real_workshop=True) as archive:
        acts.add_trusted(archive, shelf)
        acts.run(archive, shelf)
    return root


def test_from_nothing_to_enough(tmp_path: Path, shelf: Path) -> None:
    twin = taken(tmp_path / "twin", shelf)
    with opened(twin, Plan(), real_workshop=True) as archive:
        acts.publish_all(archive, shelf)
    with tmpfs(tmp_path / "small") as disk:
        root = taken(disk.folder / "archive", shelf)
        stopped = 0
        for pages in PAGES:
            disk.limit(free_pages=pages)
            try:
                with opened(root, Plan(), real_workshop=True) as archive:
                    acts.publish_all(archive, shelf)
            except Unreachable as error:
                assert error.code in ("disk-full", "space"), error
                stopped += 1
            disk.limit()
            assert not [row for row in snapshot(root)["rows"]["sounds"] if "Q90" in row]
            with opened(root, Plan(), real_workshop=True) as archive:
                recover(archive)
                damage = [one for one in verify(archive, Checks(jobs=1), acts.no_progress) if one.code[0] in "ES"]
            assert damage == []
        assert stopped >= len(PAGES) // 2
        with opened(root, Plan(), real_workshop=True) as archive:
            acts.publish_all(archive, shelf)
        assert differences(snapshot(root), snapshot(twin)) == []


def test_what_a_person_is_told(tmp_path: Path, shelf: Path) -> None:
    with tmpfs(tmp_path / "small") as disk:
        root = taken(disk.folder / "archive", shelf)
        disk.limit(free_pages=PAGES[len(PAGES) // 2])
        assert attempt(root, "run") == FULL
        assert [path.name for path in (root / "quarantine").iterdir()] in ([], ["refused"])
        disk.limit()
        assert attempt(root, "run") == 0
        assert (root / SETTINGS).is_file() and len(snapshot(root)["torrents"]) == 12
