"""Fixtures for all: the corpus, the hostile set, tools; and the one way to say that something is not there."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, settings

from tests import tools
from tests.clients import required

# No deadline: timing says more about the machine than about the code. In CI the same examples every time.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("house"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") or tools.REQUIRE_ALL else "house")


def pytest_configure() -> None:
    """Ctrl-C ends what a test starts, also where whoever started the tests does not want to hear of it (a shell that
    puts them into the background ignores SIGINT, and children would inherit that)."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    """Which stock clients are here."""
    return required.header()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked needs_root runs as root or says why not."""
    if item.get_closest_marker("needs_root") and os.geteuid() != 0:
        tools.missing("needs root")


@pytest.fixture
def require_tool() -> Callable[[str], str]:
    """require_tool("flac") gives the program's path, or ends the test."""
    return tools.require_tool


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder with the recordings and index.csv. Read only."""
    return tools.find_corpus()


@pytest.fixture(scope="session")
def hostile(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the hostile files, unpacked once a test run and shared by its workers. Read only: copy to change.

    Pipes, links, a sparse file, a file without permissions and names that are not UTF-8 are as the archive has them.
    """
    archive = corpus / "hostile.tar.zst"
    if not archive.is_file():
        tools.missing(f"needs {archive}")
    return unpack_once(archive, shared_folder(tmp_path_factory) / "hostile-set") / "hostile"


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run, and no other run, have in common."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def unpack_once(archive: Path, target: Path) -> Path:
    """The archive unpacked at `target`, by whoever comes first; the others wait."""
    with open(target.with_name(target.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            half = target.with_name(target.name + ".half")
            half.mkdir()
            unpack(archive, half)
            half.rename(target)
    return target


def unpack(archive: Path, target: Path) -> None:
    """GNU tar writes the tree: Python's own tarfile would not keep the names' bytes and the sparse file."""
    command = ["tar", "--extract", "--preserve-permissions", "--no-same-owner", "--directory", str(target)]
    with open(archive, "rb") as packed, subprocess.Popen(command, stdin=subprocess.PIPE) as tar:
        if tar.stdin is None:
            raise RuntimeError("tar was started without a pipe")
        zstandard.ZstdDecompressor().copy_stream(packed, tar.stdin)
        tar.stdin.close()
        code = tar.wait()
    if code:
        raise RuntimeError(f"tar could not unpack {archive}: exit code {code}")
