"""Columns: the kinds of columns that the catalogue's tables have.

Text that may come from outside, and what is looked up by it, has the type Name: names that are not valid Unicode, and
NUL, survive (formats/escape.py).
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Float, ForeignKey, Integer, Text, TypeDecorator

from sonoteca.formats.escape import format_text, parse_text


class Name(TypeDecorator[str]):
    """Text from outside: any Python string."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Into the database."""
        return None if value is None else format_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Out of it."""
        return None if value is None else parse_text(value)


def text(name: str, **more: Any) -> Column[str]:
    """Text that the archive itself makes."""
    return Column(name, Text, nullable=False, **more)


def name(name: str, **more: Any) -> Column[str]:
    """Text from outside."""
    return Column(name, Name, nullable=False, **more)


def whole(name: str, **more: Any) -> Column[int]:
    """A whole number."""
    return Column(name, BigInteger, nullable=False, **more)


def real(name: str) -> Column[float]:
    """A number."""
    return Column(name, Float, nullable=False)


def level(name: str) -> Column[Any]:
    """A number, or nothing where there is none."""
    return Column(name, Float, nullable=True)


def of_release() -> Column[str]:
    """The release that a row goes with."""
    return Column("release", Name, ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True, nullable=False)


def slot() -> tuple[Column[Any], ...]:
    """A place in a torrent, but for whose it is and its path."""
    named, told = ("release", "track", "file"), ("kind", "digest")
    return (*map(name, named), *map(text, told), whole("bytes"), whole("present"))


def key(name: str, kind: type[Name] | type[Integer] = Name) -> Column[Any]:
    """A part of the key."""
    return Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


def audio() -> tuple[Column[Any], ...]:
    """The columns of AudioFacts."""
    return (
        text("container"),
        text("codec"),
        real("duration_s"),
        whole("samples"),
        whole("sample_rate_hz"),
        whole("channels"),
        whole("bits"),
        whole("lossless"),
    )
