"""Verify: a volume that no torrent can be made of is a finding like any other, and hides nothing after it."""

from dataclasses import replace
from pathlib import Path

import pytest

from sonoteca.model.record import RecordKind
from sonoteca.pipeline.torrents import all_volumes, body_of
from sonoteca.pipeline.views import all_views
from tests.faults import acts
from tests.faults.acts import AMBER, FERN, opened
from tests.faults.faulty import Plan
from tests.faults.scenes import Act, Scene

pytestmark = pytest.mark.faults

SHELF = {**AMBER, **FERN}


def test_a_volume_that_clients_could_not_open_is_told_and_the_rest_looked_at(folder: Path) -> None:
    before = ((acts.add_trusted, SHELF), (acts.run_and_publish, SHELF))
    scene = Scene(Act((), acts.judge_again, SHELF, before), folder)
    with opened(scene.root, Plan()) as archive:
        first, *others = [volume for volume, _ in all_volumes(archive)]
        assert others
        outside = replace(first.slots[0], path="../outside.flac")
        body = body_of(replace(first, slots=(outside, *first.slots[1:]), revision=first.revision + 1))
        archive.records.append(RecordKind.VOLUME, first.name, body, archive.clock.now())
    (scene.root / "torrents" / f"{others[-1].name}.torrent").write_bytes(b"other")
    found = scene.findings()
    assert f"V001 {first.name}" in found
    assert f"V002 torrents/{others[-1].name}.torrent" in found


def test_a_view_s_torrent_and_seed_list_are_compared_as_those_of_volumes_are(folder: Path) -> None:
    before = ((acts.add_trusted, SHELF), (acts.run_and_publish, SHELF), (acts.make_view, SHELF))
    scene = Scene(Act((), acts.judge_again, SHELF, before), folder)
    with opened(scene.root, Plan()) as archive:
        view = next(view for _, view, _, is_newest in all_views(archive) if is_newest)
    assert scene.findings() == []
    torrents = scene.root / "torrents"
    (torrents / f"{view.name}.torrent").write_bytes(b"other")
    (torrents / f"{view.name}.seed.json").unlink()
    assert scene.findings() == [f"V002 torrents/{view.name}.torrent", f"V002 torrents/{view.name}.seed.json"]
