"""The sameness index: segments on disk and the double find the same, and forget the same."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.formats.fingerprint import Raw
from sonoteca.model.errors import Damaged
from sonoteca.ports import sameness_index
from sonoteca.ports.memory.sameness_index import MemorySamenessIndex
from sonoteca.ports.sameness_index import FANOUT, Entry, SamenessIndex, SegmentIndex

ALL = 1000


def codes(*some: int) -> Raw:
    return numpy.unique(numpy.array(some, numpy.uint32))


def entry(key: int, *some: int) -> Entry:
    return Entry(key, codes(*some))


@pytest.fixture(params=["segments", "memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> SamenessIndex:
    """An empty index."""
    return SegmentIndex(str(tmp_path)) if request.param == "segments" else MemorySamenessIndex()


def test_nothing_is_found_in_nothing(index: SamenessIndex) -> None:
    assert index.find(codes(1, 2), ALL) == []
    assert index.find(codes(), ALL) == []
    index.add([entry(1)])
    index.merge()
    index.forget([1])
    assert index.find(codes(1), ALL) == []


def test_most_shared_first_then_by_key(index: SamenessIndex) -> None:
    index.add([entry(7, 1, 2, 3), entry(5, 2, 3), entry(2**32 - 1, 0, 2**32 - 1)])
    index.add([entry(6, 2, 3, 4)])
    assert index.find(codes(1, 2, 3, 9), ALL) == [(7, 3), (5, 2), (6, 2)]
    assert index.find(codes(1, 2, 3, 9), 2) == [(7, 3), (5, 2)]
    assert index.find(codes(0, 2**32 - 1), ALL) == [(2**32 - 1, 2)]


def test_a_rare_code_says_more_than_common_ones(index: SamenessIndex) -> None:
    index.add([entry(key, 2, 3, 4) for key in range(100, 120)])
    index.add([entry(200, 9)])
    found = index.find(codes(2, 3, 4, 9), ALL)
    assert found[0] == (200, 1)
    assert found[1:] == [(key, 3) for key in range(100, 120)]


def test_what_has_no_posting_is_absent(index: SamenessIndex) -> None:
    assert index.absent([]) == []
    assert index.absent([3, 1]) == [1, 3]
    index.add([entry(1, 10, 20), entry(2**32 - 1, 30), entry(5)])
    index.add([entry(2, 10)])
    assert index.absent([5, 2, 1, 2**32 - 1, 7, 0]) == [0, 5, 7]
    assert list(index.verify()) == []


def test_adding_again_changes_nothing(index: SamenessIndex) -> None:
    for _ in range(3):
        index.add([entry(1, 10, 20)])
    assert index.find(codes(10, 20), ALL) == [(1, 2)]


def test_what_is_forgotten_is_not_found(index: SamenessIndex) -> None:
    index.add([entry(1, 10, 20), entry(2, 10)])
    index.add([entry(1, 30)])
    index.forget([1, 99])
    assert index.find(codes(10, 20, 30), ALL) == [(2, 1)]
    index.forget([2])
    assert index.find(codes(10, 20, 30), ALL) == []


def test_a_fresh_one_takes_the_place(index: SamenessIndex) -> None:
    index.add([entry(1, 10)])
    fresh = index.begin_again()
    fresh.add([entry(2, 10)])
    assert index.find(codes(10), ALL) == [(1, 1)]
    index.replace_with(fresh)
    assert index.find(codes(10), ALL) == [(2, 1)]
    assert index.begin_again().find(codes(10), ALL) == []


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.lists(st.integers(0, 40), max_size=8)), max_size=40),
    st.sets(st.integers(0, 20), max_size=4),
    st.lists(st.integers(0, 40), max_size=10),
)
def test_both_say_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    entries: Sequence[tuple[int, list[int]]],
    gone: set[int],
    asked: list[int],
) -> None:
    ours: SamenessIndex = SegmentIndex(str(tmp_path_factory.mktemp("index")))
    double = MemorySamenessIndex()
    for one in (ours, double):
        for key, some in entries:
            one.add([entry(key, *some)])
        one.forget(gone)
    found = ours.find(codes(*asked), ALL)
    ours.merge()
    assert found == double.find(codes(*asked), ALL) == ours.find(codes(*asked), ALL)


# ── segments ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def segments(root: Path) -> list[str]:
    return sorted(os.listdir(root / "index" / "sameness"))


def test_what_was_half_replaced_before_is_no_part_of_it(tmp_path: Path) -> None:
    """Leftovers of an older index, and of a newer one that was never whole."""
    index = SegmentIndex(str(tmp_path))
    for number in range(3):
        fresh = index.begin_again()
        fresh.add([entry(number, 10)])
        index.replace_with(fresh)
    folder = tmp_path / "index"
    assert [one.name for one in folder.iterdir()] == ["sameness.3"]
    shutil.copytree(folder / "sameness.3", folder / "sameness.2")
    shutil.copytree(folder / "sameness.3", folder / "sameness-next")
    index.add([entry(9, 10)])
    assert SegmentIndex(str(tmp_path)).find(codes(10), ALL) == [(2, 1), (9, 1)]
    assert index.begin_again().find(codes(10), ALL) == []
    index.replace_with(index.begin_again())
    assert SegmentIndex(str(tmp_path)).find(codes(10), ALL) == []


def test_segments_of_one_size_become_one(tmp_path: Path) -> None:
    index = SegmentIndex(str(tmp_path))
    for key in range(FANOUT * FANOUT):
        index.add([entry(key, 5, 100 + key)])
    assert len(segments(tmp_path)) < FANOUT
    assert len(index.find(codes(5), ALL)) == FANOUT * FANOUT


@pytest.mark.parametrize("count", [1, 3, 1000])
def test_merging_in_parts_loses_nothing(tmp_path: Path, count: int) -> None:
    random = numpy.random.default_rng(7)
    pieces = [numpy.unique(random.integers(0, 2**63, count, numpy.uint64)) for _ in range(3)]
    merged = list(sameness_index._merged([*pieces, pieces[0]]))
    assert numpy.array_equal(numpy.concatenate(merged), numpy.unique(numpy.concatenate(pieces)))


def test_parts_are_bounded() -> None:
    pieces = [numpy.arange(at, 3 * sameness_index.PART_WORDS, 2, numpy.uint64) for at in range(2)]
    sizes = [len(part) for part in sameness_index._merged(pieces)]
    assert sum(sizes) == 3 * sameness_index.PART_WORDS
    assert max(sizes) <= sameness_index.PART_WORDS + len(pieces)


def test_what_a_crash_leaves_counts_once(tmp_path: Path) -> None:
    """Merged, and not yet taken away; half written, and never named."""
    index = SegmentIndex(str(tmp_path))
    index.add([entry(1, 10, 20)])
    folder = tmp_path / "index" / "sameness"
    (folder / "000000000009.seg").write_bytes((folder / segments(tmp_path)[0]).read_bytes())
    (folder / "000000000010.half").write_bytes(b"half")
    assert SegmentIndex(str(tmp_path)).find(codes(10, 20), ALL) == [(1, 2)]


def test_another_process_sees_what_was_added_and_merged(tmp_path: Path) -> None:
    writer, reader = SegmentIndex(str(tmp_path)), SegmentIndex(str(tmp_path))
    for key in range(3):
        writer.add([entry(key, 10)])
        assert len(reader.find(codes(10), ALL)) == key + 1
    writer.merge()
    assert len(reader.find(codes(10), ALL)) == 3


def cut(raw: bytes) -> bytes:
    return raw[:-1]


def other_magic(raw: bytes) -> bytes:
    return b"x" + raw[1:]


def more_than_there_is(raw: bytes) -> bytes:
    return raw[:8] + b"\xff" * 8 + raw[16:]


@pytest.mark.parametrize("harm", [cut, other_magic, more_than_there_is, lambda raw: b""])
def test_a_damaged_segment_is_told(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    SegmentIndex(str(tmp_path)).add([entry(1, 10, 20)])
    path = tmp_path / "index" / "sameness" / segments(tmp_path)[0]
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(Damaged) as told:
        SegmentIndex(str(tmp_path)).find(codes(10), ALL)
    assert told.value.cure == "sonoteca rebuild"
    (found,) = SegmentIndex(str(tmp_path)).verify()
    assert (found.code, found.where) == ("S093", f"index/sameness/{path.name}")
