"""Remux: the copy for listening in another container, for browsers that do not know Ogg; the same packets, never
encoded again.

Takes  an Ogg file of the store.
Gives  a Body that is a WebM or MP4 file, of known length, readable from any place.
Never  keeps sound: only where it lies (an index: some bytes a second of WebM, four a packet of MP4), for the files used
       most recently, INDEX_BYTES in all.

The first request for a file reads its page headers, one every twelve kilobytes, in a thread.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Protocol

from sonoteca.formats import mp4, webm
from sonoteca.formats.ogg_opus import HEADING_BYTES, OpusPages, PageReader
from sonoteca.holdings import PublicFile
from sonoteca.model.errors import Damaged
from sonoteca.web.bodies import BLOCK_BYTES, Stretch, read_block
from sonoteca.web.kept import Kept
from sonoteca.web.open_files import OpenFile, OpenFiles

INDEX_BYTES = 48 * 1024 * 1024
# Pages of several units are read at once: a unit alone is small.
MAX_UNITS = 32


class Layout(Protocol):
    """A file of another container: a head, then units that are made of stretches of the Ogg file."""

    @property
    def head(self) -> bytes:
        """What stands before the first unit."""

    @property
    def size(self) -> int:
        """Of the whole file."""

    @property
    def places(self) -> Sequence[int]:
        """Where each unit begins, and where the last one ends."""

    def unit_at(self, place: int) -> int:
        """The unit in which a byte is."""

    def source(self, unit: int) -> tuple[int, int]:
        """The stretch of the Ogg file that a unit is made of."""

    def render(self, unit: int, source: bytes) -> bytes:
        """The unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A kind of file. `version` changes when other bytes are made for the same sound: it is in the ETag."""

    media_type: str
    version: int
    layout: Callable[[OpusPages], Layout]


CONTAINERS: Mapping[str, Container] = MappingProxyType(
    {
        "webm": Container(media_type="audio/webm; codecs=opus", version=1, layout=webm.layout),
        "mp4": Container(media_type="audio/mp4; codecs=opus", version=1, layout=mp4.layout),
    }
)


class Remuxer:
    """Finds out how files look in other containers, and remembers it for the ones used most recently."""

    def __init__(self, files: OpenFiles, max_bytes: int = INDEX_BYTES) -> None:
        self._files = files
        self._layouts: Kept[tuple[str, str], Layout] = Kept(max_bytes)

    async def layout(self, file: PublicFile, ending: str) -> Layout:
        """How a file looks; Damaged when it is not as the archive makes them."""
        key = (str(file.digest), ending)
        found = self._layouts.find(key)
        if found is None:
            opened = await self._files.take(file)
            try:
                found = await self._files.in_thread(partial(scan, opened.number, ending))
            except ValueError as error:
                raise Damaged("not-ours", f"{error}", where=file.path, cure="sonoteca verify") from error
            finally:
                self._files.let_go(opened)
            self._layouts.put(key, found, weight=len(found.head) + 40 * len(found.places))
        return found


def scan(number: int, ending: str) -> Layout:
    """The layout of an open Ogg file. ValueError when it is not one of ours."""
    reader = PageReader()
    while not reader.is_done:
        reader.take(os.pread(number, HEADING_BYTES, reader.place))
    return CONTAINERS[ending].layout(reader.result())


class RemuxBody:
    """A file in another container."""

    def __init__(self, file: PublicFile, layout: Layout, files: OpenFiles) -> None:
        self._wanted = file
        self._layout = layout
        self._files = files
        self._open: OpenFile | None = None

    @property
    def size(self) -> int:
        """See Body."""
        return self._layout.size

    async def open(self) -> None:
        """See Body."""
        self._open = await self._files.take(self._wanted)

    async def read(self, start: int, end: int) -> bytes:
        """See Body."""
        layout = self._layout
        if start < len(layout.head):
            return layout.head[start : min(end, start + BLOCK_BYTES)]
        if self._open is None:
            raise ValueError("read before it was opened")
        first = layout.unit_at(start)
        last = min(layout.unit_at(end - 1), first + MAX_UNITS - 1)
        begin, until = layout.source(first)[0], layout.source(last)[1]
        source = memoryview(await read_block(self._files, self._open.number, begin, until - begin))
        made = []
        for unit in range(first, last + 1):
            one, other = layout.source(unit)
            made.append(layout.render(unit, bytes(source[one - begin : other - begin])))
        place = layout.places[first]
        return b"".join(made)[start - place : end - place]

    def stretch(self, start: int, end: int) -> Stretch | None:
        """See Body."""
        return None

    def close(self) -> None:
        """See Body."""
        if self._open is not None:
            self._files.let_go(self._open)
            self._open = None
