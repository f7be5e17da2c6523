"""Licence terms: each licence that the rights room knows by name has an address and a sentence that fits its class."""

import re

import pytest
from license_expression import get_license_index

from sonoteca.convert.licence_terms import CLASS_ALLOWS, KNOWN, address_of, allows, atoms_of, name_of
from sonoteca.rights.licence_classes import class_of
from sonoteca.rights.licence_table import FREE, LicenceClass

CC = ["BY", "BY-SA", "BY-ND", "BY-NC", "BY-NC-SA", "BY-NC-ND"]


@pytest.mark.parametrize(
    ("atom", "name", "address"),
    [
        (
            "CC-BY-SA-4.0",
            "Creative Commons Attribution-ShareAlike 4.0 International",
            "https://creativecommons.org/licenses/by-sa/4.0/",
        ),
        ("CC-BY-3.0", "Creative Commons Attribution 3.0 Unported", "https://creativecommons.org/licenses/by/3.0/"),
        (
            "CC-BY-SA-3.0-DE",
            "Creative Commons Attribution-ShareAlike 3.0 DE",
            "https://creativecommons.org/licenses/by-sa/3.0/de/",
        ),
        (
            "CC-BY-NC-ND-2.5",
            "Creative Commons Attribution-NonCommercial-NoDerivatives 2.5",
            "https://creativecommons.org/licenses/by-nc-nd/2.5/",
        ),
        (
            "https://creativecommons.org/licenses/by-nc/2.0/uk/",
            "Creative Commons Attribution-NonCommercial 2.0 UK",
            "https://creativecommons.org/licenses/by-nc/2.0/uk/",
        ),
        (
            "CC0-1.0",
            "Creative Commons Zero 1.0 Universal",
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        ("MIT", "MIT", "https://spdx.org/licenses/MIT.html"),
        (
            "GPL-2.0-or-later WITH Font-exception-2.0",
            "GPL-2.0-or-later WITH Font-exception-2.0",
            "https://www.gnu.org/licenses/old-licenses/gpl-2.0.html",
        ),
        ("LicenseRef-taping-policy", "taping-policy", ""),
        (
            "http://rightsstatements.org/vocab/NKC/1.0/",
            "http://rightsstatements.org/vocab/NKC/1.0/",
            "http://rightsstatements.org/vocab/NKC/1.0/",
        ),
        ("words of somebody", "words of somebody", ""),
        ("javascript:alert(1)", "javascript:alert(1)", ""),
    ],
)
def test_names_and_addresses(atom: str, name: str, address: str) -> None:
    assert (name_of(atom), address_of(atom)) == (name, address)


@pytest.mark.parametrize(
    ("licence", "atoms"),
    [
        ("", ()),
        ("MIT", ("MIT",)),
        ("(MIT OR GPL-2.0-only) AND CC-BY-4.0", ("MIT", "GPL-2.0-only", "CC-BY-4.0")),
        ("GPL-2.0-only WITH x AND GPL-2.0-only WITH x", ("GPL-2.0-only WITH x",)),
    ],
)
def test_expressions_come_apart(licence: str, atoms: tuple[str, ...]) -> None:
    assert atoms_of(licence) == atoms


@pytest.mark.parametrize("elements", CC)
@pytest.mark.parametrize("version", ["1.0", "2.0", "2.5", "3.0", "4.0"])
def test_creative_commons_says_what_its_class_does(elements: str, version: str) -> None:
    licence = f"CC-{elements}-{version}"
    sentence = allows(licence, "")
    found = class_of(licence)
    assert ("not for money" in sentence) == (found in (LicenceClass.NC, LicenceClass.NC_ND))
    assert ("you may not share" in sentence) == (found in (LicenceClass.ND, LicenceClass.NC_ND))
    assert ("same licence only" in sentence) == ("SA" in elements)
    assert "Name who made it" in sentence


def test_every_creative_commons_licence_of_spdx_is_understood() -> None:
    ids = [one["spdx_license_key"] or "" for one in get_license_index()]
    found = [one for one in ids if re.match(r"CC-(BY|SA|ND|NC)", one)]
    assert len(found) >= 50
    assert [one for one in found if not name_of(one).startswith("Creative Commons ")] == []
    assert [one for one in found if not address_of(one).startswith("https://creativecommons.org/licenses/")] == []


def test_every_free_licence_has_an_address_and_a_sentence() -> None:
    for licence in FREE:
        assert address_of(licence).startswith("https://")
        assert allows(licence, "free")


def test_every_class_that_can_be_published_has_a_sentence() -> None:
    hidden = {LicenceClass.RESERVED, LicenceClass.UNKNOWN}
    assert set(CLASS_ALLOWS) == {str(one) for one in LicenceClass if one not in hidden}


def test_what_is_known_is_of_spdx_or_ours() -> None:
    ids = {one["spdx_license_key"] for one in get_license_index()}
    assert [one for one in KNOWN if one not in ids and not one.startswith("LicenseRef-")] == []
