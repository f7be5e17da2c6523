"""Licences: what people write is understood as what it says, or not at all."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_license_index

from sonoteca.rights.licence_ids import CC_VERSIONS, spdx_ids
from sonoteca.rights.licence_table import (
    ALL_RIGHTS_RESERVED,
    FREE,
    NAMES,
    PUBLIC_DOMAIN,
    RIGHTS_STATEMENTS,
    LicenceClass,
)
from sonoteca.rights.licences import Understood, understand

ELEMENTS = {
    "by": LicenceClass.FREE,
    "by-sa": LicenceClass.FREE,
    "by-nc": LicenceClass.NC,
    "by-nc-sa": LicenceClass.NC,
    "by-nd": LicenceClass.ND,
    "by-nc-nd": LicenceClass.NC_ND,
}
FORMS = [
    "https://creativecommons.org/licenses/{}/{}/",
    "http://www.creativecommons.org/licenses/{}/{}",
    "HTTPS://CreativeCommons.org/licenses/{}/{}/deed.pt_BR",
    "//creativecommons.org/licenses/{}/{}/legalcode.txt",
    "<https://creativecommons.org/licenses/{}/{}/legalcode>",
    "creativecommons.org/licenses/{}/{}/?ref=x",
]
VERSIONS = sorted(CC_VERSIONS - {"2.1"})


@pytest.mark.parametrize(("elements", "version"), list(itertools.product(ELEMENTS, VERSIONS)))
def test_creative_commons_addresses(elements: str, version: str) -> None:
    expected = Understood(licence=f"CC-{elements.upper()}-{version}", licence_class=ELEMENTS[elements])
    for form in FORMS:
        assert understand(form.format(elements, version)) == expected


@pytest.mark.parametrize(
    ("address", "licence"),
    [
        ("https://creativecommons.org/licenses/by/2.0/de/", "https://creativecommons.org/licenses/by/2.0/de/"),
        ("http://creativecommons.org/licenses/by-nc-sa/2.0/fr/deed.fr", "CC-BY-NC-SA-2.0-FR"),
        ("https://creativecommons.org/licenses/by-sa/3.0/igo/", "CC-BY-SA-3.0-IGO"),
        ("http://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"),
        ("http://creativecommons.org/licenses/sa/1.0/", "CC-SA-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/deed.ja", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("http://creativecommons.org/licenses/publicdomain/", "CC-PDDC"),
        ("http://creativecommons.org/licenses/sampling+/1.0/", "https://creativecommons.org/licenses/sampling+/1.0/"),
        ("https://creativecommons.org/licenses/by-sa/", "LicenseRef-CC-BY-SA"),
        ("http://opendatacommons.org/licenses/by/1-0/", "ODC-By-1.0"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
        ("http://opendatacommons.org/licenses/pddl/1.0/", "PDDL-1.0"),
        ("https://www.gnu.org/licenses/old-licenses/gpl-2.0.html", "GPL-2.0-only"),
        ("https://spdx.org/licenses/MIT.html", "MIT"),
        ("https://opensource.org/license/bsd-2-clause", "BSD-2-Clause"),
        ("https://creativecommons.org/licenses/by/5.0/", ""),
        ("https://creativecommons.org/licenses/by-sa-nd/4.0/", ""),
        ("https://creativecommons.org/publicdomain/zero/2.0/", ""),
        ("https://creativecommons.org/about/", ""),
        ("https://example.org/licenses/by/4.0/", ""),
    ],
)
def test_other_addresses(address: str, licence: str) -> None:
    assert understand(address).licence == licence


@pytest.mark.parametrize("code", RIGHTS_STATEMENTS)
def test_all_twelve_rights_statements(code: str) -> None:
    said = understand(f"https://rightsstatements.org/page/{code}/1.0/?language=de")
    assert said == understand(f"http://rightsstatements.org/vocab/{code}/1.0/")
    assert said.licence == f"http://rightsstatements.org/vocab/{code}/1.0/"
    assert said.licence_class is RIGHTS_STATEMENTS[code]
    assert said.is_public_domain == (code == "NKC")
    assert len(RIGHTS_STATEMENTS) == 12


@pytest.mark.parametrize(
    ("words", "licence"),
    [
        # Debian's short names (DEP-5)
        ("GPL-2", "GPL-2.0-only"),
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("GFDL-NIV-1.2+", "GFDL-1.2-no-invariants-or-later"),
        ("CC-BY-SA-3.0", "CC-BY-SA-3.0"),
        ("BSD-2-clause", "BSD-2-Clause"),
        ("Expat", "MIT"),
        ("Artistic", "Artistic-1.0"),
        ("Zlib", "Zlib"),
        ("CC0", "CC0-1.0"),
        ("public-domain", PUBLIC_DOMAIN),
        ("GPL-2+ or Artistic", "GPL-2.0-or-later OR Artistic-1.0"),
        ("GPL-2+ with OpenSSL exception", "GPL-2.0-or-later"),
        ("GPL-2+ or Artistic, and BSD-2-clause", "BSD-2-Clause AND GPL-2.0-or-later OR Artistic-1.0 AND BSD-2-Clause"),
        # SPDX
        ("cc-by-sa-3.0", "CC-BY-SA-3.0"),
        ("gpl-2.0+", "GPL-2.0-or-later"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("(CC-BY-4.0)", "CC-BY-4.0"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("LicenseRef-Drascula", "LicenseRef-Drascula"),
        # plain words
        ("CC BY-SA 3.0", "CC-BY-SA-3.0"),
        ("CC BY 4", "CC-BY-4.0"),
        ("cc-by-nc-sa 3.0 de", "CC-BY-NC-SA-3.0-DE"),
        ("Creative Commons Attribution 4.0", "CC-BY-4.0"),
        ("Creative Commons Attribution-ShareAlike 3.0 Unported", "CC-BY-SA-3.0"),
        ("Creative Commons Attribution\u2013NonCommercial\u2013NoDerivs 3.0 United States",
         "https://creativecommons.org/licenses/by-nc-nd/3.0/us/"),
        ("Attribution-NonCommercial 3.0 International", "CC-BY-NC-3.0"),
        ("CC BY-SA", "LicenseRef-CC-BY-SA"),
        ("CC0 1.0 Universal", "CC0-1.0"),
        ("Public Domain Mark 1.0", "CC-PDM-1.0"),
        ("Public Domain", PUBLIC_DOMAIN),
        ("GPL", "GPL-1.0-or-later"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GNU General Public License version 2 or later", "GPL-2.0-or-later"),
        ("All rights reserved", ALL_RIGHTS_RESERVED),
        ("(c) 2026 Nobody, all rights reserved", ALL_RIGHTS_RESERVED),
        ("Licensed under http://creativecommons.org/licenses/by/2.0/ verify at http://example.org/", "CC-BY-2.0"),
    ],
)  # fmt: skip
def test_names_and_phrases(words: str, licence: str) -> None:
    assert understand(words).licence == licence


@pytest.mark.parametrize(
    "words",
    [
        *(
            "",
            " ",
            "NOASSERTION",
            "NONE",
            "unknown",
            "n/a",
            "Drascula-License",
            "free",
            "free to share",
            "see the website",
        ),
        *("Creative Commons", "CC", "CC BY 7.0", "CC BY-ND-SA 3.0", "GPL-9", "LGPL-1", "BSD", "Aladdin-2"),
        *("MIT AND", "AND", "()", "((", "\x00", "MIT OR something odd", "MIT AND Drascula-License"),
        *("MIT with no right to share", "some rights reserved"),
    ],
)
def test_what_is_not_understood_stays_so(words: str) -> None:
    assert understand(words).licence == ""
    assert understand(words).licence_class is LicenceClass.UNKNOWN


@pytest.mark.parametrize(
    ("words", "licence_class"),
    [
        ("CC-BY-NC-4.0 OR CC-BY-4.0", LicenceClass.FREE),
        ("CC-BY-NC-4.0 AND CC-BY-4.0", LicenceClass.NC),
        ("CC-BY-NC-4.0 AND CC-BY-ND-4.0", LicenceClass.NC_ND),
        ("CC-BY-4.0 AND LicenseRef-Mine", LicenceClass.CUSTOM),
        ("CC-BY-4.0 OR LicenseRef-Mine", LicenceClass.FREE),
        ("MIT AND (CC-BY-NC-4.0 OR CC0-1.0)", LicenceClass.FREE),
        ("Aladdin", LicenceClass.CUSTOM),
        ("https://creativecommons.org/licenses/by-nc/2.0/ch/", LicenceClass.NC),
        ("https://creativecommons.org/licenses/sampling+/1.0/", LicenceClass.NC),
        ("https://creativecommons.org/licenses/sampling/1.0/", LicenceClass.CUSTOM),
        ("CC BY", LicenceClass.CUSTOM),
        ("all rights reserved", LicenceClass.RESERVED),
        ("for non-commercial use only", LicenceClass.CUSTOM),
    ],
)
def test_the_best_alternative_and_the_strictest_demand(words: str, licence_class: LicenceClass) -> None:
    assert understand(words).licence_class is licence_class


def test_a_claim_of_the_public_domain_is_seen_as_one() -> None:
    for words in ("public domain", "CC-PDM-1.0", "http://rightsstatements.org/vocab/NKC/1.0/", "MIT AND public-domain"):
        assert understand(words).is_public_domain
    for words in ("CC0-1.0", "CC-PDDC", "PDDL-1.0", "public-domain OR MIT"):
        assert not understand(words).is_public_domain


def test_several_licences_in_a_sentence_are_named_and_none_is_chosen() -> None:
    said = understand("(c) 2010 X. All rights reserved. Licensed under CC BY 4.0")
    assert (said.licence, said.names) == ("", ("CC-BY-4.0", ALL_RIGHTS_RESERVED))


def test_every_id_of_spdx_is_known_in_any_case() -> None:
    for entry in get_license_index():
        key = entry["spdx_license_key"] or ""
        if key and not key.startswith("LicenseRef-") and not entry["is_exception"]:
            assert understand(key).licence == understand(key.lower()).licence == understand(key.upper()).licence == key


def test_the_table_names_licences_that_exist() -> None:
    assert sorted(FREE - set(spdx_ids().values())) == []
    for licence in NAMES.values():
        assert understand(licence).licence_class is LicenceClass.FREE, licence


@given(st.text(max_size=300))
def test_any_text_has_an_answer_and_the_answer_is_its_own(text: str) -> None:
    said = understand(text)
    assert (said.licence == "") == (said.licence_class is LicenceClass.UNKNOWN)
    if said.licence:
        assert understand(said.licence) == said
        assert said.names == ()


PARTS = st.sampled_from(
    [
        "MIT",
        "CC-BY-4.0",
        "CC-BY-NC-4.0",
        "GPL-2+",
        "CC BY-ND 3.0",
        "LicenseRef-X",
        "odd",
        "(",
        ")",
        "AND",
        "or",
        "with",
        ",",
    ]
)


@given(st.lists(PARTS, max_size=12).map(" ".join))
def test_any_expression_has_an_answer(text: str) -> None:
    said = understand(text)
    assert said.licence == "" or understand(said.licence).licence_class is said.licence_class
