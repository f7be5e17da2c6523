"""Planning: the volumes that somebody with some space should hold, for the command line.

Takes  the archive, the space in bytes, a seed.
Gives  the plan as plain values, each volume with its magnet link; the .torrent of each.
Never  names a volume that nobody is to be given: empty, or not in any seed list because it has to lose a file.
"""

from collections.abc import Iterator
from typing import Any

from sonoteca.formats import bytesize
from sonoteca.model.copies import NO_COPIES
from sonoteca.model.errors import Refused
from sonoteca.model.need import need_of
from sonoteca.model.torrent import Flavour
from sonoteca.pipeline import look
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.torrents import seed_path, torrent_path
from sonoteca.swarm.copies import copies_book
from sonoteca.torrents.planner import chances, plan


def space_of(text: str) -> int:
    """Bytes, of "4TB"; Refused when it cannot be read."""
    try:
        return bytesize.parse(text)
    except ValueError as error:
        raise Refused("space", str(error), where=text, cure="sonoteca plan --space 4TB") from error


def planned(archive: Archive, space_bytes: int, seed: str) -> dict[str, Any]:
    """The draw, in its order."""
    found = {one["name"]: one for one in look.volumes(archive)["volumes"] if one["magnet"] and _is_seeded(archive, one)}
    book, now = copies_book(archive.private, archive.clock.now()), archive.clock.now()
    needs = [
        need_of(name, (one["files"], one["bytes"]), book.get(one["v1"] or one["v2"][:40], NO_COPIES))
        for name, one in found.items()
    ]
    made = plan(needs, space_bytes, chances(seed), now)
    return {
        "space_bytes": space_bytes,
        "seed": seed,
        "bytes": made.bytes,
        "offered": made.offered,
        "volumes": [found[one.volume] for one in made.chosen],
    }


def torrents_of(archive: Archive, names: list[str]) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of the .torrent of each volume."""
    for name in names:
        yield f"{name}.torrent", archive.disk.read(torrent_path(name, Flavour.HYBRID))


def _is_seeded(archive: Archive, one: dict[str, Any]) -> bool:
    return any(archive.disk.find(seed_path(one["name"], flavour)) is not None for flavour in Flavour)
