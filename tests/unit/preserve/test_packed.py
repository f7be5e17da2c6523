"""The cache of piece hashes: gone, damaged, full or taken away, it costs time and nothing else."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from sonoteca.formats import packs
from sonoteca.model.files import PieceHashes
from sonoteca.model.ids import Digest
from sonoteca.ports.disk import Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.preserve import packed
from sonoteca.preserve.packed import PLACE, PackedHashes, forget
from tests.vectors.torrents.layouts import content, layers_of


def hashes_of(number: int) -> PieceHashes:
    one = layers_of(content(f"{number}", 100 + number))
    return PieceHashes(
        digest=one.digest,
        bytes=one.bytes,
        pieces_root=one.pieces_root,
        piece_layer=one.piece_layer,
        sha1_pieces=one.sha1_pieces,
        sha1_tail=one.sha1_tail,
    )


FILES = [hashes_of(number) for number in range(40)]


@pytest.fixture(params=["memory", "local"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return MemoryDisk() if request.param == "memory" else LocalDisk(str(tmp_path / "archive"), create=True)


def kept(disk: Disk, files: Iterable[PieceHashes], max_bytes: int = packed.MAX_BYTES) -> None:
    with PackedHashes(disk, max_bytes) as cache:
        cache.keep(files)


def found(disk: Disk) -> list[PieceHashes]:
    with PackedHashes(disk) as cache:
        return [one for one in FILES if cache.find(one.digest) == one]


def test_what_was_kept_is_found(disk: Disk) -> None:
    assert found(disk) == []
    kept(disk, FILES[:10])
    assert found(disk) == FILES[:10]
    with PackedHashes(disk) as cache:
        assert cache.find(Digest("0" * 64)) is None


def test_one_at_a_time_gives_few_packs(disk: Disk) -> None:
    for one in FILES:
        kept(disk, [one])
    assert found(disk) == FILES
    assert len(disk.list(PLACE)) <= 6  # 32 + 8


def test_what_is_kept_is_found_by_the_same(disk: Disk) -> None:
    with PackedHashes(disk) as cache:
        cache.keep(FILES[:3])
        cache.keep(FILES[3:5])
        assert [cache.find(one.digest) for one in FILES[:6]] == [*FILES[:5], None]


def test_deleted_while_it_is_open(disk: Disk) -> None:
    kept(disk, FILES[:5])
    with PackedHashes(disk) as cache:
        forget(disk)
        assert cache.find(FILES[0].digest) == FILES[0]
        cache.keep(FILES[5:6])
        assert cache.find(FILES[5].digest) == FILES[5]
    assert FILES[5] in found(disk)
    forget(disk)
    assert found(disk) == []
    assert disk.list("cache") == ()


def test_a_damaged_pack_is_none_and_goes(disk: Disk) -> None:
    kept(disk, FILES[:5])
    path = f"{PLACE}/{disk.list(PLACE)[0]}"
    disk.replace(path, disk.read(path)[:40])
    disk.write(f"{PLACE}/readme.txt", b"what is this?")
    disk.write(f"{PLACE}/00000009.pack", b"")
    assert found(disk) == []
    kept(disk, FILES[5:7])
    assert found(disk) == FILES[5:7]
    assert len(disk.list(PLACE)) == 1


def test_a_damaged_record_is_not_there_and_not_taken_on(disk: Disk) -> None:
    kept(disk, FILES[:5])
    path = f"{PLACE}/{disk.list(PLACE)[0]}"
    raw = bytearray(disk.read(path))
    raw[packs.table_bytes(raw)] ^= 1
    disk.replace(path, bytes(raw))
    whole = found(disk)
    assert len(whole) == 4
    kept(disk, FILES[5:11])
    assert found(disk) == sorted([*whole, *FILES[5:11]], key=FILES.index)
    assert len(disk.list(PLACE)) == 1


def test_beyond_the_bound_the_oldest_go(disk: Disk) -> None:
    kept(disk, FILES[:20])
    one_pack = len(disk.read(f"{PLACE}/{disk.list(PLACE)[0]}"))
    kept(disk, FILES[20:25], max_bytes=one_pack)
    assert found(disk) == FILES[20:25]


def test_without_room_nothing_is_kept(disk: Disk) -> None:
    kept(disk, FILES, max_bytes=0)
    assert disk.list(PLACE) == ()


def test_a_link_is_no_pack(tmp_path: Path) -> None:
    disk = LocalDisk(str(tmp_path / "archive"), create=True)
    kept(disk, FILES[:2])
    place = tmp_path / "archive" / PLACE
    (place / "00000001.pack").rename(tmp_path / "elsewhere")
    (place / "00000001.pack").symlink_to(tmp_path / "elsewhere")
    assert found(disk) == []
    kept(disk, FILES[2:3])
    assert (tmp_path / "elsewhere").exists()
    assert found(disk) == FILES[2:3]
