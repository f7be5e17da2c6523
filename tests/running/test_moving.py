"""An archive that was moved is the same archive: docs/moving.md, as it says."""

import shutil
from pathlib import Path
from typing import Any

from sonoteca.pipeline.seeding import ask
from sonoteca.ports.fetch import fetch
from tests.running.archive import make_archive, opened, running
from tests.running.programs import until
from tests.scenarios.session import Session


def hashes(session: Session) -> dict[str, tuple[str, str]]:
    """The infohashes of every volume."""
    return {one["name"]: (one["v1"], one["v2"]) for one in session.ask("volumes")["volumes"]}


def seeded(root: Path) -> Any:
    """What is served of it, when all of it is."""
    told = ask(str(root), "sync")
    return told and {one["name"]: (one["v1"], one["v2"]) for one in told["torrents"] if one["state"] == "seeding"}


def test_moved_it_is_the_same(tmp_path: Path) -> None:
    session = make_archive(tmp_path / "here", seconds=3)
    before, status = hashes(session), session.ask("status")
    assert len(before) == 3
    place = tmp_path / "another machine" / "ärchive"
    place.parent.mkdir()
    # Another file system, another inode for everything; what was never to be copied is not.
    shutil.copytree(session.folder, place, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
    session.folder.rename(tmp_path / "gone")
    moved = opened(place)
    assert hashes(moved) == before
    assert moved.ask("verify")["whole"]
    assert moved.ask("ledger", "verify")
    assert {key: moved.ask("status")[key] for key in ("releases", "tracks", "ledger_entries")} == {
        key: status[key] for key in ("releases", "tracks", "ledger_entries")
    }
    with running(place) as (up, address):
        until(lambda: seeded(place) == before, "every volume, from the new place")
        assert fetch(address, "/readyz").status == 200
        page = fetch(address, "/volumes").body.decode()
        assert all(name in page for name in before)
        assert up.end() == 0
    # Nothing was issued anew because of the move.
    assert hashes(moved) == before


def test_nothing_in_it_names_its_place(tmp_path: Path) -> None:
    """Where it lies stands in no file of it, whatever has run there."""
    session = make_archive(tmp_path / "a-place-like-no-other", seconds=2)
    named = [
        path.relative_to(session.folder)
        for path in session.folder.rglob("*")
        if path.is_file() and bytes(session.folder) in path.read_bytes()
    ]
    assert named == []
