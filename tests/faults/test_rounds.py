"""Rounds: what waits and cannot be helped is no reason for another round at once; what waits is not forgotten."""

import json
import shutil
from pathlib import Path

import pytest

from sonoteca.catalogue import read, volumes
from sonoteca.catalogue.queue import Job
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.publish import Published, publish
from sonoteca.pipeline.rounds import Rounds
from sonoteca.pipeline.settle import Outcome
from sonoteca.pipeline.volumes import Issued
from sonoteca.preserve.deposit import load_object, read_file
from tests.faults import acts
from tests.faults.acts import AMBER, FERN, opened
from tests.faults.faulty import Plan
from tests.faults.scenes import Act, Scene

pytestmark = pytest.mark.faults

SHELF = {**AMBER, **FERN}


class Listener:
    """Keeps what is told of publication."""

    def __init__(self) -> None:
        self.heard: list[Published | Issued] = []

    def taking(self, total_bytes: int) -> None: ...

    def took(self, count: int, name: str) -> None: ...

    def settled(self, job: Job, outcome: Outcome) -> None: ...

    def rendering(self, total_s: float) -> None: ...

    def rendered(self, seconds: float, name: str) -> None: ...

    def published(self, one: Published | Issued) -> None:
        self.heard.append(one)


def test_a_volume_that_cannot_be_issued_keeps_no_run_busy(folder: Path) -> None:
    before = ((acts.add_trusted, SHELF), (acts.run_and_publish, SHELF), (acts.edit, SHELF))
    scene = Scene(Act((), acts.judge_again, SHELF, before), folder)
    for path in (scene.root / "store").rglob("pieces/*"):
        path.write_bytes(b"nothing")
    shutil.rmtree(scene.root / "cache" / "pieces")  # packs have the same hashes, and would do
    with opened(scene.root, Plan()) as archive:
        acts.withdraw_first(archive, scene.shelf)
    listener = Listener()
    rounds = Rounds(archive, listener, 1)
    assert rounds.is_due()
    assert rounds.round()
    assert [bool(one.troubles) for one in listener.heard if isinstance(one, Issued)] == [True]
    assert not rounds.is_due()
    # Whoever starts anew tries again.
    assert Rounds(archive, listener, 1).is_due()


def waiting(archive: Archive) -> tuple[str, ...]:
    with archive.database.read() as tx:
        return volumes.waiting(tx, 100)


def test_credits_that_wait_to_be_written_again_wait_after_a_rebuild_too(folder: Path) -> None:
    """Their licence is another one now; the files in volumes are those that should be there."""
    before = ((acts.add_trusted, SHELF), (acts.run_and_publish, SHELF))
    scene = Scene(Act((), acts.grant_less, SHELF, before), folder)
    with opened(scene.root, Plan()) as archive:
        found = waiting(archive)
        acts.make_again(archive, scene.shelf)
        assert waiting(archive) == found != ()
        acts.run_and_publish(archive, scene.shelf)
        assert waiting(archive) == ()
        acts.make_again(archive, scene.shelf)
        assert waiting(archive) == ()


def seeded(root: Path) -> list[bytes]:
    """The files that were made and that seed lists name; the double writes the tags into them."""
    lists = [json.loads(path.read_bytes()) for path in (root / "torrents").glob("*.seed.json")]
    return [(root / place).read_bytes() for one in lists for place in one["files"] if "/access/" in place]


def test_under_another_licence_what_was_made_is_made_again_and_says_so(folder: Path) -> None:
    changed = {**AMBER, "Amber - 2001 - Dawn/rights.json": b'{"license": "CC-BY-4.0"}'}
    before = ((acts.add_trusted, AMBER), (acts.run_and_publish, AMBER))
    scene = Scene(Act((), acts.run_and_publish, changed, (*before, (acts.add, changed))), folder)
    scene.set_up()
    assert {content.count(b"publicdomain/zero") for content in seeded(scene.root)} == {1}
    scene.play(Plan())
    assert {content.count(b"publicdomain/zero") for content in seeded(scene.root)} == {0}
    assert {content.count(b"licenses/by/4.0") for content in seeded(scene.root)} == {1}
    with opened(scene.root, Plan()) as archive:
        assert waiting(archive) == ()
        acts.edit(archive, scene.shelf)
        assert [one.word for one in publish(archive, 1, acts.no_progress) if isinstance(one, Published)] == [
            "unchanged"
        ]


def test_what_a_source_calls_otherwise_now_is_called_so_in_its_credits(folder: Path) -> None:
    """Also when the evidence is as it was: a grant in a letter, here."""
    shelf, name = acts.CEDAR, "Cedar - 2003 - Dusk"
    renamed = {f"{name}/01 Renamed.flac": acts.sound("four")}
    before = ((acts.add, shelf), (acts.run, shelf), (acts.grant, shelf), (acts.run_and_publish, shelf))
    scene = Scene(Act((), acts.run_and_publish, renamed, (*before, (acts.add, renamed))), folder)
    with opened(scene.root, Plan()) as archive:
        with archive.database.read() as tx:
            [release] = [kept.release for kept in read.all_releases(tx)]
        found = read_file(archive.disk, load_object(archive.disk, release.id), f"credits/{release.tracks[0].id}.txt")
    assert b"01 Renamed.flac" in found
