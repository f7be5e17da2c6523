"""Text of others: what misleads is replaced, what people write stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.web.text import MAX_TEXT, line, shown, xml

BAD = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "text",
    [
        "Zwölf Schwalben",
        "夜の電車",
        "שלום",
        "مقام البيات",
        "नमस्ते",
        "👩‍👩‍👧‍👦",
        "می‌خواهم",  # a zero-width non-joiner, which Persian needs
        "a\nb\tc",
        "Ångström e\u0301",
        "สวัสดี",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b", f"a{BAD}b"),
        ("\x1b[31mred", f"{BAD}[31mred"),
        ("Song\u202egpj.exe", f"Song{BAD}gpj.exe"),
        ("a\u2066b\u2069", f"a{BAD}b{BAD}"),
        ("a\u200bb", f"a{BAD}b"),
        ("b\udce9", f"b{BAD}"),
        ("a\u2028b", f"a{BAD}b"),
        ("\ufeffa", f"{BAD}a"),
        ("z" + "\u0336" * 50, "z" + "\u0336" * 3),
    ],
)
def test_what_misleads_is_replaced(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_one_line() -> None:
    assert line(" a\r\nb\t c ") == f"a{BAD} b c"
    assert line("x" * 500) == "x" * 399 + "…"


def test_for_pictures() -> None:
    assert xml('<a href="x">&\'') == "&lt;a href=&quot;x&quot;&gt;&amp;&#x27;"


@given(st.text(alphabet=st.characters(), max_size=200))
def test_whatever_comes(text: str) -> None:
    """It is valid Unicode that no terminal, page or file name is turned by; and cleaning it again changes nothing."""
    found = shown(text)
    found.encode()
    assert shown(found) == found
    assert len(found) <= MAX_TEXT
    assert not set(found) & set("\x00\x1b\u202e\u2066\ufeff")
