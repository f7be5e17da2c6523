"""One OCFL object of ten files, deposited by us with full sync, and by ocfl-py (where installed) without any."""

import hashlib
import logging
import os
import statistics
import time

from sonoteca.bench.figures import flush
from sonoteca.model.ids import Digest
from sonoteca.ports.bench_folder import BenchFolder
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.preserve.deposit import Deposit, deposit, init_store
from sonoteca.preserve.versions import Content

try:
    from ocfl.object import Object
    from ocfl.version_metadata import VersionMetadata
except ImportError:  # ocfl-py is a tool of the developers: an archive runs without it.
    Object = None

OBJECTS = 100
FILES = 10
FILE_BYTES = 20_000


def _content(number: int, file: int) -> bytes:
    return hashlib.sha256(f"{number} {file}".encode()).digest() * (FILE_BYTES // 32)


def ours_ms(scratch: BenchFolder) -> float:
    """The median over a hundred objects, from staged bytes in memory to a durable object."""
    scratch.remove("objects")
    disk = LocalDisk(os.path.join(scratch.root, "objects"), create=True)
    init_store(disk)
    flush()
    times = []
    for number in range(OBJECTS):
        started = time.perf_counter()
        deposit(_request(number), disk)
        times.append(time.perf_counter() - started)
    scratch.remove("objects")
    return round(statistics.median(times) * 1000, 2)


def _request(number: int) -> Deposit:
    contents = []
    for file in range(FILES):
        raw = _content(number, file)
        digest = Digest(hashlib.sha256(raw).hexdigest())
        contents.append(Content(path=f"masters/{file:02}.bin", digest=digest, bytes=len(raw), content=raw))
    return Deposit(
        object_id=f"urn:bench:{number}",
        state=tuple(contents),
        message="bench",
        made_at="2026-01-01T00:00:00Z",
        staging=f"quarantine/{number}/object",
    )


def peer_ms(scratch: BenchFolder) -> float | None:
    """The same by ocfl-py; None when it is not installed."""
    if Object is None:
        return None
    for file in range(FILES):
        scratch.write(f"peer-in/{file:02}.bin", _content(0, file))
    scratch.write("peer/here", b"")
    times = []
    logging.disable(logging.INFO)  # a line an object on the screen is nothing to measure
    for number in range(OBJECTS):
        started = time.perf_counter()
        peer = Object(identifier=f"urn:bench:{number}", digest_algorithm="sha256")
        metadata = VersionMetadata(message="bench", name="bench", address="mailto:bench@example.org")
        objdir = os.path.join(scratch.root, "peer", str(number))
        peer.create(srcdir=os.path.join(scratch.root, "peer-in"), metadata=metadata, objdir=objdir)
        times.append(time.perf_counter() - started)
    logging.disable(logging.NOTSET)
    scratch.remove("peer")
    scratch.remove("peer-in")
    return round(statistics.median(times) * 1000, 2)
