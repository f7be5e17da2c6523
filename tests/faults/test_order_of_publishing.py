"""Order of deeds: nothing is public before its ledger entry is durable; what has to go is out of every seed list before
the record says that it went; also in other releases that have the same bytes, and when it cannot be issued without it.
"""

import hashlib
import json
from pathlib import Path

import pytest

from sonoteca.catalogue import write
from sonoteca.ledger import entry_of
from sonoteca.model.record import RecordKind
from sonoteca.pipeline import decide
from sonoteca.pipeline.rebuild import rebuild
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.preserve.packed import forget
from tests.faults import acts
from tests.faults.acts import AMBER, CC0, FERN, Deed, Shelf, opened, sound
from tests.faults.faulty import Plan
from tests.faults.scenes import Act, Scene, differences
from tests.faults.snapshot import entries, snapshot

pytestmark = pytest.mark.faults

BOTH: Shelf = {**AMBER, **FERN}
PUBLISHED: tuple[tuple[Deed, Shelf], ...] = ((acts.add_trusted, BOTH), (acts.run_and_publish, BOTH))
ACTS = {
    "publish": Act((), acts.run_and_publish, BOTH, PUBLISHED[:1]),
    "withdraw": Act((), acts.withdraw_track, BOTH, PUBLISHED),
    "grant less": Act((), acts.grant_less, BOTH, PUBLISHED),
    "refresh": Act((), acts.refresh, BOTH, (*PUBLISHED, (acts.edit, BOTH))),
}
RECORDED, PUBLIC = "disk.write:records volumes._recorded", "disk.replace:torrents torrents._replace"


def seeded(root: Path) -> set[str]:
    """The digests of all files that seed lists name."""
    lists = [json.loads(path.read_bytes()) for path in (root / "torrents").glob("*.seed.json")]
    return {hashlib.sha256((root / place).read_bytes()).hexdigest() for one in lists for place in one["files"]}


def one_digests(root: Path) -> set[str]:
    """The digests of what is published of sound("one"): as received, and what was made of it."""
    made = [path.read_bytes() for path in (root / "store").rglob("access/*") if sound("one") in path.read_bytes()]
    return {hashlib.sha256(content).hexdigest() for content in [sound("one"), *made]}


@pytest.mark.parametrize("name", ACTS)
def test_every_record_is_in_the_ledger_before_the_first_torrent_is_written(folder: Path, name: str) -> None:
    scene = Scene(ACTS[name], folder)
    scene.set_up()
    scene.play_into(Plan(at=f"{PUBLIC}#1", way="before", how="crash"))
    with opened(scene.root, Plan()) as archive:
        every = [record for kind in RecordKind for record in archive.records.all(kind)]
    assert {entry_of(record).decode() for record in every} <= set(entries(scene.root))
    steps = [step.partition("#")[0] for step in scene.undisturbed.seen]
    last_record = len(steps) - 1 - steps[::-1].index(RECORDED)
    assert last_record < steps.index("disk.replace:ledger log._append", last_record) < steps.index(PUBLIC)


def test_what_goes_is_in_no_seed_list_when_the_record_of_its_volume_is_written(folder: Path) -> None:
    scene = Scene(ACTS["withdraw"], folder)
    scene.set_up()
    assert one_digests(scene.root) <= seeded(scene.root)
    scene.play_into(Plan(at=f"{RECORDED}#1", way="before", how="crash"))
    assert not one_digests(scene.root) & seeded(scene.root)


@pytest.mark.parametrize("after", [acts.add, acts.judge_again, acts.make_again, acts.run_and_publish])
def test_after_a_crash_no_command_gives_back_what_was_withdrawn(folder: Path, after: Deed) -> None:
    """Wherever it fell: as soon as the decision is durable, whatever comes next carries it out."""
    scene = Scene(ACTS["withdraw"], folder)
    seen = scene.undisturbed.seen
    decided = seen.index("disk.write:records decide._decide#1")
    for at in seen[decided + 1 :: 8]:
        scene.set_up()
        scene.play_into(Plan(at=at, way="before", how="crash"))
        scene.play(Plan(), after)
        assert not one_digests(scene.root) & seeded(scene.root), (at, after)
        assert differences(snapshot(scene.root)["torrents"], scene.wanted["torrents"]) == [], (at, after)


# ── the same bytes elsewhere, and volumes that cannot be issued ──────────────────────────────────────────────────────

OTHER: Shelf = {"Grove - 2007 - Copies/01 One.flac": sound("one"), "Grove - 2007 - Copies/rights.json": CC0}
OTHER = {**OTHER, "Grove - 2007 - Copies/02 Own.flac": sound("own")}


def test_the_same_bytes_leave_every_release_at_once(folder: Path) -> None:
    """Withdrawn as a part of one release, it is served from no other."""
    shelf = {**AMBER, **OTHER}
    scene = Scene(Act((), acts.make_again, shelf, ((acts.add_trusted, shelf), (acts.run_and_publish, shelf))), folder)
    assert one_digests(scene.root) & seeded(scene.root)
    with opened(scene.root, Plan()) as archive:
        for release in acts.releases(archive)[:1]:
            list(decide.withdraw(archive, [decide.Target(release=release, tracks=(acts.track("one"),))], "asked"))
        assert not one_digests(scene.root) & seeded(scene.root)
        rebuild(archive, lambda count: None)
        assert not one_digests(scene.root) & seeded(scene.root)


def test_a_volume_that_cannot_be_issued_is_not_seeded_and_stops_no_other(folder: Path) -> None:
    """Hash layers of another track are damaged: the withdrawn one is out all the same, and all is well when they are
    whole again."""
    scene = Scene(ACTS["withdraw"], folder)
    scene.set_up()
    before = snapshot(scene.root)
    fern = next(path for path in (scene.root / "store").rglob("masters/01 Six.wav")).parents[2]
    contents = {path: path.read_bytes() for path in fern.rglob("pieces/*")}
    for path in contents:
        path.write_bytes(b"nothing")
    forget(LocalDisk(str(scene.root)))
    scene.play(Plan())
    assert not one_digests(scene.root) & seeded(scene.root)
    for path, content in contents.items():
        path.write_bytes(content)
    scene.play(Plan(), acts.run_and_publish)
    assert differences(snapshot(scene.root)["torrents"], scene.wanted["torrents"]) == []
    scene.play(Plan(), acts.reinstate_track)
    assert snapshot(scene.root)["torrents"] == before["torrents"]


def test_what_is_in_packs_is_issued_whatever_became_of_the_layers(folder: Path) -> None:
    scene = Scene(ACTS["withdraw"], folder)
    scene.set_up()
    for path in (scene.root / "store").rglob("pieces/*"):
        path.write_bytes(b"nothing")
    scene.play(Plan())
    assert differences(snapshot(scene.root)["torrents"], scene.wanted["torrents"]) == []


def test_reinstated_before_it_could_be_issued_it_is_seeded_again(folder: Path) -> None:
    """Nothing changed in the end, and the seed list is there again."""
    scene = Scene(ACTS["withdraw"], folder)
    scene.set_up()
    before = snapshot(scene.root)["torrents"]
    layers = {path: path.read_bytes() for path in (scene.root / "store").rglob("pieces/*")}
    for path in layers:
        path.write_bytes(b"nothing")
    forget(LocalDisk(str(scene.root)))
    scene.play(Plan())
    assert len(snapshot(scene.root)["torrents"]) < len(before)
    for path, content in layers.items():
        path.write_bytes(content)
    scene.play(Plan(), acts.reinstate_track)
    assert snapshot(scene.root)["torrents"] == before


# ── the website reads the rows ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("deed", "before", "commit"),
    [
        (acts.run, PUBLISHED[:1], "database.commit settle._keep#2"),
        (acts.grant_less, PUBLISHED, "database.commit describe.decided#1"),
        (acts.edit, PUBLISHED, "database.commit describe.decided#1"),
    ],
)
def test_rows_that_let_something_out_come_after_the_ledger(
    folder: Path, deed: Deed, before: tuple[tuple[Deed, Shelf], ...], commit: str
) -> None:
    """Whoever looks at the catalogue right after the commit finds no verdict that the ledger lacks."""
    scene = Scene(Act((), deed, BOTH, before), folder)
    scene.set_up()
    scene.play_into(Plan(at=commit, way="after", how="crash"))
    with opened(scene.root, Plan()) as archive:
        every = [record for kind in RecordKind for record in archive.records.all(kind)]
        with archive.database.read() as tx:
            assert write.peek_outbox(tx) == ()
    assert {entry_of(record).decode() for record in every} <= set(entries(scene.root))
