"""One suite for the demo's folder: the real one and its double."""

from pathlib import Path

import pytest

from sonoteca.model.errors import Conflict
from sonoteca.ports.demo_folder import DemoFolder, MusicFolder
from sonoteca.ports.memory.demo_folder import MemoryDemoFolder


@pytest.fixture(params=["disk", "memory"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> MusicFolder:
    return DemoFolder(str(tmp_path / "new")) if request.param == "disk" else MemoryDemoFolder()


def test_the_same_again_is_no_deed(door: MusicFolder) -> None:
    door.write("a b/c.txt", b"one")
    door.write("a b/c.txt", b"one")


def test_something_else_is_never_overwritten(door: MusicFolder) -> None:
    door.write("c.txt", b"mine")
    for content in (b"your", b"", b"yours, longer"):
        with pytest.raises(Conflict) as caught:
            door.write("c.txt", content)
        assert caught.value.code == "exists"
    door.write("c.txt", b"mine")


@pytest.mark.parametrize("path", ["../c", "/c", "a/../c", "a//c", "", ".", "a/."])
def test_nothing_is_written_outside(door: MusicFolder, path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        door.write(path, b"")


def test_nothing_else_is_there_afterwards(tmp_path: Path) -> None:
    door = DemoFolder(str(tmp_path))
    door.write("a/c.txt", b"one")
    before = (tmp_path / "a/c.txt").stat()
    door.write("a/c.txt", b"one")
    assert (tmp_path / "a/c.txt").stat() == before
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["c.txt"]


def test_a_link_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_bytes(b"one")
    (tmp_path / "c.txt").symlink_to(tmp_path / "mine.txt")
    with pytest.raises(Conflict):
        DemoFolder(str(tmp_path)).write("c.txt", b"one")


def test_a_broken_off_write_is_taken_up_again(tmp_path: Path) -> None:
    (tmp_path / "c.txt.part").write_bytes(b"ha")
    DemoFolder(str(tmp_path)).write("c.txt", b"half")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("c.txt", b"half")]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_bytes(b"mine")
    (tmp_path / "c.txt.part").symlink_to(tmp_path / "mine.txt")
    with pytest.raises(OSError, match="symbolic links"):
        DemoFolder(str(tmp_path)).write("c.txt", b"one")
    assert (tmp_path / "mine.txt").read_bytes() == b"mine"
