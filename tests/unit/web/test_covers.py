"""Drawn covers: the same for ever for the same release, all of them pictures, small, with nothing of others in them."""

import hashlib
import uuid
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.web.covers import FAMILIES, PALETTES, draw

SVG = "{http://www.w3.org/2000/svg}"
# Whoever changes a drawing changes the face of releases that people know.
EXPECTED = "af7107b68679428be24f7a60adc922d9682b46b6f898803a0facbe689a7d162a"


def ids(count: int) -> list[str]:
    """Release ids, spread."""
    return [f"urn:uuid:{uuid.UUID(bytes=hashlib.sha256(str(one).encode()).digest()[:16])}" for one in range(count)]


def test_the_same_for_ever() -> None:
    """The digest of the first two dozen together."""
    drawn = "".join(draw(one, "One Long Evening", "Slow Harbour") for one in ids(24))
    assert hashlib.sha256(drawn.encode()).hexdigest() == EXPECTED


def test_all_families_and_palettes_are_used() -> None:
    drawn = [draw(one, "A", "") for one in ids(400)]
    assert len({one.split('height="600" fill="')[1][:7] for one in drawn}) == len(PALETTES)
    assert len(FAMILIES) == 6
    assert len(set(drawn)) > 380


@pytest.mark.parametrize("release", ids(24))
def test_nothing_that_a_policy_forbids(release: str) -> None:
    root = ElementTree.fromstring(draw(release, "A title", "Somebody"))
    assert root.get("viewBox") == "0 0 600 600"
    for one in root.iter():
        assert one.tag.removeprefix(SVG) in {"svg", "rect", "circle", "path", "g", "text", "tspan", "clipPath"}
        assert not {"style", "href", "class"} & set(one.attrib)
        assert not [name for name in one.attrib if name.startswith("on")]
    assert len(draw(release, "A title", "Somebody")) < 12_000


@given(st.text(max_size=500), st.text(max_size=100))
def test_any_title(title: str, artist: str) -> None:
    drawn = draw(ids(1)[0], title, artist)
    ElementTree.fromstring(drawn)
    assert drawn.count("<tspan") <= 4


def test_long_titles_keep_to_the_picture() -> None:
    """At most four lines, each of at most as many letters as fit."""
    drawn = draw(ids(1)[0], "Supercalifragilistic " * 20, "Somebody")
    lines = [one.text or "" for one in ElementTree.fromstring(drawn).iter(f"{SVG}tspan")]
    assert len(lines) == 4
    assert max(map(len, lines)) <= 41
