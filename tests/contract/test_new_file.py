"""NewFile: it grows, is patched in place, and never touches what was there."""

import os
from pathlib import Path

import pytest

from sonoteca.ports.new_file import MadeFile, NewFile


def test_it_grows_and_is_patched(tmp_path: Path) -> None:
    file = NewFile(str(tmp_path / "x"))
    file.append(b"head....tail")
    file.patch(4, b"1234")
    file.append(b"more")
    assert file.bytes == 16
    file.close()
    file.close()
    assert (tmp_path / "x").read_bytes() == b"head1234tailmore"
    assert (tmp_path / "x").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("at", "raw"), [(-1, b"a"), (0, b"abcde"), (4, b"a"), (5, b"")])
def test_nothing_is_patched_beyond_the_end(tmp_path: Path, at: int, raw: bytes) -> None:
    file = NewFile(str(tmp_path / "x"))
    file.append(b"abcd")
    with pytest.raises(ValueError, match="of a file of 4"):
        file.patch(at, raw)
    file.close()
    assert (tmp_path / "x").read_bytes() == b"abcd"


def test_what_exists_is_kept(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"kept")
    (tmp_path / "link").symlink_to("elsewhere")
    for name in ("x", "link"):
        with pytest.raises(FileExistsError):
            NewFile(str(tmp_path / name))
    assert (tmp_path / "x").read_bytes() == b"kept"
    assert not (tmp_path / "elsewhere").exists()


def test_dropped_it_is_gone(tmp_path: Path) -> None:
    file = NewFile(str(tmp_path / "x"))
    file.append(b"a" * 1_000_000)
    file.drop()
    assert os.listdir(tmp_path) == []


def test_what_was_made_can_be_patched_and_never_grows(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"head....tail")
    file = MadeFile(str(tmp_path / "x"))
    assert (file.bytes, file.head(4), file.head(100)) == (12, b"head", b"head....tail")
    file.patch(4, b"1234")
    for at, raw in ((-1, b"a"), (10, b"abc")):
        with pytest.raises(ValueError, match="of a file of 12"):
            file.patch(at, raw)
    file.close()
    assert (tmp_path / "x").read_bytes() == b"head1234tail"


def test_only_a_file_that_is_there_is_opened_again(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"kept")
    (tmp_path / "link").symlink_to("there")
    for name in ("none", "link", "."):
        with pytest.raises(OSError):
            MadeFile(str(tmp_path / name))
    assert not (tmp_path / "none").exists()
