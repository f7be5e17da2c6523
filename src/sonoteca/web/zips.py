"""Zips: a release as one ZIP, made while it is sent, of known length, and resumable anywhere.

Takes  the files of a release that may be downloaded, and small texts.
Gives  a Body that is a ZIP file: names, sizes and places follow from the rows, so every byte has its place before one
       is read.
Never  holds more than a block, or one file open at a time. Never compresses.

A head has the CRC-32 of what follows it, so a file is read twice: first for its CRC, then to be sent, mostly out of the
page cache. CRCs are kept by digest (a digest's bytes never change), so an interrupted download goes on at once. Reading
ahead is done in steps, and between two of them the answer looks whether its client is still there; at most CRC_AT_ONCE
of them go on at the same time: asking for the last byte of everything is not a way to keep the archive busy.

Why not a library: zipstream-ng and stream-zip give no ranges, and write stored members with data descriptors, which
several unpackers cannot read.
"""

import hashlib
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread

from sonoteca.formats.zip_store import Member, ZipLayout, layout
from sonoteca.holdings import PublicFile
from sonoteca.model.errors import Damaged
from sonoteca.web.bodies import BLOCK_BYTES, Stretch, read_block
from sonoteca.web.kept import Kept
from sonoteca.web.open_files import OpenFile, OpenFiles

VERSION = 1
CRC_AT_ONCE = 2
CRC_STEP_BYTES = 32 * 1024 * 1024
CRC_READ_BYTES = 1024 * 1024
KEPT_CRCS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member and its content: a file of the store, or a few bytes of ours."""

    member: Member
    content: PublicFile | bytes


def zip_etag(entries: Sequence[Entry]) -> str:
    """A strong ETag: everything on which a byte of the ZIP depends."""
    state = hashlib.sha256(f"sonoteca zip {VERSION}\n".encode())
    for one in entries:
        content = one.content
        digest = hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else content.digest
        state.update(f"{len(one.member.raw_name)}:{one.member.name}{one.member.date}{digest}\n".encode())
    return f'"{state.hexdigest()}"'


class Crcs:
    """CRC-32s of files of the store."""

    def __init__(self, step_bytes: int = CRC_STEP_BYTES) -> None:
        self._step_bytes = step_bytes
        self._known: Kept[str, int] = Kept(KEPT_CRCS)
        self._passes = CapacityLimiter(CRC_AT_ONCE)

    def find(self, file: PublicFile) -> int | None:
        """What is known already."""
        return self._known.find(file.digest)

    async def step(self, opened: OpenFile, file: PublicFile, crc: int, place: int) -> tuple[int, int]:
        """The CRC up to a place further on, and that place; kept when it is the end."""

        def read() -> tuple[int, int]:
            return crc_of(opened.number, crc, place, min(file.bytes, place + self._step_bytes))

        crc, place = await to_thread.run_sync(read, limiter=self._passes)
        if place == file.bytes:
            self._known.put(file.digest, crc)
        return crc, place


def crc_of(number: int, crc: int, start: int, end: int) -> tuple[int, int]:
    """The CRC-32 continued over a stretch of an open file, and where that ends."""
    buffer = memoryview(bytearray(CRC_READ_BYTES))
    while start < end:
        count = os.preadv(number, [buffer[: end - start]], start)
        if not count:
            raise Damaged("altered", "it became shorter while it was sent", cure="sonoteca verify")
        crc = zlib.crc32(buffer[:count], crc)
        start += count
    return crc, end


class ZipBody:
    """A ZIP of these entries."""

    def __init__(self, entries: Sequence[Entry], files: OpenFiles, crcs: Crcs) -> None:
        self._entries = entries
        self._files = files
        self._crcs = crcs
        self._layout: ZipLayout = layout([one.member for one in entries])
        self._opened: tuple[int, OpenFile] | None = None
        self._pass = (-1, 0, 0)  # of which entry the CRC is being made, the CRC so far, how far that is

    @property
    def size(self) -> int:
        """See Body."""
        return self._layout.size

    async def open(self) -> None:
        """See Body. Files are opened one after the other, when it is their turn."""

    def stretch(self, start: int, end: int) -> Stretch | None:
        """See Body."""
        return None

    def close(self) -> None:
        """See Body."""
        if self._opened is not None:
            self._files.let_go(self._opened[1])
            self._opened = None

    async def read(self, start: int, end: int) -> bytes:
        """See Body."""
        section = self._layout.section_at(start)
        place, until = self._layout.places[section], self._layout.places[section + 1]
        end = min(end, until, start + BLOCK_BYTES)
        if section == 2 * len(self._entries):
            return await self._directory(start - place, end - place)
        number, is_content = divmod(section, 2)
        content = self._entries[number].content
        if not is_content:
            crc = await self._crc(number)
            return b"" if crc is None else self._layout.head(number, crc)[start - place : end - place]
        if isinstance(content, bytes):
            return content[start - place : end - place]
        return await read_block(self._files, (await self._open(number)).number, start - place, end - start)

    async def _directory(self, start: int, end: int) -> bytes:
        crcs = []
        for number in range(len(self._entries)):
            crc = await self._crc(number)
            if crc is None:
                return b""
            crcs.append(crc)
        return self._layout.directory(crcs)[start:end]

    async def _crc(self, number: int) -> int | None:
        """The CRC of an entry, None when a step towards it was made and more are needed."""
        content = self._entries[number].content
        if isinstance(content, bytes):
            return zlib.crc32(content)
        found = self._crcs.find(content)
        if found is None:
            entry, crc, place = self._pass if self._pass[0] == number else (number, 0, 0)
            crc, place = await self._crcs.step(await self._open(number), content, crc, place)
            self._pass = (entry, crc, place)
            found = crc if place == content.bytes else None
        return found

    async def _open(self, number: int) -> OpenFile:
        if self._opened is not None and self._opened[0] == number:
            return self._opened[1]
        self.close()
        content = self._entries[number].content
        if isinstance(content, bytes):
            raise ValueError("nothing has to be opened for it")
        self._opened = (number, await self._files.take(content))
        return self._opened[1]
