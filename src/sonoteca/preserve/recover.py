"""Recover: what a deposit left half done is ended, or put aside; nothing is ever deleted here.

Takes  an object's id and the staging place of its deposit; or the whole store.
Gives  what became of the deposit: landed, not landed on an object that stands as it was before, or no object at all.
Undoes empty folders of a new object that did not land; a version folder that no inventory names and that is not whole
       goes to quarantine/aside/, for a person to look at.

Where a crash can leave an object (deposit.py, Order), and what is done:

    no object                                      nothing landed: ABSENT, empty folders above it are pruned
    vN there, inventory and sidecar of v(N-1)      vN whole: both are replaced; not whole: vN goes aside
    inventory of vN, sidecar of v(N-1)             the sidecar is replaced
    all of vN                                      nothing to do
    anything else                                  is damage, not a crash: left as it is, audit.py tells
"""

import hashlib
import re
from collections.abc import Iterator
from enum import StrEnum

from sonoteca.formats.ocfl import INVENTORY, SIDECAR, Inventory, format_sidecar, parse_inventory, verify_sidecar
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.source import Kind
from sonoteca.ports.disk import Disk
from sonoteca.preserve.deposit import EXPECTED, MAX_INVENTORY_BYTES, folders, home_of, leaves, publish_inventory

ASIDE = "quarantine/aside"
_VERSION = re.compile(r"v([1-9][0-9]{0,8})")
_BLOCK_BYTES = 1024 * 1024


class Landing(StrEnum):
    """What became of a deposit: `landed`; `former`, the object stands as it was; `absent`, there is no object."""

    LANDED = "landed"
    FORMER = "former"
    ABSENT = "absent"


def recover_object(disk: Disk, object_id: str, staging: str) -> Landing:
    """Ends the deposit that was made from this staging place, if enough of it landed. May be run again."""
    home = home_of(object_id)
    if disk.find(home) is None:
        disk.prune_empty(home.rpartition("/")[0])
        return Landing.ABSENT
    _mend(disk, home)
    expected = disk.find(f"{staging}/{EXPECTED}")
    if expected is None or _sidecar(disk, home) != disk.read(expected.path, 1024):
        return Landing.FORMER
    return Landing.LANDED


def recover_all(disk: Disk) -> tuple[str, ...]:
    """Does so for every object of the store, without knowing what was asked for. Gives the places where it mended."""
    mended = []
    for leaf in leaves(disk):
        disk.prune_empty(leaf)
        mended += [home for home in folders(disk, leaf) if _mend(disk, home)]
    return tuple(mended)


def _mend(disk: Disk, home: str) -> bool:
    """Whether anything was done."""
    numbers = sorted(int(found[1]) for name in disk.list(home) if (found := _VERSION.fullmatch(name)))
    if not numbers or _sidecar(disk, home) == _sidecar(disk, f"{home}/v{numbers[-1]}"):
        return False
    try:
        raw = disk.read(f"{home}/{INVENTORY}", MAX_INVENTORY_BYTES)
        if _lacks_only_sidecar(disk, home, raw, numbers[-1]):
            disk.replace(f"{home}/{SIDECAR}", format_sidecar(raw))
            return True
        verify_sidecar(_sidecar(disk, home), raw)
        head = parse_inventory(raw)
    except (ValueError, Damaged):
        return False  # no deposit leaves it so
    return _mend_versions(disk, home, head, [number for number in numbers if number > head.head_number])


def _lacks_only_sidecar(disk: Disk, home: str, raw: bytes, newest: int) -> bool:
    """The root has the inventory of the newest version already, and the sidecar of the one before."""
    before = _sidecar(disk, f"{home}/v{newest - 1}")
    return _sidecar(disk, f"{home}/v{newest}") == format_sidecar(raw) and before == _sidecar(disk, home)


def _mend_versions(disk: Disk, home: str, head: Inventory, unnamed: list[int]) -> bool:
    for number in unnamed:
        raw = _whole_version(disk, home, head, number)
        if raw is not None:
            publish_inventory(disk, home, raw)
            head = parse_inventory(raw)
        else:
            _put_aside(disk, home, number)
    return bool(unnamed)


def _whole_version(disk: Disk, home: str, head: Inventory, number: int) -> bytes | None:
    """The inventory of a version that follows the head and has all its bytes; None when it is not whole."""
    folder = f"{home}/v{number}"
    try:
        raw = disk.read(f"{folder}/{INVENTORY}", MAX_INVENTORY_BYTES)
        verify_sidecar(_sidecar(disk, folder), raw)
        found = parse_inventory(raw)
    except (ValueError, Damaged, Refused):
        return None
    follows = found.id == head.id and found.head_number == number == head.head_number + 1
    past = {earlier: found.versions.get(earlier) for earlier in head.versions}
    if not follows or past != head.versions or not head.manifest.items() <= found.manifest.items():
        return None
    return raw if _contents(disk, folder, found) else None


def _contents(disk: Disk, folder: str, inventory: Inventory) -> bool:
    """Whether the folder has exactly the files that the inventory says, each with its digest."""
    home, _, version = folder.rpartition("/")
    wanted = {
        f"{home}/{path}": digest
        for digest, paths in inventory.manifest.items()
        for path in paths
        if path.startswith(f"{version}/")
    }
    extra = {f"{folder}/{INVENTORY}", f"{folder}/{SIDECAR}"}
    found = {item.path for item in disk.walk(folder) if item.kind is not Kind.FOLDER}
    return found == extra | set(wanted) and all(_digest(disk, path) == digest for path, digest in wanted.items())


def _digest(disk: Disk, path: str) -> str:
    state = hashlib.sha256()
    with disk.open(path) as file:
        for block in iter(lambda: file.read(_BLOCK_BYTES), b""):
            state.update(block)
    return state.hexdigest()


def _sidecar(disk: Disk, folder: str) -> bytes:
    """b"" when there is none."""
    found = disk.find(f"{folder}/{SIDECAR}")
    return disk.read(found.path, 1024) if found and found.bytes <= 1024 and found.kind is Kind.FILE else b""


def _put_aside(disk: Disk, home: str, number: int) -> None:
    disk.rename(f"{home}/v{number}", next(_free_names(disk, f"{ASIDE}/{home.rpartition('/')[2]}/v{number}")))


def _free_names(disk: Disk, path: str) -> Iterator[str]:
    taken = 0
    while True:
        name = f"{path}.{taken}" if taken else path
        if disk.find(name) is None:
            yield name
        taken += 1
