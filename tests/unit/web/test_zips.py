"""ZIP: Python's zipfile and Info-ZIP read every one, at every size; any stretch is the same bytes as in the whole."""

import hashlib
import io
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import zip_store
from sonoteca.formats.zip_store import Member, layout
from sonoteca.holdings import PublicFile
from sonoteca.model.errors import Damaged
from sonoteca.model.ids import Digest
from sonoteca.model.rights import Channel
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.preserve.deposit import Deposit, deposit, init_store
from sonoteca.preserve.versions import Content
from sonoteca.web import zips
from sonoteca.web.open_files import OpenFiles
from sonoteca.web.zips import Crcs, Entry, ZipBody, zip_etag
from tests.tools import require_tool

RELEASE = "urn:uuid:6f1c1f5e-0000-8000-8000-000000000001"
NAME = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=40)
CONTENTS = st.dictionaries(NAME, st.binary(max_size=300), max_size=6)


def made(contents: dict[str, bytes]) -> bytes:
    """A ZIP as the website puts it together."""
    found = layout([Member(name=name, size=len(content)) for name, content in contents.items()])
    crcs = [zlib.crc32(content) for content in contents.values()]
    parts: list[bytes] = []
    for number, content in enumerate(contents.values()):
        parts += [found.head(number, crcs[number]), content]
    parts.append(found.directory(crcs))
    whole = b"".join(parts)
    assert len(whole) == found.size
    return whole


@given(CONTENTS)
def test_zipfile_reads_it(contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(made(contents))) as found:
        assert found.testzip() is None
        assert {one.filename: found.read(one) for one in found.infolist()} == contents


def test_unzip_takes_it(tmp_path: Path) -> None:
    contents = {"Ärger – 作品/01 ñ.flac": b"x" * 70_000, "Ärger – 作品/release.txt": b"hello\n", "empty": b""}
    (tmp_path / "x.zip").write_bytes(made(contents))
    done = subprocess.run(
        [require_tool("unzip"), "-t", str(tmp_path / "x.zip")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "3" not in done.stderr and "No errors detected" in done.stdout


def test_dates_are_what_a_zip_can_say() -> None:
    member = Member(name="x", size=0, date=(2026, 11, 23, 14, 58, 5))
    early = Member(name="y", size=0, date=(1877, 12, 6, 10, 0, 0))
    found = layout([member, early])
    raw = found.head(0, 0) + found.head(1, 0) + found.directory([0, 0])
    with zipfile.ZipFile(io.BytesIO(raw)) as read:
        assert [one.date_time for one in read.infolist()] == [(2026, 11, 23, 14, 58, 4), (1980, 12, 6, 10, 0, 0)]


@pytest.mark.parametrize("names", [["a", "a"], [""], ["x" * 5000]])
def test_names_that_no_zip_can_have(names: list[str]) -> None:
    with pytest.raises(ValueError):
        layout([Member(name=name, size=1) for name in names])


class Sparse(io.RawIOBase):
    """A file of zeros with some stretches of bytes: what a ZIP of many gigabytes looks like to its reader."""

    def __init__(self, size: int, parts: dict[int, bytes]) -> None:
        self._size, self._parts, self._at = size, parts, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = max(0, min(len(buffer), self._size - self._at))
        view = bytearray(count)
        for place, part in self._parts.items():
            start, end = max(place, self._at), min(place + len(part), self._at + count)
            if start < end:
                view[start - self._at : end - self._at] = part[start - place : end - place]
        buffer[:count] = view
        self._at += count
        return count


@pytest.mark.parametrize("sizes", [[5 * 1024**3, 10], [0xFFFFFFFF], [0xFFFFFFFE, 5], [3 * 1024**3, 2 * 1024**3, 7]])
def test_above_four_gigabytes(sizes: list[int]) -> None:
    members = [Member(name=f"{number}.wav", size=size) for number, size in enumerate(sizes)]
    found = layout(members)
    crcs = [zlib.crc32(bytes(size)) if size < 100 else 0 for size in sizes]
    parts = {found.places[2 * number]: found.head(number, crc) for number, crc in enumerate(crcs)}
    parts[found.places[-2]] = found.directory(crcs)
    with zipfile.ZipFile(Sparse(found.size, parts)) as read:
        told = read.infolist()
        assert [one.file_size for one in told] == sizes
        assert [one.header_offset for one in told] == [found.places[2 * number] for number in range(len(sizes))]
        for one in told:
            with read.open(one) as member:
                assert member.read(5) == b"\0" * min(5, one.file_size)


def test_more_members_than_a_plain_zip_has() -> None:
    found = layout([Member(name=f"{number}", size=0) for number in range(70_000)])
    raw = b"".join(found.head(number, 0) for number in range(70_000)) + found.directory([0] * 70_000)
    assert len(raw) == found.size
    with zipfile.ZipFile(io.BytesIO(raw)) as read:
        assert len(read.namelist()) == 70_000


# ── out of the store ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shelf(tmp_path: Path) -> tuple[LocalDisk, list[Entry]]:
    """Three files in an object, and a text."""
    disk = LocalDisk(str(tmp_path / "archive"), create=True)
    init_store(disk)
    contents = {f"masters/{number}.flac": bytes([number]) * size for number, size in enumerate((300_000, 1, 700_001))}
    deposit(
        Deposit(
            object_id=RELEASE,
            state=tuple(
                Content(path=path, digest=digest(raw), bytes=len(raw), content=raw) for path, raw in contents.items()
            ),
            message="x",
            made_at="2026-11-23T10:00:00Z",
            staging="quarantine/x/object",
        ),
        disk,
    )
    files = [public(path, raw) for path, raw in contents.items()]
    entries = [Entry(member=Member(name="a/about.txt", size=5), content=b"about")]
    entries += [Entry(member=Member(name=f"a/{file.name}", size=file.bytes), content=file) for file in files]
    return disk, entries


def digest(raw: bytes) -> Digest:
    return Digest(hashlib.sha256(raw).hexdigest())


def public(path: str, raw: bytes) -> PublicFile:
    return PublicFile(
        release=RELEASE,
        track="",
        tier="original",
        path=path,
        name=path.removeprefix("masters/"),
        digest=digest(raw),
        bytes=len(raw),
        channels=frozenset(Channel),
    )


async def take(body: ZipBody, start: int, end: int) -> bytes:
    await body.open()
    parts = []
    try:
        while start < end:
            parts.append(await body.read(start, end))
            start += len(parts[-1])
    finally:
        body.close()
    return b"".join(parts)


def stretches(size: int) -> Iterator[tuple[int, int]]:
    yield from ((0, size), (size - 1, size), (0, 1), (40, 60), (100_000, 900_000), (size - 400, size - 100))


def test_any_stretch_is_the_same_as_in_the_whole(shelf: tuple[LocalDisk, list[Entry]]) -> None:
    disk, entries = shelf

    async def main() -> None:
        files = OpenFiles(disk, idle_s=0)
        size = ZipBody(entries, files, Crcs()).size
        whole = await take(ZipBody(entries, files, Crcs()), 0, size)
        with zipfile.ZipFile(io.BytesIO(whole)) as read:
            assert read.testzip() is None
            assert read.read("a/about.txt") == b"about"
        for start, end in stretches(size):
            # CRCs that nobody knows yet, each time.
            assert await take(ZipBody(entries, files, Crcs()), start, end) == whole[start:end]
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        assert len(files) == 0

    anyio.run(main)


def test_a_file_that_is_not_what_it_was_ends_it(shelf: tuple[LocalDisk, list[Entry]]) -> None:
    disk, _ = shelf

    async def main() -> None:
        files = OpenFiles(disk)
        wrong = public("masters/0.flac", b"other bytes of another length")
        with pytest.raises(Damaged):
            body = ZipBody([Entry(member=Member(name="x", size=wrong.bytes), content=wrong)], files, Crcs())
            await take(body, 0, body.size)

    anyio.run(main)


def test_the_etag_is_that_of_names_and_digests(shelf: tuple[LocalDisk, list[Entry]]) -> None:
    _, entries = shelf
    renamed = [Entry(member=Member(name="b", size=5), content=b"about"), *entries[1:]]
    other = [Entry(member=Member(name="a/about.txt", size=5), content=b"abouT"), *entries[1:]]
    assert len({zip_etag(entries), zip_etag(renamed), zip_etag(other), zip_etag(entries[1:])}) == 4
    assert zip_etag(entries) == zip_etag(list(entries))


def test_reading_ahead_is_done_in_steps(shelf: tuple[LocalDisk, list[Entry]]) -> None:
    disk, entries = shelf

    async def main() -> None:
        files = OpenFiles(disk)
        crcs = Crcs(step_bytes=100_000)
        body = ZipBody(entries, files, crcs)
        steps = 0
        # The last byte needs every CRC: the one of 700,001 bytes in eight steps, of 300,000 in three.
        while not await body.read(body.size - 1, body.size):
            steps += 1
        body.close()
        assert steps == 7 + 2
        other = ZipBody(entries, files, crcs)
        assert await other.read(body.size - 1, body.size)
        other.close()
        files.close_idle()

    anyio.run(main)


def test_the_constants_of_the_format() -> None:
    assert zip_store.format_head(Member(name="x", size=1), 0).startswith(b"PK\3\4\x14\0\0\x08\0\0")
    assert zips.CRC_AT_ONCE < 8
