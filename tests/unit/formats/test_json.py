"""JSON: what goes out comes back and has one form (RFC 8785's own examples); what is hostile does not come in."""

import json as interpreters_json
import math
import struct
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import json

TEXTS = st.text(st.characters(codec="utf-8"))
NUMBERS = st.integers(-json.EXACT, json.EXACT) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_goes_out_comes_back(value: Any) -> None:
    raw = json.format(value)
    assert json.parse(raw) == value
    assert json.format(json.parse(raw)) == raw


@given(st.binary(max_size=60) | st.text('[]{}",:0123456789.eE+-\\utrnals \n', max_size=60).map(str.encode))
def test_any_bytes_give_a_value_or_a_value_error(raw: bytes) -> None:
    try:
        value = json.parse(raw)
    except ValueError:
        return
    assert json.parse(json.format(value)) == value


SIMPLE = st.text("az09_", max_size=4)
LIKELY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(-(2**53), 2**53) | st.floats(1e-6, 1e17) | TEXTS | st.text('\x00\x1f\x7f"\\/\u2028\ue000'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SIMPLE, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES | LIKELY)
def test_the_bytes_are_those_of_the_reference(value: Any) -> None:
    """Most values are written by a faster encoder: never with other bytes than rfc8785 gives."""
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        with pytest.raises(ValueError):
            json.format(value)
    else:
        assert json.format(value) == expected


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_example_of_rfc_8785() -> None:
    """§3.2.2 and §3.2.3: numbers as ECMAScript writes them, literals, strings, keys in order of UTF-16 units."""
    source = rb"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    assert json.format(json.parse(source)) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_in_the_order_of_rfc_8785() -> None:
    """§3.2.3: UTF-16 units, so a key outside the basic plane comes before U+FB33."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    found = json.parse_object(json.format(dict.fromkeys(keys, 0)))
    assert list(found) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


# RFC 8785 appendix B: the bits of a double, and its text.
DOUBLES = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), DOUBLES.items())
def test_doubles_have_the_shortest_digits_and_come_back(bits: str, text: str) -> None:
    value = struct.unpack(">d", bytes.fromhex(bits))[0]
    assert json.format(value) == text.encode()
    assert json.parse(text.encode()) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, "\ud800", {"\udc80": 1}, [b"x"]], ids=repr)
def test_what_json_cannot_say_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError):
        json.format(value)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_nothing_is_written_that_would_not_be_read() -> None:
    assert json.parse(json.format(nested(json.MAX_DEPTH))) == nested(json.MAX_DEPTH)
    for depth in (json.MAX_DEPTH + 1, 100_000):
        with pytest.raises(ValueError, match="nested"):
            json.format(nested(depth))


# ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"[1,]",
        b"{a:1}",
        b"'a'",
        b"[1] x",
        b"01",
        b".5",
        b"+1",
        b'{"a":1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-1e999",
        b"9007199254740993",
        b"123456789012345678901234567890",
        b"1" * 5000,
        b"1" * 100_000,
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"\\udfff":1}',
        b'["a",{"b":"\\uD83D"}]',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf\xef\xbb\xbf1",
        "1".encode("utf-16"),
        b'"\n"',
        b'"\\x"',
        b'"a',
        b"[" * 101 + b"]" * 101,
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b'"' + b"[" * 101,
        (b'"\\' * 50_000) + b"[" * 200,
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_hostile_texts_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        json.parse(raw)


@given(st.lists(st.text('[]{}"\\\\a'), min_size=1, max_size=8), st.integers(json.MAX_DEPTH - 1, json.MAX_DEPTH + 1))
def test_nothing_in_a_string_hides_or_makes_a_level(titles: list[str], depth: int) -> None:
    """Around, beside and within: what the interpreter's own encoder wrote has the depth that it has."""
    value: Any = titles
    for number in range(depth - 1):
        value = {titles[number % len(titles)]: value} if number % 2 else [titles[number % len(titles)], value]
    raw = interpreters_json.dumps(value).encode()
    if depth <= json.MAX_DEPTH:
        assert json.parse(raw) == value
    else:
        with pytest.raises(ValueError, match=f"nested {depth} deep"):
            json.parse(raw)


def test_brackets_in_somebodys_title_are_no_nesting() -> None:
    for title in ("[" * 5000, '\\"[' * 200, '"{' * 200 + "\\"):
        assert json.parse(json.format({"title": [title], title: "x"})) == {"title": [title], title: "x"}


def test_deep_is_allowed_to_the_limit() -> None:
    assert json.parse(b"[" * 100 + b"]" * 100) == nested(100)
    assert json.parse(b"[" + b"[]," * 5000 + b"1]")


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert json.parse(b'"\\ud83d\\ude00 \\\\ud800"') == "\U0001f600 \\ud800"


def test_a_byte_order_mark_is_what_peoples_editors_do() -> None:
    assert json.parse(b"\xef\xbb\xbf{}") == {}


def test_an_object_is_demanded_where_one_is_needed() -> None:
    assert json.parse_object(b'{"a":1}') == {"a": 1}
    for raw in (b"[]", b"1", b"null", b'"a"'):
        with pytest.raises(ValueError, match="object"):
            json.parse_object(raw)
