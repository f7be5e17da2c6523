"""JSON, strict in and canonical out (RFC 8785), so that the same value has the same bytes and digest everywhere.

Takes  bytes from disk or from outside.   Gives  plain values (dict, list, str, int, float, bool, None) and back.
Never  accepts duplicate keys, NaN, infinity, bad UTF-8, lone surrogates, a number that a double cannot carry exactly as
       written in whole digits, or nesting deeper than MAX_DEPTH; or writes what it would not read.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import rfc8785

JsonValue = dict[str, Any] | list[Any] | str | int | float | bool | None
MAX_DEPTH = 100
EXACT = 2**53 - 1  # RFC 8785 §3.2.2.3: numbers are IEEE 754 doubles
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:80]!r} stands twice")
        found[key] = value
    return found


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is larger than any number here")
    return value


def _int(text: str) -> int | float:
    value = int(text)
    if abs(value) <= EXACT:
        return value
    # RFC 8785 writes doubles up to 1e21 without an exponent: digits that it would write are such a double again.
    double = _float(text)
    if rfc8785.dumps(double) != text.encode():
        raise ValueError(f"{text[:40]} has more digits than a number here can carry")
    return double


def _verify_depth(raw: bytes) -> None:
    # The parser recurses: a bomb of brackets must not reach it. Those in strings (somebody's title) are none: without
    # what is escaped, every other part between quotes is a string. Records are read by the hundred thousand, and a
    # pattern for strings took longer than parsing them.
    bare = raw.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')
    depth = deepest = 0
    for byte in b"".join(bare[::2]).translate(None, _NO_BRACKETS):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    if deepest > MAX_DEPTH:
        raise ValueError(f"nested {deepest} deep, at most {MAX_DEPTH}")


def parse(raw: bytes) -> JsonValue:
    """The value of one JSON text; ValueError says what is wrong. A byte order mark is accepted (people's editors)."""
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _verify_depth(raw)
    text = raw.decode("utf-8-sig")
    hooks: dict[str, Any] = {"parse_constant": _no_constant, "parse_float": _float, "parse_int": _int}
    value = json.loads(text, object_pairs_hook=_no_duplicates, **hooks)
    if _SURROGATE.search(raw):
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # UnicodeEncodeError is a ValueError
    return cast(JsonValue, value)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Like `parse`, for a text that must be an object."""
    value = parse(raw)
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    return value


def _is_simple(value: object) -> bool:
    """Whether Python writes all of this as RFC 8785 does: keys in ASCII (§3.2.3 sorts them by UTF-16), numbers that
    need neither an exponent nor a point (§3.2.2.3), text that is text; and nothing of it is nested too deep."""
    level, depth = [value], 0
    while level:
        inner: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                found = cast(dict[Any, Any], item)
                if set(map(type, found)) - {str} or not "".join(found).isascii():
                    return False
                inner += found.values()
            elif kind is list or kind is tuple:
                inner += cast(list[Any], item)
            elif kind is not str and not _is_simple_scalar(item):
                return False
        level, depth = inner, depth + 1
    return depth <= MAX_DEPTH


def _is_simple_scalar(item: object) -> bool:
    if item is None or item is True or item is False:
        return True
    if type(item) is int:
        return -EXACT <= item <= EXACT
    # Between these Python's shortest digits stand as ECMAScript writes them; whole ones would end in ".0".
    return type(item) is float and 1e-4 <= abs(item) < 1e15 and not item.is_integer()


def format(value: Mapping[str, Any] | Sequence[Any] | JsonValue) -> bytes:
    """The canonical bytes (RFC 8785). ValueError for what JSON cannot say (lone surrogates, integers over 2**53)."""
    if _is_simple(value):
        # The interpreter's encoder is many times as fast; where it could write other bytes, the slow one does it.
        return _encode(value).encode("utf-8")
    try:
        raw = rfc8785.dumps(cast(Any, value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error
    except RecursionError as error:
        raise ValueError(f"nested more than {MAX_DEPTH} deep") from error
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _verify_depth(raw)
    return raw
