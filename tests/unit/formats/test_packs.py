"""Packs: what went in comes out; a byte that differs loses the files it belongs to, and no other."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import packs
from sonoteca.model.files import PieceHashes
from sonoteca.model.ids import Digest
from tests.vectors.torrents.layouts import PIECE, content, layers_of

SIZES = (1, 9, PIECE, PIECE + 1, 3 * PIECE)


def hashes_of(size: int) -> PieceHashes:
    one = layers_of(content(f"{size}", size))
    return PieceHashes(
        digest=one.digest,
        bytes=one.bytes,
        pieces_root=one.pieces_root,
        piece_layer=one.piece_layer,
        sha1_pieces=one.sha1_pieces,
        sha1_tail=one.sha1_tail,
    )


ALL = {one.digest: one for one in map(hashes_of, SIZES)}


def read(pack: bytes, digest: Digest) -> PieceHashes | None:
    table = packs.parse_table(pack[: packs.table_bytes(pack)])
    found = table.find(digest)
    return packs.parse_record(pack[found[0] : sum(found)], digest) if found else None


@given(st.sets(st.sampled_from(SIZES)), st.permutations(SIZES))
def test_what_went_in_comes_out(chosen: set[int], order: list[int]) -> None:
    inside = [one for one in map(hashes_of, order) if one.bytes in chosen]
    pack = packs.format([*inside, *inside])
    assert pack == packs.format(reversed(inside))
    for one in ALL.values():
        assert read(pack, one.digest) == (one if one.bytes in chosen else None)
    assert packs.parse_table(pack[: packs.table_bytes(pack)]).bytes == len(pack)


@given(st.integers(0), st.integers(1, 255))
def test_a_byte_that_differs(at: int, change: int) -> None:
    pack = packs.format(ALL.values())
    at %= len(pack)
    damaged = pack[:at] + bytes([pack[at] ^ change]) + pack[at + 1 :]
    if at < packs.table_bytes(pack):
        with pytest.raises(ValueError, match=r"pack"):
            packs.parse_table(damaged[: packs.table_bytes(damaged)])
        return
    lost = 0
    for one in ALL.values():
        try:
            assert read(damaged, one.digest) == one
        except ValueError:
            lost += 1
    assert lost == 1


def test_what_is_cut_off() -> None:
    pack = packs.format(ALL.values())
    start = packs.table_bytes(pack)
    for length in (0, 5, packs.HEAD.size, start - 1):
        with pytest.raises(ValueError, match="pack"):
            packs.parse_table(pack[:length])
    whole = [one for one in ALL.values() if is_whole(pack[: start + 200], one)]
    assert 0 < len(whole) < len(ALL)


def is_whole(pack: bytes, one: PieceHashes) -> bool:
    try:
        return read(pack, one.digest) == one
    except ValueError:
        return False


def test_another_digest_than_its_own() -> None:
    pack = packs.format(ALL.values())
    first, second = sorted(ALL)[:2]
    found = packs.parse_table(pack[: packs.table_bytes(pack)]).find(first)
    assert found is not None
    with pytest.raises(ValueError, match="damaged"):
        packs.parse_record(pack[found[0] : sum(found)], second)


def test_no_more_than_a_pack_has() -> None:
    with pytest.raises(ValueError, match="not a pack"):
        packs.table_bytes(packs.HEAD.pack(packs.MAGIC, packs.VERSION, packs.MAX_FILES + 1))
    with pytest.raises(ValueError, match="not a pack"):
        packs.table_bytes(struct.pack(">8sII", packs.MAGIC, packs.VERSION + 1, 1))


def test_an_empty_file_is_in_none() -> None:
    with pytest.raises(ValueError, match="no empty file"):
        packs.format([layers_of(b"")])
