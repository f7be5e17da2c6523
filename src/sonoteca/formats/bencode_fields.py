"""Fields: what a bencoded value holds is of the kind that was asked for, or Malformed names it.

Takes  values as `bencode.parse` gives them, and the words for a field.   Gives  the field, of one kind.
"""

from collections.abc import Mapping
from typing import TypeAlias

from sonoteca.formats.bencode import Value
from sonoteca.model.malformed import Malformed

Dict: TypeAlias = Mapping[bytes, Value]


def dict_of(value: Value, what: str) -> dict[bytes, Value]:
    """A dict, or Malformed."""
    if not isinstance(value, dict):
        raise Malformed("B110", f"{what} is not a dict")
    return value


def list_of(value: Value | None, what: str) -> list[Value]:
    """A list that is not empty, or Malformed."""
    if not isinstance(value, list) or not value:
        raise Malformed("B110", f"{what} is not a list, or an empty one")
    return value


def text_of(values: Dict, key: bytes) -> bytes:
    """The text of a key, or Malformed."""
    value = values.get(key)
    if not isinstance(value, bytes):
        raise Malformed("B110", f"{key.decode('utf-8', 'backslashreplace')[:40]} is not a text")
    return value


def number_of(values: Dict, key: bytes, most: int) -> int:
    """The number of a key, from 0 to `most`, or Malformed."""
    value = values.get(key)
    if not isinstance(value, int) or not 0 <= value <= most:
        raise Malformed("B110", f"{key.decode()} is not a number from 0 to {most}")
    return value
