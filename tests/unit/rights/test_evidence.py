"""Evidence: what papers, tags and grants say of each master, from the nearest that speaks of it."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import json, plain
from sonoteca.model.rights import Evidence, EvidenceKind
from sonoteca.rights.evidence import Gathered, Holder, TagClaim, gather
from sonoteca.rights.holders import holder_of, holders_in
from sonoteca.rights.licence_table import ALL_RIGHTS_RESERVED
from sonoteca.rights.papers import MAX_PAPERS, MAX_TEXT_BYTES, Captured, decode
from sonoteca.rights.records import Grant
from tests.unit.rights.making import OTHER_RELEASE, RELEASE, cut, digest, paper, release, track_of


def gathered(*papers: Captured, paths: tuple[str, ...] = ("a.flac", "CD1/b.flac"), trusted: bool = True) -> Gathered:
    return gather(papers, (), trusted, (), release(*paths))


def licences_of(found: Gathered, path: str) -> list[str]:
    return [one.licence for one in found.evidence if not one.paths or path in one.paths]


def codes(found: Gathered) -> list[str]:
    return [finding.code for finding in found.findings]


# ── papers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_manifest_says_with_where_it_was_found() -> None:
    captured = Captured(
        name="rights.toml",
        content=b'licence = "CC BY-SA 3.0"\nholders = ["A"]\nuntil = 2030-01-01\nnote = "n"\n',
        digest=digest(7),
        captured_from="file:///a",
        captured_at="2026-01-01T00:00:00Z",
    )
    (one,) = gathered(captured).evidence
    assert (one.kind, one.statement, one.licence, one.trusted) == (
        EvidenceKind.MANIFEST,
        "CC BY-SA 3.0",
        "CC-BY-SA-3.0",
        True,
    )
    assert (one.paths, one.digest, one.captured_from, one.captured_at) == (
        (),
        digest(7),
        "file:///a",
        "2026-01-01T00:00:00Z",
    )
    assert (one.valid_until, one.issuer, one.note) == ("2030-01-01", "A", "n")


def test_the_id_is_the_digest_of_everything_else() -> None:
    (one,) = gathered(paper("rights.toml", 'licence = "CC0"')).evidence
    described = plain.to_plain(one)
    del described["id"]
    assert one.id == hashlib.sha256(json.format(described)).hexdigest()
    assert plain.from_plain(Evidence, plain.to_plain(one)) == one


def test_without_trust_everything_is_a_claim() -> None:
    found = gathered(paper("rights.json", '{"license": "CC0"}'), paper("LICENSE", "CC0 1.0 Universal"), trusted=False)
    assert [one.trusted for one in found.evidence] == [False, False]


def test_the_nearest_manifest_that_speaks_of_a_file_counts() -> None:
    above = paper("rights.toml", 'licence = "CC-BY-4.0"', folder="..")
    here = paper("rights.json", '{"files": {"a.flac": "MIT"}}')
    deeper = paper("rights.toml", 'licence = "CC0"', folder="CD1")
    found = gathered(above, here, deeper, paths=("a.flac", "CD1/b.flac", "c.flac"))
    assert licences_of(found, "a.flac") == ["MIT"]
    assert licences_of(found, "CD1/b.flac") == ["CC0-1.0"]
    assert licences_of(found, "c.flac") == ["CC-BY-4.0"]


def test_two_manifests_in_one_folder_both_speak() -> None:
    found = gathered(paper("rights.json", '{"license": "CC0"}'), paper("Rights.TOML", 'licence = "MIT"'))
    assert licences_of(found, "a.flac") == ["CC0-1.0", "MIT"]


def test_licence_files_count_up_to_where_the_manifest_lies() -> None:
    above, here = paper("LICENSE", "CC BY-NC 4.0", folder=".."), paper("COPYING", "CC BY-SA 4.0")
    manifest = paper("rights.toml", 'licence = "CC-BY-4.0"')
    assert licences_of(gathered(above), "a.flac") == ["CC-BY-NC-4.0"]
    assert licences_of(gathered(above, here), "a.flac") == ["CC-BY-SA-4.0"]
    assert licences_of(gathered(above, manifest), "a.flac") == ["CC-BY-4.0"]
    assert licences_of(gathered(here, manifest), "a.flac") == ["CC-BY-4.0", "CC-BY-SA-4.0"]
    assert licences_of(gathered(here, paper("rights.toml", 'licence = "CC0"', folder="..")), "a.flac") == [
        "CC0-1.0",
        "CC-BY-SA-4.0",
    ]


def test_a_manifest_above_speaks_of_paths_when_the_way_down_is_known() -> None:
    text = '{"files": {"Artist/Album/a.flac": "MIT", "a.flac": "CC-BY-4.0", "*.flac": "CC0"}}'
    known = gathered(paper("rights.json", text, folder="../..", below="Artist/Album"))
    assert licences_of(known, "a.flac") == ["MIT"]
    assert licences_of(known, "CD1/b.flac") == ["CC0-1.0"]
    unknown = gathered(paper("rights.json", text, folder="../.."))
    assert licences_of(unknown, "a.flac") == ["CC0-1.0"], "the a.flac that is meant lies somewhere else"
    captured = Captured(
        name="rights.json",
        content=text.encode(),
        digest=digest(1),
        folder="../..",
        captured_from="file:///music/Artis%74/Album/",
    )
    assert licences_of(gathered(captured), "a.flac") == ["MIT"]
    assert licences_of(gathered(replace(captured, captured_from="file:///Album")), "a.flac") == ["CC0-1.0"]


def test_a_paper_of_another_disc_says_nothing() -> None:
    found = gathered(paper("LICENSE", "CC BY 4.0", folder="CD1"), paths=("CD1/a.flac", "CD10/b.flac"))
    assert licences_of(found, "CD10/b.flac") == []


def test_reuse_sidecars_speak_of_one_file_and_the_folder_of_licences_of_none() -> None:
    sidecar = paper("b.flac.license", "SPDX-License-Identifier: CC-BY-4.0", folder="CD1")
    texts = paper("MIT.txt", "SPDX-License-Identifier: MIT", folder="LICENSES")
    table = paper("REUSE.toml", "# SPDX-License-Identifier: CC0-1.0\nversion = 1\n")
    found = gathered(sidecar, texts, table, paths=("b.flac", "CD1/b.flac", "CD1/c.flac"))
    assert [licences_of(found, path) for path in ("b.flac", "CD1/b.flac", "CD1/c.flac")] == [[], ["CC-BY-4.0"], []]
    assert codes(found) == ["M001"]


def test_a_debian_copyright_file_speaks_of_single_files() -> None:
    text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
    text += "Files: x/a.flac\nCopyright: 2004 A\nLicense: CC0\n\nFiles: *\nLicense: MIT\n"
    found = gathered(paper("COPYRIGHT", text))
    assert licences_of(found, "a.flac") == ["CC0-1.0"]
    assert licences_of(found, "CD1/b.flac") == ["MIT"]
    assert Holder(name="A", kind=EvidenceKind.LICENCE_FILE, paths=("a.flac",)) in found.holders


def test_a_text_that_names_several_licences_names_them() -> None:
    found = gathered(paper("COPYRIGHT", "Music: CC BY 4.0. Programs: SPDX-License-Identifier: MIT"))
    assert set(found.evidence[0].names) == {"CC-BY-4.0", "MIT"}
    assert codes(found) == ["M005"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("rights.json", b"{", "M001"),
        ("rights.toml", b"x =", "M001"),
        ("letter.pdf", b"%PDF\x00\x01", "M001"),
        ("LICENSE", b"x" * (MAX_TEXT_BYTES + 1), "M002"),
        ("rights.json", b'{"license": 7}', "M003"),
        ("rights.toml", b'licence = "odd words"', "M004"),
        ("LICENSE", b"odd words", "M004"),
    ],
)
def test_what_cannot_be_read_is_found(name: str, content: bytes, code: str) -> None:
    found = gathered(Captured(name=name, content=content, digest=digest(1)))
    assert code in codes(found)
    assert [one.licence for one in found.evidence if one.licence] == []


def test_more_papers_than_a_release_may_have() -> None:
    papers = [paper(f"LICENSE.{number}", "CC0") for number in range(MAX_PAPERS + 1)]
    assert codes(gathered(*papers)) == ["M006"]
    large = [paper("rights.json", " " * 3_000_000) for _ in range(4)]
    assert "M006" in codes(gathered(*large))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("ä".encode(), "ä"),
        (b"\xef\xbb\xbfx", "x"),
        ("ä".encode("latin-1"), "ä"),
        ("ä".encode("utf-16"), "ä"),
        (b"a\x00", None),
    ],
)
def test_encodings(content: bytes, text: str | None) -> None:
    assert decode(content) == text


# ── tags and grants ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_tags_are_claims_even_in_a_trusted_source() -> None:
    claims = [
        TagClaim(path="a.flac", key="license", text="http://creativecommons.org/licenses/by-sa/3.0/"),
        TagClaim(path="a.flac", key="TXXX:LICENSE", text="http://creativecommons.org/licenses/by-sa/3.0/"),
        TagClaim(path="CD1/b.flac", key="WCOP", text="odd words"),
        TagClaim(path="not there.flac", key="license", text="CC0"),
        TagClaim(path="a.flac", key="comment", text="CC0"),
    ]
    found = gather((), claims, True, (), release("a.flac", "CD1/b.flac"))
    assert [(one.licence, one.paths, one.trusted) for one in found.evidence] == [
        ("CC-BY-SA-3.0", ("a.flac",), False),
        ("", ("CD1/b.flac",), False),
    ]
    assert codes(found) == ["M004"]


def test_a_notice_is_a_name_and_only_a_claim_when_it_says_more() -> None:
    claims = [
        TagClaim(path="a.flac", key="TCOP", text="Aleksi Aubry-Carlson (C)2004"),
        TagClaim(path="b.flac", key="©cpy", text="(c) 2026 Nobody, all rights reserved"),
        TagClaim(path="c.flac", key="copyright", text="2004 X. Licensed under CC BY 4.0"),
    ]
    found = gather((), claims, True, (), release("a.flac", "b.flac", "c.flac"))
    assert [(one.licence, one.paths) for one in found.evidence] == [
        (ALL_RIGHTS_RESERVED, ("b.flac",)),
        ("CC-BY-4.0", ("c.flac",)),
    ]
    assert found.holders[0] == Holder(name="Aleksi Aubry-Carlson", kind=EvidenceKind.TAG, paths=("a.flac",))
    assert found.findings == ()


def test_grants_speak_of_what_they_name() -> None:
    one = cut(release("a.flac"), (0, 100), (100, None))
    span = track_of(0, 0, 100)
    grants = [
        Grant(targets=(RELEASE,), licence="CC0"),
        Grant(targets=(span, track_of(9)), licence="MIT"),
        Grant(targets=("a.flac",), licence="CC-BY-4.0"),
        Grant(targets=(OTHER_RELEASE, "b.flac"), licence="CC-BY-SA-4.0"),
    ]
    found = gather((), (), False, grants, one)
    assert [(said.licence, said.paths) for said in found.evidence] == [
        ("CC0-1.0", ()),
        ("MIT", (span,)),
        ("CC-BY-4.0", ("a.flac",)),
    ]
    assert all(said.trusted and said.grant for said in found.evidence)


# ── holders ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2009 Paul Shuler (Macroform)", "Paul Shuler (Macroform)"),
        ("Copyright (C) 2004 - 2009 by Yann Dirson <yd@example.org>", "Yann Dirson"),
        ("Aleksi Aubry-Carlson (C)2004", "Aleksi Aubry-Carlson"),
        ("Doug Kaufman (C) 2007", "Doug Kaufman"),
        ("© 2010, 2012 A. B. All rights reserved.", "A. B."),
        ("1996-2008, Alcachofa Soft S.L.", "Alcachofa Soft S.L."),
        ("℗ 1999 Label", "Label"),
        ("(c) 2004", ""),
        ("", ""),
    ],
)
def test_the_name_in_a_notice(text: str, name: str) -> None:
    assert holder_of(text) == name


def test_the_names_in_a_text() -> None:
    text = "It was written.\nCopyright (C) 2009 Paul Shuler <p@example.org>\n  Copyright (C) 2008 Reno Project\n"
    text += "Copyright law is old.\n"
    assert holders_in(text) == ("Paul Shuler", "Reno Project")


def test_a_notice_of_many_years_is_read_in_one_go() -> None:
    assert holder_of(" ".join(f"{year}," for year in range(1900, 2026)) + " A x") == "A x"
    assert holder_of("A x " + ", ".join(str(year) for year in range(1900, 2026))) == "A x"
    assert holder_of(", ".join(str(year) for year in range(1900, 2026)) + " !") == ""


@given(st.text(max_size=120))
def test_any_notice_has_a_name_or_none(text: str) -> None:
    assert len(holder_of(text)) <= 200


NAMES = st.sampled_from(["rights.json", "rights.toml", "COPYRIGHT", "LICENSE.txt"])
FOLDERS = st.sampled_from(["", "CD1", "..", "../..", "CD1/x", "./", "../CD1"])
CONTENTS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b'{"license":"CC0"}',
            b'licence="MIT"',
            b"CC BY 4.0",
            b"Format: x/copyright-format/1.0\n\nFiles: *\nLicense: MIT\n",
        ]
    ),
)


@given(
    st.lists(st.builds(Captured, name=NAMES, content=CONTENTS, digest=st.just(digest(1)), folder=FOLDERS), max_size=4),
    st.booleans(),
)
def test_any_papers_are_read_and_nothing_is_trusted_unasked(papers: list[Captured], trusted: bool) -> None:
    found = gathered(*papers, trusted=trusted)
    assert all(one.trusted is trusted for one in found.evidence)
    assert len({one.id for one in found.evidence}) == len(found.evidence)
