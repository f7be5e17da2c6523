"""Licence texts: whole licences are recognised in the words of those who wrote them, and texts that only mention one
are not taken for it."""

from pathlib import Path

import pytest

from sonoteca.rights.licence_classes import class_of
from sonoteca.rights.licence_table import ALL_RIGHTS_RESERVED, NONCOMMERCIAL_WORDS, OTHER_TERMS, LicenceClass
from sonoteca.rights.licence_texts import find_mentions
from sonoteca.rights.licences import Understood, understand_text
from tests.tools import PROJECT

TEXTS = PROJECT / "tests" / "vectors" / "licences"
# Texts that name a licence that is known beside terms of their own, or that are one nobody here reads.
OTHERS = {
    "Aladdin",
    "Artistic-2.0",
    "BUSL-1.1",
    "EUPL-1.2",
    "FSL-1.1-MIT",
    "GFDL-1.3-only",
    "JSON",
    "NCGL-UK-2.0",
    "OGL-UK-3.0",
    "PolyForm-Noncommercial-1.0.0",
}
KNOWN = sorted(file.stem for file in TEXTS.glob("*.txt") if file.stem not in OTHERS)


def text_of(name: str) -> str:
    return (TEXTS / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", KNOWN)
def test_a_whole_licence_is_recognised(name: str) -> None:
    assert understand_text(text_of(name)).licence == name


@pytest.mark.parametrize("name", KNOWN)
def test_as_a_comment_it_is_the_same_licence(name: str) -> None:
    commented = "/*\n" + "\n".join(f" * {line}" for line in text_of(name).splitlines()) + "\n */\n"
    assert understand_text(commented).licence == name


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_other_terms_are_seen(name: str) -> None:
    said = understand_text(text_of(name))
    assert said.licence == ""
    assert OTHER_TERMS in said.names


@pytest.mark.parametrize("name", [name for name in KNOWN if name.startswith("CC-BY") and not name.endswith("4.0")])
def test_a_legal_code_without_its_heading_is_known_by_its_sentences(name: str) -> None:
    text = text_of(name)
    assert understand_text(text[text.index("THE WORK (AS DEFINED") :]).licence == name


def test_two_licences_in_one_text_are_named_and_neither_is_chosen() -> None:
    said = understand_text(text_of("CC-BY-SA-3.0") + "\n\nThe programs:\n\n" + text_of("BSD-3-Clause"))
    assert said.licence == ""
    assert set(said.names) == {"CC-BY-SA-3.0", "BSD-3-Clause"}


def test_the_gpl_of_this_project() -> None:
    assert understand_text((PROJECT / "LICENSE").read_text(encoding="utf-8")).licence == "GPL-3.0-only"


def test_a_notice_beside_the_text_says_whether_later_versions_count() -> None:
    notice = (
        "You can redistribute it and/or modify it under the terms of the GNU General Public License as published by "
    )
    notice += (
        "the Free Software Foundation; either version 2 of the License, or (at your option) any later version.\n\n"
    )
    assert understand_text(notice + text_of("GPL-2.0-only")).licence == "GPL-2.0-or-later"


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("SPDX-License-Identifier: CC-BY-4.0\n", "CC-BY-4.0"),
        ("/* SPDX-License-Identifier: MIT OR Apache-2.0 */\n", "MIT OR Apache-2.0"),
        ('<a rel="license" href="https://creativecommons.org/licenses/by-nc/3.0/de/">this</a>', "CC-BY-NC-3.0-DE"),
        ("Licensed under a Creative Commons Attribution-NonCommercial-ShareAlike 2.5 License.", "CC-BY-NC-SA-2.5"),
        ("Creative Commons Legal Code\n\nAttribution-NoDerivs 3.0 Unported\n", "CC-BY-ND-3.0"),
        ("It is under the terms of the GNU General Public License as published by the Free Software Foundation; "
         "version 2 dated June, 1991.", "GPL-2.0-only"),
        ("Copyright 2004. Distributed under the terms of the GNU General Public License version 2\nor at your option "
         "any later version.", "GPL-2.0-or-later"),
        ("It is licensed under the GPLv3.", "GPL-3.0-only"),
        ("Licensed under the Apache License, Version 2.0 (the thing)", "Apache-2.0"),
        ("CC0 1.0 Universal", "CC0-1.0"),
        ("All rights reserved.", ALL_RIGHTS_RESERVED),
        ("© 2009 Émile. Tous droits réservés.", ALL_RIGHTS_RESERVED),
        ("For non-commercial use only!", NONCOMMERCIAL_WORDS),
    ],
)  # fmt: skip
def test_what_notices_and_names_say(text: str, licence: str) -> None:
    assert understand_text(text).licence == licence


@pytest.mark.parametrize(
    "text",
    [
        "On Debian systems, the text of the GNU General Public License is in /usr/share/common-licenses/GPL-2.",
        "You should have received a copy of the GNU General Public License along with this program.",
        "Recorded in 1931 by somebody who liked commons, creatively.",
        "by John, cc by mail",
        "http://creativecommons.org.example.net/licenses/by/4.0/",
        "https://example.net/?to=https://creativecommons.org/licenses/by/4.0/",
        "",
    ],
)
def test_what_says_nothing(text: str) -> None:
    assert understand_text(text) == Understood()


@pytest.mark.parametrize(
    "text",
    [
        "This is not under CC BY 4.0.",
        "All tracks are CC BY 4.0 except the last.",
        "CC BY-SA 3.0 unless stated otherwise",
        "Nicht unter CC BY 4.0",
        "Under CC BY 4.0 until 2020, without the right to share",
    ],
)
def test_a_sentence_that_turns_or_limits_a_name_is_not_followed(text: str) -> None:
    said = understand_text(text)
    assert said.licence == ""
    assert OTHER_TERMS in said.names


def test_a_deed_says_nothing_that_its_licence_does_not() -> None:
    deed = "https://creativecommons.org/licenses/by-sa/4.0/\nYou are free to:\nShare — copy and redistribute.\n"
    deed += (
        "The licensor cannot revoke these freedoms. You may not apply legal terms that restrict others. For example, "
    )
    deed += "other rights such as publicity, privacy, or moral rights may limit how you use the material."
    assert understand_text(deed).licence == "CC-BY-SA-4.0"


def test_the_words_of_the_corpus(corpus: Path) -> None:
    """Copyright files as Debian's maintainers wrote them: the licences they name are those that a reader finds in
    them."""
    expected = {
        "asterisk-moh-opsound": {"CC-BY-SA-3.0", "GPL-2.0-or-later"},
        "fillets-ng": {"GPL-2.0-only", "BSD-3-Clause"},
        "singularity": {"CC-BY-SA-3.0", "GPL-2.0-or-later"},
        "tumiki-fighters": {"BSD-2-Clause", "LGPL-2.0-or-later", "GPL-1.0-or-later"},
    }
    for release, licences in expected.items():
        said = understand_text((corpus / release / "COPYRIGHT").read_text(encoding="utf-8"))
        assert {*said.names, said.licence} - {""} == licences


def test_every_mention_has_its_words() -> None:
    for mention in find_mentions(text_of("EUPL-1.2")):
        assert 0 < len(mention.phrase) <= 200
        assert class_of(mention.licence) is not LicenceClass.UNKNOWN
