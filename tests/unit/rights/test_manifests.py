"""Manifests: rights.json and rights.toml say what they say, and what cannot be read says nothing."""

from json import dumps

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.model.rights import Channel, EvidenceKind, Layer
from sonoteca.rights.manifests import MAX_STATEMENTS, MAX_TOML_BYTES, Manifest, parse_json, parse_toml


def toml(text: str) -> Manifest:
    return parse_toml(text.encode(), "rights.toml")


def licences(manifest: Manifest, path: str) -> list[str]:
    return [terms.said.licence for terms in manifest.terms_for(path)]


def codes(manifest: Manifest) -> list[str]:
    return [finding.code for finding in manifest.findings]


def test_everything_that_rights_toml_can_say() -> None:
    manifest = toml(
        """
        licence = "CC-BY-SA-3.0"
        licence_url = "https://creativecommons.org/licenses/by-sa/3.0/"
        holders = ["A. Person", "B. Person"]
        territories = ["de", "AT"]
        channels = ["stream", "on-site"]
        from = 2020-01-01
        until = 2030-12-31T23:59:59+01:00
        note = "by letter"
        kind = "own work"
        layer = "all"
        """
    )
    (terms,) = manifest.terms_for("any.flac")
    assert terms.said.licence == "CC-BY-SA-3.0"
    assert terms.holders == ("A. Person", "B. Person")
    assert terms.territories == ("AT", "DE")
    assert terms.channels == (Channel.ON_SITE, Channel.STREAM)
    assert (terms.valid_from, terms.valid_until) == ("2020-01-01", "2030-12-31T22:59:59Z")
    assert (terms.note, terms.kind, terms.layer, terms.problems) == ("by letter", EvidenceKind.OWN_WORK, Layer.ALL, ())
    assert manifest.findings == ()


def test_the_most_exact_statement_counts() -> None:
    manifest = toml(
        """
        licence = "CC-BY-4.0"
        until = 2030-01-01
        [files]
        "CD1/*" = "CC-BY-SA-4.0"
        "*.mp3" = { licence = "CC-BY-NC-4.0" }
        "CD1/01 Aria.mp3" = { licence = "CC0", until = 2040-01-01 }
        """
    )
    assert licences(manifest, "a.flac") == ["CC-BY-4.0"]
    assert licences(manifest, "CD2/deep/a.mp3") == ["CC-BY-NC-4.0"]
    assert licences(manifest, "CD1/a.flac") == ["CC-BY-SA-4.0"]
    assert licences(manifest, "CD1/01 Aria.mp3") == ["CC0-1.0"]
    assert manifest.terms_for("CD1/a.flac")[0].valid_until == "2030-01-01", "limits hold for files too"
    assert manifest.terms_for("CD1/01 Aria.mp3")[0].valid_until == "2040-01-01"


def test_layers_have_tables_of_their_own() -> None:
    manifest = toml(
        'licence = "CC0"\n[composition]\nreasoning = "Bach died in 1750"\n[artwork]\nlicence = "CC-BY-4.0"\n'
    )
    terms = {one.layer: one for one in manifest.terms_for("a.flac")}
    assert set(terms) == {Layer.RECORDING, Layer.COMPOSITION, Layer.ARTWORK}
    assert terms[Layer.COMPOSITION].kind is EvidenceKind.PUBLIC_DOMAIN
    assert terms[Layer.COMPOSITION].said.is_public_domain
    assert terms[Layer.COMPOSITION].note == "Bach died in 1750"


def test_the_corpus_schema_and_the_simple_one() -> None:
    listed = parse_json(
        b'{"schema": "sonoteca-corpus-rights/1", "license": "CC-BY-SA-3.0", "rights_holders": ["X"],'
        b'"licenses": {"MIT": 1},'
        b'"files": [{"file": "a.ogg", "license": "NOASSERTION", "sha256": "00", "tag_claims": {"license": "GPL"}},'
        b'{"file": "b/c.ogg", "license": "MIT", "rights_holders": "Y"}]}',
        "rights.json",
    )
    assert licences(listed, "a.ogg") == [""]
    assert licences(listed, "b/c.ogg") == ["MIT"]
    assert listed.terms_for("b/c.ogg")[0].holders == ("Y",)
    assert licences(listed, "other.ogg") == ["CC-BY-SA-3.0"]
    assert listed.findings == ()
    simple = parse_json(
        b'{"licence": "CC0", "files": {"a.ogg": "MIT", "b.ogg": {"license": "CC-BY-4.0"}}}', "rights.json"
    )
    assert [licences(simple, name) for name in ("a.ogg", "b.ogg", "c.ogg")] == [["MIT"], ["CC-BY-4.0"], ["CC0-1.0"]]


def test_a_manifest_without_a_general_statement_does_not_speak_of_other_files() -> None:
    assert parse_json(b'{"files": {"a.ogg": "MIT"}}', "").terms_for("b.ogg") == ()
    assert parse_json(b'{"title": "no rights in here"}', "").terms_for("b.ogg") == ()


def test_names_are_compared_as_people_read_them() -> None:
    manifest = parse_json(
        '{"files": {"Cafe\u0301/A.ogg": "MIT", "CD1\\\\b.ogg": "CC0", "./c.ogg": "MIT"}}'.encode(), ""
    )
    assert licences(manifest, "Caf\u00e9/A.ogg") == ["MIT"]
    assert licences(manifest, "CD1/b.ogg") == ["CC0-1.0"]
    assert licences(manifest, "c.ogg") == ["MIT"]


@pytest.mark.parametrize(
    "line",
    [
        "untill = 2020-01-01",
        'until = "31.12.2020"',
        "until = 2020",
        'channels = ["download", "torrent"]',
        "channels = []",
        "territories = [1]",
        'territories = ""',
        'layer = "sound"',
        'kind = "rumour"',
        'license = "CC0-1.0"',
        'licence_url = "https://creativecommons.org/licenses/by-nc/4.0/"',
    ],
)
def test_a_field_that_cannot_be_read_takes_the_statement_with_it(line: str) -> None:
    """It may have been a limit: the statement counts for nothing, and somebody is told."""
    manifest = toml(f'licence = "CC-BY-4.0"\n{line}\n')
    (terms,) = manifest.terms_for("a.flac")
    assert terms.said.licence == ""
    assert terms.problems
    assert codes(manifest) == ["M003"]


@pytest.mark.parametrize("value", [b"7", b'["MIT"]', b'{"spdx": "MIT"}', b"true"])
def test_a_licence_of_the_wrong_kind_is_no_licence(value: bytes) -> None:
    manifest = parse_json(b'{"license": ' + value + b"}", "")
    assert licences(manifest, "a.flac") == [""]
    assert codes(manifest) == ["M003"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"license": "MIT", "license": "CC0"}',
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"a":' * 5_000,
        b'{"a": ' + b"1" * 5_000 + b"}",
        b'{"license": NaN}',
    ],
)
def test_json_that_is_none(content: bytes) -> None:
    manifest = parse_json(content, "rights.json")
    assert codes(manifest) == ["M001"]
    assert manifest.terms_for("a.flac") == ()


@pytest.mark.parametrize(
    "content",
    [
        b"licence =",
        b"a = " + b"[" * 100_000,
        b"a = " + b"{a=" * 50_000,
        b"a." * 100_000 + b"a = 1",
        b'"a" . ' * 20_000 + b"a = 1",
        b"[" + b"a." * 100_000 + b"a]",
        b"a = " + b"1" * 100_000,
        b"\xff",
        b"licence = 'MIT'\nlicence = 'CC0'",
    ],
)
def test_toml_that_is_none(content: bytes) -> None:
    assert codes(parse_toml(content, "rights.toml")) == ["M001"]


def test_what_is_too_much_is_not_read() -> None:
    assert codes(parse_toml(b" " * (MAX_TOML_BYTES + 1), "")) == ["M002"]
    assert codes(parse_json(b" " * (4 * 1024 * 1024 + 1), "")) == ["M002"]
    many = parse_json(b'{"files": {' + b",".join(b'"%d": "MIT"' % n for n in range(MAX_STATEMENTS + 5)) + b"}}", "")
    assert codes(many) == ["M006"]
    assert len(many.named) == MAX_STATEMENTS
    globs = parse_json(b'{"files": {' + b",".join(b'"%d*": "MIT"' % n for n in range(300)) + b"}}", "")
    assert codes(globs) == ["M006"]


@pytest.mark.parametrize(
    "files", [b"7", b'"a"', b"[7]", b'[{"license": "MIT"}]', b'{"": "MIT"}', b'{"a": 7}', b'[{"file": 7}]']
)
def test_files_that_are_none(files: bytes) -> None:
    manifest = parse_json(b'{"license": "CC0", "files": ' + files + b"}", "")
    assert codes(manifest) == ["M003"]
    assert licences(manifest, "a") == ["CC0-1.0"]


KEYS = [
    "license",
    "licence_url",
    "files",
    "file",
    "until",
    "channels",
    "territories",
    "holders",
    "layer",
    "composition",
    "a*",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["MIT", "CC0", "stream", "DE", "2030"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_found_wrong(value: object) -> None:
    manifest = parse_json(dumps(value).encode(), "rights.json")
    for terms in manifest.terms_for("a"):
        assert not (terms.problems and terms.said.licence)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_found_wrong(content: bytes) -> None:
    parse_json(content, "rights.json").terms_for("a/b")
    parse_toml(content, "rights.toml").terms_for("a/b")
