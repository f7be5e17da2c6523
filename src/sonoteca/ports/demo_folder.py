"""Demo folder: where the music that the demo composes is put down.

Takes  a folder of the visitor's choice; paths inside it, "/"-separated, never "..".
Gives  whole files: each is written beside its place and then moved there, so that a file is there entirely or not at
       all.
Never  replaces a file that holds something else: Conflict "exists". The same bytes again are no deed at all.
"""

import os
from typing import ClassVar, Protocol

from sonoteca.model.errors import Conflict


class MusicFolder(Protocol):
    """A place for new files."""

    PLACES: ClassVar[tuple[str, ...]]

    def write(self, path: str, content: bytes) -> None:
        """The file is there with these bytes; Conflict "exists" when it has others."""


class DemoFolder:
    """A folder on this machine. Not part of the archive: the archive reads it as any source."""

    PLACES: ClassVar[tuple[str, ...]] = ("music",)

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def write(self, path: str, content: bytes) -> None:
        """The file is there with these bytes; Conflict "exists" when it has others."""
        verify_inside(path)
        place = os.path.join(self._folder, *path.split("/"))
        if os.path.lexists(place):
            self._verify_same(place, content)
            return
        os.makedirs(os.path.dirname(place), exist_ok=True)
        beside = f"{place}.part"
        # A link that stands there is not followed: what it points to is not ours.
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with open(number, "wb") as file:
            file.write(content)
        # A part may be there now: the next run writes it again from its beginning.
        os.rename(beside, place)

    def _verify_same(self, place: str, content: bytes) -> None:
        if not os.path.islink(place) and os.path.isfile(place) and os.path.getsize(place) == len(content):
            with open(place, "rb") as file:
                if file.read() == content:
                    return
        raise Conflict("exists", "something else is there already", where=place, cure="give the demo an empty folder")


def verify_inside(path: str) -> None:
    """Raises ValueError unless the path stays inside the folder."""
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError(f"not a path inside the demo's folder: {path!r}")
