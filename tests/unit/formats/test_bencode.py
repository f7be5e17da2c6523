"""Bencode: the examples of BEP 3, every form that is not canonical, limits; and round trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import bencode

VALUES = st.recursive(
    st.one_of(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.binary(max_size=6), inner, max_size=5)),
    max_leaves=30,
)

# BEP 3, section "bencoding".
OF_BEP_3 = [
    (b"4:spam", b"spam"),
    (b"i3e", 3),
    (b"i-3e", -3),
    (b"i0e", 0),
    (b"l4:spam4:eggse", [b"spam", b"eggs"]),
    (b"d3:cow3:moo4:spam4:eggse", {b"cow": b"moo", b"spam": b"eggs"}),
    (b"d4:spaml1:a1:bee", {b"spam": [b"a", b"b"]}),
    (b"0:", b""),
    (b"le", []),
    (b"de", {}),
]

WRONG = [
    (b"", "at byte 0: ends too early"),
    (b"i-0e", "at byte 0: not a whole number"),
    (b"i03e", "at byte 0: not a whole number"),
    (b"i-03e", "at byte 0: not a whole number"),
    (b"ie", "at byte 0: not a whole number"),
    (b"i-e", "at byte 0: not a whole number"),
    (b"i+1e", "at byte 0: not a whole number"),
    (b"i 1e", "at byte 0: not a whole number"),
    (b"i1_0e", "at byte 0: not a whole number"),
    ("i٣e".encode(), "at byte 0: not a whole number"),
    (b"i1", "at byte 0: not a whole number"),
    (b"i" + b"9" * 5_000 + b"e", "at byte 0: not a whole number"),
    (b"i9223372036854775808e", "at byte 0: a number beyond 64 bits"),
    (b"i-9223372036854775809e", "at byte 0: a number beyond 64 bits"),
    (b"04:spam", "at byte 0: no value begins here"),
    (b"00:", "at byte 0: no value begins here"),
    (b"-1:a", "at byte 0: no value begins here"),
    (b":a", "at byte 0: no value begins here"),
    (b"4spam", "at byte 0: no value begins here"),
    (b"e", "at byte 0: no value begins here"),
    (b"x", "at byte 0: no value begins here"),
    (b"99999999999:a", "at byte 0: no value begins here"),
    (b"5:spam", "at byte 0: a text of 5 bytes does not fit"),
    (b"9999999999:spam", "at byte 0: a text of 9999999999 bytes does not fit"),
    (b"4:spam4:eggs", "at byte 6: bytes after the end"),
    (b"dee", "at byte 2: bytes after the end"),
    (b"l4:spam", "at byte 7: ends too early"),
    (b"d3:cow", "at byte 6: ends too early"),
    (b"d3:cowe", "at byte 6: the key 'cow' has no value"),
    (b"di1e3:cowe", "at byte 1: no value begins here"),
    (b"dli1eei1ee", "at byte 1: no value begins here"),
    (b"d4:spam0:3:cow0:e", "at byte 9: the key 'cow' is out of order"),
    (b"d3:cow0:3:cow0:e", "at byte 8: the key 'cow' stands twice"),
    (b"d1:ad0:0:0:0:ee", "at byte 9: the key '' stands twice"),
    (b"l" * 101 + b"e" * 101, "at byte 100: nested more than 100 deep"),
]


@pytest.mark.parametrize(("raw", "value"), OF_BEP_3)
def test_examples_of_bep_3(raw: bytes, value: bencode.Value) -> None:
    assert bencode.parse(raw) == value
    assert bencode.format(value) == raw


@pytest.mark.parametrize(("raw", "said"), WRONG)
def test_what_is_not_canonical_is_refused_with_its_place(raw: bytes, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        bencode.parse(raw)
    assert str(caught.value).startswith(said)


@given(VALUES)
def test_round_trip(value: bencode.Value) -> None:
    raw = bencode.format(value)
    assert bencode.parse(raw) == value
    assert bencode.format(bencode.parse(raw)) == raw


def test_keys_are_put_in_order() -> None:
    assert bencode.format({b"b": 1, b"a": 2, b"": 3, b"\xff": 4}) == b"d0:i3e1:ai2e1:bi1e1:\xffi4ee"


@pytest.mark.parametrize(
    "value", [True, None, 1.0, "text", 2**63, -(2**63) - 1, (1,), {"a": 1}, [{1: b""}], bytearray()]
)
def test_what_bencode_cannot_say_is_not_written(value: object) -> None:
    with pytest.raises(ValueError):
        bencode.format(value)  # type: ignore[arg-type]


def test_depth() -> None:
    assert bencode.parse(b"l" * 100 + b"e" * 100)
    with pytest.raises(ValueError, match="more than 2 deep"):
        bencode.parse(b"llleee", max_depth=2)
    # Beyond any stack, refused without one.
    with pytest.raises(ValueError, match="deep"):
        bencode.parse(b"d1:a" * 1_000_000)
    assert bencode.parse(b"l" * 5_000 + b"e" * 5_000, max_depth=5_000)


@given(VALUES)
def test_tokens_are_counted_as_they_are_met(value: bencode.Value) -> None:
    raw, count = bencode.format(value), bencode.tokens(value)
    assert bencode.parse(raw, max_tokens=count) == value
    with pytest.raises(ValueError, match="more tokens"):
        bencode.parse(raw, max_tokens=count - 1)


# ── the bytes of a part ──────────────────────────────────────────────────────────────────────────────────────────────


@given(st.dictionaries(st.binary(max_size=3), VALUES, max_size=4), st.binary(max_size=3))
def test_the_raw_bytes_are_those_of_the_key(values: dict[bytes, bencode.Value], key: bytes) -> None:
    raw = bencode.format(values)
    if key not in values:
        with pytest.raises(ValueError, match="no key"):
            bencode.parse_with_raw(raw, key)
        return
    value, part = bencode.parse_with_raw(raw, key)
    assert value == values
    assert part == bencode.format(values[key])


def test_a_key_of_that_name_further_in_is_another() -> None:
    raw = b"d1:ad4:infoi1ee4:infol4:infoee"
    assert bencode.parse_with_raw(raw, b"info")[1] == b"l4:infoe"
    with pytest.raises(ValueError, match="no key 'info'"):
        bencode.parse_with_raw(b"d1:ad4:infoi1eee", b"info")
    with pytest.raises(ValueError, match="not a dict"):
        bencode.parse_with_raw(b"l4:info1:ae", b"info")


@given(st.dictionaries(st.binary(max_size=3), VALUES, max_size=4))
def test_joined_from_formatted_values(values: dict[bytes, bencode.Value]) -> None:
    formatted = {key: bencode.format(value) for key, value in values.items()}
    assert bencode.format_joined(formatted) == bencode.format(values)
