"""States of objects for tests: made from a dict of logical path to bytes; the masters staged, the rest in memory."""

import hashlib
import io
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from hypothesis import strategies as st
from ocfl.storage_root import StorageRoot

from sonoteca.model.ids import Digest
from sonoteca.ports.disk import Disk
from sonoteca.preserve.deposit import Deposit
from sonoteca.preserve.versions import Content

RELEASE = "urn:uuid:6f1c1f5e-0000-8000-8000-000000000001"
STAGING = "quarantine/7/object"
NOW = "2026-11-23T10:00:00Z"


def digest_of(content: bytes) -> Digest:
    return Digest(hashlib.sha256(content).hexdigest())


def with_pieces(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same, and a file of hash layers for every master (what is in it does not matter here)."""
    masters = sorted(path for path in files if path.startswith("masters/"))
    return {**files, **{f"pieces/{digest_of(files[path])}.pieces": b"layers of " + files[path][:9] for path in masters}}


FIRST = with_pieces(
    {
        "release.json": b'{"title":"Aria"}',
        "events.jsonl": b"{}\n",
        "masters/CD 1/01 Aria.flac": b"sound" * 70_000,
        "masters/CD 1/02 Aria.flac": b"sound" * 70_000,
        "masters/été.flac": b"noise" * 10,
        "documents/info.txt": b"",
    }
)
SECOND = with_pieces(
    {
        **{path: content for path, content in FIRST.items() if path != "documents/info.txt"},
        "release.json": b'{"title":"Aria, again"}',
        "events.jsonl": b"{}\n{}\n",
        "masters/03 new.flac": b"new" * 99_999,
        "artwork/front.jpg": FIRST["documents/info.txt"],
    }
)


class Silent:
    """A meter that looks away."""

    def update(self, block: memoryview) -> None:
        """Nothing."""


def contents(files: Mapping[str, bytes], staged: Mapping[str, str] | None = None) -> tuple[Content, ...]:
    """A state; `staged` says which files lie on the disk, and where."""
    where = staged or {}
    return tuple(
        Content(
            path=path,
            digest=digest_of(content),
            bytes=len(content),
            staged=where.get(path, ""),
            content=None if path in where else content,
        )
        for path, content in files.items()
    )


def stage(disk: Disk, files: Mapping[str, bytes], job: str = "quarantine/7") -> dict[str, str]:
    """Copies the masters into quarantine, as acquire does; gives where each lies."""
    staged: dict[str, str] = {}
    for path, content in files.items():
        if path.startswith("masters/"):
            staged[path] = f"{job}/taken/{len(staged)}"
            disk.copy_in(io.BytesIO(content), staged[path], Silent())
    return staged


def request(disk: Disk, files: Mapping[str, bytes], object_id: str = RELEASE, message: str = "acquired") -> Deposit:
    """A deposit of these files, the masters staged now."""
    disk.remove_tree("quarantine/7")
    state = contents(files, stage(disk, files))
    return Deposit(object_id=object_id, state=state, message=message, made_at=NOW, staging=STAGING)


def tree(disk: Disk, place: str = "store") -> dict[str, bytes | None]:
    """Everything below a place; folders are None."""
    return {item.path: disk.read(item.path) if item.kind == "file" else None for item in disk.walk(place)}


def reference_errors(root: Path) -> list[str]:
    """What ocfl-py finds wrong in the storage root of an archive and in each of its objects."""
    store = StorageRoot(root=str(root / "store"))
    sound = store.validate()
    found = [f"{place}: {message}" for place, message in store.errors] if sound or store.errors else []
    return found if sound and store.good_objects == store.num_objects else [*found, str(store.log)]


def _name(text: str) -> str:
    return unicodedata.normalize("NFC", text).rstrip(". ") or "_"


LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='/?*:"<>|\\')
NAMES = st.text(LETTERS, min_size=1, max_size=10).map(_name)


def is_a_tree(paths: Iterable[str]) -> bool:
    """Whether no path is a folder of another."""
    folders = {path.rpartition("/")[0] for path in paths} | {"masters", "documents", "evidence"}
    return not folders & set(paths)


PATHS = st.builds("/".join, st.tuples(st.sampled_from(["masters", "documents", "evidence"]), NAMES))
FILES = st.dictionaries(PATHS, st.sampled_from([b"", b"a", b"b", b"c" * 300_000, b"d"]), min_size=1, max_size=6)
STATES = FILES.filter(is_a_tree)
