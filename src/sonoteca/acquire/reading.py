"""Reading: the one read of each file of a folder, from the source into quarantine.

Takes  a request, the doors.
Gives  each file's digests and layers, and where its copy stands; small texts are kept whole.
Never  reads a file twice, except when the archive may know the folder already: then `survey` reads digests alone, and
       only what is new is copied. Never goes on when a file changed while it was read.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO

from sonoteca.formats.pieces import FileMeter
from sonoteca.model.errors import Conflict
from sonoteca.model.files import Copied
from sonoteca.model.ids import Digest, ReleaseId
from sonoteca.model.media import ProbeReport
from sonoteca.model.source import FolderPlan, PlannedFile, Role
from sonoteca.ports.disk import Disk
from sonoteca.ports.source import SourceFolder
from sonoteca.ports.workshop import Limits, Workshop

MAX_TEXT_BYTES = 4 * 1024 * 1024
READ_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What taking needs of the world."""

    disk: Disk
    source: SourceFolder
    workshop: Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the archive holds of this source already: contents by digest are not copied again, and the reports made of
    them serve again. `release_id` is the name it was given, `surveyed` what `survey` found just now."""

    release_id: ReleaseId | None = None
    reports: Mapping[str, ProbeReport] = field(default_factory=dict)
    digests: frozenset[str] = frozenset()
    surveyed: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One folder to take. `root` is the folder that was listed, `staging` the job's place ("quarantine/7")."""

    root: str
    plan: FolderPlan
    source_key: str
    collection: str
    staging: str
    now: str
    limits: Limits
    known: Known = Known()
    progress: Callable[[int], None] = lambda count: None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A planned file after its one read."""

    planned: PlannedFile
    original: str
    copied: Copied
    staged: str
    text: bytes | None


def survey(request: Request, source: SourceFolder) -> dict[str, tuple[str, int]]:
    """Digest and size of every file the plan would take, contents read again: {original path: (digest, bytes)}."""
    found = {}
    buffer = memoryview(bytearray(READ_BYTES))  # one for all: new memory costs as much as hashing what a small file has
    for original, path, _ in sources(request.plan):
        with source.open(request.root, path) as stream:
            found[original] = _digest(stream, buffer)
        request.progress(found[original][1])
    return found


def _digest(stream: IO[bytes], buffer: memoryview) -> tuple[str, int]:
    state, size = hashlib.sha256(), 0
    while count := stream.readinto(buffer):  # type: ignore[attr-defined]
        state.update(buffer[:count])
        size += count
    return state.hexdigest(), size


def sources(plan: FolderPlan) -> Iterator[tuple[str, str, PlannedFile]]:
    """(original path relative to the release, path relative to the listed root, what it is planned as)."""
    prefix = f"{plan.folder}/" if plan.folder else ""
    for file in plan.files:
        if file.role is not Role.REFUSED:
            yield file.path, prefix + file.path, file
    depth = plan.folder.count("/") + 1 if plan.folder else 0
    for path in plan.inherited:
        above = depth - path.count("/")
        name = path.rsplit("/", 1)[-1]
        yield "../" * above + name, path, PlannedFile(path=path, role=Role.EVIDENCE, bytes=0)


def read_all(request: Request, doors: Doors, wanted: frozenset[str]) -> list[ReadFile]:
    """Every file of the plan; `wanted` are further digests that checksum lists ask for."""
    return [_read(request, doors, number, item, wanted) for number, item in enumerate(sources(request.plan))]


def _read(
    request: Request, doors: Doors, number: int, item: tuple[str, str, PlannedFile], wanted: frozenset[str]
) -> ReadFile:
    original, path, planned = item
    is_audio = planned.role in (Role.AUDIO, Role.UNKNOWN)
    digest, size = request.known.surveyed.get(original, ("", 0))
    if is_audio and not wanted and digest in request.known.reports:
        planned = replace(planned, bytes=size)
        copied = Copied(digest=Digest(digest), bytes=size, layers=None)
        return ReadFile(planned=planned, original=original, copied=copied, staged="", text=None)
    meter = FileMeter(extra=wanted, layers=is_audio)
    staged = f"{request.staging}/in/{number:06d}"
    with doors.source.open(request.root, path) as stream:
        before = os.fstat(stream.fileno())
        doors.disk.copy_in(stream, staged, meter)
        after = os.fstat(stream.fileno())
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise Conflict(
            "changed-while-read",
            "a file changed while it was read",
            where=original,
            cure="add it again when nothing writes to it",
        )
    copied = meter.finish()
    request.progress(copied.bytes)
    text = None if is_audio or copied.bytes > MAX_TEXT_BYTES else doors.disk.read(staged)
    planned = replace(planned, bytes=copied.bytes, modified_ns=after.st_mtime_ns)
    return ReadFile(planned=planned, original=original, copied=copied, staged=staged, text=text)
