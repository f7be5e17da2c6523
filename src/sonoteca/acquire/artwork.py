"""Artwork: which picture of a release is its front, and in which sizes it came.

Takes  the files that are kept; or pictures' logical paths in that order.
Gives  the pictures' logical paths, the front cover first, then by name, the release's own folder before those below.
"""

import re
from collections.abc import Sequence

from sonoteca.acquire.found import FoundFile
from sonoteca.formats.naming import natural_key
from sonoteca.model.source import Role

_FRONT = re.compile(r"(?:^|[^a-z])(front|cover|folder|albumart|album)(?:[^a-z]|$|_)", re.IGNORECASE)
_NOT_FRONT = re.compile(r"back|inlay|tray|inside|booklet|disc|cd|label|page|small|thumb", re.IGNORECASE)
_SMALL = re.compile(r"small|thumb", re.IGNORECASE)
_FRONT_ORDER = ("cover", "front", "folder", "albumart", "album")


def artwork_order(files: Sequence[FoundFile]) -> tuple[str, ...]:
    """Pictures by logical path, the front cover first, then by name."""
    pictures = [file for file in files if file.planned.role is Role.ARTWORK]
    return tuple(file.path for file in sorted(pictures, key=_front_first))


def fronts(pictures: Sequence[str]) -> tuple[str, ...]:
    """The front cover, and what stands beside it under such a name: the same picture, as a rule, in another size."""
    if not pictures:
        return ()
    folder = pictures[0].rpartition("/")[0]
    beside = (one for one in pictures[1:] if one.rpartition("/")[0] == folder)
    return (pictures[0], *(one for one in beside if _says_front(_SMALL.sub("", one.rpartition("/")[2]))))


def _says_front(name: str) -> bool:
    return not _NOT_FRONT.search(name) and _FRONT.search(name.rpartition(".")[0]) is not None


def _front_first(file: FoundFile) -> tuple[object, ...]:
    *folders, name = file.planned.path.split("/")
    found = None if _NOT_FRONT.search(name) else _FRONT.search(name.rpartition(".")[0])
    rank = _FRONT_ORDER.index(found[1].casefold()) if found else len(_FRONT_ORDER)
    return rank, len(folders), natural_key(file.planned.path)
