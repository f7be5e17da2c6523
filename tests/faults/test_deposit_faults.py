"""Every deed of a deposit fails before it landed, after it landed and in its middle; after recovery and one more
deposit the store is what it would be had nothing happened. The same with SIGKILL, with faults in recovery itself, and
on a full disk."""

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sonoteca.model.errors import SonotecaError, Unreachable
from sonoteca.ports.disk import Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.preserve.audit import audit, audit_root
from sonoteca.preserve.deposit import Deposit, deposit, init_store, object_ids
from sonoteca.preserve.recover import ASIDE, Landing, recover_all, recover_object
from tests import mounts
from tests.faults.faulty import Crash, Plan, Way, faulty_disk
from tests.tools import PROJECT
from tests.unit.preserve.states import FIRST, RELEASE, SECOND, STAGING, reference_errors, request, tree

pytestmark = pytest.mark.faults

# The object as it is before, and as it is to be.
CASES: dict[str, tuple[dict[str, bytes] | None, dict[str, bytes]]] = {"new": (None, FIRST), "next": (FIRST, SECOND)}


def prepare(disk: Disk, case: str) -> Deposit:
    """A store as it is before the deposit, and the deposit."""
    before, after = CASES[case]
    init_store(disk)
    if before is not None:
        deposit(request(disk, before), disk)
        disk.remove_tree("quarantine/7")
    return request(disk, after)


def undisturbed(case: str) -> tuple[Plan, dict[str, bytes | None]]:
    """The failpoints of a deposit, and the store after it."""
    disk, plan = MemoryDisk(), Plan()
    deposit(prepare(disk, case), faulty_disk(disk, plan))
    return plan, tree(disk)


UNDISTURBED = {case: undisturbed(case) for case in CASES}
FAILPOINTS = [(case, at, way) for case in CASES for at, way in UNDISTURBED[case][0].failpoints]

# From these on the deposit has landed: whoever recovers must say so. Before them it has not.
POINT_OF_NO_RETURN = "disk.rename:store#1"


def has_landed(case: str, at: str, way: Way) -> bool:
    order = UNDISTURBED[case][0].seen
    distance = order.index(at) - order.index(POINT_OF_NO_RETURN)
    return distance > 0 or (distance == 0 and way == "after")


def verify_as_undisturbed(disk: Disk, case: str) -> None:
    assert tree(disk) == UNDISTURBED[case][1]
    assert disk.list(ASIDE) == ()


def end(disk: Disk, case: str, landing: Landing) -> None:
    """What the pipeline does after recovery: what did not land is taken and deposited again."""
    if landing is not Landing.LANDED:
        deposit(request(disk, CASES[case][1]), disk)
    verify_as_undisturbed(disk, case)


def test_the_failpoints_are_those_of_the_order_of_deeds() -> None:
    assert UNDISTURBED["new"][0].seen == [
        "disk.rename_many:quarantine#1",
        "disk.write_many:quarantine#1",
        "disk.make_folder:store#1",
        "disk.rename:store#1",
    ]
    assert UNDISTURBED["next"][0].seen == [
        "disk.rename_many:quarantine#1",
        "disk.write_many:quarantine#1",
        "disk.rename:store#1",
        "disk.replace:store#1",
        "disk.replace:store#2",
    ]
    assert len(FAILPOINTS) == 21


@pytest.mark.parametrize(("case", "at", "way"), FAILPOINTS)
def test_a_crash_at_every_deed(tmp_path: Path, case: str, at: str, way: Way) -> None:
    disk = LocalDisk(str(tmp_path))
    asked = prepare(disk, case)
    plan = Plan(at=at, way=way, how="crash")
    with pytest.raises(Crash, match=at):
        deposit(asked, faulty_disk(disk, plan))
    assert plan.struck
    landing = recover_object(disk, RELEASE, STAGING)
    absent = Landing.ABSENT if case == "new" else Landing.FORMER
    assert landing is (Landing.LANDED if has_landed(case, at, way) else absent)
    assert recover_object(disk, RELEASE, STAGING) is landing
    end(disk, case, landing)
    assert reference_errors(tmp_path) == []
    assert [*audit(disk, object_ids(disk), 2), *audit_root(disk)] == []


@pytest.mark.parametrize(("case", "at", "way"), FAILPOINTS)
def test_an_error_at_every_deed_and_the_same_request_again(case: str, at: str, way: Way) -> None:
    disk = MemoryDisk()
    asked = prepare(disk, case)
    with pytest.raises(Unreachable, match="planned"):
        deposit(asked, faulty_disk(disk, Plan(at=at, way=way)))
    if recover_object(disk, RELEASE, STAGING) is not Landing.LANDED:
        assert deposit(asked, disk).changed
    verify_as_undisturbed(disk, case)
    assert not deposit(asked, disk).changed


@pytest.mark.parametrize(("case", "at", "way"), FAILPOINTS)
@pytest.mark.parametrize("knows_all", [False, True], ids=["object", "store"])
def test_a_crash_at_every_deed_of_the_recovery_from_it(case: str, at: str, way: Way, knows_all: bool) -> None:
    """Found out step by step: recovery under a plan that strikes at its n-th deed, until there is none."""

    def recover(disk: Disk) -> Landing:
        if knows_all:
            recover_all(disk)
        return recover_object(disk, RELEASE, STAGING)

    def crashed() -> MemoryDisk:
        disk = MemoryDisk()
        asked = prepare(disk, case)
        with pytest.raises(Crash):
            deposit(asked, faulty_disk(disk, Plan(at=at, way=way, how="crash")))
        return disk

    plan = Plan()
    recover(faulty_disk(crashed(), plan))
    for at_recovery, way_recovery in plan.failpoints:
        disk = crashed()
        with pytest.raises(Crash):
            recover(faulty_disk(disk, Plan(at=at_recovery, way=way_recovery, how="crash")))
        landing = recover(disk)
        assert (landing is Landing.LANDED) == has_landed(case, at, way)
        end(disk, case, landing)


# One deposit, given as a pickle with the disk and the plan.
PROGRAM = """
import pickle, sys
from sonoteca.preserve.deposit import deposit
from tests.faults.faulty import Plan, faulty_disk
asked, disk, at, way = pickle.load(sys.stdin.buffer)
deposit(asked, faulty_disk(disk, Plan(at=at, way=way, how="kill")))
"""


@pytest.mark.parametrize("case", CASES)
def test_sigkill_at_every_deed(tmp_path: Path, case: str) -> None:
    hit = set()
    for number, (at, way) in enumerate(UNDISTURBED[case][0].failpoints):
        root = tmp_path / str(number)
        disk = LocalDisk(str(root), create=True)
        given = pickle.dumps((prepare(disk, case), disk, at, way))
        command, environment = [sys.executable, "-c", PROGRAM], {"PYTHONPATH": "src:."}
        ended = subprocess.run(command, cwd=PROJECT, env=environment, input=given, capture_output=True, check=False)
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
        hit.add(at)
        end(disk, case, recover_object(disk, RELEASE, STAGING))
        assert reference_errors(root) == []
    assert hit == set(UNDISTURBED[case][0].seen)


def shortages(small: mounts.Tmpfs) -> Iterator[tuple[str, Callable[[int], None]]]:
    yield "pages", lambda count: small.limit(free_pages=count)
    yield "files", lambda count: small.limit(free_files=count)


@pytest.mark.needs_root
@pytest.mark.parametrize("case", CASES)
def test_a_full_disk_at_every_write(tmp_path: Path, case: str) -> None:
    """Room for nothing, for one page (or file) more, for two, …, until there is enough."""
    with mounts.tmpfs(tmp_path / "mount") as small:
        for what, leave in shortages(small):
            failures = 0
            for count in range(400):
                small.limit()
                root = small.folder / f"{what}-{count}"
                disk = LocalDisk(str(root), create=True)
                asked = prepare(disk, case)
                before = tree(disk)
                leave(count)
                try:
                    deposit(asked, disk)
                except SonotecaError as error:
                    assert error.code == "disk-full", error
                    failures += 1
                else:
                    break
                landing = recover_or_wait(disk, small)
                if landing is not Landing.LANDED:
                    assert tree(disk) == before
                end(disk, case, landing)
                assert reference_errors(root) == []
                disk.remove_tree("store")
                disk.remove_tree("quarantine")
            assert failures > 5, f"{what} never ran short"
            assert count < 399, f"{what} never sufficed"
            verify_as_undisturbed(disk, case)


def recover_or_wait(disk: Disk, small: mounts.Tmpfs) -> Landing:
    """Recovery on the full disk may fail for the same reason, and then changes nothing; with room it does not."""
    try:
        recover_object(disk, RELEASE, STAGING)
    except SonotecaError as error:
        assert error.code == "disk-full", error
    small.limit()
    return recover_object(disk, RELEASE, STAGING)
