"""Recover: every half-done object that a crash can leave, made by hand, on the real disk and on its double. The faults
that make them by accident are in tests/faults/test_deposit_faults.py."""

from pathlib import Path

import pytest

from sonoteca.ports.disk import Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.preserve.deposit import deposit, home_of, init_store, load_object
from sonoteca.preserve.recover import ASIDE, Landing, recover_all, recover_object
from tests.unit.preserve.states import FIRST, RELEASE, SECOND, STAGING, request, tree

HOME = home_of(RELEASE)


@pytest.fixture(params=["local", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    found: Disk = LocalDisk(str(tmp_path), create=True) if request.param == "local" else MemoryDisk()
    init_store(found)
    return found


@pytest.fixture
def twice(disk: Disk) -> Disk:
    """A disk with two versions of an object, and the staging place as the second deposit left it."""
    deposit(request(disk, FIRST), disk)
    deposit(request(disk, SECOND), disk)
    return disk


def take_back(disk: Disk, *names: str) -> None:
    """The object's own files as they were at v1."""
    for name in names:
        disk.replace(f"{HOME}/{name}", disk.read(f"{HOME}/v1/{name}"))


BOTH = ("inventory.json", "inventory.json.sha256")


def test_a_deposit_that_landed(twice: Disk) -> None:
    before = tree(twice)
    assert recover_object(twice, RELEASE, STAGING) is Landing.LANDED
    assert recover_object(twice, RELEASE, STAGING) is Landing.LANDED
    assert recover_all(twice) == ()
    assert tree(twice) == before


def test_a_deposit_that_never_began(twice: Disk) -> None:
    before = tree(twice)
    assert recover_object(twice, RELEASE, "quarantine/8/object") is Landing.FORMER
    assert tree(twice) == before


@pytest.mark.parametrize("names", [BOTH, ("inventory.json.sha256",)], ids=["both", "sidecar"])
def test_a_whole_version_is_rolled_forward(twice: Disk, names: tuple[str, ...]) -> None:
    before = tree(twice)
    take_back(twice, *names)
    assert recover_object(twice, RELEASE, STAGING) is Landing.LANDED
    assert tree(twice) == before
    take_back(twice, *names)
    assert recover_all(twice) == (HOME,)
    assert tree(twice) == before


def test_an_object_that_did_not_land(disk: Disk) -> None:
    disk.make_folder(HOME.rpartition("/")[0])
    assert recover_object(disk, RELEASE, STAGING) is Landing.ABSENT
    assert "store/ac" not in tree(disk)
    disk.make_folder("store/ab/cd")
    assert recover_all(disk) == ()
    assert "store/ab" not in tree(disk)


def content_of(disk: Disk, version: str) -> str:
    return next(item.path for item in disk.walk(f"{HOME}/{version}/content") if item.kind == "file")


def flip(disk: Disk, path: str) -> None:
    content = disk.read(path)
    disk.replace(path, content[:-1] + bytes([content[-1] ^ 1]))


HARMS = {
    "content flipped": lambda disk: flip(disk, content_of(disk, "v2")),
    "content missing": lambda disk: disk.remove(content_of(disk, "v2")),
    "content more": lambda disk: disk.write(f"{HOME}/v2/content/more", b""),
    "inventory flipped": lambda disk: flip(disk, f"{HOME}/v2/inventory.json"),
    "inventory missing": lambda disk: disk.remove(f"{HOME}/v2/inventory.json"),
    "sidecar flipped": lambda disk: flip(disk, f"{HOME}/v2/inventory.json.sha256"),
    "sidecar missing": lambda disk: disk.remove(f"{HOME}/v2/inventory.json.sha256"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_version_that_is_not_whole_is_put_aside(twice: Disk, harm: str) -> None:
    take_back(twice, *BOTH)
    HARMS[harm](twice)
    half = tree(twice, f"{HOME}/v2")
    assert recover_object(twice, RELEASE, STAGING) is Landing.FORMER
    assert load_object(twice, RELEASE).head_number == 1
    assert twice.list(HOME) == ("0=ocfl_object_1.1", *BOTH, "v1")
    place = f"{ASIDE}/{HOME.rpartition('/')[2]}/v2"
    assert {path.replace(place, f"{HOME}/v2"): content for path, content in tree(twice, place).items()} == half
    # A second time the first is not overwritten, and the deposit can be made again.
    deposit(request(twice, SECOND), twice)
    take_back(twice, *BOTH)
    HARMS[harm](twice)
    assert recover_all(twice) == (HOME,)
    assert twice.list(place.rpartition("/")[0]) == ("v2", "v2.1")


def test_versions_beyond_the_next_are_put_aside(twice: Disk) -> None:
    take_back(twice, *BOTH)
    twice.rename(f"{HOME}/v2", f"{HOME}/v3")
    assert recover_all(twice) == (HOME,)
    assert twice.list(HOME) == ("0=ocfl_object_1.1", *BOTH, "v1")


def test_damage_is_left_for_the_audit(twice: Disk) -> None:
    for path in (f"{HOME}/inventory.json", f"{HOME}/inventory.json.sha256", f"{HOME}/v2/inventory.json.sha256"):
        whole = twice.read(path)
        flip(twice, path)
        before = tree(twice)
        assert recover_all(twice) == ()
        assert recover_object(twice, RELEASE, STAGING) in Landing
        assert tree(twice) == before
        twice.replace(path, whole)
    twice.remove(f"{HOME}/inventory.json")
    assert recover_all(twice) == ()
    twice.remove_tree(f"{HOME}/v1")
    twice.remove_tree(f"{HOME}/v2")
    assert recover_all(twice) == ()
    twice.write("store/ab/cd", b"a file where a folder should be")
    twice.write("store/ac/26/stray", b"")
    assert recover_all(twice) == ()
