"""Licence classes: which statements can both be true, and which forbids what another allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.rights.licence_classes import forbidden_by, is_agreeing, is_stricter, narrowed, strictest
from sonoteca.rights.licence_table import ALL_RIGHTS_RESERVED, NONCOMMERCIAL_WORDS, PUBLIC_DOMAIN, LicenceClass

SOME = [
    *("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "LicenseRef-CC-BY-NC"),
    *("MIT", "GPL-2.0-only", "GPL-2.0-or-later", "MIT OR GPL-2.0-only", "MIT AND CC-BY-4.0", "LicenseRef-X"),
    *(PUBLIC_DOMAIN, ALL_RIGHTS_RESERVED, "http://rightsstatements.org/vocab/InC/1.0/"),
    "https://creativecommons.org/licenses/by-nc/2.0/ch/",
]
LICENCES = st.sampled_from(SOME)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GPL-1.0-or-later", "GPL-2.0-only"),
        ("GPL-2.0-or-later", "GPL-3.0-only"),
        ("CC-BY-SA-3.0", "CC-BY-SA-3.0-DE"),
        ("CC-BY-3.0", "https://creativecommons.org/licenses/by/3.0/us/"),
        ("CC-BY-SA-3.0", "LicenseRef-CC-BY-SA"),
        ("CC0-1.0", PUBLIC_DOMAIN),
        ("CC-PDM-1.0", PUBLIC_DOMAIN),
        ("MIT OR GPL-2.0-only", "GPL-2.0-or-later"),
        (ALL_RIGHTS_RESERVED, "http://rightsstatements.org/vocab/InC/1.0/"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only"),
    ],
)
def test_statements_that_can_both_be_true(one: str, other: str) -> None:
    assert is_agreeing(one, other)
    assert is_agreeing(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GPL-2.0-only", "GPL-3.0-only"),
        ("GPL-3.0-or-later", "GPL-2.0-only"),
        ("GPL-2.0-only", "LGPL-2.1-only"),
        ("CC-BY-3.0", "CC-BY-4.0"),
        ("CC-BY-4.0", "CC-BY-SA-4.0"),
        ("CC0-1.0", "CC-BY-4.0"),
        ("MIT AND CC-BY-4.0", "MIT"),
        ("CC-BY-4.0", ALL_RIGHTS_RESERVED),
        ("LicenseRef-A", "LicenseRef-B"),
    ],
)
def test_statements_that_cannot(one: str, other: str) -> None:
    assert not is_agreeing(one, other)
    assert not is_agreeing(other, one)


@pytest.mark.parametrize(
    ("claim", "ground", "stricter"),
    [
        (ALL_RIGHTS_RESERVED, "CC-BY-4.0", True),
        ("CC-BY-NC-4.0", "CC-BY-4.0", True),
        ("CC-BY-NC-ND-4.0", "CC-BY-NC-4.0", True),
        (NONCOMMERCIAL_WORDS, "CC-BY-4.0", True),
        ("LicenseRef-CC-BY-NC", "CC-BY-4.0", True),
        (NONCOMMERCIAL_WORDS, "CC-BY-NC-4.0", False),
        ("CC-BY-4.0", "CC-BY-NC-4.0", False),
        ("CC-BY-4.0", "CC-BY-SA-3.0", False),
        ("CC-BY-NC-4.0 OR MIT", "CC-BY-4.0", False),
        ("LicenseRef-X", "CC-BY-4.0", False),
    ],
)
def test_which_claim_forbids_more(claim: str, ground: str, stricter: bool) -> None:
    assert is_stricter(claim, ground) is stricter


def test_the_more_exact_statement_stands_for_the_vaguer() -> None:
    assert narrowed(("GPL-1.0-or-later", "GPL-2.0-only")) == ("GPL-2.0-only",)
    assert narrowed(("LicenseRef-CC-BY-SA", "CC-BY-SA-3.0", "CC-BY-SA-3.0-DE")) == ("CC-BY-SA-3.0-DE",)
    assert narrowed((PUBLIC_DOMAIN, "CC0-1.0")) == ("CC0-1.0",)
    assert narrowed(("CC-BY-3.0", "CC-BY-4.0", "CC-BY-3.0")) == ("CC-BY-3.0", "CC-BY-4.0")


@given(LICENCES, LICENCES)
def test_agreement_is_mutual_and_with_itself(one: str, other: str) -> None:
    assert is_agreeing(one, one)
    assert is_agreeing(one, other) == is_agreeing(other, one)
    assert not is_stricter(one, one)


@given(st.lists(LICENCES, max_size=5).map(tuple))
def test_narrowing_keeps_something_and_adds_nothing(licences: tuple[str, ...]) -> None:
    kept = narrowed(licences)
    assert set(kept) <= set(licences)
    assert bool(kept) == bool(licences)
    assert narrowed(kept) == kept


def test_a_choice_forbids_what_its_best_part_does() -> None:
    assert forbidden_by("CC-BY-NC-4.0 OR CC-BY-4.0") == frozenset()
    assert forbidden_by("CC-BY-NC-4.0 AND CC-BY-ND-4.0") == {"nc", "nd"}
    assert forbidden_by("") == frozenset()
    assert strictest(frozenset({LicenceClass.FREE, LicenceClass.NC, LicenceClass.ND})) is LicenceClass.NC_ND
    assert strictest(frozenset()) is LicenceClass.UNKNOWN
