"""Where archives live that are opened hundreds of times."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOM_BYTES = 512 * 1024 * 1024  # a container's /dev/shm has 64 MB


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is room: thousands of fsyncs say nothing here (test_durable.py looks at them)."""
    if not os.access("/dev/shm", os.W_OK) or shutil.disk_usage("/dev/shm").free < ROOM_BYTES:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="sonoteca-") as found:
        yield Path(found)
