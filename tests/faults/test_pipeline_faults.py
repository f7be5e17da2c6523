"""Every deed of every act fails: before it landed, after it landed, in its middle; told as an error of the house, or as
a power cut that stops everything. Then the same is done again in peace, and nothing tells the archive from one that
was never disturbed: store and records byte by byte, ledger entries, rows, quarantine, what waits, what is left of the
shelf.

The deeds are found by an undisturbed run; the lists below say which steps there must be. That nothing is changed
outside of a counted deed is asked of the interpreter's audit events.
"""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from sonoteca.ledger import Ledger
from sonoteca.model.errors import SonotecaError, Unreachable
from sonoteca.pipeline.archive import SETTINGS, create, furnish
from sonoteca.pipeline.verify import Checks, verify
from sonoteca.ports.keys import load_signer
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.clock import FixedClock
from tests.faults import acts, scenes
from tests.faults.acts import AMBER, BIRCH, CEDAR, EMBER, SCORES, ZINC, Deed, Shelf, lay_out, opened
from tests.faults.faulty import Crash, How, Plan, faulty_disk
from tests.faults.scenes import Act, Scene, differences
from tests.faults.snapshot import entries

pytestmark = pytest.mark.faults

# ── the steps ────────────────────────────────────────────────────────────────────────────────────────────────────────

OWED = (
    "disk.write_many:ledger log._append",
    "disk.replace:ledger log._append",
    "database.commit describe.settle_debts",
)
RECOVER = ("database.commit recover.recover",)
QUEUED = (*RECOVER, "database.commit intake.enqueue")
STARTED = (*RECOVER, "database.commit work.run", "database.commit work._rounds")
TAKEN = ("disk.remove_tree:quarantine take.take", "disk.copy_in:quarantine reading._read")
SET_ASIDE = (
    "disk.make_folder:quarantine refusal.set_aside",
    "disk.rename:quarantine refusal.set_aside",
    "disk.replace:quarantine refusal.set_aside",
)
# Before the rows of what may let something out, the ledger.
ANNOUNCED = ("database.commit describe.announce",)
KEPT = (
    *ANNOUNCED,
    "disk.remove_tree:quarantine refusal.set_aside",
    "database.commit settle._keep",
    "disk.rename_many:quarantine deposit._move_in",
    "disk.write_many:quarantine deposit._build",
    "disk.rename:store deposit.deposit",
    "disk.write:records describe.describe",
    "disk.remove_tree:quarantine settle.settle",
)
NEW = ("disk.make_folder:store deposit.deposit",)
# A version may need no file that the object has not got: then nothing is moved in.
NEXT = ("disk.rename_many: deposit._move_in", "disk.replace:store deposit.publish_inventory")
REFUSED = ("database.commit settle._refuse",)
FINISHED = ("database.commit work._finish",)
SAID = ("disk.write:records describe.describe",)
JUDGED = ("database.commit describe.intend", *SAID, "database.commit describe.decided")
DECIDED = (*RECOVER, "disk.write:records decide._decide", *JUDGED, *OWED)
TRUSTED = ("database.commit trust.trust", "disk.write:records trust.trust", "database.commit trust.trusted", *OWED)


def taken(shelf: Shelf) -> tuple[tuple[Deed, Shelf], ...]:
    """Deeds after which the archive has it."""
    return (acts.add_trusted, shelf), (acts.run, shelf)


HELD: Shelf = {**CEDAR, **EMBER}
MIXED: Shelf = {**AMBER, **BIRCH, **SCORES}
MIXED_AGAIN: Shelf = {**acts.AMBER_AGAIN, **acts.BIRCH_AGAIN}
TURNED: Shelf = {**EMBER, **SCORES}
TURNED_AGAIN: Shelf = {**acts.EMBER_AGAIN, **acts.SCORES_AGAIN}

ACTS = {
    "add": Act(QUEUED, acts.add, MIXED),
    "add, trusted": Act((*QUEUED, *TRUSTED), acts.add_trusted, {**AMBER, **CEDAR}, taken({**AMBER, **CEDAR})[1:]),
    "trust what is here": Act(
        (*QUEUED, *TRUSTED, *JUDGED, *ANNOUNCED),
        acts.add_trusted,
        {**AMBER, **CEDAR},
        ((acts.add, {**AMBER, **CEDAR}), (acts.run, AMBER)),
    ),
    "run, new and held": Act(
        (*STARTED, *TAKEN, *KEPT, *NEW, *OWED), acts.run, {**AMBER, **CEDAR}, taken({**AMBER, **CEDAR})[:1]
    ),
    "run, shared and refused": Act(
        (*STARTED, *TAKEN, *KEPT, *NEW, *SET_ASIDE, *REFUSED, *FINISHED, *OWED),
        acts.run,
        MIXED,
        (*taken(AMBER), (acts.add, MIXED)),
    ),
    "run, changed": Act(
        (*STARTED, *TAKEN, *KEPT, *NEXT, *OWED), acts.run, MIXED_AGAIN, (*taken(MIXED), (acts.add, MIXED_AGAIN))
    ),
    "run, turned": Act(
        (*STARTED, *TAKEN, *KEPT, *NEW, *SET_ASIDE, *REFUSED, *OWED),
        acts.run,
        TURNED_AGAIN,
        (*taken(TURNED), (acts.add, TURNED_AGAIN)),
    ),
    "run, known": Act(
        (*STARTED, *TAKEN, *FINISHED, "disk.remove_tree:quarantine work._settle"),
        acts.run,
        {**AMBER, **ZINC},
        (*taken(AMBER), (acts.add, {**AMBER, **ZINC})),
    ),
    "run, moving": Act(
        (
            *(*STARTED, *TAKEN, *KEPT, *NEW, *SET_ASIDE, *OWED),
            *("source.remove_original:shelf move.remove_originals", "database.commit move.move"),
        ),
        acts.run,
        BIRCH,
        ((acts.add_moving, BIRCH),),
    ),
    "run, expiring": Act(
        (
            *STARTED,
            *("disk.remove_tree:quarantine expire.expire_refused", "database.commit expire.expire_refused"),
        ),
        acts.run,
        MIXED,
        taken(MIXED),
        later_s=acts.LATER_S,
    ),
    "grant": Act((*DECIDED, *ANNOUNCED), acts.grant, HELD, taken(HELD)),
    "hold": Act(DECIDED, acts.hold, AMBER, taken(AMBER)),
    "edit": Act(tuple(step for step in (*DECIDED, *ANNOUNCED) if step not in SAID), acts.edit, HELD, taken(HELD)),
    "rebuild": Act(
        (
            *(*RECOVER, "disk.prune_empty:store recover.recover_all", "database.successor rebuild.rebuild"),
            *("database.commit rebuild.rebuild", "database.commit rebuild._refused"),
            *("database.commit rebuild._described", "database.commit rebuild._settle"),
            *("database.commit rebuild._records", "database.commit volumes.restore_rows"),
            *("database.replace_with rebuild.rebuild", "database.commit issuing.end_issue"),
        ),
        acts.make_again,
        MIXED_AGAIN,
        (*taken(MIXED), (acts.grant, MIXED), (acts.add, MIXED_AGAIN)),
    ),
}

# ── tests ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["crash", "raise"])
@pytest.mark.parametrize("name", ACTS)
def test_each_deed_fails_and_the_act_is_done_again(folder: Path, name: str, how: How) -> None:
    scenes.fails_and_is_done_again(Scene(ACTS[name], folder), how)


@pytest.mark.parametrize("name", ACTS)
def test_the_steps_are_those_of_the_lists_and_nothing_is_done_beside_them(folder: Path, name: str) -> None:
    scenes.has_these_steps_and_no_others(Scene(ACTS[name], folder))


@pytest.mark.parametrize("name", ACTS)
def test_done_twice_is_done_once(folder: Path, name: str) -> None:
    scenes.done_twice_is_done_once(Scene(ACTS[name], folder))


@pytest.mark.parametrize("name", ACTS)
def test_a_crash_while_going_on_after_a_crash(folder: Path, name: str) -> None:
    scenes.crashes_while_going_on(Scene(ACTS[name], folder), folder, random.Random(name))


@pytest.mark.parametrize("name", ACTS)
def test_whatever_is_done_next_leaves_the_archive_whole(folder: Path, name: str) -> None:
    others = (acts.add, acts.run, acts.judge_again, acts.make_again)
    scenes.is_whole_after_another(Scene(ACTS[name], folder), others, random.Random(name))


@pytest.mark.parametrize("name", ACTS)
def test_no_room_from_each_deed_on(folder: Path, name: str) -> None:
    scenes.has_no_room(Scene(ACTS[name], folder))


def test_the_reserve_is_left_alone(folder: Path) -> None:
    """Less than the reserve would be free: nothing is begun, what waits goes on waiting."""
    scene = Scene(ACTS["run, new and held"], folder)
    scene.set_up()
    before = scene.end()
    settings = (scene.root / SETTINGS).read_text()
    (scene.root / SETTINGS).write_text(f"reserve_bytes = {1 << 50}\n")
    plan = Plan()
    with pytest.raises(Unreachable, match="in reserve"):
        scene.play(plan)
    waits = ("disk.remove_tree:quarantine work._requeue", "database.commit work._requeue")
    assert {step.partition("#")[0] for step in plan.seen} <= {*STARTED, *waits}
    (scene.root / SETTINGS).write_text(settings)
    assert [one.replace("working", "queued") for one in scene.end()["waiting"]] == before["waiting"]
    scene.play(Plan())
    assert scene.end() == scene.wanted


def test_nothing_is_owed_to_the_ledger_twice(folder: Path) -> None:
    """The ledger looks for what it is given among its last entries only, and a decision may be older than those."""
    scene = Scene(ACTS["grant"], folder)
    disk = LocalDisk(str(scene.root))
    Ledger(disk, load_signer(disk)).append_once([b'{"kind":"filler","v":%d}' % number for number in range(1600)])
    before = entries(scene.root)
    for deed in (acts.grant, acts.judge_again, acts.add_trusted, acts.run, acts.make_again):
        scene.play(Plan(), deed)
        assert entries(scene.root) == before, deed


@pytest.mark.parametrize("how", ["crash", "raise"])
def test_init_broken_off_at_each_deed_and_done_again(folder: Path, how: How) -> None:
    """One recovery key, one ledger entry, one archive, whatever came in between."""

    def begun(number: int, plan: Plan) -> Path:
        root = folder / str(number)
        with suppress(Crash, SonotecaError):
            furnish(str(root), faulty_disk(LocalDisk(str(root), create=True), plan), FixedClock())
        return root

    undisturbed = Plan()
    begun(0, undisturbed)
    assert len(undisturbed.seen) >= 7
    for number, (at, way) in enumerate(undisturbed.failpoints, 1):
        plan = Plan(at=at, way=way, how=how)
        root = begun(number, plan)
        assert plan.struck
        keys = [path.read_bytes() for path in sorted(root.glob("*key*")) if path.is_file()]
        if not (root / SETTINGS).exists():
            create(str(root))
        assert [path.read_bytes() for path in sorted(root.glob("*key*")) if path.is_file()][: len(keys)] == keys
        with opened(root, Plan()) as archive:
            assert list(verify(archive, Checks(jobs=1), acts.no_progress)) == []
            assert archive.ledger.size == 1


def test_add_after_a_crash_takes_the_folder_as_it_is_now(folder: Path) -> None:
    """A job that nobody works on any more does not keep an old plan."""
    scene = Scene(ACTS["run, new and held"], folder)
    scene.set_up()
    scene.play_into(Plan(at="disk.copy_in:quarantine reading._read#2", how="crash"))
    lay_out({**acts.AMBER_AGAIN, **CEDAR}, scene.shelf)
    scene.play(Plan(), acts.add)
    scene.play(Plan(), acts.run)
    names = {path.name for path in (scene.root / "store").rglob("masters/*")}
    assert names == {"01 Renamed.flac", "02 Two.flac", "01 Four.flac"}


def test_what_fails_is_tried_again_but_not_for_ever(folder: Path) -> None:
    """The drive is gone: three runs fail; plugged in and added again, it is as if nothing had happened."""
    scene = Scene(ACTS["run, new and held"], folder)
    scene.set_up()
    lay_out({}, scene.shelf)
    for tries in (2, 2, 2, 0):
        plan = Plan()
        scene.play(plan)
        assert sum(step.startswith("database.commit work._fail") for step in plan.seen) == tries
    lay_out(scene.act.shelf, scene.shelf)
    scene.play(Plan(), acts.add)
    scene.play(Plan())
    assert differences(scene.end(), scene.wanted) == []


def test_refused_files_of_a_source_that_went_away_are_listed_and_expire(folder: Path) -> None:
    """Set aside, then a crash, then the drive is gone: they are somebody's all the same."""
    scene = Scene(ACTS["run, shared and refused"], folder)
    for way in ("before", "after"):
        scene.set_up()
        scene.play_into(Plan(at="database.commit settle._refuse#1", way=way, how="crash"))
        lay_out({}, scene.shelf)
        scene.play(Plan(), acts.run)
        assert len(scene.end()["rows"]["refused"]) == 2
        with opened(scene.root, Plan(), acts.LATER_S) as archive:
            acts.run(archive, scene.shelf)
        assert scene.end()["rows"]["refused"] == scene.end()["quarantine"] == []
