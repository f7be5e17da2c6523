"""Audit: a flipped byte anywhere is found, and what is missing, added, linked or swapped; a sound store is silent."""

import hashlib
import os
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.model.errors import Unreachable
from sonoteca.model.finding import FINDINGS, Finding, Severity
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.preserve.anatomy import Seen, judge
from sonoteca.preserve.audit import audit, audit_root
from sonoteca.preserve.deposit import deposit, home_of, init_store, object_ids
from tests.tools import PROJECT
from tests.unit.preserve.states import FIRST, RELEASE, SECOND, request

HOME = home_of(RELEASE)
OTHER = "urn:uuid:6f1c1f5e-0000-8000-8000-000000000002"
INVENTORIES = ("inventory.json", "inventory.json.sha256")
CONTENT = f"{HOME}/v1/content/masters/CD 1/01 Aria.flac"


@pytest.fixture
def disk(tmp_path: Path) -> LocalDisk:
    found = LocalDisk(str(tmp_path))
    fill(found)
    return found


def fill(disk: LocalDisk | MemoryDisk) -> None:
    init_store(disk)
    deposit(request(disk, FIRST), disk)
    deposit(request(disk, SECOND), disk)
    deposit(request(disk, SECOND, OTHER), disk)


def findings(disk: LocalDisk | MemoryDisk) -> list[Finding]:
    return [*audit(disk, object_ids(disk), 2), *audit_root(disk)]


def codes(disk: LocalDisk | MemoryDisk) -> set[str]:
    return {found.code for found in findings(disk)}


def test_a_sound_store_is_silent(disk: LocalDisk) -> None:
    assert findings(disk) == []


def test_the_double_is_audited_the_same() -> None:
    disk = MemoryDisk()
    fill(disk)
    assert findings(disk) == []
    disk.replace(CONTENT, b"")
    assert codes(disk) == {"S006"}


def flip(path: Path, chance: random.Random) -> tuple[int, int]:
    """Changes one bit of a file."""
    at, bit = chance.randrange(path.stat().st_size), 1 << chance.randrange(8)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ bit]))
    return at, bit


def test_one_flipped_bit_in_each_file_is_found(disk: LocalDisk, tmp_path: Path) -> None:
    chance = random.Random(2026)
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file() and path.stat().st_size]
    assert len(files) > 30
    for path in files:
        whole = path.read_bytes()
        for _ in range(3):
            where = flip(path, chance)
            found = findings(disk)
            assert found, f"a flip of {where} in {path} was not seen"
            assert any(one.severity is Severity.DAMAGE for one in found)
            name = path.relative_to(tmp_path).as_posix()
            assert any(one.where == name or name.startswith(one.where) or one.where in name for one in found), found
            path.write_bytes(whole)
    assert findings(disk) == []


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_any_flipped_bit_is_found(chance: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        disk = LocalDisk(folder)
        init_store(disk)
        deposit(request(disk, {"masters/a": b"sound", "release.json": b"{}"}), disk)
        deposit(request(disk, {"masters/a": b"sound!", "release.json": b"{ }"}), disk)
        files = sorted(path for path in Path(folder, "store").rglob("*") if path.is_file())
        flip(chance.choice(files), chance)
        assert [one for one in findings(disk) if one.severity is Severity.DAMAGE]


def version_files(disk: LocalDisk, version: str) -> Iterator[str]:
    yield from (f"{HOME}/{version}/{name}" for name in INVENTORIES)


def swap(disk: LocalDisk) -> None:
    """Two files of equal size change places."""
    one, two = f"{HOME}/v1/content/masters/CD 1/01 Aria.flac", f"{HOME}/v1/content/swap"
    disk.rename(one, two)
    disk.write(one, b"noise" * 70_000)
    disk.remove(two)


def other_past(disk: LocalDisk) -> None:
    """v1 tells another past, with a sidecar that agrees."""
    for name in INVENTORIES:
        disk.replace(f"{HOME}/v1/{name}", disk.read(f"{home_of(OTHER)}/{name}"))


HARMS: dict[str, tuple[Callable[[LocalDisk], object], str]] = {
    "no object": (lambda disk: disk.remove_tree(HOME), "S001"),
    "no inventory": (lambda disk: disk.remove(f"{HOME}/inventory.json"), "S003"),
    "no inventory anywhere": (
        lambda disk: [disk.remove(f"{HOME}/{folder}inventory.json") for folder in ("", "v1/", "v2/")],
        "S002",
    ),
    "no sidecar": (lambda disk: disk.remove(f"{HOME}/inventory.json.sha256"), "S003"),
    "content missing": (lambda disk: disk.remove(CONTENT), "S005"),
    "content cut": (lambda disk: disk.replace(CONTENT, b"sound" * 69_999), "S006"),
    "content longer": (lambda disk: disk.replace(CONTENT, b"sound" * 70_001), "S006"),
    "content of another": (swap, "S006"),
    "old inventory missing": (lambda disk: disk.remove(f"{HOME}/v1/inventory.json"), "S005"),
    "old sidecar missing": (lambda disk: disk.remove(f"{HOME}/v1/inventory.json.sha256"), "S003"),
    "newest inventory missing": (lambda disk: disk.remove(f"{HOME}/v2/inventory.json"), "S005"),
    "more content": (lambda disk: disk.write(f"{HOME}/v1/content/more", b""), "S007"),
    "more in the object": (lambda disk: disk.write(f"{HOME}/.DS_Store", b""), "S007"),
    "more in a version": (lambda disk: disk.write(f"{HOME}/v1/thumbs.db", b""), "S007"),
    "another version": (lambda disk: disk.write(f"{HOME}/v3/content/a", b""), "S007"),
    "another mark": (lambda disk: disk.write(f"{HOME}/0=ocfl_object_1.0", b"ocfl_object_1.0\n"), "S007"),
    "a folder logs": (lambda disk: disk.make_folder(f"{HOME}/logs"), "S010"),
    "an empty folder": (lambda disk: disk.make_folder(f"{HOME}/v1/content/empty"), "S010"),
    "no mark": (lambda disk: disk.remove(f"{HOME}/0=ocfl_object_1.1"), "S009"),
    "root inventory of v1": (
        lambda disk: [disk.replace(f"{HOME}/{name}", disk.read(f"{HOME}/v1/{name}")) for name in INVENTORIES],
        "S007",
    ),
    "inventory of another": (
        lambda disk: [disk.replace(f"{HOME}/{name}", disk.read(f"{home_of(OTHER)}/{name}")) for name in INVENTORIES],
        "S002",
    ),
    "newest inventory differs": (
        lambda disk: [disk.replace(path, disk.read(path.replace("v2", "v1"))) for path in version_files(disk, "v2")],
        "S011",
    ),
    "another past": (other_past, "S012"),
    "hard link": (lambda disk: os.link(disk.full_path(CONTENT), disk.full_path("cache") + "-link"), "S008"),
    "root mark": (lambda disk: disk.replace("store/0=ocfl_1.1", b"ocfl_1.0\n"), "S015"),
    "root layout": (lambda disk: disk.remove("store/ocfl_layout.json"), "S015"),
    "root more": (lambda disk: disk.write("store/README", b""), "S017"),
    "root extension more": (lambda disk: disk.write("store/extensions/more", b""), "S016"),
    "a stray between": (lambda disk: disk.write("store/ab/stray", b""), "S016"),
    "a stray beside objects": (lambda disk: disk.write(f"{HOME.rpartition('/')[0]}/stray", b""), "S016"),
    "an empty place": (lambda disk: disk.make_folder("store/ab/cd"), "S010"),
    "an object out of place": (lambda disk: disk.rename(HOME, HOME.replace("store/ac/25", "store/ab/cd")), "S016"),
}


@pytest.mark.parametrize("name", HARMS)
def test_every_harm_is_found(disk: LocalDisk, name: str) -> None:
    harm, code = HARMS[name]
    harm(disk)
    found = [*audit(disk, [RELEASE, OTHER], 2), *audit_root(disk)]
    assert code in {one.code for one in found}, found


@pytest.mark.parametrize(
    "target", [CONTENT, f"{HOME}/inventory.json", f"{HOME}/v1/inventory.json", "store/ocfl_layout.json"]
)
def test_links_are_found_and_not_followed(disk: LocalDisk, target: str) -> None:
    place = Path(disk.full_path(target))
    place.rename(place.parents[len(place.parents) - 3] / "outside")
    place.symlink_to(place.parents[len(place.parents) - 3] / "outside")
    assert {"S008", "S015"} & codes(disk)


def test_a_pipe_is_found_and_not_waited_for(disk: LocalDisk) -> None:
    disk.remove(CONTENT)
    os.mkfifo(disk.full_path(CONTENT))
    assert codes(disk) == {"S008"}


def test_a_master_without_layers_is_a_warning(disk: LocalDisk) -> None:
    deposit(request(disk, {"masters/a": b"a", "documents/b": b"b"}, "urn:bare"), disk)
    found = list(audit(disk, ["urn:bare"], 1))
    assert [(one.code, one.severity) for one in found] == [("S013", Severity.WARNING)]
    assert found[0].where.endswith("masters/a")


def test_content_is_compared_even_when_the_inventory_is_damaged(disk: LocalDisk) -> None:
    disk.replace(f"{HOME}/inventory.json", b"{}")
    disk.replace(CONTENT, b"")
    assert {one.code for one in audit(disk, [RELEASE], 2)} == {"S003", "S006", "S011"}


class Failing(MemoryDisk):
    """A disk that cannot read some of its files."""

    def open(self, path: str):  # type: ignore[no-untyped-def]
        if path.endswith(("01 Aria.flac", "release.json")):
            raise Unreachable("disk-failed", "the disk did not do it", where=path, cure="check it")
        return super().open(path)


def test_what_cannot_be_read_is_a_finding_and_the_rest_goes_on() -> None:
    disk = Failing()
    fill(disk)
    disk.replace(f"{HOME}/v1/content/masters/été.flac", b"")
    found = list(audit(disk, [RELEASE], 3))
    assert [one.code for one in found].count("S014") == 3
    assert [one.code for one in found].count("S006") == 1


def test_progress_counts_every_byte_once(disk: LocalDisk) -> None:
    heard: list[tuple[int, str]] = []
    assert list(audit(disk, [RELEASE], 2, lambda size, label: heard.append((size, label)))) == []
    content = [item for item in disk.walk(HOME) if "/content/" in item.path]
    assert sum(size for size, _ in heard) == sum(item.bytes for item in content)
    assert {label for _, label in heard} == {RELEASE}


def test_many_objects_come_in_order() -> None:
    disk = MemoryDisk()
    init_store(disk)
    ids = [f"urn:{number}" for number in range(60)]
    for object_id in ids:
        deposit(request(disk, {"documents/a": object_id.encode()}, object_id), disk)
        disk.replace(f"{home_of(object_id)}/v1/content/documents/a", b"")
    assert [one.where for one in audit(disk, ids, 3)] == [f"{home_of(one)}/v1/content/documents/a" for one in ids]


BAD_JSON = [b"", b"[]", b"[" * 100_000, b"\xff", b"null", b'{"id":1,"id":2}', b"{}"]
BAD_JSON += [b'{"id":"a","type":1,"digestAlgorithm":2,"head":3,"manifest":4,"versions":5}']


@pytest.mark.parametrize("raw", BAD_JSON, ids=lambda raw: raw[:20].decode("latin-1"))
def test_inventories_that_are_none(raw: bytes) -> None:
    """With a sidecar that agrees, so that only the reading can tell."""
    sidecar = hashlib.sha256(raw).hexdigest().encode() + b" inventory.json\n"
    seen = Seen(object_id="a", home="store/x", items={}, own={"inventory.json": raw, "inventory.json.sha256": sidecar})
    assert {"S004", "S002"} <= {one.code for one in judge(seen).findings}


def test_the_document_says_what_the_codes_mean() -> None:
    text = (PROJECT / "docs" / "formats" / "store.md").read_text(encoding="utf-8")
    ours = {code: meaning for code, (_, meaning) in FINDINGS.items() if re.fullmatch("S0[01].", code)}
    assert dict(re.findall(r"^\| (S0[01]\d) \| (.*) \|$", text, re.MULTILINE)) == ours
