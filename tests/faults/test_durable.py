"""What would survive a power cut, read from the system calls: when something is renamed into the store, every byte and
every name that was written before is synced; when a deposit is over, nothing is left unsynced."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tools
from tests.tools import PROJECT

pytestmark = pytest.mark.faults

PROGRAM = """
import sys
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.preserve.deposit import deposit, init_store
from tests.unit.preserve.states import request
disk = LocalDisk(sys.argv[1])
init_store(disk)
first = {"masters/a": b"a" * 300_000, "masters/CD 1/b": b"b", "release.json": b"{}"}
deposit(request(disk, first), disk)
deposit(request(disk, {**first, "masters/CD 2/c": b"c", "release.json": b"{ }"}), disk)
disk.write("records/grants/1.json", b"{}")
disk.replace("sonoteca.toml", b"")
"""
CALLS = "openat,write,pwrite64,ftruncate,fsync,mkdirat,renameat,renameat2,unlinkat"
DONE = re.compile(r"\d+ +(\w+)\((.*)\) = (\d+)(?:<(.*)>)?$")
PLACE = re.compile(r'\d+<([^>]*)>, "([^"]*)"')


def calls(trace: Path) -> Iterator[tuple[str, str, str]]:
    """Name, arguments and result of each call that succeeded."""
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := DONE.fullmatch(line):
            yield found[1], found[2], found[4] or ""


class Unsynced:
    """What a power cut would take: files whose bytes, folders whose names are not synced yet."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.paths: set[str] = set()
        self.renamed = 0
        # Files on their way are born here under other names: one that is left over is swept at the next start.
        self.spool = f"{root}/quarantine"

    def see(self, name: str, arguments: str, result: str) -> None:
        """One system call."""
        if name in ("write", "pwrite64", "ftruncate"):
            self.add(arguments.partition("<")[2].partition(">")[0])
        elif name == "fsync":
            self.paths.discard(arguments.partition("<")[2].partition(">")[0])
        elif name == "openat" and "O_CREAT" in arguments:
            self.add(result)
            self.add(result.rpartition("/")[0])
        elif name in ("mkdirat", "unlinkat") and (place := PLACE.match(arguments)):
            self.add(place[1])
            self.paths.discard(f"{place[1]}/{place[2]}")
        elif name.startswith("rename"):
            self.rename(*("/".join(found) for found in PLACE.findall(arguments)))

    def add(self, path: str) -> None:
        if path.startswith(self.root):
            self.paths.add(path)

    def rename(self, old: str, new: str) -> None:
        if new.startswith(f"{self.root}/store/"):
            on_the_way = {path for path in self.paths if new.startswith(f"{path}/")}  # folders that this deed made
            assert self.paths - on_the_way <= {self.spool}, f"not synced before {old} -> {new}"
            self.renamed += 1
        moved = {path for path in self.paths if path == old or path.startswith(f"{old}/")}
        self.paths = self.paths - moved | {new + path[len(old) :] for path in moved}
        self.add(old.rpartition("/")[0])
        self.add(new.rpartition("/")[0])


def test_everything_is_synced_before_it_is_named_and_when_it_is_over(tmp_path: Path) -> None:
    strace = tools.require_tool("strace")
    root, trace = tmp_path / "archive", tmp_path / "trace"
    root.mkdir()
    command = [strace, "-f", "-y", "-s", "500", "-e", f"trace={CALLS}", "-o", str(trace)]
    program = [sys.executable, "-c", PROGRAM, str(root)]
    ended = subprocess.run(
        [*command, *program], cwd=PROJECT, env={"PYTHONPATH": "src:."}, capture_output=True, check=False
    )
    if b"ptrace" in ended.stderr.lower():
        tools.missing("strace may not trace here")
    assert ended.returncode == 0, ended.stderr.decode()
    unsynced = Unsynced(str(root))
    for call in calls(trace):
        unsynced.see(*call)
    assert unsynced.paths <= {unsynced.spool}
    # The object, its second version, and the two files of its inventory; the three files of the storage root.
    assert unsynced.renamed == 7
