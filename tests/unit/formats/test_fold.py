"""Fold: words that mean the same are the same, and nothing but words comes out. Oracles: the Unicode database, and what
SQLite's own tokenizer does with the same accents."""

import sqlite3
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.fold import MAX_QUERY_WORDS, MAX_TEXT, MAX_WORD, Term, fold, index_words, query_terms

ANY = st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("  The  QUICK\tbrown\nfox ", "the quick brown fox"),
        ("Łódź Ærøskøbing Straße Þórr đ ħ ŋ", "lodz aeroskobing strasse thorr d h ng"),
        ("Dvořák, Antonín", "dvorak antonin"),
        ("ﬁancé Ⅷ №5 ²", "fiance viii no5 2"),
        ("İstanbul ISPARTA ısı", "istanbul isparta isi"),
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ"),
        ("Ёлка йод", "елка иод"),
        ("السَّلامُ عـليكم", "السلام عليكم"),
        ("שָׁלוֹם", "שלום"),
        ("a\u200bb\u202ec\ufeff", "abc"),
        ("a\0b\x1b[31m", "a b 31m"),
        ("★ ❤️ C♯", "★ ❤ c ♯"),
        ("🎵🎶", "🎵 🎶"),
        ("snake_case", "snake case"),
        ("½", "1 2"),
        ("a\udce9\ud800b", "a b"),
    ],
)
def test_text_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(ANY)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY)
def test_normal_forms_and_case_do_not_matter(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(text.casefold()) == fold(text)


@given(ANY)
def test_only_letters_digits_and_signs_come_out(text: str) -> None:
    for word in index_words(text):
        assert 0 < len(word) <= MAX_WORD
        assert all(
            unicodedata.category(one)[0] in "LN" or unicodedata.category(one) in ("Mc", "So") or one in "♯∞"
            for one in word
        )
        assert word.encode()


@given(ANY)
def test_a_text_is_found_by_itself(text: str) -> None:
    words = index_words(text)
    for term in query_terms(text):
        assert any(word.startswith(term.word) if term.is_prefix else word == term.word for word in words)


@given(st.text(alphabet=[chr(code) for code in range(0xC0, 0x17F) if chr(code) not in "×÷"], min_size=1, max_size=10))
def test_latin_agrees_with_sqlite(text: str) -> None:
    """unicode61 drops the accents of Latin letters by a table of its own; letters that have none are not compared."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='unicode61 remove_diacritics 2')")
    connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'row')")
    decomposed = "".join(one for one in text if unicodedata.normalize("NFKD", one.casefold())[0].isascii())
    connection.execute("INSERT INTO t VALUES (?)", (decomposed,))
    theirs = [row[0] for row in connection.execute("SELECT term FROM v")]
    connection.close()
    plain = [word for word in theirs if word.isascii()]
    assert plain == [word for word in [fold(decomposed)] if word and theirs == plain]


def test_scripts_without_spaces_are_found_by_any_part() -> None:
    assert index_words("東京都") == ["東", "京", "都", "東京", "京都"]
    assert query_terms("東京都") == [Term("東京"), Term("京都")]
    assert query_terms("東") == [Term("東")]
    assert index_words("ｶﾞﾝﾀﾞﾑ") == index_words("ガンダム")


def test_joined_forms_are_indexed_too() -> None:
    assert index_words("AC/DC") == ["ac", "dc", "acdc"]
    assert index_words("a-b-c-d-e-f") == list("abcdef")
    assert query_terms("AC/DC ") == [Term("ac"), Term("dc")]


def test_the_last_word_is_a_beginning_until_a_space_follows() -> None:
    assert query_terms("blue tr") == [Term("blue"), Term("tr", is_prefix=True)]
    assert query_terms("blue tr ") == [Term("blue"), Term("tr")]
    assert query_terms("東京 tr 東") == [Term("東京"), Term("tr"), Term("東")]


def test_long_texts_are_cut() -> None:
    assert len(index_words("x " * MAX_TEXT)) <= MAX_TEXT
    assert index_words("x" * 1000) == ["x" * MAX_WORD]
    assert len(query_terms("word " * 1000)) == MAX_QUERY_WORDS
    assert query_terms("a " * 30 + "last")[-1] == Term("last", is_prefix=True)
    assert len(fold("ﷺ" * 100_000)) < 30 * MAX_TEXT
