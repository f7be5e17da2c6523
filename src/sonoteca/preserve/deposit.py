"""Deposit: the files of a release become a version of its object in the store, all at once or not at all.

Takes  the whole new state (staged files and small contents), and the disk.
Gives  the version that has it; nothing is done when the newest version has it already.
Undoes nothing itself: recover.py ends or takes back what a crash, a full disk or an error left.
Order  staged files and small ones into <staging>/tree, beside it the sidecar of the inventory that is to land; then,
       for a new object, the tree is renamed into the store; for a next version, it is renamed to vN of the object,
       then the object's inventory is replaced, then its sidecar. Each step is durable before the next begins.

A staged file is renamed, never copied. The same request may be deposited again after `recover_object`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from sonoteca.formats.ocfl import (
    INVENTORY,
    OBJECT_MARK,
    SIDECAR,
    Inventory,
    format_inventory,
    format_sidecar,
    parse_inventory,
    verify_sidecar,
)
from sonoteca.formats.ocfl_root import object_path, root_files
from sonoteca.model.errors import Damaged
from sonoteca.model.ids import Digest
from sonoteca.model.source import Kind
from sonoteca.ports.disk import Disk
from sonoteca.preserve.versions import Content, Incoming, next_inventory

STORE = "store"
# Where a deposit is built below its staging place, and the file that says what is to land.
TREE = "tree"
EXPECTED = "expected"
MAX_INVENTORY_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """What is asked for. `state` is every file of the object, not only the changed ones; `made_at` ISO 8601 UTC;
    `staging` is a place of its own in quarantine ("quarantine/<job>/object") in which nothing else is put."""

    object_id: str
    state: tuple[Content, ...]
    message: str
    made_at: str
    staging: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    """What was done: the number of the newest version, whether the object is new, whether anything changed."""

    version: int
    is_new: bool
    changed: bool


def init_store(disk: Disk) -> None:
    """The files of the storage root. Those that are there stay as they are."""
    for path, content in root_files().items():
        if disk.find(f"{STORE}/{path}") is None:
            disk.write(f"{STORE}/{path}", content)


def deposit(request: Deposit, disk: Disk) -> Deposited:
    """Makes the state the newest version of the object."""
    before = find_object(disk, request.object_id)
    after, incoming = next_inventory(before, request.object_id, request.state, request.made_at, request.message)
    if after is before:
        return Deposited(version=after.head_number, is_new=False, changed=False)
    raw = format_inventory(after)
    _build(request.staging, after, raw, incoming, disk)
    home = home_of(request.object_id)
    if before is None:
        disk.make_folder(home.rpartition("/")[0])
        # An empty folder may be in the store: recovery prunes it.
        disk.rename(f"{request.staging}/{TREE}", home)
        # The object is whole.
    else:
        disk.rename(f"{request.staging}/{TREE}", f"{home}/v{after.head_number}")
        # The object has a version that its inventory does not name: recovery rolls it forward from here on.
        publish_inventory(disk, home, raw)
    return Deposited(version=after.head_number, is_new=before is None, changed=True)


def _build(staging: str, after: Inventory, raw: bytes, incoming: tuple[Incoming, ...], disk: Disk) -> None:
    """The tree that is to be renamed, whole and durable, under <staging>."""
    tree, number = f"{staging}/{TREE}", after.head_number
    version = f"{tree}/v1" if number == 1 else tree
    homes = {f"{version}/{item.to.partition('/')[2]}": item.content for item in incoming}
    staged = {home: content for home, content in homes.items() if content.staged}
    _move_in(staging, staged, disk)
    sidecar = format_sidecar(raw)
    contents = {home: content.content or b"" for home, content in homes.items() if not content.staged}
    contents |= {f"{version}/{INVENTORY}": raw, f"{version}/{SIDECAR}": sidecar, f"{staging}/{EXPECTED}": sidecar}
    if number == 1:
        contents |= {f"{tree}/{INVENTORY}": raw, f"{tree}/{SIDECAR}": sidecar}
        contents[f"{tree}/{OBJECT_MARK[0]}"] = OBJECT_MARK[1]
    disk.write_many(contents)


def _move_in(staging: str, staged: Mapping[str, Content], disk: Disk) -> None:
    """Renames the staged files to their homes in the tree; what an earlier attempt has moved stays where it is."""
    moved = {home for home, content in staged.items() if disk.find(content.staged) is None}
    for item in disk.walk(staging):
        if item.kind is not Kind.FOLDER and item.path not in moved:
            disk.remove(item.path)
            disk.prune_empty(item.path.rpartition("/")[0])
    for home, content in staged.items():
        place = home if home in moved else content.staged
        found = disk.find(place)
        if found is None or found.kind is not Kind.FILE or found.bytes != content.bytes:
            cure = "add the source again"
            raise Damaged("not-as-staged", "a staged file is gone or has another size", where=content.staged, cure=cure)
    disk.rename_many({content.staged: home for home, content in staged.items() if home not in moved})


def publish_inventory(disk: Disk, home: str, raw: bytes) -> None:
    """The last steps of a next version: the object's inventory, then its sidecar (OCFL 1.1 §3.6: that is the last)."""
    disk.replace(f"{home}/{INVENTORY}", raw)
    # The inventory is the new one, its sidecar the old one: recovery writes the new sidecar.
    disk.replace(f"{home}/{SIDECAR}", format_sidecar(raw))


# ── reading what was deposited ───────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=4096)
def home_of(object_id: str) -> str:
    """Where the object lies, or would lie."""
    return f"{STORE}/{object_path(object_id)}"


def find_object(disk: Disk, object_id: str) -> Inventory | None:
    """The inventory of an object, None when there is no such object."""
    return None if disk.find(home_of(object_id)) is None else load_object(disk, object_id)


def load_object(disk: Disk, object_id: str) -> Inventory:
    """The inventory of an object, checked against its sidecar; Damaged when it is not whole or not there."""
    home = home_of(object_id)
    raw = disk.read(f"{home}/{INVENTORY}", MAX_INVENTORY_BYTES)
    try:
        verify_sidecar(disk.read(f"{home}/{SIDECAR}", 1024), raw)
        inventory = parse_inventory(raw)
    except ValueError as error:
        cure = "sonoteca verify tells more; a mirror or a backup may have it whole"
        raise Damaged("bad-inventory", f"the object's inventory is damaged ({error})", where=home, cure=cure) from error
    if inventory.id != object_id:
        raise Damaged("bad-inventory", f"the object says that it is {inventory.id}", where=home, cure="sonoteca verify")
    return inventory


def content_path(inventory: Inventory, name: str) -> str:
    """Where the bytes of a digest, or of a logical path of the newest version, lie on the disk; Damaged when the object
    has none."""
    digest = inventory.state().get(name)
    paths = inventory.manifest.get(digest or Digest(name))
    if paths is None:
        home = home_of(inventory.id)
        raise Damaged("missing", f"the object has no {name!a}", where=home, cure="sonoteca verify tells more")
    return f"{home_of(inventory.id)}/{paths[0]}"


def read_file(disk: Disk, inventory: Inventory, path: str) -> bytes:
    """A file of the newest version, by its logical path, checked against its digest; at most 64 MiB."""
    place = content_path(inventory, path)
    content = disk.read(place)
    if hashlib.sha256(content).hexdigest() != inventory.state().get(path, path):
        raise Damaged("altered", "these are not the bytes that were kept", where=place, cure="sonoteca verify")
    return content


def object_ids(disk: Disk) -> Iterator[str]:
    """The ids of all objects in the store, by place; memory is bounded by one folder."""
    for home in (home for leaf in leaves(disk) for home in folders(disk, leaf)):
        object_id = unquote(home.rpartition("/")[2])
        if home_of(object_id) != home:  # a long id is cut in the folder's name: only the inventory has it whole
            object_id = parse_inventory(disk.read(f"{home}/{INVENTORY}", MAX_INVENTORY_BYTES)).id
        yield object_id


def leaves(disk: Disk) -> Iterator[str]:
    """The folders in which objects stand: "store/ab/cd"."""
    for first in folders(disk, STORE):
        if len(first) == len(STORE) + 3:
            yield from folders(disk, first)


def folders(disk: Disk, path: str) -> Iterator[str]:
    """The folders in a folder, and nothing else that somebody put there."""
    for name in disk.list(path):
        found = disk.find(f"{path}/{name}")
        if found is not None and found.kind is Kind.FOLDER:
            yield found.path
