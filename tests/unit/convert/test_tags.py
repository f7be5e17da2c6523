"""Tags: Picard's names, the curator's description, and nothing that could hurt whoever reads them."""

import dataclasses
import json
from pathlib import Path

import mutagen
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.convert.comments import fitting, is_name
from sonoteca.convert.credits import Licensed
from sonoteca.convert.flac import FlacFile
from sonoteca.convert.opus import OpusFile
from sonoteca.convert.plain_text import one_line
from sonoteca.convert.tags import MAX_CHARACTERS, MAX_VALUES, tags_of
from sonoteca.model.release import Contributor, Identifier, Release, Statement, Track
from tests.unit.convert.recordings import made, noise, run, write
from tests.unit.convert.test_credits import LICENCE, RELEASES, TRACK, TRACKS, release


def named(name: str, found: tuple[tuple[str, str], ...]) -> list[str]:
    return [text for one, text in found if one == name]


def test_a_described_track_has_its_tags_in_order() -> None:
    assert tags_of(release(), TRACK, LICENCE) == (
        ("TITLE", "Underground"),
        ("ARTIST", "Ryan Reilly"),
        ("ARTIST", "Someone Else"),
        ("ALBUM", "Music of the Battle"),
        ("ALBUMARTIST", "Various Artists"),
        ("TRACKNUMBER", "7"),
        ("TRACKTOTAL", "1"),
        ("DISCNUMBER", "2"),
        ("DISCTOTAL", "2"),
        ("DATE", "2008-05"),
        ("LICENSE", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("COPYRIGHT", "Ryan Reilly"),
        ("SONOTECA_TRACK", TRACK.id),
        ("SONOTECA_RELEASE", release().id),
        ("SONOTECA_MASTER", "sha256:" + "ab" * 32),
        ("SOURCE", "https://archive.org/details/battle"),
        ("ISRC", "USRC17607839"),
        ("MUSICBRAINZ_TRACKID", "0d2b3a4c-1111-4222-8333-444455556666"),
        ("LABEL", "A Label"),
        ("CATALOGNUMBER", "AL 1"),
        ("LANGUAGE", "zxx"),
        ("GENRE", "Ambient"),
        ("COMPOSER", "Ryan Reilly"),
    )


@pytest.mark.parametrize("kind", [OpusFile, FlacFile])
def test_they_are_read_back_by_others(kind: type[OpusFile] | type[FlacFile], tmp_path: Path) -> None:
    """Every one of them, by mutagen; and by Debian's ffprobe, which joins several of one name."""
    path = tmp_path / ("x.opus" if kind is OpusFile else "x.flac")
    pairs = tags_of(release(), TRACK, LICENCE)
    sound = (noise(1, 48_000, 2) * 32_767).round().astype("i2")
    assert write(kind, path, made(sound, 48_000, form="s16"), pairs)
    tags = mutagen.File(path).tags
    for name in dict(pairs):
        assert tags[name] == named(name, pairs), name
    probed = json.loads(run("ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", str(path)))
    both = {**probed["streams"][0].get("tags", {}), **probed["format"].get("tags", {})}
    said = {key.upper(): text for key, text in both.items()}
    theirs = {"DISCNUMBER": "DISC", "TRACKNUMBER": "TRACK", "ALBUMARTIST": "ALBUM_ARTIST"}
    for name in dict(pairs):
        assert said[theirs.get(name, name)] == ";".join(named(name, pairs)), name
    gains = {"R128_TRACK_GAIN"} if kind is OpusFile else {"REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_PEAK"}
    assert {name for name in said if "GAIN" in name} == gains


@pytest.mark.parametrize(
    ("licence", "tag"),
    [
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("CC-BY-3.0 OR GPL-2.0-only", "CC-BY-3.0 OR GPL-2.0-only"),
        ("LicenseRef-other", "LicenseRef-other"),
        ("https://example.org/licence", "https://example.org/licence"),
    ],
)
def test_licences(licence: str, tag: str) -> None:
    assert named("LICENSE", tags_of(release(), TRACK, Licensed(licence=licence))) == [tag]


@pytest.mark.parametrize(
    ("printed", "number"), [("7", "7"), ("07", "7"), ("A1", "1"), ("", "1"), ("0", "1"), ("٣", "1"), ("1" * 5000, "1")]
)
def test_the_number_is_one(printed: str, number: str) -> None:
    track = dataclasses.replace(TRACK, number=printed)
    found = tags_of(dataclasses.replace(release(), tracks=(track,)), track, LICENCE)
    assert named("TRACKNUMBER", found) == [number]


def test_a_track_without_artists_has_the_release_s() -> None:
    track = dataclasses.replace(TRACK, contributors=())
    assert named("ARTIST", tags_of(release(), track, LICENCE)) == ["Various Artists"]


def test_no_path_of_a_machine_is_published() -> None:
    for source in ("/srv/Music/Album", "file:///srv/Music/Album", "C/Album/"):
        assert named("SOURCE", tags_of(release(), TRACK, dataclasses.replace(LICENCE, source=source))) == ["Album"]
    secret = dataclasses.replace(LICENCE, source="https://me:secret@example.org/a")
    assert named("SOURCE", tags_of(release(), TRACK, secret)) == ["https://example.org/a"]


def test_identity_fits_however_long_the_lists_are() -> None:
    crowd = tuple(
        Contributor(name=f"{n:04}" + "漢" * 600, role=role, source="tag")
        for n in range(90)
        for role in ("artist", "composer")
    )
    many = tuple(Identifier(scheme="isrc", text="x" * 900 + str(n), source="tag") for n in range(90))
    title = Statement(text="漢" * 10**5, source="tag")
    track = dataclasses.replace(TRACK, contributors=crowd, identifiers=many, title=title)
    found = tags_of(dataclasses.replace(release(), contributors=crowd, title=title), track, LICENCE)
    assert len(named("ARTIST", found)) == MAX_VALUES
    kept = {name for name, _ in fitting((*found, ("ENCODERSETTINGS", "access-1")))}
    assert {"TITLE", "LICENSE", "SONOTECA_TRACK", "SONOTECA_MASTER", "ENCODERSETTINGS"} <= kept


@settings(max_examples=40)
@given(RELEASES, TRACKS, st.builds(Licensed, licence=st.text(), source=st.text()))
def test_hostile_descriptions(whole: Release, track: Track, licence: Licensed) -> None:
    found = tags_of(whole, track, licence)
    assert len(set(found)) == len(found)
    for name, text in found:
        assert is_name(name)
        assert text
        assert text == one_line(text, MAX_CHARACTERS)
    assert tags_of(whole, track, licence) == found
