"""Which file a link means, and where it lies in the pieces; any bytes give a file that is there, or a ValueError."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import bencode, info_dict


def of(files: list[tuple[str, int]], piece_bytes: int = 16_384, pads: bool = True) -> bytes:
    """A v1 info dict of these files, each with a pad behind it."""
    listed: list[bencode.Value] = []
    total = 0
    for path, size in files:
        parts: list[bencode.Value] = [part.encode() for part in path.split("/")]
        listed.append({b"length": size, b"path": parts})
        gap = -size % piece_bytes if pads else 0
        total += size + gap
        if gap:
            listed.append({b"attr": b"p", b"length": gap, b"path": [b".pad", b"%d" % total]})
    pieces = bytes(20 * -(-total // piece_bytes))
    return bencode.format({b"files": listed, b"name": b"v", b"piece length": piece_bytes, b"pieces": pieces})


FILES = [("A/01.opus", 20_000), ("A/02.opus", 16_384), ("B/02.opus", 5), ("B/x02.opus", 9)]


@pytest.mark.parametrize(
    ("path", "index", "offset"),
    [
        ("A/01.opus", 0, 0),
        ("A/02.opus", 2, 32_768),
        ("B/02.opus", 3, 49_152),
        ("x02.opus", 5, 65_536),
        ("/01.opus", 0, 0),
    ],
)
def test_a_path_or_its_end(path: str, index: int, offset: int) -> None:
    found = info_dict.find(of(FILES), path)
    assert (found.index, found.offset, found.piece_bytes) == (index, offset, 16_384)


@pytest.mark.parametrize("path", ["02.opus", "", "opus", "nothing", "../A/01.opus", ".pad/20000"])
def test_none_or_several(path: str) -> None:
    with pytest.raises(ValueError, match="of this path"):
        info_dict.find(of(FILES), path)


def test_the_only_file_needs_no_path() -> None:
    assert info_dict.find(of([("a.opus", 7)]), "").path == "a.opus"


def test_without_pads_files_lie_side_by_side() -> None:
    found = info_dict.find(of(FILES, pads=False), "B/02.opus")
    assert (found.offset, list(info_dict.pieces_of(found, 0, 5))) == (36_384, [2])


def test_v2_files_begin_a_piece() -> None:
    tree: bencode.Value = {
        b"a": {b"": {b"length": 5, b"pieces root": bytes(32)}},
        b"b": {b"": {b"length": 40_000, b"pieces root": bytes(32)}},
    }
    info = bencode.format({b"file tree": tree, b"meta version": 2, b"name": b"v", b"piece length": 16_384})
    found = info_dict.find(info, "b")
    assert (found.index, found.offset) == (1, 16_384)
    assert list(info_dict.pieces_of(found, 16_383, 2)) == [1, 2]
    assert list(info_dict.pieces_of(found, 39_999, 1)) == [3]


@pytest.mark.parametrize(("start", "count"), [(-1, 1), (0, 0), (0, 6), (5, 1)])
def test_no_such_stretch(start: int, count: int) -> None:
    with pytest.raises(ValueError, match="the file has no"):
        info_dict.pieces_of(info_dict.find(of(FILES), "B/02.opus"), start, count)


@given(
    st.one_of(st.binary(max_size=100), st.binary(max_size=20).map(lambda raw: of(FILES).replace(b"5:files", raw, 1)))
)
def test_any_bytes(raw: bytes) -> None:
    try:
        found = info_dict.find(raw, "B/02.opus")
    except ValueError:
        return
    assert found.bytes > 0
