"""A fresh index of fingerprints takes the place of the old one, and the process ends before any change of a file: what
is found afterwards is all that the one had or all that the other has, and the same again gives the fresh one."""

import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from sonoteca.ports.sameness_index import Entry, SegmentIndex
from tests.tools import PROJECT

pytestmark = pytest.mark.faults
OLD, FRESH = range(3), range(100, 104)
ENDED = 9
MOST = 40  # changes of files that there may be
CODE = numpy.array([7], numpy.uint32)


def filled(index: SegmentIndex, keys: range) -> None:
    """Each in a segment of its own."""
    for key in keys:
        index.add([Entry(key, CODE)])


def replace(root: str, before: int) -> None:
    """In a process of its own, which ends before the change of a file that has this number."""
    left = [before]

    def see(event: str, _: object) -> None:
        if event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir"):
            left[0] -= 1
            if left[0] < 0:
                os._exit(ENDED)

    index = SegmentIndex(root)
    fresh = SegmentIndex(root, "sameness-next")
    sys.addaudithook(see)
    index.replace_with(fresh)


def attempt(root: Path, before: int) -> int:
    words = [sys.executable, "-m", "tests.faults.test_sameness_replaced", str(root), str(before)]
    return subprocess.run(words, cwd=PROJECT, check=False).returncode


def found(root: Path) -> list[int]:
    return [key for key, _ in SegmentIndex(str(root)).find(CODE, 1000)]


def test_old_or_fresh_and_never_a_part(tmp_path: Path) -> None:
    seen = []
    for before in range(MOST):
        root = tmp_path / str(before)
        index = SegmentIndex(str(root))
        filled(index, OLD)
        fresh = index.begin_again()
        filled(fresh, FRESH)
        code = attempt(root, before)
        seen.append(found(root))
        assert seen[-1] in (list(OLD), list(FRESH))
        again = SegmentIndex(str(root)).begin_again()
        filled(again, FRESH)
        SegmentIndex(str(root)).replace_with(again)
        assert found(root) == list(FRESH)
        assert len(list((root / "index").iterdir())) == 1
        if code == 0:
            break
        assert code == ENDED
    # Both ends were seen, and the last attempt was not cut short.
    assert seen[0] == list(OLD) and seen[-1] == list(FRESH)
    assert code == 0 and len(seen) > len(OLD) + 2


if __name__ == "__main__":
    replace(sys.argv[1], int(sys.argv[2]))
