"""JSON, strict in and canonical out (RFC 8785), so that the same value has the same bytes and digest everywhere.

Takes  bytes from disk or from outside.   Gives  plain values (dict, list, str, int, float, bool, None) and back.
Never  accepts duplicate keys, NaN, bad UTF-8, lone surrogates, or nesting deeper than MAX_DEPTH.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import rfc8785

JsonValue = dict[str, Any] | list[Any] | str | int | float | bool | None
MAX_DEPTH = 100


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:80]!r} stands twice")
        found[key] = value
    return found


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _verify_depth(raw: bytes) -> None:
    # The parser recurses: a bomb of brackets must not reach it. Brackets inside strings are counted too, which errs on
    # the safe side.
    depth = deepest = 0
    for byte in raw:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise ValueError(f"nested {deepest} deep, at most {MAX_DEPTH}")


def parse(raw: bytes) -> JsonValue:
    """The value of one JSON text; ValueError says what is wrong. A byte order mark is accepted (people's editors)."""
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _verify_depth(raw)
    text = raw.decode("utf-8-sig")
    value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    return cast(JsonValue, value)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Like `parse`, for a text that must be an object."""
    value = parse(raw)
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    return value


def format(value: Mapping[str, Any] | Sequence[Any] | JsonValue) -> bytes:
    """The canonical bytes (RFC 8785). ValueError for what JSON cannot say (lone surrogates, integers over 2**53)."""
    try:
        return rfc8785.dumps(cast(Any, value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error
