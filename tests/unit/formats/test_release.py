"""release.json, source.json, measured/*.json: same value, same bytes, and back; nothing else is accepted."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import json
from sonoteca.formats.release import (
    Measured,
    format_measured,
    format_release,
    format_source,
    parse_measured,
    parse_release,
    parse_source,
)
from sonoteca.model.finding import finding
from sonoteca.model.media import ProbeReport, TagValue
from tests.unit.catalogue import making

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
NAME = st.binary(max_size=20).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@given(TEXT, NAME)
def test_a_release_comes_back(text: str, name: str) -> None:
    release = making.retitled(making.release(), text)
    release = replace(
        release, masters=(replace(release.masters[0], original=name), *release.masters[1:]), genres=(name,)
    )
    raw = format_release(release)
    assert parse_release(raw) == release
    assert format_release(parse_release(raw)) == raw


@given(NAME, st.integers(-(2**63), 2**63 - 1))
def test_a_source_comes_back(name: str, modified_ns: int) -> None:
    source = making.facts().source
    source = replace(source, files=(replace(source.files[0], original=name, modified_ns=modified_ns),), address=name)
    assert parse_source(format_source(source)) == source


@given(TEXT, NAME, st.floats(allow_nan=False, allow_infinity=False))
def test_a_measurement_comes_back(text: str, name: str, seconds: float) -> None:
    report = ProbeReport(
        audio=replace(making.audio(), duration_s=seconds),
        tags=(TagValue(key=name, text=text, origin="id3v1"),),
        understood=(("title", (text, name)),),
        findings=(finding("F004", where=name),),
        decoded_s=seconds,
    )
    measured = Measured(track=making.release().tracks[0].id, master="masters/a", report=report)
    assert parse_measured(format_measured(measured)) == measured


def test_it_says_what_it_is() -> None:
    assert json.parse_object(format_release(making.release()))["schema"] == "sonoteca/release/1"
    assert json.parse_object(format_source(making.facts().source))["schema"] == "sonoteca/source/1"


def broken() -> list[bytes]:
    good = json.parse_object(format_release(making.release()))
    return [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        format_source(making.facts().source),
        json.format({**good, "schema": "sonoteca/release/2"}),
        json.format({**good, "schema": None}),
        json.format({**good, "more": 1}),
        json.format({**good, "id": 5}),
        json.format({**good, "title": "text"}),
        json.format({**good, "title": {"hex": 1}}),
        json.format({**good, "tracks": {}}),
        json.format({**good, "tracks": [{**good["tracks"][0], "position": "1"}]}),
        json.format({**good, "tracks": [{**good["tracks"][0], "position": 1.5}]}),
        json.format({**good, "masters": [{**good["masters"][0], "role": "x"}]}),
        json.format({key: value for key, value in good.items() if key != "title"}),
    ]


@pytest.mark.parametrize("number", range(17))
def test_nothing_else_is_accepted(number: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_release(broken()[number])
