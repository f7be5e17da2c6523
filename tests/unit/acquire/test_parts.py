"""What folder names say: discs, sides, formats, what lies beside the music; and that the documentation is right."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire.parts import Part, find_format, find_part, is_beside
from tests.tools import PROJECT

PARTS = """CD1=1|CD 2=2|cd03=3|Disc 1=1|Disc_2=2|Disk 4=4|LP1=1|Side A=A|Seite B=B|Face A=A|Lato 2=B|Disc One=1
    |CD II=2|LP1 Side B=1B|Tape 1, Side 2=1B|CD 1 - Live=1|Disc 1 of 2=1|disc1of2=1|A-side=A|DVD-A 1=1|[CD2]=2
    |Schallplatte 2=2|ディスク1=1
    |Diskette 1=|Vol. 1=|Part 2=|1=|Disco=|CD Single=|Face 2 Face=|Side Effects=|Side to Side=|Discovery=|cd1999=|CD=
    |LP=|Disc X-Ray=|A="""


@pytest.mark.parametrize("case", PARTS.replace("\n    ", "").split("|"))
def test_part(case: str) -> None:
    name, _, said = case.partition("=")
    digits = "".join(filter(str.isdigit, said))
    expected = Part(disc=int(digits or 0), side=said.removeprefix(digits)) if said else None
    assert find_part(name) == expected


def test_a_part_may_repeat_the_name_above() -> None:
    assert find_part("The Wall CD1", "The Wall") == Part(disc=1)
    assert find_part("Pink Floyd - The Wall (Disc 2)", "Pink Floyd - The Wall [FLAC]") == Part(disc=2)
    assert find_part("The Wall CD1", "Pink Floyd") is None


def test_format() -> None:
    flac, everything = find_format("FLAC"), find_format("24bit")
    assert flac == {"flac"}
    assert everything is not None and everything > {"flac", "mp3"}
    assert find_format("FLAC 24-96") == find_format("24-bit FLAC") == find_format("flac16") == flac
    assert find_format("mp3 (320 kbps)") == {"mp3"}
    assert find_format("FLAC & MP3") == {"flac", "mp3"}
    for name in ("formats", "New Wave", "24 96", "320", "CD", "Original", "Audio", ""):
        assert find_format(name) is None


def test_beside() -> None:
    for name in (
        "Scans",
        "scan",
        "Artwork",
        "Covers",
        "Booklet",
        "docs",
        "logs",
        "extras",
        "Bonus CD",
        "Hi-Res Scans",
        "Сканы",
    ):
        assert is_beside(name)
    for name in ("Cover Versions", "Art of Noise", "The", "Documents of Life", "600", ""):
        assert not is_beside(name)


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_name_is_read(name: str, parent: str) -> None:
    part = find_part(name, parent)
    assert part is None or (0 <= part.disc <= 99 and (part.disc or part.side) and part.side in "ABCDEFGH")
    assert find_format(name) is None or find_format(name)
    assert is_beside(name) in (True, False)


def examples(start: str) -> list[str]:
    """What stands in backticks in the paragraph of the documentation that starts so, up to its first semicolon."""
    text = (PROJECT / "docs/formats/folders.md").read_text(encoding="utf-8")
    paragraph = text[text.index(start) :].split("\n- ")[0].split(";")[0]
    return re.findall("`(.+?)`", paragraph)


def test_the_documentation_is_right() -> None:
    discs, sides = examples("- **Discs**"), examples("- **Sides**")
    assert len(discs) > 10 and len(sides) > 4
    assert [name for name in discs if not (part := find_part(name)) or not part.disc] == []
    assert [name for name in sides if not (part := find_part(name)) or not part.side] == []
    assert [name for name in examples("- Not discs")[:3] if find_part(name)] == []
    assert [name for name in examples("- **Formats**")[:6] if not find_format(name)] == []
