"""Debian copyright files: the stanza that names a file counts, and nothing is guessed where none does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.rights.dep5 import MAX_PARAGRAPHS, MAX_WILDCARDS, is_dep5, parse_dep5
from sonoteca.rights.licence_table import OTHER_TERMS

HEAD = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nSource: https://example.org\n\n"


def said(text: str, path: str) -> tuple[str, tuple[str, ...]] | None:
    covered = parse_dep5(HEAD + text).coverage(path)
    return None if covered is None else (covered.said.licence, covered.said.names)


@pytest.mark.parametrize(
    "release", ["alsa-speaker-test", "asc-music", "freedesktop-theme", "klettres", "sonic-pi-samples"]
)
def test_the_corpus_files_in_the_format_are_known(corpus: Path, release: str) -> None:
    text = (corpus / release / "COPYRIGHT").read_text(encoding="utf-8")
    assert is_dep5(text)
    assert parse_dep5(text).stanzas


@pytest.mark.parametrize(
    "text", ["", "Copyright 2004\n\nFormat: https://example.org/copyright-format/1.0\n", "Format: MP3\n"]
)
def test_other_texts_are_not(text: str) -> None:
    assert not is_dep5(text)


def test_a_stanza_that_names_the_file_counts() -> None:
    text = "Files: *\nLicense: MIT\n\n"
    text += "Files: stereo/a.oga stereo/b.oga\nCopyright: 2004 A <a@example.org>\n 2005 B\nLicense: CC-BY-3.0\n"
    assert said(text, "a.oga") == ("CC-BY-3.0", ())
    assert said(text, "stereo/b.oga") == ("CC-BY-3.0", ())
    assert said(text, "c.oga") == ("MIT", ())
    covered = parse_dep5(HEAD + text).coverage("a.oga")
    assert covered is not None
    assert covered.holders == ("2004 A <a@example.org>", "2005 B")


def test_the_same_name_in_another_folder_may_be_meant() -> None:
    text = "Files: other/a.oga\nLicense: CC0\n\nFiles: *\nLicense: MIT\n"
    assert said(text, "mine/a.oga") == ("", ("CC0-1.0", "MIT"))


def test_a_pattern_for_a_folder_we_have_counts_the_last_one_first() -> None:
    text = "Files: *\nLicense: MIT\n\nFiles: data/*\nLicense: CC-BY-SA-3.0\n\nFiles: data/voice/*\nLicense: CC0\n"
    assert said(text, "data/a.wv") == ("CC-BY-SA-3.0", ())
    assert said(text, "data/voice/a.wv") == ("CC0-1.0", ())


def test_patterns_for_folders_we_do_not_have_leave_it_open() -> None:
    text = "Files: *\nLicense: Zlib\n\nFiles: data/*\nLicense: CC-BY-SA-3.0\n\nFiles: src/*.c\nLicense: MIT\n"
    assert said(text, "a.wv") == ("", ("Zlib", "CC-BY-SA-3.0"))
    assert said("Files: *\nLicense: Zlib\n\nFiles: data/*\nLicense: Zlib\n", "a.wv") == ("Zlib", ())


def test_packaging_is_not_the_work_and_what_is_not_covered_is_not() -> None:
    assert said("Files: *\nLicense: CC0\n\nFiles: debian/*\nLicense: GPL-2+\n", "a.wv") == ("CC0-1.0", ())
    assert said("Files: b.wv\nLicense: CC0\n\nFiles: debian/*\nLicense: GPL-2+\n", "a.wv") is None


def test_a_name_of_its_own_is_what_its_text_says() -> None:
    text = "Files: *\nLicense: mine\n\n"
    text += "License: mine\n It is licensed under https://creativecommons.org/licenses/by/4.0/\n .\n Thanks.\n"
    assert said(text, "a.wv") == ("CC-BY-4.0", ())
    text = "Files: *\nLicense: mine\n You may distribute it, provided that the following conditions are met.\n"
    assert said(text, "a.wv") == ("", (OTHER_TERMS,))
    assert said("Files: *\nLicense: mine\n", "a.wv") == ("", ())


def test_expressions() -> None:
    assert said("Files: *\nLicense: GPL-2+ or Artistic\n", "a.wv") == ("GPL-2.0-or-later OR Artistic-1.0", ())


def test_more_than_anybody_writes_is_refused() -> None:
    with pytest.raises(ValueError, match="paragraphs"):
        parse_dep5("Files: a\n\n" * (MAX_PARAGRAPHS + 1))
    with pytest.raises(ValueError, match="wildcards"):
        parse_dep5(HEAD + "Files: " + " ".join(f"{n}/*" for n in range(MAX_WILDCARDS + 1)) + "\nLicense: MIT\n")


@given(st.text(alphabet="Files: License*?/ab.\n\t CM0IT", max_size=200), st.sampled_from(["a", "a/b", "b.a"]))
def test_any_text_has_an_answer(text: str, path: str) -> None:
    parse_dep5(HEAD + text).coverage(path)
