"""The disk door: what every disk promises, asked of the real one and its double; and what only a real one shows."""

import hashlib
import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sonoteca.model.errors import Conflict, Damaged, Refused, SonotecaError, Unreachable
from sonoteca.model.files import PIECE_BYTES
from sonoteca.model.source import Kind
from sonoteca.ports.disk import PLACES, TOP_FILES, Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.local_tree import open_below, open_by_steps
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.ports.troubles import describe
from tests import mounts


class Sums:
    """A meter that remembers the digest and the sizes of the blocks."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._state = hashlib.sha256()

    def update(self, block: memoryview) -> None:
        self.sizes.append(len(block))
        self._state.update(block)

    @property
    def digest(self) -> str:
        return self._state.hexdigest()


class Refusing:
    """A meter that fails."""

    def update(self, block: memoryview) -> None:
        raise ValueError("no")


class Trickle(io.RawIOBase):
    """A source that gives as little as it likes and then may fail, as pipes and network drives do."""

    def __init__(self, content: bytes, fails: bool = False) -> None:
        self._left = content
        self._fails = fails

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._left and self._fails:
            raise OSError(5, "Input/output error")
        some = self._left[: min(len(buffer), 70_001)]
        self._left = self._left[len(some) :]
        buffer[: len(some)] = some
        return len(some)


@pytest.fixture(params=["local", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return LocalDisk(str(tmp_path / "archive"), create=True) if request.param == "local" else MemoryDisk()


@pytest.fixture
def local(tmp_path: Path) -> LocalDisk:
    return LocalDisk(str(tmp_path / "archive"), create=True)


def raises(kind: type[SonotecaError], code: str) -> pytest.RaisesExc:
    return pytest.RaisesExc(kind, check=lambda error: error.code == code and bool(error.cure or code in CURELESS))


# What was asked for is the mistake: there is no other cure than to ask for something else.
CURELESS = ("bad-path", "too-large", "locked")


def paths_of(disk: Disk) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    for place in PLACES:
        for item in disk.walk(place):
            found[item.path] = disk.read(item.path) if item.kind is Kind.FILE else None
    return found


# ── the promises ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_written_is_read(disk: Disk) -> None:
    disk.write("records/a/b.json", b"{}")
    assert disk.read("records/a/b.json") == b"{}"
    with disk.open("records/a/b.json") as file:
        assert file.read() == b"{}"
    item = disk.find("records/a/b.json")
    assert item is not None
    assert (item.kind, item.bytes, item.names) == (Kind.FILE, 2, 1)
    folder = disk.find("records/a")
    assert folder is not None
    assert (folder.kind, folder.bytes) == (Kind.FOLDER, 0)


def test_nothing_is_overwritten_silently(disk: Disk) -> None:
    disk.write("records/a", b"old")
    with raises(Conflict, "exists"):
        disk.write("records/a", b"new")
    with raises(Conflict, "exists"):
        disk.write_many({"records/0": b"", "records/a": b"new"})
    with raises(Conflict, "exists"):
        disk.copy_in(io.BytesIO(b"new"), "records/a", Sums())
    disk.write("quarantine/b", b"b")
    with raises(Conflict, "exists"):
        disk.rename("quarantine/b", "records/a")
    disk.make_folder("store/x")
    with raises(Conflict, "exists"):
        disk.rename("quarantine/b", "store/x")
    files = {path: content for path, content in paths_of(disk).items() if content is not None}
    assert files == {"records/a": b"old", "quarantine/b": b"b"}


def test_replace(disk: Disk) -> None:
    disk.replace("cache/a", b"one")
    disk.replace("cache/a", b"two")
    assert disk.read("cache/a") == b"two"
    disk.make_folder("cache/b")
    with raises(Refused, "in-the-way"):
        disk.replace("cache/b", b"")


def test_files_beside_the_places(disk: Disk) -> None:
    disk.write("recovery-key.txt", b"key")
    disk.replace("sonoteca.toml", b"x = 1")
    assert disk.read("sonoteca.toml") == b"x = 1"
    disk.remove("recovery-key.txt")
    assert disk.find("recovery-key.txt") is None


def test_many_at_once(disk: Disk) -> None:
    contents = {f"quarantine/1/{number % 7}/{number}": bytes([number]) for number in range(200)}
    disk.write_many(contents)
    assert {path: content for path, content in paths_of(disk).items() if content is not None} == contents
    disk.rename_many({path: path.replace("quarantine/1", "store/o") for path in contents})
    assert disk.read("store/o/3/10") == bytes([10])
    assert not any(item.kind is Kind.FILE for item in disk.walk("quarantine"))
    disk.write_many({})
    disk.rename_many({})


def test_many_leave_nothing_when_one_fails(disk: Disk) -> None:
    disk.write("records/b", b"")
    before = paths_of(disk)
    with raises(Conflict, "exists"):
        disk.write_many({"records/a": b"", "records/b": b"", "store/new/c": b""})
    with raises(Refused, "in-the-way"):
        disk.write_many({"quarantine/new/a": b"", "records/b/c": b""})
    assert {path for path in paths_of(disk) if path not in PLACES} == set(before)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 4 * PIECE_BYTES, 9 * PIECE_BYTES + 5])
def test_a_copy_is_read_once_and_whole(disk: Disk, size: int) -> None:
    content = bytes(number * 7 & 255 for number in range(1000)) * (size // 1000 + 1)
    meter = Sums()
    assert disk.copy_in(io.BytesIO(content[:size]), "quarantine/1/a", meter) == size
    assert disk.read("quarantine/1/a") == content[:size]
    assert meter.digest == hashlib.sha256(content[:size]).hexdigest()
    assert all(block % PIECE_BYTES == 0 for block in meter.sizes[:-1])
    assert all(meter.sizes)


def test_a_copy_begins_where_the_source_stands(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"header, sound")
    with open(tmp_path / "source", "rb") as source:
        source.seek(8)
        assert disk.copy_in(source, "quarantine/a", Sums()) == 5
    assert disk.read("quarantine/a") == b"sound"


def test_a_failed_copy_leaves_nothing(disk: Disk) -> None:
    with pytest.raises(ValueError, match="no"):
        disk.copy_in(io.BytesIO(b"some"), "quarantine/1/a", Refusing())
    assert [path for path in paths_of(disk) if path not in PLACES] == []


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, 5 * PIECE_BYTES + 3])
def test_what_another_process_made_is_read_once_and_sealed(disk: Disk, size: int) -> None:
    content = os.urandom(size)
    disk.write("quarantine/job/1/track.opus", content)
    meter = Sums()
    assert disk.seal("quarantine/job/1/track.opus", meter) == size
    assert meter.digest == hashlib.sha256(content).hexdigest()
    assert all(count % PIECE_BYTES == 0 for count in meter.sizes[:-1])
    assert disk.read("quarantine/job/1/track.opus") == content


def test_what_is_not_sealed(disk: Disk) -> None:
    disk.write("store/a/file", b"ours")
    disk.write("quarantine/file", b"beside the folders")
    disk.make_folder("quarantine/job/folder")
    for path in ("store/a/file", "quarantine/file", "quarantine/../store/a/file"):
        with raises(Refused, "bad-path"):
            disk.seal(path, Sums())
    with raises(Refused, "in-the-way"):
        disk.seal("quarantine/job/folder", Sums())
    with raises(Damaged, "missing"):
        disk.seal("quarantine/job/none", Sums())
    with pytest.raises(ValueError, match="no"):
        disk.seal(made(disk), Refusing())
    assert disk.read(made(disk)) == b"made"


def made(disk: Disk) -> str:
    path = "quarantine/job/made"
    if disk.find(path) is None:
        disk.write(path, b"made")
    return path


def test_renaming(disk: Disk) -> None:
    disk.write_many({"quarantine/1/object/v1/a": b"a", "quarantine/1/object/b": b"b"})
    disk.rename("quarantine/1/object", "store/ab/cd/it")
    assert disk.read("store/ab/cd/it/v1/a") == b"a"
    assert disk.find("quarantine/1/object") is None
    with raises(Damaged, "missing"):
        disk.rename("quarantine/1/object", "store/ab/cd/other")
    with raises(Refused, "bad-path"):
        disk.rename("store/ab", "store/ab/cd/it/itself")
    with raises(Refused, "in-the-way"):
        disk.rename("store/ab/cd/it/b", "store/ab/cd/it/v1/a/b")
    assert disk.list("store/ab/cd") == ("it",)


def test_removing(disk: Disk) -> None:
    disk.write_many({"cache/a/b/c": b"", "cache/a/d": b""})
    disk.remove("cache/a/d")
    disk.remove("cache/a/d")
    disk.remove("cache/nothing/here")
    with raises(Refused, "in-the-way"):
        disk.remove("cache/a")
    disk.remove_tree("cache/a/b")
    disk.remove_tree("cache/a/b")
    disk.remove_tree("cache/nothing/here")
    assert disk.list("cache/a") == ()
    disk.write("cache/e", b"")
    disk.remove_tree("cache/e")
    assert disk.find("cache/e") is None


def test_pruning(disk: Disk) -> None:
    disk.make_folder("store/ab/cd/ef")
    disk.write("store/ab/x", b"")
    disk.prune_empty("store/ab/cd/ef/gone")
    assert disk.list("store/ab") == ("x",)
    disk.prune_empty("store/ab/x")
    assert disk.read("store/ab/x") == b""
    disk.remove("store/ab/x")
    disk.prune_empty("store/ab")
    disk.prune_empty("store")
    assert disk.find("store") is not None
    assert disk.list("store") == ()


def test_lists_and_walks_are_sorted(disk: Disk) -> None:
    disk.write_many({f"index/{name}": b"12" for name in ("b/2", "b/10", "a", "é", "Z", "b-/1")})
    assert disk.list("index") == ("Z", "a", "b", "b-", "é")
    found = [(item.path, item.kind, item.bytes) for item in disk.walk("index")]
    assert found == [
        ("index/Z", Kind.FILE, 2),
        ("index/a", Kind.FILE, 2),
        ("index/b", Kind.FOLDER, 0),
        ("index/b/10", Kind.FILE, 2),
        ("index/b/2", Kind.FILE, 2),
        ("index/b-", Kind.FOLDER, 0),
        ("index/b-/1", Kind.FILE, 2),
        ("index/é", Kind.FILE, 2),
    ]
    assert disk.list("index/none") == ()
    assert list(disk.walk("index/none")) == []
    with raises(Refused, "in-the-way"):
        disk.list("index/a")


def test_what_is_not_there(disk: Disk) -> None:
    disk.make_folder("store/a")
    disk.write("store/file", b"")
    for read in (disk.read, disk.open):
        with raises(Damaged, "missing"):
            read("store/a/b")
        with raises(Refused, "in-the-way"):
            read("store/a")
        with raises(Refused, "in-the-way"):
            read("store/file/below")
    assert disk.find("store/a/b") is None
    assert disk.find("store/file/below") is None
    with raises(Refused, "in-the-way"):
        disk.make_folder("store/file")


def test_too_large(disk: Disk) -> None:
    disk.write("store/a", b"12345")
    assert disk.read("store/a", 5) == b"12345"
    with raises(Refused, "too-large"):
        disk.read("store/a", 4)


BAD = [
    "",
    "/",
    "/store/a",
    "store/",
    "store//a",
    "store/../keys/a",
    "store/./a",
    "elsewhere/a",
    "sonoteca.toml/a",
    "..",
    ".",
]
BAD += ["store/a\0b", "store/" + "x" * 256, "store/" + "/".join(["x" * 200] * 20), "store/\ud800", "catalogue.sqlite"]


@pytest.mark.parametrize("path", BAD, ids=ascii)
def test_bad_paths(disk: Disk, path: str) -> None:
    deeds = [
        lambda: disk.read(path),
        lambda: disk.open(path),
        lambda: disk.full_path(path),
        lambda: disk.find(path),
        lambda: disk.list(path),
        lambda: list(disk.walk(path)),
        lambda: disk.make_folder(path),
        lambda: disk.write(path, b""),
        lambda: disk.write_many({"store/fine": b"", path: b""}),
        lambda: disk.replace(path, b""),
        lambda: disk.copy_in(io.BytesIO(), path, Sums()),
        lambda: disk.rename(path, "store/new"),
        lambda: disk.rename("quarantine", path),
        lambda: disk.rename_many({path: "store/new"}),
        lambda: disk.remove(path),
        lambda: disk.remove_tree(path),
        lambda: disk.prune_empty(path),
        lambda: disk.lock(path).__enter__(),
    ]
    disk.make_folder("quarantine")
    for deed in deeds:
        with raises(Refused, "bad-path"):
            deed()
    assert [path for path in paths_of(disk) if path not in PLACES] == []


def test_names_may_hold_any_byte_but_two(disk: Disk) -> None:
    name = "quarantine/a\\b\n\udcff ' \"*?"
    disk.write(name, b"1")
    disk.rename(name, "quarantine/é" * 1)
    assert disk.list("quarantine") == ("é",)


def test_one_holds_the_lock(disk: Disk) -> None:
    with disk.lock("sonoteca.lock"), raises(Conflict, "locked"), disk.lock("sonoteca.lock"):
        raise AssertionError("two hold it")
    with disk.lock("sonoteca.lock"):
        pass


def test_free_room(disk: Disk) -> None:
    assert disk.free_bytes() > 1_000_000


def test_places_are_those_of_the_archive(disk: Disk) -> None:
    assert disk.PLACES == PLACES


# ── the real one beside its double ───────────────────────────────────────────────────────────────────────────────────

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(lambda names: "/".join(["quarantine", *names]))


class Beside(RuleBasedStateMachine):
    """The same deeds, asked of both: the same answers, the same errors, the same tree."""

    contents = Bundle("contents")

    def __init__(self, folder: Path) -> None:
        super().__init__()
        number = len(os.listdir(folder))
        self.local = LocalDisk(str(folder / f"archive-{number}"), create=True)
        self.memory = MemoryDisk()
        for disk in (self.local, self.memory):
            disk.make_folder("quarantine")

    @initialize(target=contents)
    def empty(self) -> bytes:
        return b""

    @rule(target=contents, content=st.binary(max_size=20))
    def some(self, content: bytes) -> bytes:
        return content

    def both(self, name: str, *arguments: object) -> None:
        assert self.answer(self.local, name, arguments) == self.answer(self.memory, name, arguments)

    def answer(self, disk: Disk, name: str, arguments: tuple[object, ...]) -> object:
        try:
            return getattr(disk, name)(*arguments)
        except SonotecaError as error:
            return type(error), error.code

    @rule(path=PATHS)
    def look(self, path: str) -> None:
        for name in ("read", "find", "list"):
            self.both(name, path)

    @rule(path=PATHS, content=contents)
    def write(self, path: str, content: bytes) -> None:
        self.both("write", path, content)

    @rule(path=PATHS, content=contents)
    def replace(self, path: str, content: bytes) -> None:
        self.both("replace", path, content)

    @rule(paths=st.lists(PATHS, max_size=3), content=contents)
    def write_many(self, paths: list[str], content: bytes) -> None:
        self.both("write_many", dict.fromkeys(paths, content))

    @rule(path=PATHS, content=contents)
    def copy_in(self, path: str, content: bytes) -> None:
        def deed(disk: Disk) -> object:
            return self.answer(disk, "copy_in", (io.BytesIO(content), path, Sums()))

        assert deed(self.local) == deed(self.memory)

    @rule(path=PATHS)
    def seal(self, path: str) -> None:
        self.both("seal", path, Sums())

    @rule(old=PATHS, new=PATHS)
    def rename(self, old: str, new: str) -> None:
        self.both("rename", old, new)

    @rule(path=PATHS, name=st.sampled_from(["make_folder", "remove", "remove_tree", "prune_empty"]))
    def other(self, path: str, name: str) -> None:
        self.both(name, path)

    @invariant()
    def trees_are_equal(self) -> None:
        assert list(self.local.walk("quarantine")) == list(self.memory.walk("quarantine"))


def test_the_double_does_as_the_real_one(tmp_path: Path) -> None:
    run_state_machine_as_test(lambda: Beside(tmp_path), settings=settings(max_examples=40, stateful_step_count=25))


# ── what only a real disk can show ───────────────────────────────────────────────────────────────────────────────────


def test_a_source_that_trickles_and_fails(local: LocalDisk) -> None:
    content = os.urandom(3 * PIECE_BYTES + 17)
    meter = Sums()
    assert local.copy_in(Trickle(content), "quarantine/a", meter) == len(content)
    assert local.read("quarantine/a") == content
    assert all(block % PIECE_BYTES == 0 for block in meter.sizes[:-1])
    with raises(Unreachable, "source-unreadable"):
        local.copy_in(Trickle(content, fails=True), "quarantine/b", Sums())
    assert local.list("quarantine") == ("a",)


def test_holes_are_kept(local: LocalDisk, tmp_path: Path) -> None:
    size = 1 << 30
    with open(tmp_path / "source", "wb") as file:
        file.truncate(size)
        file.seek(size // 2)
        file.write(b"sound")
    with open(tmp_path / "source", "rb") as source:
        assert local.copy_in(source, "quarantine/a", Sums()) == size
    seen = os.stat(local.full_path("quarantine/a"))
    assert seen.st_size == size
    assert seen.st_blocks * 512 < 4 * 1024 * 1024
    with local.open("quarantine/a") as file:
        file.seek(size // 2 - 2)
        assert file.read(9) == b"\0\0sound\0\0"


def test_zeros_at_the_end_are_there(local: LocalDisk) -> None:
    content = b"sound" + bytes(9 * PIECE_BYTES)
    local.copy_in(io.BytesIO(content), "quarantine/a", Sums())
    assert local.read("quarantine/a") == content


def test_links_are_not_followed(local: LocalDisk, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"theirs")
    local.write("store/a/mine", b"mine")
    root = Path(local.full_path("store"))
    (root / "link").symlink_to(outside)
    (root / "a" / "link").symlink_to(outside / "file")
    (root / "dangling").symlink_to(outside / "none")
    for path in ("store/link/new", "store/dangling/new"):
        for deed in (local.make_folder, lambda path: local.write(path, b""), lambda path: local.replace(path, b"")):
            with raises(Refused, "in-the-way"):
                deed(path)
        with raises(Refused, "in-the-way"):
            local.copy_in(io.BytesIO(b""), path, Sums())
        with raises(Refused, "in-the-way"):
            local.rename("store/a/mine", path)
        with raises(Refused, "in-the-way"):
            local.write_many({path: b""})
    for path in ("store/a/link", "store/link/file", "store/dangling"):
        with raises(Refused, "in-the-way"):
            local.read(path)
    for path in ("store/a/link", "store/dangling"):
        with raises(Conflict, "exists"):
            local.write(path, b"")
        found = local.find(path)
        assert found is not None
        assert found.kind is Kind.LINK
    assert local.find("store/link/file") is None
    local.replace("store/a/link", b"now a file")
    local.remove("store/dangling")
    local.remove_tree("store/link")
    assert [(item.path, item.kind) for item in local.walk("store")] == [
        ("store/a", Kind.FOLDER),
        ("store/a/link", Kind.FILE),
        ("store/a/mine", Kind.FILE),
    ]
    assert [(path.name, path.read_bytes()) for path in outside.iterdir()] == [("file", b"theirs")]


def test_both_ways_of_opening_are_one(local: LocalDisk, tmp_path: Path) -> None:
    """Kernels before 5.6, and filters of containers, have no openat2: then it goes folder by folder."""
    local.write("store/a/file", b"mine")
    root = str(tmp_path / "archive")
    os.symlink(root, local.full_path("store/link"))
    os.symlink(local.full_path("store/a/file"), local.full_path("store/a/link"))

    def answer(opened: Callable[[str, tuple[str, ...], int], int], path: str, flags: int) -> object:
        try:
            descriptor = opened(root, tuple(path.split("/")), flags)
        except OSError as error:
            return describe(error, path).code
        try:
            return os.fstat(descriptor).st_ino
        finally:
            os.close(descriptor)

    for path in [
        "store",
        "store/a",
        "store/a/file",
        "store/a/link",
        "store/link",
        "store/link/store",
        "store/none",
        "store/a/file/x",
        ".",
    ]:
        for flags in (os.O_RDONLY, os.O_RDONLY | os.O_DIRECTORY):
            assert answer(open_below, path, flags) == answer(open_by_steps, path, flags), path


def test_removing_a_tree_removes_links_and_not_what_they_show(local: LocalDisk, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_bytes(b"theirs")
    local.make_folder("quarantine/1/deep")
    os.symlink(tmp_path / "outside", local.full_path("quarantine/1/deep/link"))
    local.remove_tree("quarantine/1")
    assert (tmp_path / "outside" / "file").read_bytes() == b"theirs"


def test_a_pipe_is_not_waited_for(local: LocalDisk) -> None:
    local.make_folder("store")
    os.mkfifo(local.full_path("store/pipe"))
    with raises(Refused, "in-the-way"):
        local.read("store/pipe")
    found = local.find("store/pipe")
    assert found is not None
    assert found.kind is Kind.OTHER


def test_hard_links_are_counted(local: LocalDisk) -> None:
    local.write("store/a", b"")
    os.link(local.full_path("store/a"), local.full_path("store/b"))
    assert [item.names for item in local.walk("store")] == [2, 2]


def test_only_a_file_of_one_name_is_sealed(local: LocalDisk, tmp_path: Path) -> None:
    local.make_folder("quarantine/job")
    folder = Path(local.full_path("quarantine/job"))
    (tmp_path / "outside").write_bytes(b"theirs")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "dangling").symlink_to(tmp_path / "none")
    os.mkfifo(folder / "pipe")
    local.write("quarantine/job/one", b"two names")
    os.link(folder / "one", folder / "two")
    for name in ("link", "dangling", "pipe"):
        with raises(Refused, "in-the-way"):
            local.seal(f"quarantine/job/{name}", Sums())
    with raises(Refused, "several-names"):
        local.seal("quarantine/job/one", Sums())
    (folder.parent / "elsewhere").symlink_to(folder)
    with raises(Refused, "in-the-way"):
        local.seal("quarantine/elsewhere/one", Sums())


def test_a_sealed_file_has_the_mode_of_the_archives_files(local: LocalDisk) -> None:
    mask = os.umask(0o027)
    try:
        local.write("quarantine/job/made", b"")
    finally:
        os.umask(mask)
    path = local.full_path("quarantine/job/made")
    for mode in (0o600, 0o4777, 0o644):
        os.chmod(path, mode)
        local.seal("quarantine/job/made", Sums())
        assert os.stat(path).st_mode & 0o7777 == 0o640


def test_keys_are_private(local: LocalDisk) -> None:
    mask = os.umask(0o022)
    try:
        local.write("keys/sub/archive.key", b"")
        local.replace("recovery-key.txt", b"")
        local.write_many({"keys/other": b"", "store/a/file": b""})
        local.copy_in(io.BytesIO(b""), "quarantine/b", Sums())
        local.replace("store/a/c", b"")
    finally:
        os.umask(mask)
    private = ("keys", "keys/sub", "keys/sub/archive.key", "keys/other", "recovery-key.txt")
    public = ("store", "store/a", "store/a/file", "store/a/c", "quarantine/b")
    assert [oct(os.stat(local.full_path(path)).st_mode & 0o777) for path in private[2:]] == ["0o600"] * 3
    assert [oct(os.stat(local.full_path(path)).st_mode & 0o777) for path in private[:2]] == ["0o700"] * 2
    assert [oct(os.stat(local.full_path(path)).st_mode & 0o777) for path in public[:2]] == ["0o755"] * 2
    assert [oct(os.stat(local.full_path(path)).st_mode & 0o777) for path in public[2:]] == ["0o644"] * 3


def test_nothing_half_written_is_left(local: LocalDisk) -> None:
    local.write("records/a", b"")
    local.replace("store/a", b"")
    local.write("inbox/a", b"")
    with raises(Conflict, "exists"):
        local.write("records/a", b"")
    assert local.list("quarantine") == ()
    assert local.list("inbox") == ("a",)


def test_the_archive_must_be_there(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path / "file"):
        (tmp_path / "file").write_bytes(b"")
        with raises(Unreachable, "no-archive"):
            LocalDisk(str(folder)).write("store/a", b"")
        with raises(Unreachable, "no-archive"):
            LocalDisk(str(folder)).find("store/a")
    with raises(Refused, "in-the-way"):
        LocalDisk(str(tmp_path / "file" / "below"), create=True)


def test_it_travels_to_other_processes(local: LocalDisk) -> None:
    local.write("store/a", b"1")
    assert pickle.loads(pickle.dumps(local)).read("store/a") == b"1"


def test_the_lock_is_held_against_other_processes_and_goes_with_its_holder(local: LocalDisk) -> None:
    root = str(Path(local.full_path("store")).parent)
    program = (
        "import sys, sonoteca.ports.local_disk as l\n"
        "with l.LocalDisk(sys.argv[1]).lock('sonoteca.lock'):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, root]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        if holder.stdout is None:
            raise RuntimeError("no pipe")
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Conflict, match=f"process {holder.pid}"), local.lock("sonoteca.lock"):
            raise AssertionError("two hold it")
        holder.kill()
    with local.lock("sonoteca.lock"):
        assert local.read("sonoteca.lock") == f"{os.getpid()}\n".encode()
    assert local.read("sonoteca.lock") == b""


@pytest.mark.needs_root
def test_a_full_disk_is_as_before(tmp_path: Path) -> None:
    with mounts.tmpfs(tmp_path / "mount") as small:
        local = LocalDisk(str(small.folder))
        content = os.urandom(5 * mounts.PAGE_BYTES)
        local.write("quarantine/old", b"old")
        before = paths_of(local)
        deeds = [
            (2, lambda: local.write("store/a/b", content)),
            (4, lambda: local.write_many({f"store/a/{number}": content for number in range(3)})),
            (1, lambda: local.replace("quarantine/old", content)),
            (2, lambda: local.copy_in(io.BytesIO(content), "quarantine/1/a", Sums())),
            (9, lambda: local.make_folder("store/1/2/3/4/5/6/7/8/9")),
        ]
        for _, deed in deeds[:-1]:
            small.limit(free_pages=3)
            with raises(Unreachable, "disk-full"):
                deed()
            assert {path: seen for path, seen in paths_of(local).items() if path != "store"} == before
        for files, deed in deeds:
            for free_files in range(files):
                small.limit(free_files=free_files)
                with raises(Unreachable, "disk-full"):
                    deed()
                assert {path: seen for path, seen in paths_of(local).items() if path != "store"} == before
                small.limit()


def test_the_double_can_be_full() -> None:
    disk = MemoryDisk(room_bytes=100)
    disk.write("quarantine/old", b"old")
    before = paths_of(disk)
    for deed in (disk.write, disk.replace):
        with raises(Unreachable, "disk-full"):
            deed("store/a/b", bytes(100))
    with raises(Unreachable, "disk-full"):
        disk.copy_in(io.BytesIO(bytes(100)), "store/a/b", Sums())
    assert paths_of(disk) == before


@pytest.mark.needs_root
def test_extents_are_shared_where_the_file_system_can(tmp_path: Path) -> None:
    with mounts.btrfs(tmp_path / "mount", tmp_path / "image") as folder:
        content = os.urandom(20 * 1024 * 1024)
        (folder / "source").write_bytes(content)
        os.sync()
        local = LocalDisk(str(folder / "archive"), create=True)
        free = local.free_bytes()
        meter = Sums()
        with open(folder / "source", "rb") as source:
            assert local.copy_in(source, "quarantine/a", meter) == len(content)
        assert meter.digest == hashlib.sha256(content).hexdigest()
        assert all(block % PIECE_BYTES == 0 for block in meter.sizes[:-1])
        os.sync()
        assert free - local.free_bytes() < 5 * 1024 * 1024
        assert local.read("quarantine/a") == content


def test_top_files_are_plain_names() -> None:
    assert all("/" not in name for name in TOP_FILES)
