"""Tiles: the paths and the examples of C2SP tlog-tiles; an edge that grows equals a tree that is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import tiles, tlog
from sonoteca.formats.tiles import ENTRIES, WIDTH, Edge, Place


def hashes_of(count: int) -> list[bytes]:
    return [tlog.leaf_hash(str(number).encode()) for number in range(count)]


# ── paths ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (Place(level=0, index=0), "tile/0/000"),
        (Place(level=0, index=1234067), "tile/0/x001/x234/067"),  # the example of the specification
        (Place(level=1, index=999, width=17), "tile/1/999.p/17"),
        (Place(level=63, index=1000, width=1), "tile/63/x001/000.p/1"),
        (Place(level=ENTRIES, index=1000, width=255), "tile/entries/x001/000.p/255"),
    ],
)
def test_paths(place: Place, path: str) -> None:
    assert place.path == path
    assert tiles.parse_path(path) == place


@given(st.integers(-1, 63), st.integers(0, 10**15), st.integers(1, WIDTH))
def test_paths_come_back(level: int, index: int, width: int) -> None:
    place = Place(level=level, index=index, width=width)
    assert tiles.parse_path(place.path) == place


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0",
        "tile/0/0",
        "tile/0/1000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/entries/\u0660\u0660\u0660",
        "tile/0/../000",
        "ledger/tile/0/000",
    ],
)
def test_other_paths_name_no_place(path: str) -> None:
    with pytest.raises(ValueError):
        tiles.parse_path(path)


def test_the_example_of_the_specification_has_these_tiles() -> None:
    """ "A tree of size 70,000": 273 full tiles and one of 112; one full and one of 17; one of 1."""
    assert [(place.level, place.index, place.width) for place in tiles.edge_places(70_000)] == [
        (0, 273, 112),
        (1, 1, 17),
        (2, 0, 1),
    ]
    assert [(place.level, place.index, place.width) for place in tiles.edge_places(256)] == [(0, 1, 0), (1, 0, 1)]
    assert tiles.edge_places(0) == ()
    assert Place(level=1, index=0).width_at(70_000) == 256
    assert Place(level=1, index=1).width_at(70_000) == 17
    assert Place(level=ENTRIES, index=273).width_at(70_000) == 112
    assert Place(level=0, index=274).width_at(70_000) == 0


# ── growing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.integers(0, 700), max_size=8))
def test_an_edge_that_grew_has_the_root_of_the_whole_tree(steps: list[int]) -> None:
    hashes, edge = hashes_of(sum(steps)), Edge()
    for step in steps:
        edge, _ = tiles.extend(edge, hashes[edge.size : edge.size + step])
        assert edge.root() == tlog.root(hashes[: edge.size])
        assert tuple(map(len, edge.levels)) == tuple(place.width for place in tiles.edge_places(edge.size))


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_the_root_at_the_borders_of_tiles(size: int) -> None:
    hashes = hashes_of(size)
    assert tiles.extend(Edge(), hashes)[0].root() == tlog.root(hashes)


@given(st.integers(0, 1200), st.integers(1, 1200))
def test_the_tiles_given_are_all_that_changed_and_no_others(before: int, more: int) -> None:
    hashes = hashes_of(before + more)
    edge, old = tiles.extend(Edge(), hashes[:before])
    grown, made = tiles.extend(edge, hashes[before:])
    whole = {tile.place: tile.hashes for tile in tiles.extend(Edge(), hashes)[1]}
    assert {tile.place for tile in made} == set(whole) - {tile.place for tile in old}
    assert all(whole[tile.place] == tile.hashes for tile in made)
    assert grown == tiles.extend(Edge(), hashes)[0]


def test_a_tile_above_has_the_roots_of_full_tiles_below() -> None:
    hashes = hashes_of(600)
    above = [tile for tile in tiles.extend(Edge(), hashes)[1] if tile.place.level == 1]
    assert [tile.hashes for tile in above] == [(tlog.root(hashes[:256]), tlog.root(hashes[256:512]))]


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=WIDTH).map(tuple))
def test_bundles_come_back(entries: tuple[bytes, ...]) -> None:
    assert tiles.parse_bundle(tiles.format_bundle(entries)) == entries


def test_the_form_of_a_bundle() -> None:
    assert tiles.format_bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"


@given(st.binary(max_size=100))
def test_any_bytes_are_a_bundle_or_a_value_error(raw: bytes) -> None:
    try:
        entries = tiles.parse_bundle(raw)
    except ValueError:
        return
    assert tiles.format_bundle(entries) == raw


def test_bundles_have_limits() -> None:
    assert tiles.parse_bundle(tiles.format_bundle([bytes(65_535)])) == (bytes(65_535),)
    for entries in ([], [b""] * 257, [bytes(65_536)]):
        with pytest.raises(ValueError):
            tiles.format_bundle(entries)
    for raw in (b"", b"\x00", b"\x00\x01", b"\x00\x00" * 257):
        with pytest.raises(ValueError):
            tiles.parse_bundle(raw)


def test_tiles_have_limits() -> None:
    hashes = tuple(hashes_of(WIDTH))
    assert tiles.parse_tile(tiles.format_tile(hashes)) == hashes
    for wrong in ((), (*hashes, bytes(32)), (bytes(31),)):
        with pytest.raises(ValueError):
            tiles.format_tile(wrong)
    for raw in (b"", bytes(31), bytes(32 * 257)):
        with pytest.raises(ValueError):
            tiles.parse_tile(raw)
