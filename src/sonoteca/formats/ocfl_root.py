"""The storage root of OCFL 1.1: which files mark it, and where an object lies in it.

Takes  an object's id.
Gives  its path below the root, by layout extension 0003-hash-and-id-n-tuple-storage-layout; the root's own files.
Ours has two tuples of two digits of sha256: 65,536 folders, with a few hundred objects in each at most.
"""

import hashlib
import re
from dataclasses import dataclass

from sonoteca.formats import json

ROOT_MARK = ("0=ocfl_1.1", b"ocfl_1.1\n")  # OCFL 1.1 §4.2
_LAYOUT_NAME = "0003-hash-and-id-n-tuple-storage-layout"
_LAYOUT_WORDS = "An object lies at the first two pairs of digits of the sha256 of its id, then its id, percent-encoded."
_ESCAPED = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The parameters of layout extension 0003. Ours are the defaults here, not those of the extension (3 and 3)."""

    algorithm: str = "sha256"
    tuple_size: int = 2
    tuples: int = 2


LAYOUT = Layout()


def object_path(object_id: str, layout: Layout = LAYOUT) -> str:
    """Where an object lies below the storage root: "ab/cd/urn%3auuid%3a…"."""
    digest = hashlib.new(layout.algorithm, object_id.encode("utf-8"), usedforsecurity=False).hexdigest()
    size = layout.tuple_size
    tuples = [digest[at * size : at * size + size] for at in range(layout.tuples)]
    return "/".join([*tuples, _folder(object_id, digest)])


def _folder(object_id: str, digest: str) -> str:
    encoded = _ESCAPED.sub(lambda found: f"%{found[0].encode('latin-1').hex()}", object_id.encode().decode("latin-1"))
    # Extension 0003, Encapsulation Directory: what is too long for a folder's name is cut, and the digest appended.
    return f"{encoded[:100]}-{digest}" if len(encoded) > 100 else encoded


def root_files() -> dict[str, bytes]:
    """The files of an empty storage root, by their path in it."""
    layout = {"extension": _LAYOUT_NAME, "description": _LAYOUT_WORDS}
    config = {
        "extensionName": _LAYOUT_NAME,
        "digestAlgorithm": LAYOUT.algorithm,
        "tupleSize": LAYOUT.tuple_size,
        "numberOfTuples": LAYOUT.tuples,
    }
    return {
        ROOT_MARK[0]: ROOT_MARK[1],
        "ocfl_layout.json": json.format(layout),
        f"extensions/{_LAYOUT_NAME}/config.json": json.format(config),
    }
