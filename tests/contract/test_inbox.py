"""Inbox: bounded, the same twice is once, and whatever somebody put there, it is read or passed over, and goes."""

import os
from pathlib import Path

import pytest

from sonoteca.model.errors import Refused, Unreachable
from sonoteca.ports import inbox as port
from sonoteca.ports.disk import Disk
from sonoteca.ports.inbox import Inbox
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.disk import MemoryDisk

ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture(params=["local", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return LocalDisk(str(tmp_path / "archive"), create=True) if request.param == "local" else MemoryDisk()


def test_what_is_put_is_taken_until_it_is_done(disk: Disk) -> None:
    inbox = Inbox(disk)
    assert (inbox.names(), inbox.find(ONE), list(inbox.take())) == ((), None, [])
    inbox.put(TWO, b"two")
    inbox.put(ONE, b"one")
    inbox.put(ONE, b"again")
    assert list(inbox.take()) == [(ONE, b"one"), (TWO, b"two")]
    inbox.done(ONE)
    inbox.done(ONE)
    assert inbox.names() == (TWO,)
    assert (inbox.find(ONE), inbox.find(TWO)) == (None, b"two")


def test_it_is_full_some_day(disk: Disk) -> None:
    inbox = Inbox(disk)
    for number in range(port.MAX_REQUESTS):
        inbox.put(f"{number:032x}", b"x")
    with pytest.raises(Unreachable, match="wait to be looked at"):
        inbox.put("f" * 32, b"x")
    inbox.put(f"{7:032x}", b"x")  # it is there already
    inbox.done(f"{7:032x}")
    inbox.put("f" * 32, b"x")


def test_a_request_is_small(disk: Disk) -> None:
    with pytest.raises(Refused, match="at most"):
        Inbox(disk).put(ONE, bytes(port.MAX_REQUEST_BYTES + 1))
    assert Inbox(disk).names() == ()


@pytest.mark.parametrize("name", ["", "x", "../" + "1" * 29, "1" * 31, "1" * 33, "G" * 32])
def test_a_name_is_no_path(disk: Disk, name: str) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal"):
        Inbox(disk).put(name, b"x")


def test_whatever_lies_there_goes(tmp_path: Path) -> None:
    disk = LocalDisk(str(tmp_path / "archive"), create=True)
    folder = tmp_path / "archive" / "inbox"
    folder.mkdir()
    (tmp_path / "kept").write_text("kept")
    (folder / f"{'a' * 32}.json").symlink_to(tmp_path / "kept")
    (folder / f"{'b' * 32}.json").mkdir()
    (folder / f"{'b' * 32}.json" / "x").write_text("x")
    os.mkfifo(folder / f"{'c' * 32}.json")
    (folder / f"{'d' * 32}.json").write_bytes(bytes(port.MAX_REQUEST_BYTES + 1))
    inbox = Inbox(disk)
    assert list(inbox.take()) == [(letter * 32, None) for letter in "abcd"]
    for name in inbox.names():
        inbox.done(name)
    assert list(folder.iterdir()) == []
    assert (tmp_path / "kept").read_text() == "kept"
