"""Nouns to plain values and back: every noun of the model, every byte of a name, and nothing guessed."""

import dataclasses
import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sonoteca.model
from sonoteca.formats import json, plain
from sonoteca.model.finding import Finding, Severity
from sonoteca.model.ids import Digest


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    count: int
    ratio: float
    raw: bytes
    colour: Colour
    digest: Digest
    pair: tuple[str, int]
    many: tuple[Inner, ...]
    maybe: Inner | None = None
    flag: bool = False


def nouns() -> list[type]:
    """Every dataclass of the model."""
    found = []
    for module in pkgutil.iter_modules(sonoteca.model.__path__, "sonoteca.model."):
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        found += [kind for _, kind in members if dataclasses.is_dataclass(kind) and kind.__module__ == module.name]
    return found


def bytes_name(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


NAMES = st.text(st.characters(codec="utf-8")) | st.binary(max_size=12).map(bytes_name)
INNER = st.builds(Inner, text=NAMES, number=st.integers(-(10**30), 10**30))
OUTER = st.builds(
    Outer,
    name=NAMES,
    count=st.integers(-(2**70), 2**70),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    raw=st.binary(max_size=20),
    colour=st.sampled_from(Colour),
    digest=st.just(Digest("0" * 64)),
    pair=st.tuples(NAMES, st.integers(-5, 5)),
    many=st.lists(INNER, max_size=3).map(tuple),
    maybe=st.none() | INNER,
    flag=st.booleans(),
)


def through_bytes(value: Any) -> Any:
    return json.parse(json.format(plain.to_plain(value)))


@given(OUTER)
def test_what_goes_out_comes_back(value: Outer) -> None:
    assert plain.from_plain(Outer, through_bytes(value)) == value


@pytest.mark.parametrize("kind", nouns(), ids=lambda kind: kind.__name__)
def test_every_noun_of_the_model_comes_back(kind: type) -> None:
    @settings(max_examples=20)
    @given(st.data())
    def comes_back(draw: st.DataObject) -> None:
        value = draw.draw(strategy_of(kind))
        assert plain.from_plain(kind, through_bytes(value)) == value

    comes_back()


def strategy_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of any type that a noun may hold: text of any bytes, numbers that are finite."""
    if kind is str or getattr(kind, "__supertype__", None) is str:
        return NAMES
    if kind is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: strategy_of(hints[field.name]) for field in dataclasses.fields(kind)})
    inner = getattr(kind, "__args__", ())
    if getattr(kind, "__origin__", None) is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return st.lists(strategy_of(inner[0]), max_size=2).map(tuple)
    if getattr(kind, "__origin__", None) is tuple:
        return st.tuples(*map(strategy_of, inner))
    if type(None) in inner:
        return st.none() | st.one_of([strategy_of(one) for one in inner if one is not type(None)])
    return st.from_type(kind)


def test_fields_equal_to_their_default_are_left_out() -> None:
    found = plain.to_plain(Finding(code="F001", severity=Severity.REFUSE))
    assert found == {"code": "F001", "severity": "refuse"}
    assert plain.from_plain(Finding, found) == Finding(code="F001", severity=Severity.REFUSE)


RIGHT: dict[str, Any] = {
    "name": "a",
    "count": 1,
    "ratio": 0.5,
    "raw": "00ff",
    "colour": "red",
    "digest": "d",
    "pair": ["a", 1],
    "many": [{"text": "x"}],
}


def test_a_right_value_is_read() -> None:
    assert plain.from_plain(Outer, RIGHT).many == (Inner(text="x"),)
    assert plain.from_plain(Outer, RIGHT | {"ratio": 1}).ratio == 1.0
    assert isinstance(plain.from_plain(Outer, RIGHT | {"ratio": 1}).ratio, float)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": 1}, "Outer.name"),
        ({"name": None}, "Outer.name"),
        ({"name": {"hex": "ff", "x": 1}}, "Outer.name"),
        ({"name": {"hex": 5}}, "Outer.name"),
        ({"name": {"hex": "zz"}}, "Outer.name"),
        ({"name": {"hex": "FF"}}, "Outer.name"),
        ({"name": {"hex": " ff"}}, "Outer.name"),
        ({"name": {"hex": "61"}}, "Outer.name"),  # this name is text: it has another form
        ({"count": True}, "Outer.count"),
        ({"count": 1.0}, "Outer.count"),
        ({"count": "1"}, "Outer.count"),
        ({"count": "09007199254740993"}, "Outer.count"),
        ({"count": "9007199254740991"}, "Outer.count"),
        ({"ratio": True}, "Outer.ratio"),
        ({"ratio": "1"}, "Outer.ratio"),
        ({"raw": "0"}, "Outer.raw"),
        ({"raw": "FF"}, "Outer.raw"),
        ({"raw": "00 ff"}, "Outer.raw"),
        ({"raw": 5}, "Outer.raw"),
        ({"colour": "green"}, "Outer.colour"),
        ({"colour": []}, "Outer.colour"),
        ({"pair": ["a"]}, "Outer.pair"),
        ({"pair": ["a", 1, 2]}, "Outer.pair"),
        ({"pair": "a1"}, "Outer.pair"),
        ({"many": {"0": {}}}, "Outer.many"),
        ({"many": [{"text": "x", "more": 1}]}, r"Outer.many\[0\]"),
        ({"many": [{}]}, r"Outer.many\[0\]"),
        ({"maybe": 1}, "Outer.maybe"),
        ({"flag": 1}, "Outer.flag"),
        ({"flag": None}, "Outer.flag"),
        ({"other": 1}, "other"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_with_its_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(ValueError, match=where):
        plain.from_plain(Outer, RIGHT | change)


@pytest.mark.parametrize("missing", sorted(RIGHT))
def test_what_is_missing_is_not_made_up(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        plain.from_plain(Outer, {key: value for key, value in RIGHT.items() if key != missing})


@pytest.mark.parametrize("value", [None, [], 1, "x"])
def test_an_object_is_demanded(value: Any) -> None:
    with pytest.raises(ValueError, match="Outer"):
        plain.from_plain(Outer, value)


@pytest.mark.parametrize("value", [object(), {1, 2}, Outer, 1j])
def test_what_has_no_plain_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="no plain form"):
        plain.to_plain(value)


def test_a_lone_surrogate_that_is_no_byte_has_no_plain_form() -> None:
    with pytest.raises(ValueError):
        plain.to_plain("\ud800")


def test_a_number_over_2_to_the_53_is_told_by_its_digits() -> None:
    at_ns = 1_764_000_000_123_456_789
    assert plain.to_plain(Inner(text="", number=at_ns)) == {"text": "", "number": "1764000000123456789"}
    assert plain.from_plain(Inner, {"text": "", "number": str(at_ns)}).number == at_ns
