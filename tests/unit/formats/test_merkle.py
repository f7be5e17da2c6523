"""The tree of BEP 52, against its definition written out."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import merkle


def defined(leaves: list[bytes]) -> bytes:
    """BEP 52 by its words: zero hashes up to a power of two, then pairs."""
    count = 1
    while count < len(leaves):
        count *= 2
    level = leaves + [bytes(32)] * (count - len(leaves))
    while len(level) > 1:
        level = [hashlib.sha256(level[at] + level[at + 1]).digest() for at in range(0, len(level), 2)]
    return level[0]


def leaves_of(count: int) -> list[bytes]:
    return [hashlib.sha256(str(number).encode()).digest() for number in range(count)]


@pytest.mark.parametrize("count", range(1, 70))
def test_the_root_is_the_defined_one(count: int) -> None:
    leaves = leaves_of(count)
    assert merkle.root(b"".join(leaves)) == defined(leaves)


def test_an_empty_file_has_no_root_and_no_layer() -> None:
    assert merkle.root(b"") == b""
    assert merkle.layer(b"", 4) == b""


def test_the_pad_is_the_root_of_nothing_but_missing_leaves() -> None:
    assert merkle.pad_hash(0) == bytes(32)
    assert merkle.pad_hash(5) == defined([bytes(32)] * 32)


@given(st.integers(1, 200), st.integers(0, 5))
def test_a_layer_has_the_root_of_each_group(count: int, levels: int) -> None:
    leaves, width = leaves_of(count), 1 << levels
    padded = leaves + [bytes(32)] * (-count % width)
    expected = b"".join(defined(padded[at : at + width]) for at in range(0, len(padded), width))
    assert merkle.layer(b"".join(leaves), levels) == expected


@given(st.integers(0, 300), st.integers(0, 6))
def test_the_root_over_a_layer_is_the_root_over_the_leaves(count: int, levels: int) -> None:
    """For files of more than one piece; below that BEP 52 has no layer, and the tree is lower than a piece."""
    leaves = b"".join(leaves_of(count + (1 << levels)))
    assert merkle.root(merkle.layer(leaves, levels), levels) == merkle.root(leaves)


@given(st.integers(1, 100), st.integers(0, 3), st.integers(0, 3))
def test_layers_may_be_climbed_in_steps(count: int, first: int, second: int) -> None:
    leaves = b"".join(leaves_of(count))
    assert merkle.layer(merkle.layer(leaves, first), second, first) == merkle.layer(leaves, first + second)


@pytest.mark.parametrize("ragged", [b"x", bytes(31), bytes(33)])
def test_ragged_hashes_are_refused(ragged: bytes) -> None:
    with pytest.raises(ValueError, match="whole number"):
        merkle.root(ragged)
    with pytest.raises(ValueError, match="whole number"):
        merkle.layer(ragged, 1)
