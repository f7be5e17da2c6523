"""Frozen dataclasses to plain JSON values and back, by their type hints: one codec for every noun of the model.

Takes  a dataclass instance, or a plain value and the class it should be.
Gives  dicts and lists for formats/json.py; or the instance; ValueError says which field is wrong.
Never  guesses: unknown and missing keys are errors, unless the field has a default.

Fields equal to their default are left out, so a new field with a default changes no old bytes. Text that is not valid
Unicode (names from outside, decoded with surrogateescape) becomes {"hex": …} and comes back the same. A whole number
that a JSON number cannot carry exactly (over 2**53: nanoseconds) becomes its decimal digits as text.
"""

import dataclasses
import functools
import re
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
EXACT = 2**53 - 1  # RFC 8785 §3.2.2.3: numbers are IEEE 754 doubles
DIGITS = re.compile(r"-?[1-9][0-9]{15,39}")


def to_plain(value: object) -> Any:
    """Plain JSON value of a dataclass, tuple, enum, mapping or scalar."""
    if type(value) is str and value.isascii():
        return value  # most of what there is
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | int | float):
        return value if type(value) is not int or abs(value) <= EXACT else str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    return _object(value)


def _object(value: object) -> dict[str, Any]:
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise ValueError(f"no plain form for {type(value).__name__}")
    found = {}
    for name, default in _defaults(type(value)):
        item = getattr(value, name)
        if default is dataclasses.MISSING or item != default:
            found[name] = to_plain(item)
    return found


@functools.cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in dataclasses.fields(kind))


def _text(text: str) -> Any:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return {"hex": text.encode("utf-8", "surrogateescape").hex()}
    return str(text)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@functools.cache
def _texts(kind: type) -> frozenset[str]:
    """The fields that are text and nothing else."""
    return frozenset(name for name, hint in _hints(kind).items() if getattr(hint, "__supertype__", hint) is str)


def from_plain(kind: type[T], value: Any, where: str = "") -> T:
    """The instance of `kind` that the plain value describes."""
    return cast(T, _read(kind, value, where or kind.__name__))


def _read(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, NewType):
        kind = kind.__supertype__
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_optional(kind, value, where)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, where)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _read_object(kind, value, where)
    return _read_scalar(kind, value, where)


def _read_optional(kind: Any, value: Any, where: str) -> Any:
    parts = get_args(kind)
    if value is None and type(None) in parts:
        return None
    return _read(next(part for part in parts if part is not type(None)), value, where)


def _read_tuple(parts: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{where}: a list was expected")
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_read(parts[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if len(parts) != len(value):
        raise ValueError(f"{where}: {len(parts)} items were expected")
    return tuple(
        _read(part, item, f"{where}[{index}]") for index, (part, item) in enumerate(zip(parts, value, strict=True))
    )


def _read_object(kind: type, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: an object was expected")
    hints, texts = _hints(kind), _texts(kind)
    unknown = sorted(set(value) - set(hints))
    if unknown:
        raise ValueError(f"{where}: unknown field {unknown[0]!r}")
    fields = {
        key: item if type(item) is str and key in texts else _read(hints[key], item, f"{where}.{key}")
        for key, item in value.items()
    }
    try:
        return kind(**fields)
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error


def _read_scalar(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _read_enum(kind, value, where)
    if kind is str:
        return _read_text(value, where)
    if kind is bytes and isinstance(value, str):
        return _read_hex(value, where)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, str):
        return _read_digits(value, where)
    if type(value) is not kind:
        raise ValueError(f"{where}: {getattr(kind, '__name__', kind)} was expected")
    return value


def _read_digits(text: str, where: str) -> int:
    if DIGITS.fullmatch(text) is None or abs(int(text)) <= EXACT:
        raise ValueError(f"{where}: a whole number was expected")
    return int(text)


def _read_text(value: Any, where: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and set(value) == {"hex"} and isinstance(value["hex"], str):
        text = _read_hex(value["hex"], where).decode("utf-8", "surrogateescape")
        if _text(text) == value:
            return text
    raise ValueError(f"{where}: text was expected")


def _read_hex(text: str, where: str) -> bytes:
    """Only the one form: lower case, no spaces."""
    try:
        raw = bytes.fromhex(text)
    except ValueError as error:
        raise ValueError(f"{where}: hexadecimal digits were expected") from error
    if raw.hex() != text:
        raise ValueError(f"{where}: lower-case hexadecimal digits were expected")
    return raw


def _read_enum(kind: type[Enum], value: Any, where: str) -> Enum:
    try:
        return kind(value)
    except ValueError as error:
        raise ValueError(f"{where}: one of {', '.join(str(one.value) for one in kind)} was expected") from error
