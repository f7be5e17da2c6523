"""One suite for the source door and its double; then what only a real file system can show."""

import os
import socket
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pytest

from sonoteca.model.errors import Refused, SonotecaError, Unreachable
from sonoteca.model.source import Entry, Kind
from sonoteca.ports.local_source import LocalSource
from sonoteca.ports.memory.source import MemorySource, Thing
from sonoteca.ports.source import SourceFolder
from sonoteca.ports.walking import MAX_DEPTH

ARCHIVE = "archive"
WHEN_NS = 1_700_000_000_123_456_789


class World:
    """A folder to build in, and the door to look at it through."""

    def __init__(self, source: SourceFolder, top: str) -> None:
        self.source = source
        self.top = top

    def root(self, path: str = "music") -> str:
        return f"{self.top}/{path}"

    def paths(self, path: str = "music") -> list[str]:
        return [entry.path for entry in self.source.list(self.root(path))]


def lay_out(top: Path, things: Mapping[str, Thing]) -> None:
    """The things as a file system has them; folders that are closed are closed last."""
    for path, thing in things.items():
        place = top / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if thing.kind is Kind.FOLDER:
            place.mkdir(exist_ok=True)
        elif thing.kind is Kind.LINK:
            place.symlink_to(thing.content.decode())
        elif thing.kind is Kind.OTHER:
            os.mkfifo(place)
        else:
            place.write_bytes(thing.content)
            os.utime(place, ns=(thing.modified_ns, thing.modified_ns))
    for path, thing in things.items():
        if not thing.readable:
            (top / path).chmod(0)


@pytest.fixture(params=["local", "memory"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(kind: str, tmp_path: Path) -> Iterator[World]:
    things = {
        "music/b.flac": Thing(content=b"bee", modified_ns=WHEN_NS),
        "music/a/2.flac": Thing(content=b"two"),
        "music/a/1.flac": Thing(content=b"one"),
        "music/a/deep/er.flac": Thing(content=b"deep"),
        "music/a-z/x.flac": Thing(content=b"x"),
        "music/C.flac": Thing(content=b"sea"),
        "music/\udce9.flac": Thing(content=b"latin"),
        "music/é.flac": Thing(content=b"utf"),
        "music/empty": Thing(kind=Kind.FOLDER),
        "music/closed": Thing(kind=Kind.FOLDER, readable=False),
        "music/closed.flac": Thing(content=b"secret", readable=False),
        "music/link.flac": Thing(kind=Kind.LINK, content=b"b.flac"),
        "music/out": Thing(kind=Kind.LINK, content=b"/etc"),
        "music/self": Thing(kind=Kind.LINK, content=b"self"),
        "music/pipe.flac": Thing(kind=Kind.OTHER),
        "archive/store/x": Thing(content=b"x"),
        "beside/y.flac": Thing(content=b"y"),
    }
    if kind == "local":
        lay_out(tmp_path, things)
        yield World(LocalSource(), str(tmp_path))
        (tmp_path / "music/closed").chmod(0o755)
    else:
        yield World(MemorySource({f"/top/{path}": thing for path, thing in things.items()}), "/top")


def failure(kind: type[SonotecaError], code: str) -> "pytest.RaisesExc[SonotecaError]":
    return pytest.raises(kind, check=lambda error: error.code == code)


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_no_folder_comes_first_and_both_are_sorted_by_bytes(world: World) -> None:
    assert world.paths() == [
        *("C.flac", "b.flac", "closed.flac", "link.flac", "out", "pipe.flac", "self", "é.flac", "\udce9.flac"),
        *("a", "a/1.flac", "a/2.flac", "a/deep", "a/deep/er.flac"),
        *("a-z", "a-z/x.flac", "closed", "empty"),
    ]


def test_an_entry_says_what_it_is(world: World) -> None:
    found = {entry.path: entry for entry in world.source.list(world.root())}
    assert found["b.flac"] == Entry(path="b.flac", kind=Kind.FILE, bytes=3, modified_ns=WHEN_NS)
    assert [found[name].kind for name in ("link.flac", "out", "self")] == [Kind.LINK] * 3
    assert found["pipe.flac"].kind is Kind.OTHER
    assert found["empty"].kind is Kind.FOLDER


def test_what_nobody_may_read_is_listed_and_not_readable(world: World) -> None:
    closed = {entry.path: entry.kind for entry in world.source.list(world.root()) if not entry.readable}
    assert closed == {"closed.flac": Kind.FILE, "closed": Kind.FOLDER}


def test_links_are_not_entered(world: World) -> None:
    assert not [path for path in world.paths() if path.startswith(("out/", "self/"))]


def test_one_file_is_a_source(world: World) -> None:
    root = world.source.resolve(world.root("music/b.flac"), world.root(ARCHIVE))
    assert [entry.path for entry in world.source.list(root)] == ["b.flac"]
    assert world.source.read_small(root, "b.flac", 10) == b"bee"
    assert world.source.key(root, "").endswith("/music/b.flac")
    with failure(Unreachable, "source-gone"):
        world.source.open(root, "C.flac")


def test_files_are_read(world: World) -> None:
    with world.source.open(world.root(), "a/deep/er.flac") as file:
        assert file.read() == b"deep"
    with world.source.open(world.root(), "\udce9.flac") as file:
        assert file.read() == b"latin"


@pytest.mark.parametrize("path", ["link.flac", "pipe.flac", "a", "empty", "out/passwd", "self/x", "b.flac/x"])
def test_only_regular_files_are_opened(world: World, path: str) -> None:
    with failure(Refused, "not-a-file"):
        world.source.open(world.root(), path)


def test_a_closed_file_is_not_opened(world: World) -> None:
    with failure(Refused, "unreadable"):
        world.source.open(world.root(), "closed.flac")


@pytest.mark.parametrize("path", ["", "/etc/passwd", "..", "a/../b.flac", "a//1.flac", "./b.flac", "a/", "b\0.flac"])
def test_no_path_leaves_the_root(world: World, path: str) -> None:
    with failure(Refused, "path-escapes"):
        world.source.open(world.root(), path)
    with failure(Refused, "path-escapes"):
        world.source.remove_original(world.root(), path, 0, 0)


def test_what_is_gone_is_gone(world: World) -> None:
    for path in ("no.flac", "no/such.flac"):
        with failure(Unreachable, "source-gone"):
            world.source.open(world.root(), path)
    with failure(Unreachable, "source-missing"):
        world.source.open(world.root("nothing"), "b.flac")


def test_small_files_are_small(world: World) -> None:
    assert world.source.read_small(world.root(), "b.flac", 3) == b"bee"
    with failure(Refused, "too-large"):
        world.source.read_small(world.root(), "b.flac", 2)


@pytest.mark.parametrize("path", ["nothing", "music/nothing", "music/b.flac/x", "mu\0sic"])
def test_a_root_that_is_not_there(world: World, path: str) -> None:
    assert not world.source.exists(world.root(path))
    with failure(Unreachable, "source-missing"):
        world.source.resolve(world.root(path), world.root(ARCHIVE))
    with failure(Unreachable, "source-missing"):
        next(world.source.list(world.root(path)))


def test_no_name_is_no_root(world: World) -> None:
    with failure(Unreachable, "source-missing"):
        world.source.resolve("", world.root(ARCHIVE))


def test_a_root_that_is_no_folder(world: World) -> None:
    assert not world.source.exists(world.root("music/pipe.flac"))
    with failure(Refused, "not-a-folder"):
        world.source.resolve(world.root("music/pipe.flac"), world.root(ARCHIVE))


def test_a_root_that_is_closed(world: World) -> None:
    with failure(Unreachable, "source-unreadable"):
        list(world.source.list(world.root("music/closed")))


def test_the_archive_does_not_take_itself_in(world: World) -> None:
    archive = world.root(ARCHIVE)
    for inside in ("archive", "archive/store", "archive/store/x"):
        with failure(Refused, "source-in-archive"):
            world.source.resolve(world.root(inside), archive)
    with failure(Refused, "archive-in-source"):
        world.source.resolve(world.top, archive)
    assert world.source.resolve(world.root("beside"), archive) == world.root("beside")
    assert world.source.resolve(world.root("music/../beside/"), archive) == world.root("beside")


def test_an_archive_that_is_not_made_yet_is_in_nobodys_way(world: World) -> None:
    assert world.source.resolve(world.root(), world.root("unmade/archive")) == world.root()


def test_an_original_goes_only_as_it_was_taken(world: World) -> None:
    source, root = world.source, world.root()
    assert not source.remove_original(root, "b.flac", 4, WHEN_NS)
    assert not source.remove_original(root, "b.flac", 3, WHEN_NS + 1)
    assert not source.remove_original(root, "link.flac", 3, WHEN_NS)
    assert not source.remove_original(root, "no/such.flac", 3, WHEN_NS)
    assert source.remove_original(root, "b.flac", 3, WHEN_NS)
    assert "b.flac" not in world.paths()
    assert not source.remove_original(root, "b.flac", 3, WHEN_NS)


def test_a_key_is_the_bytes_of_the_path(world: World) -> None:
    source = world.source
    assert source.key("/music", "") == "file:///music"
    assert source.key("/music/./x/..//", "A b/é") == "file:///music/A%20b/%C3%A9"
    assert source.key("/music", "\udce9") == "file:///music/%E9"
    assert source.key("/", "") == "file:///"
    assert source.key("//music", "a") == "file:///music/a"
    assert source.key("/m", "100% #1?;a+b&c") == "file:///m/100%25%20%231%3F%3Ba%2Bb%26c"


# ── only real ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def local(tmp_path: Path) -> tuple[LocalSource, Path]:
    return LocalSource(), tmp_path


def test_a_key_leads_back_to_the_folder(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    folder = os.fsencode(top) + b"/odd \xff\n%41"
    os.mkdir(folder)
    assert unquote_to_bytes(urlsplit(source.key(os.fsdecode(folder), "")).path) == folder


def test_paths_longer_than_the_system_takes(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    depth, name = 40, "d" * 200  # 8,040 bytes; PATH_MAX is 4,096
    here = os.open(top, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("far.flac", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    *_, last = source.list(str(top))
    assert last == Entry(path=last.path, kind=Kind.FILE, modified_ns=last.modified_ns)
    assert last.path == f"{name}/" * depth + "far.flac"
    source.open(str(top), last.path).close()
    assert source.remove_original(str(top), last.path, 0, last.modified_ns)


def test_there_is_a_bottom(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    deepest = top / "/".join("d" * (MAX_DEPTH + 5))
    deepest.mkdir(parents=True)
    *above, last = source.list(str(top))
    assert all(entry.readable for entry in above)
    assert last.path.count("/") == MAX_DEPTH
    assert not last.readable


def test_a_folder_that_becomes_a_link_is_not_followed(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    (top / "secret").mkdir()
    (top / "secret/s.flac").write_bytes(b"secret")
    for name in ("a", "b"):
        (top / "music" / name).mkdir(parents=True)
    entries = source.list(str(top / "music"))
    assert next(entries).path == "a"
    (top / "music/b").rmdir()
    (top / "music/b").symlink_to(top / "secret")
    assert [(entry.path, entry.readable) for entry in entries] == [("b", False)]


def test_a_listing_given_up_leaves_nothing_open(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    (top / "a/b/c").mkdir(parents=True)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    entries = source.list(str(top))
    assert isinstance(entries, Iterator)
    next(entries)
    del entries
    assert before is None or len(os.listdir("/proc/self/fd")) == before


def test_failures_leave_nothing_open(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    os.mkfifo(top / "pipe")
    (top / "link").symlink_to("pipe")
    before = sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    for path in ("pipe", "link", "no/thing", "link/x"):
        with pytest.raises(SonotecaError):
            source.open(str(top), path)
    assert before is None or sorted(os.listdir("/proc/self/fd")) == before


def test_sockets_are_listed_and_not_opened(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(top / "s.flac"))
        assert [entry.kind for entry in source.list(str(top))] == [Kind.OTHER]
        with failure(Refused, "not-a-file"):
            source.open(str(top), "s.flac")


def test_the_archive_is_seen_through_links(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    (top / "archive/store").mkdir(parents=True)
    (top / "by-link").symlink_to("archive/store")
    (top / "other-name").symlink_to("archive")
    for path, archive in (("by-link", "archive"), ("archive/store", "other-name")):
        with failure(Refused, "source-in-archive"):
            source.resolve(str(top / path), str(top / archive))
    with failure(Refused, "archive-in-source"):
        source.resolve(str(top), str(top / "other-name"))


def test_a_root_may_be_a_link(local: tuple[LocalSource, Path]) -> None:
    source, top = local
    (top / "real").mkdir()
    (top / "real/a.flac").write_bytes(b"a")
    (top / "named").symlink_to("real")
    (top / "one.flac").symlink_to("real/a.flac")
    assert [entry.path for entry in source.list(str(top / "named"))] == ["a.flac"]
    assert [entry.path for entry in source.list(str(top / "one.flac"))] == ["a.flac"]
    assert source.read_small(str(top / "one.flac"), "a.flac", 9) == b"a"
    (top / "self").symlink_to("self")
    with failure(Unreachable, "source-missing"):
        source.resolve(str(top / "self"), str(top / "archive"))


def test_the_hostile_set_is_listed_whole(hostile: Path) -> None:
    source = LocalSource()
    found = list(source.list(str(hostile)))
    expected = set()
    for folder, folders, files in os.walk(os.fsencode(hostile)):
        expected |= {os.path.relpath(os.path.join(folder, name), os.fsencode(hostile)) for name in folders + files}
    assert {os.fsencode(entry.path) for entry in found} == expected
    assert len(found) == len(expected)
    for entry in found:
        mode = os.lstat(hostile / entry.path).st_mode
        assert (entry.kind is Kind.FILE) == stat.S_ISREG(mode)
        assert (entry.kind is Kind.LINK) == stat.S_ISLNK(mode)
    assert [entry.path for entry in found if not entry.readable] == ["loops/noperm.ogg"]
