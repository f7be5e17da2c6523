"""Small file systems for tests: a tmpfs that is full when we say so, a btrfs that can share extents. Both need root."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import tools

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def _mounted(folder: Path, *options: str) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    tools.require_tool("mount")
    try:
        _run("mount", *options, str(folder))
    except subprocess.CalledProcessError as error:
        tools.missing(f"cannot mount here: {error.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        _run("umount", str(folder))


class Tmpfs:
    """A file system in memory whose room and number of files can be changed while it is mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def limit(self, *, free_pages: int | None = None, free_files: int | None = None) -> None:
        """Leaves room for so many pages and files more; None: plenty."""
        seen = os.statvfs(self.folder)
        used_pages = (seen.f_blocks - seen.f_bfree) * seen.f_frsize // PAGE_BYTES
        size = (used_pages + (20_000 if free_pages is None else free_pages)) * PAGE_BYTES
        files = seen.f_files - seen.f_ffree + (100_000 if free_files is None else free_files)
        # Size 0 would mean no limit.
        _run("mount", "-o", f"remount,size={max(size, PAGE_BYTES)},nr_inodes={files}", str(self.folder))


@contextmanager
def tmpfs(folder: Path) -> Iterator[Tmpfs]:
    """A tmpfs mounted at the folder."""
    with _mounted(folder, "-t", "tmpfs", "-o", "size=80m,nr_inodes=100000", "none"):
        yield Tmpfs(folder)


@contextmanager
def btrfs(folder: Path, image: Path) -> Iterator[Path]:
    """A btrfs in a file, mounted at the folder."""
    mkfs = tools.require_tool("mkfs.btrfs")
    with open(image, "wb") as file:
        file.truncate(200 * 1024 * 1024)
    _run(mkfs, "-q", str(image))
    with _mounted(folder, "-o", "loop", str(image)):
        yield folder


@contextmanager
def read_only(folder: Path, seen: Path, *, writable: bool = False) -> Iterator[Path]:
    """The folder once more, at `seen`, where nothing can be written (with `writable`: as the folder itself)."""
    with _mounted(seen, "--bind", str(folder)):
        if not writable:
            _run("mount", "-o", "remount,bind,ro", str(seen))
        yield seen
