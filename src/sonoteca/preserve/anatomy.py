"""Anatomy: what an object of the store should look like, judged from what was found there.

Takes  the listing of an object's folder, and the bytes of its small own files (mark, inventories, sidecars).
Gives  findings; and the digest that each content file should have, for somebody else to compare.
Never  opens a file; shares code with deposit.py or formats/ocfl.py: it reads inventories in its own way, so that a
       mistake there cannot hide here.

It knows one shape, the one that docs/formats/store.md describes, byte for byte: what differs from it is found, even
where OCFL 1.1 would let it pass (a tab in a sidecar).
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sonoteca.model.finding import Finding, finding
from sonoteca.model.source import Kind

MARK, MARK_TEXT = "0=ocfl_object_1.1", b"ocfl_object_1.1\n"
INVENTORY, SIDECAR = "inventory.json", "inventory.json.sha256"
_FIXED = {"type": "https://ocfl.io/1.1/spec/#inventory", "digestAlgorithm": "sha256"}
_KEYS = {*_FIXED, "id", "head", "manifest", "versions"}
_OWN_FILE = re.compile(r"(v[1-9][0-9]*/)?inventory\.json(\.sha256)?|0=.*")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LAYERS = re.compile(r"pieces/([0-9a-f]{64})\.pieces")
_CONTENT = re.compile(r"(v[1-9][0-9]*)/content/.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An object as found: everything in its folder by its path there, with its kind and how many names it has; and the
    bytes of its own files."""

    object_id: str
    home: str
    items: Mapping[str, tuple[Kind, int]]
    own: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is wrong so far, and the digest each content file should have, by its path in the object; `layers` has by
    the digest of a file the path of its hash layers."""

    findings: tuple[Finding, ...]
    wanted: Mapping[str, str]
    layers: Mapping[str, str]


def is_own_file(path: str) -> bool:
    """Whether a path in an object is that of a file about the object, not of its content."""
    return _OWN_FILE.fullmatch(path) is not None


def judge(seen: Seen) -> Judged:
    """Everything that can be told without reading content."""
    findings = [*_kinds(seen), *_mark(seen)]
    root = _trusted_inventory(seen, findings)
    if root is None:
        findings.append(
            finding("S002", where=seen.home, detail="no inventory can be read: its content was not compared")
        )
        return Judged(findings=tuple(findings), wanted={}, layers={})
    findings += [*_root(seen, root), *_past(seen, root), *_pieces(seen, root)]
    wanted = {path: digest for digest, paths in root["manifest"].items() for path in paths}
    files = {path for path, (kind, _) in seen.items.items() if kind is not Kind.FOLDER}
    findings += [finding("S005", where=f"{seen.home}/{path}") for path in sorted(set(wanted) - files)]
    allowed = {MARK, INVENTORY, SIDECAR, *(f"{v}/{name}" for v in root["versions"] for name in (INVENTORY, SIDECAR))}
    findings += [finding("S007", where=f"{seen.home}/{path}") for path in sorted(files - allowed - set(wanted))]
    there = {path: digest for path, digest in wanted.items() if seen.items.get(path, (None, 0))[0] is Kind.FILE}
    return Judged(findings=tuple(findings), wanted=there, layers=_layers(root))


def _kinds(seen: Seen) -> Iterator[Finding]:
    """OCFL 1.1 §4.6: no links; §3.3.1: no empty folders."""
    full = {path.rpartition("/")[0] for path in seen.items}
    for path, (kind, names) in seen.items.items():
        where = f"{seen.home}/{path}"
        if kind in (Kind.LINK, Kind.OTHER) or names > 1:
            yield finding("S008", where=where, detail=f"{names} names" if names > 1 else str(kind))
        if kind is Kind.FOLDER and path not in full:
            yield finding("S010", where=where)


def _mark(seen: Seen) -> Iterator[Finding]:
    if seen.own.get(MARK) != MARK_TEXT:
        yield finding("S009", where=f"{seen.home}/{MARK}")


def _trusted_inventory(seen: Seen, findings: list[Finding]) -> dict[str, Any] | None:
    """The root inventory; when it is damaged, the newest version's copy, so that content is compared all the same."""
    newest = max((_number(path) for path in seen.own), default=0)
    for folder in ("", f"v{newest}/"):
        raw = seen.own.get(folder + INVENTORY, b"")
        where = f"{seen.home}/{folder}{INVENTORY}"
        if seen.own.get(folder + SIDECAR) != _sidecar(raw):
            findings.append(finding("S003", where=where))
            continue
        try:
            return _read(raw)
        except (ValueError, RecursionError) as error:
            findings.append(finding("S004", where=where, detail=str(error)))
    return None


def _number(path: str) -> int:
    version = path.partition("/")[0]
    return int(version[1:]) if "/" in path and version[1:].isdigit() else 0


def _sidecar(raw: bytes) -> bytes:
    return hashlib.sha256(raw).hexdigest().encode() + b" inventory.json\n"


def _read(raw: bytes) -> dict[str, Any]:
    """An inventory, with the laws that this archive keeps; ValueError says which is broken."""
    value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    _law(isinstance(value, dict) and set(value) == _KEYS, "other keys than those of an inventory")
    _law({key: value[key] for key in _FIXED} == _FIXED, "another type or digest algorithm")
    manifest, versions = value["manifest"], value["versions"]
    _law(isinstance(manifest, dict) and isinstance(versions, dict), "manifest or versions are no objects")
    _law(set(versions) == {f"v{at + 1}" for at in range(len(versions))}, "versions do not count up from v1")
    _law(value["head"] == f"v{len(versions)}" and len(versions) > 0, "the head is not the newest version")
    _law(all(map(_DIGEST.fullmatch, manifest)), "a digest of the manifest is not a sha256")
    paths = [path for names in manifest.values() for path in _texts(names)]
    _law(len(paths) == len(set(paths)), "a content path stands twice")
    _law(all((found := _CONTENT.match(path)) and found[1] in versions for path in paths), "a content path is outside")
    used = {digest for version in versions.values() for digest in _state(version)}
    _law(used == set(manifest), "manifest and versions name different digests")
    return dict(value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    _law(len(found) == len(pairs), "a key stands twice")
    return found


def _law(kept: object, what: str) -> None:
    if not kept:
        raise ValueError(what)


def _texts(names: object) -> list[str]:
    _law(isinstance(names, list) and set(map(type, names)) == {str}, "not a list of paths")
    return list(names) if isinstance(names, list) else []


def _state(version: object) -> dict[str, list[str]]:
    """Digest to logical paths."""
    state = version.get("state") if isinstance(version, dict) else None
    _law(isinstance(state, dict), "a version has no state")
    found = {digest: _texts(paths) for digest, paths in state.items()} if isinstance(state, dict) else {}
    paths = [path for some in found.values() for path in some]
    _law(len(paths) == len(set(paths)), "a logical path stands twice in a version")
    return found


def _root(seen: Seen, root: Mapping[str, Any]) -> Iterator[Finding]:
    if root["id"] != seen.object_id:
        yield finding("S002", where=seen.home, detail=f"its inventory is that of {root['id']}")
    if seen.own.get(f"{root['head']}/{INVENTORY}") != seen.own.get(INVENTORY):
        yield finding("S011", where=f"{seen.home}/{INVENTORY}")
    for path, (kind, _) in seen.items.items():
        if kind is Kind.FOLDER and "/" not in path and path not in root["versions"]:
            yield finding("S007", where=f"{seen.home}/{path}", detail="a folder that no version names")


def _past(seen: Seen, root: Mapping[str, Any]) -> Iterator[Finding]:
    """Each version has its own inventory, whole, and telling the same past as the newest one (OCFL 1.1 §3.7)."""
    for version in root["versions"]:
        where = f"{seen.home}/{version}/{INVENTORY}"
        raw = seen.own.get(f"{version}/{INVENTORY}")
        if raw is None:
            yield finding("S005", where=where)
        elif seen.own.get(f"{version}/{SIDECAR}") != _sidecar(raw):
            yield finding("S003", where=where)
        elif raw != seen.own.get(INVENTORY):
            yield from _same_past(raw, root, version, where)


def _same_past(raw: bytes, root: Mapping[str, Any], version: str, where: str) -> Iterator[Finding]:
    try:
        past = _read(raw)
    except (ValueError, RecursionError) as error:
        yield finding("S004", where=where, detail=str(error))
        return
    versions = {name: root["versions"].get(name) for name in past["versions"]}
    kept = {digest: root["manifest"].get(digest) for digest in past["manifest"]}
    if past["head"] != version or past["id"] != root["id"] or versions != past["versions"] or kept != past["manifest"]:
        yield finding("S012", where=where)


def _pieces(seen: Seen, root: Mapping[str, Any]) -> Iterator[Finding]:
    """Every master has its hash layers: without them a torrent would have to read it again."""
    state = _state(root["versions"][root["head"]])
    paths = {path for some in state.values() for path in some}
    for digest, some in state.items():
        if f"pieces/{digest}.pieces" not in paths:
            yield from (finding("S013", where=f"{seen.home}: {path}") for path in some if path.startswith("masters/"))


def _layers(root: Mapping[str, Any]) -> dict[str, str]:
    """The newest hash layers of each file that has any, by its digest: where they lie in the object."""
    found: dict[str, str] = {}
    for number in range(1, len(root["versions"]) + 1):
        for digest, paths in _state(root["versions"][f"v{number}"]).items():
            names = (_LAYERS.fullmatch(path) for path in paths)
            found.update({name[1]: root["manifest"][digest][0] for name in names if name})
    return found
