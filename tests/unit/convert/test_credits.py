"""Credits: what a stranger reads beside a file; what nobody can slip into it; same arguments, same bytes."""

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.convert.attribution import attribution_of, find_address, public_source
from sonoteca.convert.credits import Credited, Ground, Licensed, credits_of, licensed_of
from sonoteca.convert.paper import WIDTH, Paper
from sonoteca.model.ids import Digest, recording_id, release_id, track_id
from sonoteca.model.release import Contributor, Identifier, Master, MasterRole, Release, Statement, Track
from sonoteca.model.rights import Decision, Evidence, EvidenceKind, Verdict
from sonoteca.model.sound import Tier
from tests.unit.convert.recordings import facts

DIGEST = Digest("ab" * 32)
RECORDING = recording_id(DIGEST)
MBID = "0d2b3a4c-1111-4222-8333-444455556666"
ADDRESS = re.compile(r"https?://[!-~]{1,400}")
# Characters that were used in attacks, and everything else, lone surrogates too.
HOSTILE = st.sampled_from("\n\r\0\x1b\x85\u2028\u2029\u202e\u2066\u2069\ufeff\u200b\u0300 -=:")
ANY_TEXT = st.text(HOSTILE | st.characters(), max_size=30).map(
    lambda text: text.replace("==", "\n\nLicence\n-------\n")
)


def said(text: str) -> Statement:
    return Statement(text=text, source="tag")


def person(name: str, role: str) -> Contributor:
    return Contributor(name=name, role=role, source="tag")


TRACK = Track(
    position=1,
    id=track_id(RECORDING),
    recording=RECORDING,
    title=said("Underground"),
    contributors=(person("Ryan Reilly", "artist"), person("Someone Else", "artist"), person("Ryan Reilly", "composer")),
    disc=2,
    number="07",
    identifiers=(
        Identifier(scheme="isrc", text="USRC17607839", source="tag"),
        Identifier(scheme="musicbrainz-recording", text=MBID, source="tag"),
    ),
    language="zxx",
)
MASTER = Master(
    path="masters/underground.wav",
    original="underground.wav",
    digest=DIGEST,
    bytes=123_456,
    recording=RECORDING,
    role=MasterRole.PRIMARY,
    audio=facts(44_100, 2, seconds=100.0),
)
GROUND = Ground(
    kind="licence file",
    statement="Files: *\nLicense: CC-BY-SA-4.0",
    licence="CC-BY-SA-4.0",
    issuer="The Battle Project",
    captured_from="https://archive.org/details/battle",
    captured_at="2026-11-01T00:00:00Z",
    digest="cd" * 32,
)
LICENCE = Licensed(
    licence="CC-BY-SA-4.0", licence_class="free", grounds=(GROUND,), source="https://archive.org/details/battle"
)
ORIGINAL = Credited(name="underground.wav", tier=Tier.ORIGINAL, digest=DIGEST, bytes=123_456)
OPUS = Credited(name="x.opus", tier=Tier.ACCESS, digest=Digest("ef" * 32), bytes=7, recipe="access-1+av-18.1.0")
LOSSLESS = Credited(name="x.flac", tier=Tier.ARCHIVE, digest=Digest("01" * 32), bytes=9, recipe="archive-1")


def release() -> Release:
    return Release(
        id=release_id([DIGEST], "x"),
        title=said("Music of the Battle"),
        contributors=(person("Various Artists", "artist"),),
        date="2008-05",
        label="A Label",
        catalogue_number="AL 1",
        genres=("Ambient",),
        rights_holders=("Ryan Reilly",),
        masters=(MASTER,),
        tracks=(TRACK,),
    )


def read(*files: Credited, track: Track = TRACK, licence: Licensed = LICENCE, whole: Release | None = None) -> str:
    return credits_of(whole or release(), track, licence, "The Archive", files).decode()


def parts(text: str) -> dict[str, str]:
    """Headings to what stands below them."""
    found = re.split(r"\n\n(.+)\n-+\n", text)
    return dict(zip(found[1::2], found[2::2], strict=True)) | {"": found[0]}


HEADINGS = [
    "",
    "Licence",
    "Why this archive believes that it may be shared",
    "What was changed",
    "Files",
    "Where it comes from",
    "To check it, or to object",
]


def test_a_stranger_finds_everything() -> None:
    found = parts(read(ORIGINAL, OPUS, LOSSLESS))
    assert sorted(found) == sorted(HEADINGS)
    head = found[""]
    for words in (
        "Title:        Underground",
        "Artist:       Ryan Reilly, Someone Else",
        "Music of the Battle",
        "2008-05",
    ):
        assert words in head
    licence = found["Licence"]
    assert "Creative Commons Attribution-ShareAlike 4.0 International" in licence
    assert "    https://creativecommons.org/licenses/by-sa/4.0/\n" in licence
    assert "You may copy it, share it and change it" in licence
    why = found["Why this archive believes that it may be shared"]
    for words in ("licence file", "The Battle Project", "https://archive.org/details/battle", "cd" * 32, "2026-11-01"):
        assert words in why
    for one in (ORIGINAL, OPUS, LOSSLESS):
        assert one.digest in found["Files"]
        assert one.name in found["Files"]
    assert f"https://musicbrainz.org/recording/{MBID}" in found["Where it comes from"]
    assert TRACK.id in found["To check it, or to object"]
    assert "The Archive" in found["To check it, or to object"]


def test_what_was_changed() -> None:
    cut = dataclasses.replace(TRACK, start_sample=44_100, end_sample=44_100 * 61 + 441)
    assert "encoding" not in parts(read(ORIGINAL))["What was changed"]
    opus = parts(read(OPUS, track=cut))["What was changed"]
    assert "encoding of the original" in opus
    assert "from 0:01.000 to 1:01.010" in opus
    assert "mixed to stereo" not in opus
    surround = dataclasses.replace(MASTER, audio=facts(44_100, 6))
    whole = dataclasses.replace(release(), masters=(surround,))
    assert "mixed to stereo" in parts(read(OPUS, whole=whole))["What was changed"].replace("\n", " ")
    assert "each of them unchanged" in parts(read(LOSSLESS))["What was changed"]


def test_the_original_is_named_when_it_is_not_published() -> None:
    files = parts(read(OPUS))["Files"]
    assert "underground.wav (kept by the archive, not published)" in files
    assert DIGEST in files
    assert "not published" not in parts(read(ORIGINAL, OPUS))["Files"]


@pytest.mark.parametrize(
    ("licence", "words"),
    [
        ("CC0-1.0", "given up all rights"),
        ("CC-BY-NC-3.0", "not for money"),
        ("CC-BY-ND-4.0", "as it is"),
        ("GPL-2.0-or-later", "same rights"),
        ("LicenseRef-scancode-public-domain", "no rights in it are left"),
        ("Artistic-2.0", "conditions that the licence states"),
        ("CC-BY-SA-3.0 OR GPL-2.0-only", 'Where it says "OR" you choose one'),
        ("", "conditions that the licence states"),
    ],
)
def test_every_licence_says_what_it_allows(licence: str, words: str) -> None:
    text = parts(read(OPUS, licence=Licensed(licence=licence, licence_class="free")))["Licence"]
    assert words in text.replace("\n", " ")


def test_the_line_to_copy() -> None:
    line = attribution_of(release(), TRACK, "CC-BY-SA-4.0", "The Archive")
    assert line == (
        '"Underground" by Ryan Reilly, Someone Else, from "Music of the Battle" (2008-05), Ryan Reilly,'
        " via The Archive, licensed under Creative Commons Attribution-ShareAlike 4.0 International"
        " (https://creativecommons.org/licenses/by-sa/4.0/)"
    )


def test_the_verdict_names_its_grounds() -> None:
    def evidence(name: str) -> Evidence:
        return Evidence(id=name, kind=EvidenceKind.LETTER, statement=f"says {name}", licence="CC0-1.0", trusted=True)

    verdict = Verdict(
        decision=Decision.PUBLISH, rule="R017", because="x", evidence=("b", "a", "gone"), licence="CC0-1.0"
    )
    found = licensed_of(verdict, [evidence(name) for name in "abc"], "s")
    assert [one.statement for one in found.grounds] == ["says b", "says a"]
    assert (found.licence, found.source, found.grounds[0].kind) == ("CC0-1.0", "s", "letter")


def test_no_note_and_no_path_of_a_machine_is_published() -> None:
    licence = dataclasses.replace(
        LICENCE, source="/srv/Battle", grounds=(dataclasses.replace(GROUND, captured_from="/srv/rights.toml"),)
    )
    assert "/srv" not in read(OPUS, licence=licence)
    assert [public_source(one) for one in ("", "a/b/", "HTTPS://u:p@h/x", "https://h/?a=b@c")] == [
        "",
        "b",
        "HTTPS://h/x",
        "https://h/?a=b@c",
    ]


@pytest.mark.parametrize("text", ["../../x y", "https://evil.example", "", "a\nb", "x?y", "@"])
def test_an_identifier_becomes_no_other_address(text: str) -> None:
    found = find_address(Identifier(scheme="ia", text=text, source="tag"))
    assert found in ("", f"https://archive.org/details/{text}")
    assert "?" not in found
    assert not find_address(Identifier(scheme="shnid", text="1", source="tag"))


# ── hostile words ────────────────────────────────────────────────────────────────────────────────────────────────────

PEOPLE = st.lists(
    st.builds(Contributor, name=ANY_TEXT, role=ANY_TEXT | st.just("artist"), source=st.just("tag")), max_size=3
)
IDENTIFIERS = st.lists(
    st.builds(
        Identifier, scheme=ANY_TEXT | st.sampled_from(["isrc", "ia", "doi"]), text=ANY_TEXT, source=st.just("tag")
    ),
    max_size=2,
)
TITLES = st.builds(Statement, text=ANY_TEXT, source=st.just("tag"))
TRACKS = st.builds(
    Track,
    position=st.integers(-5, 10**6),
    id=st.just(TRACK.id),
    recording=st.just(RECORDING),
    title=TITLES,
    contributors=PEOPLE.map(tuple),
    disc=st.integers(-1, 100),
    number=ANY_TEXT,
    start_sample=st.integers(0, 10**9),
    identifiers=IDENTIFIERS.map(tuple),
    language=ANY_TEXT,
)
NAMES = st.lists(ANY_TEXT, max_size=3).map(tuple)
RELEASES = st.builds(
    Release,
    id=st.just(release().id),
    title=TITLES,
    contributors=PEOPLE.map(tuple),
    date=ANY_TEXT,
    place=ANY_TEXT,
    event=ANY_TEXT,
    label=ANY_TEXT,
    catalogue_number=ANY_TEXT,
    identifiers=IDENTIFIERS.map(tuple),
    genres=NAMES,
    collection=ANY_TEXT,
    lineage=ANY_TEXT,
    rights_holders=NAMES,
    masters=st.builds(lambda name: (dataclasses.replace(MASTER, path=f"masters/{name}"),), ANY_TEXT),
    tracks=st.just((TRACK,)),
)
GROUNDS = st.builds(
    Ground,
    kind=ANY_TEXT,
    statement=ANY_TEXT,
    licence=ANY_TEXT,
    issuer=ANY_TEXT,
    captured_from=ANY_TEXT,
    captured_at=ANY_TEXT,
    digest=ANY_TEXT,
)
LICENCES = st.builds(
    Licensed,
    licence=ANY_TEXT | st.sampled_from(["CC-BY-4.0", "CC-BY-4.0 AND MIT"]),
    licence_class=ANY_TEXT | st.just("free"),
    grounds=st.lists(GROUNDS, max_size=3).map(tuple),
    source=ANY_TEXT,
)
FILES = st.lists(
    st.builds(
        Credited,
        name=ANY_TEXT,
        tier=st.sampled_from(Tier),
        digest=st.just(DIGEST),
        bytes=st.integers(0),
        recipe=ANY_TEXT,
    ),
    max_size=4,
)


@settings(max_examples=40)
@given(RELEASES, TRACKS, LICENCES, ANY_TEXT, FILES)
def test_hostile_words_stay_words(
    whole: Release, track: Track, licence: Licensed, name: str, files: list[Credited]
) -> None:
    raw = credits_of(whole, track, licence, name, files)
    assert credits_of(whole, track, licence, name, files) == raw
    text = raw.decode()
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    lines = text[:-1].split("\n")
    assert lines == text.splitlines()
    for line in lines:
        assert len(line) <= WIDTH or ADDRESS.search(line)
    found = [lines[place - 1] for place, line in enumerate(lines) if re.fullmatch("-+", line)]
    assert found == HEADINGS[1:]


@given(ANY_TEXT)
def test_nobody_s_words_begin_at_the_left_edge(text: str) -> None:
    paper = Paper()
    paper.field("Label", text)
    paper.quote(text)
    for line in paper.bytes().decode().splitlines():
        assert line.startswith(("Label:", "    ")) or not line


def test_one_long_word_is_broken_and_an_address_is_not() -> None:
    paper = Paper()
    paper.field("Label", "x" * 200)
    paper.quote("https://example.org/" + "a" * 100)
    lines = paper.bytes().decode().splitlines()
    assert [len(line) for line in lines[:-1]] == [78, 78, 78, 22]
    assert lines[-1] == "    https://example.org/" + "a" * 100
