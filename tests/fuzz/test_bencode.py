"""Invariant: any bytes give a value that is formatted to the same bytes, or Malformed with a place; nothing else."""

from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.formats import bencode
from sonoteca.model.malformed import Malformed

WORDS = st.sampled_from(
    [
        b"i0e",
        b"i-1e",
        b"i1",
        b"e",
        b"e",
        b"e",
        b"d",
        b"l",
        b"0:",
        b"1:a",
        b"1:b",
        b"2:ab",
        b"4:info",
        b"9:x",
        b"i00e",
        b":",
    ]
)
ALMOST = st.lists(WORDS, max_size=40).map(b"".join)
NESTED = st.builds(
    lambda depth, inner, missing: b"l" * depth + inner + b"e" * (depth - missing),
    st.integers(0, 120),
    ALMOST,
    st.integers(0, 1),
)


@given(st.one_of(st.binary(max_size=200), ALMOST, NESTED, ALMOST.map(lambda raw: b"d" + raw + b"e")))
@example(b"d4:infod4:infoi1eee")
@example(b"i" + b"1" * 100_000 + b"e")
def test_any_bytes(raw: bytes) -> None:
    try:
        value = bencode.parse(raw)
    except Malformed as error:
        assert str(error).startswith("at byte ")
        return
    assert bencode.format(value) == raw
    assert bencode.parse(raw, max_tokens=bencode.tokens(value)) == value
    part_of(raw, value)


def part_of(raw: bytes, value: bencode.Value) -> None:
    if isinstance(value, dict) and b"info" in value:
        assert bencode.parse_with_raw(raw, b"info") == (value, bencode.format(value[b"info"]))
