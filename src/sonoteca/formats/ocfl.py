"""OCFL 1.1, the part that an archive of ours uses: inventories, their sidecars, the paths in them.

Takes  bytes of an inventory, or an Inventory.
Gives  the Inventory, strictly read (ValueError names the law by its code in the specification), or canonical bytes.
Never  reads what we do not write: other digests than sha256, another content folder, zero-padded versions, fixity.

    0=ocfl_object_1.1  inventory.json  inventory.json.sha256
    v1/{inventory.json  inventory.json.sha256  content/<logical path>}  v2/…

An inventory says which digest has which file on disk (manifest), and for each version which logical path has which
digest (state). Where an object lies: ocfl_root.py.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sonoteca.formats import json
from sonoteca.model.ids import Digest, is_digest

ALGORITHM = "sha256"
INVENTORY = "inventory.json"
SIDECAR = f"{INVENTORY}.{ALGORITHM}"
CONTENT = "content"
TYPE = "https://ocfl.io/1.1/spec/#inventory"
OBJECT_MARK = ("0=ocfl_object_1.1", b"ocfl_object_1.1\n")  # OCFL 1.1 §3.2, NAMASTE

_VERSION_FORM = re.compile(r"v([1-9][0-9]{0,8})")
# RFC 3339 §5.6, with the letters as everybody writes them.
_TIME_FORM = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)"
    r"(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_UNPORTABLE = re.compile(r'[?*:"<>|\\\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_UNWRITABLE = re.compile("[\\0\\ud800-\\udfff]")
_SIDECAR_FORM = re.compile(rb"([0-9a-f]{64})[ \t]+inventory\.json\r?\n?")
MAX_NAME_BYTES = 255
MAX_LOGICAL_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an object: when, why and by whom it was made, and its files: logical path to digest."""

    created: str
    message: str
    user: str
    state: Mapping[str, Digest]
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What an object holds: `manifest` has the content paths ("v1/content/…") of each digest, `versions` begin at 1."""

    id: str
    manifest: Mapping[Digest, tuple[str, ...]]
    versions: Mapping[int, Version]

    @property
    def head_number(self) -> int:
        """The number of the newest version."""
        return len(self.versions)

    def state(self, number: int = 0) -> Mapping[str, Digest]:
        """Logical path to digest, in the newest version or the one with this number."""
        return self.versions[number or self.head_number].state


# ── paths ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def verify_path(path: str, code: str) -> None:
    """Names joined by "/", none of them empty, "." or ".." (OCFL 1.1 §3.5.2, §3.5.3.1); ValueError otherwise."""
    if any(part in ("", ".", "..") for part in path.split("/")) or _UNWRITABLE.search(path):
        raise ValueError(f"{code}: not a path: {path[:200]!a}")


def verify_logical_path(path: str) -> None:
    """A path that we may write: as `verify_path`, and NFC and portable, so that it reads the same on every system and
    in every torrent client. Reading is not so strict: what stands in an old inventory stays readable."""
    verify_path(path, "E052")
    if _UNPORTABLE.search(path) or unicodedata.normalize("NFC", path) != path:
        raise ValueError(f"not portable: {path[:200]!a}")
    parts = path.split("/")
    if any(part[-1] in ". " or len(part.encode()) > MAX_NAME_BYTES for part in parts):
        raise ValueError(f"not portable: {path[:200]!a}")
    if len(path.encode()) > MAX_LOGICAL_BYTES:
        raise ValueError(f"longer than {MAX_LOGICAL_BYTES} bytes: {path[:200]!a}")


def unique_and_apart(paths: Iterable[str], code: str) -> None:
    """No path twice, and none that is a folder of another (E095, E101); ValueError otherwise."""
    seen: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        if path in seen:
            raise ValueError(f"{code}: twice: {path[:200]!a}")
        seen.add(path)
        while path := path.rpartition("/")[0]:
            folders.add(path)
    if both := seen & folders:
        raise ValueError(f"{code}: a file and a folder: {min(both)[:200]!a}")


# ── sidecar ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def format_sidecar(inventory: bytes) -> bytes:
    """The file beside an inventory that states its digest (OCFL 1.1 §3.6)."""
    return f"{hashlib.sha256(inventory).hexdigest()} {INVENTORY}\n".encode("ascii")


def verify_sidecar(sidecar: bytes, inventory: bytes) -> None:
    """ValueError unless the sidecar states the digest of these bytes."""
    found = _SIDECAR_FORM.fullmatch(sidecar)
    if found is None or found[1].decode() != hashlib.sha256(inventory).hexdigest():
        raise ValueError("E060: the sidecar has another digest than the inventory")


# ── inventory ────────────────────────────────────────────────────────────────────────────────────────────────────────


def format_inventory(inventory: Inventory) -> bytes:
    """Canonical bytes: the same inventory is the same file everywhere."""
    value = {
        "id": inventory.id,
        "type": TYPE,
        "digestAlgorithm": ALGORITHM,
        "head": f"v{inventory.head_number}",
        "manifest": {digest: sorted(paths) for digest, paths in inventory.manifest.items()},
        "versions": {f"v{number}": _plain_version(version) for number, version in inventory.versions.items()},
    }
    return json.format(value)


def _plain_version(version: Version) -> dict[str, Any]:
    state: dict[str, list[str]] = {}
    for path in sorted(version.state):
        state.setdefault(version.state[path], []).append(path)
    user = {"name": version.user} | ({"address": version.address} if version.address else {})
    return {"created": version.created, "message": version.message, "user": user, "state": state}


def parse_inventory(raw: bytes) -> Inventory:
    """The inventory in these bytes."""
    value = json.parse_object(raw)
    _verify_keys(value, {"id", "type", "digestAlgorithm", "head", "manifest", "versions"}, "E036")
    if value["type"] != TYPE or value["digestAlgorithm"] != ALGORITHM:
        raise ValueError("E038: not an inventory of OCFL 1.1 with sha256")
    if not isinstance(value["id"], str) or not value["id"]:
        raise ValueError("E037: the id is not text")
    manifest = {digest: tuple(paths) for digest, paths in _block(value["manifest"], "E106").items()}
    versions = _versions(value["versions"])
    if value["head"] != f"v{len(versions)}":
        raise ValueError("E040: the head is not the newest version")
    _verify_manifest(manifest, versions)
    return Inventory(id=value["id"], manifest=manifest, versions=versions)


def _verify_keys(value: Mapping[str, Any], keys: set[str], code: str) -> None:
    if wrong := set(value) ^ keys:
        raise ValueError(f"{code}: the key {min(wrong)[:80]!r} is missing or unknown")


def _block(value: Any, code: str) -> dict[Digest, list[str]]:
    """Digests, each with the paths that have it."""
    if not isinstance(value, dict):
        raise ValueError(f"{code}: an object was expected")
    for digest, paths in value.items():
        if not is_digest(digest):
            raise ValueError(f"E096: not a sha256 in lower case: {digest[:80]!a}")
        if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
            raise ValueError(f"E092: {digest} has no list of paths")
    return {Digest(digest): paths for digest, paths in value.items()}


def _versions(value: Any) -> dict[int, Version]:
    if not isinstance(value, dict) or not value:
        raise ValueError("E044: no versions")
    numbers = sorted(int(found[1]) for name in value if (found := _VERSION_FORM.fullmatch(name)))
    if numbers != list(range(1, len(value) + 1)):
        raise ValueError("E009: versions are not v1, v2, v3, …")
    return {number: _version(value[f"v{number}"]) for number in numbers}


def _version(value: Any) -> Version:
    if not isinstance(value, dict):
        raise ValueError("E047: a version is not an object")
    _verify_keys(value, {"created", "state", "message", "user"}, "E048")
    if not isinstance(value["created"], str) or not _TIME_FORM.fullmatch(value["created"]):
        raise ValueError("E049: not a time of RFC 3339")
    if not isinstance(value["message"], str):
        raise ValueError("E094: the message is not text")
    user = value["user"]
    if not isinstance(user, dict) or not set(user) <= {"name", "address"} or not user.get("name"):
        raise ValueError("E054: the user has no name")
    if not all(isinstance(text, str) for text in user.values()):
        raise ValueError("E054: the user's name or address is not text")
    return Version(
        created=value["created"],
        message=value["message"],
        user=user["name"],
        address=user.get("address", ""),
        state=_state(value["state"]),
    )


def _state(value: Any) -> dict[str, Digest]:
    block = _block(value, "E050")
    for paths in block.values():
        for path in paths:
            verify_path(path, "E052")
    unique_and_apart((path for paths in block.values() for path in paths), "E095")
    return {path: digest for digest, paths in block.items() for path in paths}


def _verify_manifest(manifest: Mapping[Digest, tuple[str, ...]], versions: Mapping[int, Version]) -> None:
    used = {digest for version in versions.values() for digest in version.state.values()}
    if wrong := used ^ set(manifest):
        raise ValueError(f"E050, E107: {min(wrong)} is not both in the manifest and in a version")
    for paths in manifest.values():
        for path in paths:
            _verify_content_path(path, len(versions))
    unique_and_apart((path for paths in manifest.values() for path in paths), "E101")


def _verify_content_path(path: str, newest: int) -> None:
    verify_path(path, "E099")
    version, _, below = path.partition("/")
    found = _VERSION_FORM.fullmatch(version)
    if found is None or int(found[1]) > newest or not below.startswith(f"{CONTENT}/"):
        raise ValueError(f"E042: not the content of a version: {path[:200]!a}")
