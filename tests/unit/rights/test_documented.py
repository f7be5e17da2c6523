"""docs/formats/rights.md says what the code does: its tables are made from the code, here, and compared."""

import dataclasses
import re

import pytest

from sonoteca.model.finding import FINDINGS
from sonoteca.model.record import RecordKind
from sonoteca.rights.licence_table import PUBLIC_DOMAIN_CLAIMS, RIGHTS_STATEMENTS
from sonoteca.rights.permissions import TERMS
from sonoteca.rights.records import Grant, Hold, Trust
from sonoteca.rights.rules import RULES
from sonoteca.rights.terms import FIELDS
from tests.tools import PROJECT

PAGE = (PROJECT / "docs" / "formats" / "rights.md").read_text(encoding="utf-8")


def table(name: str) -> list[str]:
    """The lines of a table of the page, without its head."""
    between = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", PAGE, re.DOTALL)
    assert between, f"the page has no table {name}"
    return between[1].splitlines()[2:]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_of_rules_is_the_code() -> None:
    expected = []
    for rule in RULES:
        code, _, sentence = " ".join((rule.__doc__ or "").split()).partition(": ")
        verdict = "publish" if code in ("R017", "R020") else "hold"
        expected.append(f"| {code} | {verdict} | {sentence} |")
    assert table("rules") == expected, "\n" + "\n".join(expected)


def test_rule_codes_are_unique_and_stable() -> None:
    codes = [(rule.__doc__ or "")[:5] for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert set(TERMS) < set(RULES)
    assert codes[-1] == "R099:"


def test_the_table_of_findings_is_the_code() -> None:
    expected = [
        f"| {code} | {severity} | {sentence} |"
        for code, (severity, sentence) in FINDINGS.items()
        if re.fullmatch(r"M0\d\d", code)
    ]
    assert table("findings") == expected, "\n" + "\n".join(expected)


def test_the_table_of_rights_statements_is_the_code() -> None:
    expected = []
    for code, licence_class in RIGHTS_STATEMENTS.items():
        claim = f"http://rightsstatements.org/vocab/{code}/1.0/" in PUBLIC_DOMAIN_CLAIMS
        expected.append(f"| `{code}` | `{licence_class}`{', a claim of the public domain' if claim else ''} |")
    assert table("statements") == expected


def test_every_key_of_a_manifest_is_described() -> None:
    expected = [(names[0], list(names[1:])) for names in FIELDS.values()]
    found = [(cells(line)[0].strip("`"), re.findall(r"`(\w+)`", cells(line)[1])) for line in table("keys")]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("kind", "decision"), [(RecordKind.GRANT, Grant), (RecordKind.HOLD, Hold), (RecordKind.TRUST, Trust)]
)
def test_every_field_of_a_record_is_described(kind: RecordKind, decision: type) -> None:
    found = [cells(line)[1].strip("`") for line in table("records") if cells(line)[0] == f"`{kind}`"]
    assert found == [field.name for field in dataclasses.fields(decision)]
