"""Bare objects: what deposit leaves of a release, without its recordings.

Takes  a folder of the bench with an empty archive, a release, its files.
Gives  inventory, mark and small files where they belong; places of the large ones, for whoever writes them (or not).
"""

import hashlib
from collections.abc import Iterable, Iterator

from sonoteca.formats.ocfl import INVENTORY, OBJECT_MARK, SIDECAR, format_inventory, format_sidecar
from sonoteca.model.ids import Digest
from sonoteca.ports.bench_folder import BenchFolder
from sonoteca.preserve.deposit import home_of
from sonoteca.preserve.versions import Content, next_inventory

NOW = "2026-01-01T00:00:00Z"


def write_object(
    scratch: BenchFolder, archive: str, release: str, files: Iterable[Content]
) -> Iterator[tuple[str, Content]]:
    """The first version of an object; (place in the bench's folder, file) of each file that has no content here."""
    inventory, incoming = next_inventory(None, release, tuple(files), NOW, "add")
    raw, home = format_inventory(inventory), f"{archive}/{home_of(inventory.id)}"
    for folder in (home, f"{home}/v1"):
        scratch.write(f"{folder}/{INVENTORY}", raw)
        scratch.write(f"{folder}/{SIDECAR}", format_sidecar(raw))
    scratch.write(f"{home}/{OBJECT_MARK[0]}", OBJECT_MARK[1])
    for one in incoming:
        if one.content.content is None:
            yield f"{home}/{one.to}", one.content
        else:
            scratch.write(f"{home}/{one.to}", one.content.content)


def small(path: str, content: bytes) -> Content:
    """A file that is written with its object."""
    digest = Digest(hashlib.sha256(content).hexdigest())
    return Content(path=path, digest=digest, bytes=len(content), content=content)
