"""Seeds: torrents/<name>.seed.json, the seeder's order for one torrent. Pure.

Takes  a Seed, or the bytes of a seed file.   Gives  the bytes, or the Seed; ValueError names the law that is broken.
Never  lets a path through that leaves store/ (files) or torrents/ (the .torrent).
"""

import re
from dataclasses import replace
from typing import Any

from sonoteca.formats import json
from sonoteca.formats.plain import from_plain, to_plain
from sonoteca.model.torrent import InfoHashes, Seed

SCHEMA = "sonoteca/seed/1"
SUFFIX = ".seed.json"
MAX_SEED_BYTES = 16 * 1024 * 1024
MAX_FILES = 8000
MAX_NAME_CHARACTERS = 200
_HASHES = {"v1": re.compile(r"[0-9a-f]{40}"), "v2": re.compile(r"[0-9a-f]{64}")}
_UNTIL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_NO_NAMES = frozenset({"", ".", ".."})
# What most paths look like: below the store, with names that are neither empty nor begin with a dot.
_USUAL = re.compile(r"store(?:/[^/.\0][^/\0]*)+")


def format_seed(seed: Seed) -> bytes:
    """The seed file, canonical; ValueError for a seed that `parse_seed` would not take."""
    verify_seed(seed)
    return json.format({"schema": SCHEMA, **to_plain(seed)})


def parse_seed(raw: bytes) -> Seed:
    """The seed of a seed file."""
    if len(raw) > MAX_SEED_BYTES:
        raise ValueError(f"more than {MAX_SEED_BYTES} bytes")
    told = json.parse_object(raw)
    if told.pop("schema", None) != SCHEMA:
        raise ValueError(f"the schema is not {SCHEMA}")
    seed = _seed_of(told)
    verify_seed(seed)
    return seed


def _seed_of(told: dict[str, Any]) -> Seed:
    """As `from_plain` reads it; lists of paths, of which a seeder reads tens of thousands when it starts, in one go."""
    files = told.get("files")
    if isinstance(files, list) and set(map(type, files)) == {str}:
        return replace(from_plain(Seed, {**told, "files": []}), files=tuple(files))
    return from_plain(Seed, told)


def verify_seed(seed: Seed) -> None:
    """ValueError unless its names, hashes and paths are what they may be."""
    if not 0 < len(seed.name) <= MAX_NAME_CHARACTERS or not seed.name.isprintable():
        raise ValueError("name: printable characters, at most 200")
    _verify_hashes(seed.hashes)
    _verify_path(seed.torrent, "torrents")
    if not seed.torrent.endswith(".torrent"):
        raise ValueError("torrent: a .torrent was expected")
    if not 0 < len(seed.files) <= MAX_FILES:
        raise ValueError(f"files: from 1 to {MAX_FILES}")
    for path in seed.files:
        if not _USUAL.fullmatch(path):
            _verify_path(path, "store")
    # One form only: the order of such texts is the order of the times.
    if seed.until and not _UNTIL.fullmatch(seed.until):
        raise ValueError('until: a time like "2026-11-23T10:00:00Z" was expected')


def is_over(until: str, now: str) -> bool:
    """Whether the time of what was ordered until then has passed; "" is no end."""
    return bool(until) and until <= now


def _verify_hashes(hashes: InfoHashes) -> None:
    if not hashes.v1 and not hashes.v2:
        raise ValueError("hashes: none is given")
    for name, form in _HASHES.items():
        value = getattr(hashes, name)
        if value and not form.fullmatch(value):
            raise ValueError(f"hashes.{name}: lower-case hexadecimal digits were expected")


def _verify_path(path: str, place: str) -> None:
    parts = path.split("/")
    if parts[0] != place or len(parts) < 2:
        raise ValueError(f"a path is not below {place}/: {path[:200]!a}")
    if not _NO_NAMES.isdisjoint(parts) or "\0" in path:
        raise ValueError(f'a name in a path is empty, ".", ".." or has a NUL: {path[:200]!a}')
