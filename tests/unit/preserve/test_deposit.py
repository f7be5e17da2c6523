"""Deposit: objects as OCFL wants them, on the real disk and on its double; ocfl-py is the judge."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.model.errors import Conflict, Damaged
from sonoteca.ports.disk import Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.preserve.audit import audit, audit_root
from sonoteca.preserve.deposit import (
    Deposit,
    Deposited,
    content_path,
    deposit,
    find_object,
    home_of,
    init_store,
    load_object,
    object_ids,
    read_file,
)
from tests.unit.preserve.states import (
    FIRST,
    NOW,
    RELEASE,
    SECOND,
    STAGING,
    STATES,
    contents,
    digest_of,
    reference_errors,
    request,
    tree,
)


@pytest.fixture(params=["local", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    found: Disk = LocalDisk(str(tmp_path), create=True) if request.param == "local" else MemoryDisk()
    init_store(found)
    return found


def test_a_store_is_begun_once(tmp_path: Path) -> None:
    disk = LocalDisk(str(tmp_path))
    init_store(disk)
    before = tree(disk)
    init_store(disk)
    assert tree(disk) == before
    assert reference_errors(tmp_path) == []
    assert list(object_ids(disk)) == []


def test_a_new_object(disk: Disk) -> None:
    assert deposit(request(disk, FIRST), disk) == Deposited(version=1, is_new=True, changed=True)
    inventory = load_object(disk, RELEASE)
    assert {path: read_file(disk, inventory, path) for path in inventory.state()} == FIRST
    assert list(object_ids(disk)) == [RELEASE]
    # One of the two equal masters was not needed and stays in quarantine, for its owner to empty.
    assert disk.list("quarantine/7/taken") == ("1",)


def test_the_next_version(disk: Disk) -> None:
    deposit(request(disk, FIRST), disk)
    before = tree(disk)
    assert deposit(request(disk, SECOND), disk) == Deposited(version=2, is_new=False, changed=True)
    inventory = load_object(disk, RELEASE)
    assert {path: read_file(disk, inventory, path) for path in inventory.state()} == SECOND
    home = home_of(RELEASE)
    after = tree(disk)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {f"{home}/inventory.json", f"{home}/inventory.json.sha256"}


def test_the_same_again_does_nothing(disk: Disk) -> None:
    deposit(request(disk, FIRST), disk)
    before = tree(disk)
    assert deposit(request(disk, FIRST, message="again"), disk) == Deposited(version=1, is_new=False, changed=False)
    assert tree(disk) == before
    assert disk.find(STAGING) is None


def test_a_version_may_bring_no_bytes(disk: Disk) -> None:
    deposit(request(disk, FIRST), disk)
    fewer = {"documents/other name.txt": b""}
    assert deposit(request(disk, fewer), disk).version == 2
    assert read_file(disk, load_object(disk, RELEASE), "documents/other name.txt") == b""
    assert disk.list(f"{home_of(RELEASE)}/v2") == ("inventory.json", "inventory.json.sha256")


def test_where_bytes_lie(disk: Disk) -> None:
    deposit(request(disk, FIRST), disk)
    inventory = load_object(disk, RELEASE)
    place = f"{home_of(RELEASE)}/v1/content/masters/CD 1/01 Aria.flac"
    assert content_path(inventory, "masters/CD 1/02 Aria.flac") == place
    assert content_path(inventory, digest_of(FIRST["masters/CD 1/02 Aria.flac"])) == place
    with pytest.raises(Damaged, match="no 'elsewhere'"):
        content_path(inventory, "elsewhere")


def test_what_is_not_there(disk: Disk) -> None:
    assert find_object(disk, RELEASE) is None
    with pytest.raises(Damaged):
        load_object(disk, RELEASE)


def test_damage_is_not_read_over(disk: Disk) -> None:
    deposit(request(disk, FIRST), disk)
    inventory = load_object(disk, RELEASE)
    disk.replace(content_path(inventory, "release.json"), b"{}")
    with pytest.raises(Damaged, match="not the bytes"):
        read_file(disk, inventory, "release.json")
    home = home_of(RELEASE)
    raw = disk.read(f"{home}/inventory.json")
    disk.replace(f"{home}/inventory.json", raw.replace(b"acquired", b"bcquired"))
    with pytest.raises(Damaged, match="inventory is damaged"):
        find_object(disk, RELEASE)


def test_an_object_at_the_place_of_another(disk: Disk) -> None:
    deposit(request(disk, FIRST), disk)
    other = "urn:uuid:6f1c1f5e-0000-8000-8000-000000000002"
    disk.rename(home_of(RELEASE), home_of(other))
    with pytest.raises(Damaged, match="says that it is"):
        load_object(disk, other)


def test_long_ids_are_found(disk: Disk) -> None:
    object_id = "urn:example:" + "é" * 60
    deposit(request(disk, FIRST, object_id), disk)
    assert list(object_ids(disk)) == [object_id]
    assert load_object(disk, object_id).id == object_id


def test_what_stands_around_is_passed_over(disk: Disk) -> None:
    deposit(request(disk, FIRST), disk)
    disk.write("store/README", b"")
    disk.write("store/ab/stray", b"")
    disk.write("store/ab/cd/stray", b"")
    disk.make_folder("store/ef/01")
    assert list(object_ids(disk)) == [RELEASE]


def test_a_staged_file_that_changed_is_not_taken(disk: Disk) -> None:
    asked = request(disk, FIRST)
    disk.replace("quarantine/7/taken/0", b"shorter")
    with pytest.raises(Damaged, match="another size"):
        deposit(asked, disk)
    assert tree(disk, home_of(RELEASE)) == {}


def test_what_an_earlier_attempt_left_is_not_taken(disk: Disk) -> None:
    asked = request(disk, FIRST)
    disk.write_many({f"{STAGING}/tree/v1/content/old/{name}": b"" for name in ("a", "b/c")})
    disk.write(f"{STAGING}/tree/v1/content/masters/CD 1/01 Aria.flac", b"half")
    deposit(asked, disk)
    assert sorted(
        item.path.partition("/content/")[2] for item in disk.walk(f"{home_of(RELEASE)}/v1/content")
    ) == sorted(
        {path for path in FIRST if path != "masters/CD 1/02 Aria.flac"}
        | {"documents", "masters", "masters/CD 1", "pieces"}
    )


def test_a_version_folder_in_the_way_is_a_conflict(disk: Disk) -> None:
    deposit(request(disk, FIRST), disk)
    disk.write(f"{home_of(RELEASE)}/v2/inventory.json", b"")
    with pytest.raises(Conflict):
        deposit(request(disk, SECOND), disk)
    assert load_object(disk, RELEASE).head_number == 1


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["urn:a", "urn:b", "ü/../:%"]), STATES), min_size=1, max_size=6))
def test_ocfl_py_finds_no_error_after_any_sequence(steps: list[tuple[str, dict[str, bytes]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        disk = LocalDisk(folder)
        init_store(disk)
        newest: dict[str, dict[str, bytes]] = {}
        for object_id, files in steps:
            done = deposit(request(disk, files, object_id), disk)
            assert done.is_new == (object_id not in newest)
            assert done.changed == (newest.get(object_id) != files)
            newest[object_id] = files
        assert reference_errors(Path(folder)) == []
        assert set(object_ids(disk)) == set(newest)
        for object_id, files in newest.items():
            inventory = load_object(disk, object_id)
            assert {path: read_file(disk, inventory, path) for path in inventory.state()} == files
        # The audit, which shares no code with deposit, agrees; these states have no hash layers.
        assert {found.code for found in audit(disk, newest, 2)} <= {"S013"}
        assert list(audit_root(disk)) == []


def test_no_links_no_empty_folders_nothing_shared(tmp_path: Path) -> None:
    disk = LocalDisk(str(tmp_path))
    init_store(disk)
    deposit(request(disk, FIRST), disk)
    deposit(request(disk, SECOND), disk)
    items = list(disk.walk("store"))
    assert {item.kind for item in items} == {"file", "folder"}
    assert {item.names for item in items} == {1}
    assert reference_errors(tmp_path) == []


def test_the_request_is_plain_values() -> None:
    asked = Deposit(object_id=RELEASE, state=contents(FIRST), message="m", made_at=NOW, staging=STAGING)
    assert asked.state[0].path == "release.json"
