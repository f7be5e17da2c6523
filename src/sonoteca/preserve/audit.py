"""Audit: every byte of the store read again and compared with what was promised when it came.

Takes  the disk, the objects to look at, how many threads; whether hash layers are made again in the same read.
Gives  findings as they are made; nothing, when all is well. `progress` hears of bytes that were read, and of whose.
Never  writes; mends; trusts what deposit.py says: it shares no code with it (anatomy.py has its own reading).
Order  for each object: everything in its folder is listed, the small files about it are judged, then its content is
       digested by the threads. Some objects are begun ahead, so that no thread waits; findings come in the order asked.
"""

import hashlib
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import unquote

from sonoteca.model.errors import Damaged, SonotecaError
from sonoteca.model.finding import Finding, finding
from sonoteca.model.source import Kind
from sonoteca.ports.disk import Disk, Item
from sonoteca.preserve.anatomy import Seen, is_own_file, judge
from sonoteca.preserve.recount import PIECE_BYTES, Recount

Progress = Callable[[int, str], None]

_STORE = "store"
# A task for a thread: about this many bytes, one file at least. Small files go together.
_TASK_BYTES = 8 * 1024 * 1024
_BEGUN_AHEAD = 16
_MAX_INVENTORY_BYTES = 256 * 1024 * 1024
_UNSAFE = re.compile(rb"[^A-Za-z0-9_-]")
# Exactly what an archive of ours has there (docs/formats/store.md).
_EXTENSION = "0003-hash-and-id-n-tuple-storage-layout"
_ROOT_FILES = {
    "0=ocfl_1.1": b"ocfl_1.1\n",
    "ocfl_layout.json": b'{"description":"An object lies at the first two pairs of digits of the sha256 of its id, '
    b'then its id, percent-encoded.","extension":"0003-hash-and-id-n-tuple-storage-layout"}',
    f"extensions/{_EXTENSION}/config.json": b'{"digestAlgorithm":"sha256","extensionName":'
    b'"0003-hash-and-id-n-tuple-storage-layout","numberOfTuples":2,"tupleSize":2}',
}


@dataclass
class _Begun:
    """An object whose content is being read."""

    object_id: str
    findings: tuple[Finding, ...] = ()
    tasks: list[tuple[int, Future[list[Finding]]]] = field(default_factory=list)


# What is to be compared: path, digest, and the path of its hash layers or "".
Task = list[tuple[str, str, str]]


def audit(
    disk: Disk, object_ids: Iterable[str], jobs: int, progress: Progress | None = None, *, layers: bool = False
) -> Iterator[Finding]:
    """What is wrong with these objects, each read whole."""
    begun: deque[_Begun] = deque()
    with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="audit") as threads:
        for object_id in object_ids:
            begun.append(_begin(disk, object_id, threads, layers))
            if len(begun) > _BEGUN_AHEAD:
                yield from _end(begun.popleft(), progress)
        while begun:
            yield from _end(begun.popleft(), progress)


def _begin(disk: Disk, object_id: str, threads: ThreadPoolExecutor, layers: bool) -> _Begun:
    home = _home(object_id)
    try:
        items = {item.path[len(home) + 1 :]: item for item in disk.walk(home)}
        if not items:
            return _Begun(object_id, (finding("S001", where=home),))
        own, unread = _own_files(disk, items)
    except SonotecaError as error:
        return _Begun(object_id, (finding("S014", where=error.where or home, detail=error.what),))
    kinds = {path: (item.kind, item.names) for path, item in items.items()}
    judged = judge(Seen(object_id=object_id, home=home, items=kinds, own=own))
    begun = _Begun(object_id, (*unread, *judged.findings))
    places = {digest: f"{home}/{path}" for digest, path in judged.layers.items()} if layers else {}
    for task, size in _tasks((items[path], digest, places.get(digest, "")) for path, digest in judged.wanted.items()):
        begun.tasks.append((size, threads.submit(_compare, disk, task)))
    return begun


def _own_files(disk: Disk, items: Mapping[str, Item]) -> tuple[dict[str, bytes], list[Finding]]:
    own, unread = {}, []
    for path, item in items.items():
        if item.kind is Kind.FILE and is_own_file(path):
            try:
                own[path] = disk.read(item.path, _MAX_INVENTORY_BYTES)
            except SonotecaError as error:
                unread.append(finding("S014", where=item.path, detail=error.what))
    return own, unread


def _tasks(wanted: Iterable[tuple[Item, str, str]]) -> Iterator[tuple[Task, int]]:
    task: Task = []
    size = 0
    for item, digest, layers in wanted:
        task.append((item.path, digest, layers))
        size += item.bytes
        if size >= _TASK_BYTES:
            yield task, size
            task, size = [], 0
    if task:
        yield task, size


def _end(begun: _Begun, progress: Progress | None) -> Iterator[Finding]:
    yield from begun.findings
    for size, task in begun.tasks:
        yield from task.result()
        if progress:
            progress(size, begun.object_id)


class _Buffer(threading.local):
    """Each thread reads into its own, again and again: it stays in the cache."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(PIECE_BYTES))


_BUFFER = _Buffer()


def _compare(disk: Disk, task: Task) -> list[Finding]:
    found = []
    for path, digest, layers in task:
        try:
            recount = Recount() if layers else None
            if _digest(disk, path, recount) != digest:
                found.append(finding("S006", where=path))
            elif recount and not _is_that_of(disk, layers, recount):
                found.append(finding("S018", where=layers))
        except Damaged:
            found.append(finding("S005", where=path))
        except (SonotecaError, OSError) as error:
            found.append(finding("S014", where=path, detail=str(error)))
    return found


def _is_that_of(disk: Disk, layers: str, recount: Recount) -> bool:
    """Whether hash layers are those of the file that was counted; what is not there is told where it is missed."""
    return disk.find(layers) is None or disk.read(layers, _MAX_INVENTORY_BYTES) == recount.layers_file()


def _digest(disk: Disk, path: str, recount: Recount | None) -> str:
    """The digest of a file; `recount` sees it as well, whole pieces at a time."""
    state, view = hashlib.sha256(), _BUFFER.view
    with disk.open(path) as file:
        while count := _filled(file, view):
            if recount:
                recount.update(view[:count])
            else:
                state.update(view[:count])
            if count < len(view):
                break
    return recount.digest() if recount else state.hexdigest()


def _filled(file: IO[bytes], view: memoryview) -> int:
    """Reads until the buffer is full or the file ends: the kernel may give less than was asked for."""
    count = 0
    while count < len(view) and (got := file.readinto(view[count:])):  # type: ignore[attr-defined]
        count += got
    return count


def _home(object_id: str) -> str:
    """Where an object must lie, by layout extension 0003; see anatomy.py for why this is not formats/ocfl_root.py."""
    raw = object_id.encode()
    digest = hashlib.sha256(raw).hexdigest()
    name = _UNSAFE.sub(lambda found: b"%" + found[0].hex().encode(), raw).decode("ascii")
    return f"{_STORE}/{digest[:2]}/{digest[2:4]}/{f'{name[:100]}-{digest}' if len(name) > 100 else name}"


# ── the storage root ─────────────────────────────────────────────────────────────────────────────────────────────────


def audit_root(disk: Disk) -> Iterator[Finding]:
    """What is wrong with the storage root itself, and everything in it that is neither its own nor an object."""
    for path, content in _ROOT_FILES.items():
        where = f"{_STORE}/{path}"
        found = disk.find(where)
        if found is None or found.kind is not Kind.FILE or found.names > 1 or disk.read(where) != content:
            yield finding("S015", where=where)
    expected = {"0=ocfl_1.1", "ocfl_layout.json", "extensions"}
    for name in disk.list(_STORE):
        if re.fullmatch("[0-9a-f]{2}", name):
            yield from _branch(disk, f"{_STORE}/{name}")
        elif name not in expected:
            yield finding("S017", where=f"{_STORE}/{name}")
    for item in disk.walk(f"{_STORE}/extensions"):
        path = item.path[len(_STORE) + 1 :]
        if path not in _ROOT_FILES and path != f"extensions/{_EXTENSION}":
            yield finding("S016", where=item.path)


def _branch(disk: Disk, folder: str, levels: int = 2) -> Iterator[Finding]:
    """OCFL 1.1 §4.3: between the root and the objects there are folders, none of them empty, and nothing else."""
    found = disk.find(folder)
    if found is None or found.kind is not Kind.FOLDER or not _is_in_place(folder, levels):
        yield finding("S016", where=folder)
        return
    if levels == 0:
        return
    names = disk.list(folder)
    if not names:
        yield finding("S010", where=folder)
    for name in names:
        yield from _branch(disk, f"{folder}/{name}", levels - 1)


def _is_in_place(folder: str, levels: int) -> bool:
    name = folder.rpartition("/")[2]
    if levels:
        return re.fullmatch("[0-9a-f]{2}", name) is not None
    if len(name) > 100:  # cut: the digest at its end is what can be compared
        return folder.startswith(f"{_STORE}/{name[-64:-62]}/{name[-62:-60]}/")
    return _home(unquote(name, errors="replace")) == folder
