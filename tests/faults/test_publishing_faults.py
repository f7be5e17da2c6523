"""Every deed of publishing fails: while releases are rendered and deposited a second time, while volumes are issued,
while something is taken back or comes back, while all is made again from nothing. Then the same is done again in peace,
and nothing tells the archive from one that was never disturbed: torrents and seed lists byte by byte too.

The scenes are those of scenes.py; the decoder is a double that writes small files (acts.py).
"""

import random
from pathlib import Path

import pytest

from tests.faults import acts, scenes
from tests.faults.acts import AMBER, CEDAR, FERN, Deed, Shelf
from tests.faults.faulty import How
from tests.faults.scenes import Act, Scene

pytestmark = pytest.mark.faults

# ── the steps ────────────────────────────────────────────────────────────────────────────────────────────────────────

OWED = (
    "disk.write_many:ledger log._append",
    "disk.replace:ledger log._append",
    "database.commit describe.settle_debts",
)
RECOVER = ("database.commit recover.recover",)
DECIDED = (
    *(*RECOVER, "database.commit describe.intend", "disk.write:records decide._decide"),
    *("disk.write:records describe.describe", "database.commit describe.decided", *OWED),
)
# What is said of a picture changes no verdict on the sound, and equal verdicts are no new record.
SHOWN_NO_MORE = tuple(one for one in DECIDED if one != "disk.write:records describe.describe")
# Before the rows of what may let something out, the ledger.
ANNOUNCED = ("database.commit describe.announce",)
RENDERED = (
    *("disk.remove_tree:quarantine render.render", "disk.make_folder:quarantine render.render"),
    *("disk.seal:quarantine render.seal_made", "disk.rename_many:quarantine deposit._move_in"),
)
DEPOSITED = (
    *("disk.write_many:quarantine deposit._build", "database.commit publish._deposit"),
    *("disk.rename:store deposit.deposit", "disk.replace:store deposit.publish_inventory"),
    "disk.remove_tree:quarantine publish._end",
)
EMPTIED = (
    *("database.commit issuing.intend", "disk.write:records volumes._recorded", "database.commit volumes.issue", *OWED),
    *("disk.remove:torrents torrents.publish_files", "database.commit issuing.end_issue"),
)
ISSUED = (*EMPTIED, "disk.replace:torrents torrents._replace")
# Hashes that no pack has are kept in one, and it takes the smaller ones in.
PACKED = ("disk.replace:cache packed.keep", "disk.remove:cache packed._remove")
RECALLED = ("disk.remove:torrents issuing.recall",)
VIEWED = ("disk.write:records views._recorded", "database.commit views._issue")
LOOKED_AT = ("database.commit publish._issue",)
TAKEN = (
    *(*ANNOUNCED, *RECOVER, "database.commit work.run", "database.commit work._rounds"),
    *("disk.remove_tree:quarantine take.take", "disk.copy_in:quarantine reading._read"),
    *("disk.remove_tree:quarantine refusal.set_aside", "database.commit settle._keep"),
    *("disk.write:records describe.describe", "disk.remove_tree:quarantine settle.settle", *OWED),
)

BOTH: Shelf = {**AMBER, **FERN}
COVERED: Shelf = {**AMBER, **acts.FERN_COVERED}
CHANGED: Shelf = {**acts.AMBER_AGAIN, **FERN}
HELD: Shelf = {**AMBER, **CEDAR}


def published(shelf: Shelf, *more: tuple[Deed, Shelf]) -> tuple[tuple[Deed, Shelf], ...]:
    """Deeds after which it is in volumes; and then these."""
    return (acts.add_trusted, shelf), (acts.run_and_publish, shelf), *more


ACTS = {
    "publish": Act(
        (*RECOVER, *RENDERED, *DEPOSITED, *PACKED, *ISSUED, *LOOKED_AT),
        acts.publish_all,
        BOTH,
        (*published(BOTH)[:1], (acts.run, BOTH)),
        goes_on=True,
    ),
    "run, two releases": Act(
        (*TAKEN, *RENDERED, *DEPOSITED, *PACKED, *ISSUED, *LOOKED_AT, "disk.make_folder:store deposit.deposit"),
        acts.run_and_publish,
        BOTH,
        published(BOTH)[:1],
        goes_on=True,
    ),
    "run, changed": Act(
        (*TAKEN, *RENDERED, *DEPOSITED, *PACKED[:1], *RECALLED, *ISSUED, *LOOKED_AT, "database.commit work._finish"),
        acts.run_and_publish,
        CHANGED,
        published(BOTH, (acts.add, CHANGED)),
        goes_on=True,
    ),
    "withdraw a track": Act((*DECIDED, *RECALLED, *ISSUED), acts.withdraw_track, BOTH, published(BOTH)),
    "withdraw releases": Act((*DECIDED, *RECALLED, *EMPTIED), acts.withdraw, BOTH, published(BOTH), goes_on=True),
    "reinstate": Act(
        (*DECIDED, *ANNOUNCED, *ISSUED), acts.reinstate_track, BOTH, published(BOTH, (acts.withdraw_track, BOTH))
    ),
    "make a view": Act(
        (
            *RECOVER,
            "database.commit issuing.intend",
            *VIEWED,
            *OWED,
            *ISSUED[-2:],
            "disk.remove:torrents torrents.publish_files",
        ),
        acts.make_view,
        BOTH,
        published(BOTH),
    ),
    "withdraw from a view": Act(
        (*DECIDED, *RECALLED, *ISSUED, *VIEWED), acts.withdraw_track, BOTH, published(BOTH, (acts.make_view, BOTH))
    ),
    "grant less": Act((*DECIDED, *ANNOUNCED, *RECALLED, *ISSUED), acts.grant_less, BOTH, published(BOTH)),
    "hold": Act((*DECIDED, *RECALLED, *EMPTIED), acts.hold, BOTH, published(BOTH), goes_on=True),
    "hold artwork": Act(
        (*SHOWN_NO_MORE, *RECALLED, *ISSUED), acts.hold_artwork, COVERED, published(COVERED), goes_on=True
    ),
    "run, artwork held": Act(
        (*RECOVER, *RENDERED, *DEPOSITED, *PACKED[:1], *RECALLED, *ISSUED, *LOOKED_AT),
        acts.publish_all,
        COVERED,
        published(COVERED, (acts.hold_artwork, COVERED)),
        goes_on=True,
    ),
    "refresh": Act(
        (
            *(*RECOVER, "database.commit publish.mark_edited", "disk.rename_many: deposit._move_in"),
            *(*DEPOSITED, *PACKED[:1], *RECALLED, *ISSUED, *LOOKED_AT),
        ),
        acts.refresh,
        BOTH,
        published(BOTH, (acts.edit, BOTH)),
        goes_on=True,
    ),
    "rebuild": Act(
        (
            *("disk.prune_empty:store recover.recover_all", "database.successor rebuild.rebuild"),
            *("database.commit rebuild.rebuild", "database.commit rebuild._records"),
            *("database.commit rebuild._described", "database.commit rebuild._settle"),
            *("database.commit volumes.restore_rows", "database.replace_with rebuild.rebuild"),
            *("disk.remove_tree:cache packed.forget", *PACKED),
            *(*RECOVER, "disk.remove:torrents torrents.publish_files", "database.commit issuing.end_issue"),
        ),
        acts.make_again,
        BOTH,
        published(BOTH, (acts.withdraw_track, BOTH)),
    ),
}
OTHERS = (acts.add, acts.run_and_publish, acts.judge_again, acts.withdraw_track, acts.make_again)

# ── tests ────────────────────────────────────────────────────────────────────────────────────────────────────────────

# All of an act's deeds take a minute or so; `make test` takes some of each, other ones in each act.
AT_MOST = pytest.mark.parametrize("most", [3, pytest.param(0, marks=pytest.mark.soak)], ids=["some", "all"])


@AT_MOST
@pytest.mark.parametrize("how", ["crash", "raise"])
@pytest.mark.parametrize("name", ACTS)
def test_each_deed_fails_and_the_act_is_done_again(folder: Path, name: str, how: How, most: int) -> None:
    scenes.fails_and_is_done_again(Scene(ACTS[name], folder), how, most)


@pytest.mark.parametrize("name", ACTS)
def test_the_steps_are_those_of_the_lists_and_nothing_is_done_beside_them(folder: Path, name: str) -> None:
    scenes.has_these_steps_and_no_others(Scene(ACTS[name], folder))


@pytest.mark.parametrize("name", ACTS)
def test_done_twice_is_done_once(folder: Path, name: str) -> None:
    scenes.done_twice_is_done_once(Scene(ACTS[name], folder))


@AT_MOST
@pytest.mark.parametrize("name", ACTS)
def test_a_crash_while_going_on_after_a_crash(folder: Path, name: str, most: int) -> None:
    scenes.crashes_while_going_on(Scene(ACTS[name], folder), folder, random.Random(name), 1 if most else 10)


@AT_MOST
@pytest.mark.parametrize("name", ACTS)
def test_whatever_is_done_next_leaves_the_archive_whole(folder: Path, name: str, most: int) -> None:
    scenes.is_whole_after_another(Scene(ACTS[name], folder), OTHERS, random.Random(name), 2 if most else 40)


@AT_MOST
@pytest.mark.parametrize("name", ACTS)
def test_no_room_from_each_deed_on(folder: Path, name: str, most: int) -> None:
    scenes.has_no_room(Scene(ACTS[name], folder), every=23 if most else 1)
