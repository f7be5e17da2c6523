"""What would survive a power cut, read from the system calls: when something is renamed into the store, every byte and
every name that was written before is synced; when a deposit is over, nothing is left unsynced. And what happens when a
system call fails: strace makes it fail."""

import itertools
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonoteca.ports.local_disk import LocalDisk
from sonoteca.preserve.recover import recover_object
from tests import tools
from tests.faults.test_deposit_faults import end, prepare
from tests.tools import PROJECT
from tests.unit.preserve.states import RELEASE, STAGING, reference_errors

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


# One deposit, given as a pickle; says how it ended.
DEPOSIT = """
import pickle, sys
from sonoteca.model.errors import SonotecaError
from sonoteca.preserve.deposit import deposit
try:
    deposit(*pickle.load(sys.stdin.buffer))
except SonotecaError as error:
    sys.exit(f"told {error.code}")
"""
# What fails, with which error, and as what it may be told. An fsync that fails after a rename leaves us uncertain.
FAILING = [("fsync", "EIO", {"disk-failed", "not-durable"}), ("write", "ENOSPC", {"disk-full"})]
FAILING += [("renameat2", "EIO", {"disk-failed"}), ("mkdirat", "EDQUOT", {"disk-full"})]


@pytest.mark.parametrize(("call", "error", "codes"), FAILING, ids=[name for name, _, _ in FAILING])
@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.soak)])
def test_a_system_call_that_fails_is_told_and_mended(
    tmp_path: Path, every: int, call: str, error: str, codes: set[str]
) -> None:
    told = set().union(*(told_and_mended(tmp_path, case, (call, error), every) for case in ("new", "next")))
    assert told <= codes if every > 1 else told == codes


def told_and_mended(tmp_path: Path, case: str, failing: tuple[str, str], every: int) -> set[str]:
    """One deposit after the other, in each of which a later call fails, until none does; gives how they were told."""
    strace, (call, error) = tools.require_tool("strace"), failing
    environment = {"PYTHONPATH": "src:.", "PYTHONDONTWRITEBYTECODE": "1"}
    told = set()
    for number in itertools.count(1, every):
        root = tmp_path / f"{case}-{number}"
        disk = LocalDisk(str(root), create=True)
        given = pickle.dumps((prepare(disk, case), disk))
        trace = [
            "-o",
            str(tmp_path / "trace"),
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:error={error}:when={number}",
        ]
        command = [strace, "-f", *trace, sys.executable, "-c", DEPOSIT]
        ended = subprocess.run(command, cwd=PROJECT, env=environment, input=given, capture_output=True, check=False)
        if b"ptrace" in ended.stderr.lower():
            tools.missing("strace may not trace here")
        if ended.returncode == 0:
            break
        assert ended.stderr.startswith(b"told "), ended.stderr.decode()
        told.add(ended.stderr.decode().split()[1])
        end(disk, case, recover_object(disk, RELEASE, STAGING))
        assert reference_errors(root) == []
    return told
