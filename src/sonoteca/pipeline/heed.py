"""Heed: what the seeder found damaged becomes a finding that people see, and stays one until it is mended.

Takes  the archive; the findings of a `verify`.
Gives  Damage, durable in private.sqlite: the seeder can write nothing, so whoever keeps the archive asks it.
Order  asked for by `run --keep` every minute and by `status`; mended when `verify` has read the release and found
       nothing wrong with the file.
"""

import urllib.parse
from collections.abc import Collection, Iterable

from sonoteca.model.damage import Damage
from sonoteca.model.errors import SonotecaError
from sonoteca.model.finding import Finding
from sonoteca.pipeline.archive import Archive
from sonoteca.ports.control import DAMAGED, ask

_HOME_PARTS = 4  # store/ab/cd/<the object's id, escaped>: layout 0003
TIMEOUT_S = 5.0


def damages(archive: Archive) -> tuple[Damage, ...]:
    """What is known to be damaged, and what the seeder says this moment. Nothing is written."""
    known = archive.private.damages()
    return (*known, *_fresh(archive, {one.path for one in known}))


def heed(archive: Archive) -> tuple[Damage, ...]:
    """Asks the seeder; what was not known before is kept, and given."""
    fresh = _fresh(archive, {one.path for one in archive.private.damages()})
    archive.private.save_damages(fresh)
    return fresh


def _fresh(archive: Archive, known: Collection[str]) -> tuple[Damage, ...]:
    try:
        told = ask(archive.root, "status", timeout_s=TIMEOUT_S, about=DAMAGED)
    except SonotecaError:
        return ()  # it is busy or ends: it will say the same in a minute
    now = archive.clock.now()
    named = {path: str(one["name"]) for one in (told or {"torrents": ()})["torrents"] for path in one["damaged"]}
    return tuple(Damage(path=path, at=now, torrent=name) for path, name in named.items() if path not in known)


def mend(archive: Archive, releases: Collection[str], findings: Iterable[Finding]) -> None:
    """After `verify` has read these releases, all when there are none."""
    wrong = [one.where for one in findings]
    read = [one.path for one in archive.private.damages() if not releases or release_of(one.path) in releases]
    archive.private.mend([path for path in read if not any(_is_about(where, path) for where in wrong)])


def _is_about(where: str, path: str) -> bool:
    """Whether a finding is about this file, or about its object as a whole."""
    home = "/".join(path.split("/")[:_HOME_PARTS])
    return where == path or (where.startswith(home) and "/content/" not in where)


def release_of(path: str) -> str:
    """The release that a file of the store belongs to; "" when it is none's."""
    parts = path.split("/")
    return urllib.parse.unquote(parts[_HOME_PARTS - 1]) if len(parts) > _HOME_PARTS else ""
