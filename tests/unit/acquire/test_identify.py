"""Identify: folders as people keep them, and what an archivist would write on the card."""

import json
import random
from dataclasses import replace

import pytest

from sonoteca.acquire.artwork import fronts
from sonoteca.acquire.identify import identify
from sonoteca.model.ids import Digest, ReleaseId, recording_id, release_id, track_id
from sonoteca.model.release import MasterRole, Statement
from tests.unit.acquire.releases import Folder, Sound, brief, names, release, report


def codes(folder: Folder) -> list[str]:
    return [one.code for one in folder.identified().findings]


# ── names of folders ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_artist_year_title() -> None:
    found = release("Slow Harbour - 2025 - One Long Evening [PL 002]", ["01 Boats.flac", "02 Ferry.flac"])
    assert found.title == Statement(text="One Long Evening", source="folder name")
    assert names(found) == [("artist", "Slow Harbour", "folder name")]
    assert (found.date, found.date_source, found.catalogue_number) == ("2025", "folder name", "PL 002")
    assert brief(found.tracks) == [("01", "Boats"), ("02", "Ferry")]


def test_nested_artist() -> None:
    found = release(
        "1973 - The Dark Side", ["01 - Speak.flac", "02 - Breathe.flac"], above=("music", "Rock", "Pink Floyd")
    )
    assert names(found) == [("artist", "Pink Floyd", "folder name")]
    assert (found.title.text, found.date) == ("The Dark Side", "1973")


@pytest.mark.parametrize("above", [("Bob",), ("music", "FLAC"), ("music", "1973"), ("music", "B"), ("music", "Live")])
def test_a_shelf_is_no_artist(above: tuple[str, ...]) -> None:
    assert names(release("Album One", ["a.flac"], above=above)) == []


def test_the_folder_above_is_no_artist_when_tags_name_others() -> None:
    recordings = {"a.flac": report(artist="A"), "b.flac": report(artist="B"), "c.flac": None, "d.flac": None}
    assert names(Folder(name="samples", recordings=recordings, above=("x", "thirdparty")).identified().release) == []


def test_a_poor_name_is_better_than_none() -> None:
    assert release("Album", ["a.flac"]).title.text == "Album"
    assert release("\udcff\u200b", ["a.flac"]).title.text == "\ufffd"


def test_a_concert_in_the_manner_of_etree() -> None:
    info = b"""Grateful Dead\n1977-05-08\nBarton Hall, Cornell University\nIthaca, NY\n
Source: SBD > Reel > DAT\nTaper: Betty Cantor-Jackson\nTransfer: DAT > WAV > FLAC\n
Disc 1\n1. New Minglewood Blues [5:10]\n2. Loser (7:30)\n
Disc 2\n1. Scarlet Begonias ->\n2. Fire on the Mountain\n"""
    paths = [f"gd77-05-08d{disc}t{number:02d}.flac" for disc in (1, 2) for number in (1, 2)]
    found = release("gd1977-05-08.sbd.hicks.4982.sbeok.shnf", paths, texts={"info.txt": info})
    assert found.title == Statement(
        text="Grateful Dead, Barton Hall, Cornell University, 1977-05-08", source="info text"
    )
    assert (found.date, found.event, found.place) == ("1977-05-08", "Barton Hall, Cornell University", "Ithaca, NY")
    assert names(found) == [("artist", "Grateful Dead", "info text"), ("taper", "Betty Cantor-Jackson", "info text")]
    assert [(one.scheme, one.text) for one in found.identifiers] == [("shnid", "4982")]
    assert found.lineage.splitlines() == [
        "Source: SBD > Reel > DAT",
        "Taper: Betty Cantor-Jackson",
        "Transfer: DAT > WAV > FLAC",
    ]
    assert found.description.startswith("Grateful Dead\n1977-05-08\n")
    assert [(one.disc, one.number, one.title.text, one.title.source) for one in found.tracks] == [
        (1, "01", "New Minglewood Blues", "info text"),
        (1, "02", "Loser", "info text"),
        (2, "01", "Scarlet Begonias", "info text"),
        (2, "02", "Fire on the Mountain", "info text"),
    ]


def test_a_set_list_that_does_not_fit_is_left_aside() -> None:
    found = release("gd1977-05-08.sbd", ["gd77-05-08d1t01.flac"], texts={"info.txt": b"1. One\n2. Two\n"})
    assert found.tracks[0].title == Statement(text="gd77-05-08d1t01", source="file name")


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_numbers_of_tags_decide_when_all_have_one() -> None:
    recordings = {"b.flac": report(tracknumber="2/2", title="Two"), "z.flac": report(tracknumber="1/2", title="One")}
    assert brief(Folder(name="x", recordings=recordings).identified().release.tracks) == [("1", "One"), ("2", "Two")]


@pytest.mark.parametrize("wrong", ["-1/999999999999", "0", "1084389376", "", "one", "2"])
def test_wrong_numbers_fall_back_to_names(wrong: str) -> None:
    recordings = {f"{number} - x.flac": report(tracknumber="2") for number in ("10", "2", "1")}
    recordings["1 - x.flac"] = report(tracknumber=wrong)
    folder = Folder(name="x", recordings=recordings)
    assert [one.number for one in folder.identified().release.tracks] == ["1", "2", "10"]
    assert "T201" in codes(folder)


def test_natural_order_files_before_folders() -> None:
    found = release("x", ["track10.ogg", "track9.ogg", "bonus/a.ogg"], texts={"rights.json": b"{}"})
    assert [one.title.text for one in found.tracks] == ["track9", "track10", "a"]
    assert [one.position for one in found.tracks] == [1, 2, 3]


def test_discs_from_folders_and_from_tags() -> None:
    found = release("x", ["CD2/01 c.flac", "CD1/01 a.flac", "CD1/02 b.flac"])
    assert [(one.disc, one.number, one.title.text) for one in found.tracks] == [
        (1, "01", "a"),
        (1, "02", "b"),
        (2, "01", "c"),
    ]
    tagged = {
        f"{disc}{number}.flac": report(discnumber=f"{disc}/2", tracknumber=str(number))
        for disc in (2, 1)
        for number in (2, 1)
    }
    placed = Folder(name="x", recordings=tagged).identified().release.tracks
    assert [(one.disc, one.number) for one in placed] == [(1, "1"), (1, "2"), (2, "1"), (2, "2")]


def test_one_disc_is_no_disc_and_nonsense_neither() -> None:
    for disc in ("1/1", "NaN"):
        recordings = {"a.flac": report(discnumber=disc), "b.flac": report(discnumber=disc)}
        assert {one.disc for one in Folder(name="x", recordings=recordings).identified().release.tracks} == {0}


def test_sides_of_a_record() -> None:
    found = release("x", ["B1 - Three.flac", "A2 - Two.flac", "A1 - One.flac"])
    assert [(one.side, one.number, one.title.text) for one in found.tracks] == [
        ("A", "A1", "One"),
        ("A", "A2", "Two"),
        ("B", "B1", "Three"),
    ]
    folders = release("x", ["Side B/01 c.flac", "Side A/02 b.flac", "Side A/01 a.flac"])
    assert [(one.side, one.title.text) for one in folders.tracks] == [("A", "a"), ("A", "b"), ("B", "c")]


# ── titles and names ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_title_copied_over_all_files_is_the_title_of_none() -> None:
    recordings = {f"0{number} {name}.flac": report(title="Same", album="Alb") for number, name in enumerate("xyz", 1)}
    folder = Folder(name="x", recordings=recordings)
    assert brief(folder.identified().release.tracks) == [("01", "x"), ("02", "y"), ("03", "z")]
    assert codes(folder) == ["T202"]
    assert folder.identified().release.title == Statement(text="Alb", source="tag")


@pytest.mark.parametrize(
    "title", ["<Unknown>", "Track 01", "AudioTrack 3", "  ", "\u200b", "<script>x</script>", "..", "Без названия"]
)
def test_a_title_that_says_nothing(title: str) -> None:
    found = Folder(name="x", recordings={"07 Aria.flac": report(title=title)}).identified().release
    assert found.tracks[0].title == Statement(text="Aria", source="file name")


def test_a_licence_is_no_artist() -> None:
    # klettres/nb/alpha in the corpus
    sentence = "Copyright 2007 Johnstad/Gabor. This file is distributed under the terms of the GPL"
    folder = Folder(name="x", recordings={"a.ogg": report(artist=sentence, composer="Ann")})
    assert [(one.role, one.name) for one in folder.identified().release.tracks[0].contributors] == [("composer", "Ann")]
    assert codes(folder) == ["T203"]
    assert names(folder.identified().release) == [("composer", "Ann", "tag")]


def test_tags_that_most_tracks_share_speak_for_the_release() -> None:
    recordings = {
        f"{number}.flac": report(
            albumartist="Project", album="OST ", artist=f"Artist {number}", date="2012-12-15", genre="Game"
        )
        for number in range(5)
    }
    recordings["silence.flac"] = report()
    found = Folder(name="folder", recordings=recordings).identified().release
    assert (found.title, found.date, found.genres) == (Statement(text="OST", source="tag"), "2012-12-15", ("Game",))
    assert names(found) == [("artist", "Project", "tag")]
    assert found.tracks[0].contributors[0].name == "Artist 0"


def test_a_tag_on_few_tracks_does_not() -> None:
    recordings = {
        f"{number}.flac": report(**({"album": "alpha", "artist": "D"} if number < 2 else {})) for number in range(6)
    }
    found = Folder(name="folder", recordings=recordings).identified().release
    assert (found.title.text, names(found)) == ("folder", [])


def test_various_artists() -> None:
    by_tags = {f"{number}.flac": report(artist=f"Artist {number}") for number in range(4)}
    assert names(Folder(name="Hits", recordings=by_tags).identified().release) == [("artist", "Various Artists", "tag")]
    found = release(
        "VA - Jazz (1999)",
        ["01 - Miles Davis - So What.mp3", "02 - Bill Evans - Peace Piece.mp3", "03 - John Coltrane - Naima.mp3"],
    )
    assert names(found) == [("artist", "Various Artists", "folder name")]
    assert [(one.title.text, one.contributors[0].name) for one in found.tracks][:1] == [("So What", "Miles Davis")]


def test_guests_do_not_make_a_compilation() -> None:
    artists = ["Ann", "Ann feat. Bo", "Ann (ft. Carl)", "Ann Featuring Dora", "Ann"]
    recordings = {f"{number}.flac": report(artist=artist) for number, artist in enumerate(artists)}
    found = Folder(name="x", recordings=recordings).identified().release
    assert names(found) == [("artist", "Ann", "tag")]
    assert found.tracks[1].contributors[0].name == "Ann feat. Bo"


def test_a_shelf_of_compilations() -> None:
    found = release("Summer Hits", ["01.mp3", "02.mp3"], above=("music", "Various Artists"))
    assert names(found) == [("artist", "Various Artists", "folder name")]


def test_movements_are_no_artists() -> None:
    found = release(
        "Sonatas",
        [f"0{number} - Sonata in A - {name}.flac" for number, name in enumerate(("Allegro", "Andante", "Presto"), 1)],
    )
    assert found.tracks[0].title.text == "Sonata in A - Allegro"
    assert found.tracks[0].contributors == ()


def test_an_artist_in_a_file_name_whom_the_manifest_knows() -> None:
    # asterisk-moh-opsound in the corpus
    manifest = json.dumps(
        {"title": "Hold music", "rights_holders": ["Paul Shuler (Macroform)", "Manolo Camp"]}
    ).encode()
    found = release(
        "moh",
        ["macroform-cold_day.wav", "manolo_camp-morning_coffee.wav", "x-ray_eyes.wav"],
        texts={"rights.json": manifest},
    )
    assert [(one.title.text, [who.name for who in one.contributors]) for one in found.tracks] == [
        ("cold day", ["Macroform"]),
        ("morning coffee", ["Manolo Camp"]),
        ("x-ray eyes", []),
    ]


def test_the_manifest_speaks_first() -> None:
    manifest = b"""title = "The Title"
artist = "Ann"
date = 1999-05-04
label = "L"
catalogue_number = "L 1"
language = "EN"
rights_holders = ["Ann", "Bo <bo@example.org>"]
place = "Ithaca"
series = "Evenings"
tags = ["slow"]
genres = ["Folk"]
[[files]]
file = "1.flac"
title = "One"
composer = "Carl"
isrc = "GB-AYE-69-00531"
"""
    recordings = {"1.flac": report(title="T", album="A", composer="D", artist="E")}
    found = Folder(name="x", recordings=recordings, texts={"rights.toml": manifest}).identified().release
    assert found.title == Statement(text="The Title", source="manifest")
    assert names(found)[0] == ("artist", "Ann", "manifest")
    assert (found.date, found.date_source, found.label, found.catalogue_number) == (
        "1999-05-04",
        "manifest",
        "L",
        "L 1",
    )
    assert (found.language, found.place, found.series, found.tags, found.genres) == (
        "en",
        "Ithaca",
        "Evenings",
        ("slow",),
        ("Folk",),
    )
    assert found.rights_holders == ("Ann", "Bo <bo@example.org>")
    (track,) = found.tracks
    assert track.title == Statement(text="One", source="manifest")
    assert [(one.role, one.name, one.source) for one in track.contributors] == [
        ("artist", "E", "tag"),
        ("composer", "Carl", "manifest"),
    ]
    assert [(one.scheme, one.text, one.source) for one in track.identifiers] == [("isrc", "GBAYE6900531", "manifest")]


def test_a_manifest_above_lends_its_rights_holders_alone() -> None:
    folder = Folder(
        name="x", recordings={"1.flac": None}, texts={"../rights.toml": b'title = "No"\nrights_holders = ["Ann"]'}
    )
    found = folder.identified().release
    assert (found.title.text, found.rights_holders) == ("x", ("Ann",))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"title": 5, "files": {"a": 3}, "artist": [1, null]}',
        b"[1]",
        b"title = ",
    ],
)
@pytest.mark.parametrize("name", ["rights.json", "rights.toml"])
def test_a_broken_manifest_says_nothing(name: str, content: bytes) -> None:
    assert release("x", ["1.flac"], texts={name: content}).tracks[0].title.text == "1"


def test_identifiers_are_held_to_their_form() -> None:
    mbid = "0383dadf-2a4e-4d10-a46a-e9e041da8eb3"
    good = report(
        isrc=["GB-AYE-69-00531", "gbaye6900531", "CC-XXX"],
        barcode="0724384960650",
        musicbrainz_albumid=mbid.upper(),
        musicbrainz_trackid=mbid,
    )
    folder = Folder(name="x", recordings={"1.flac": good})
    found = folder.identified().release
    assert [(one.scheme, one.text) for one in found.identifiers] == [
        ("upc", "0724384960650"),
        ("musicbrainz-release", mbid),
    ]
    assert [(one.scheme, one.text) for one in found.tracks[0].identifiers] == [
        ("isrc", "GBAYE6900531"),
        ("musicbrainz-recording", mbid),
    ]
    assert codes(folder) == ["T205"]


def test_a_date_that_cannot_be() -> None:
    folder = Folder(name="x", recordings={"1.flac": report(date="99999-13-45")})
    assert (folder.identified().release.date, codes(folder)) == ("", ["T204"])


# ── masters ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_bytes_are_one_recording_and_all_tracks() -> None:
    # fillets-ng in the corpus: one laser.ogg under three names
    paths = ["a/laser.ogg", "b/reactor.ogg", "c/pauau.ogg"]
    found = release("x", paths, contents=dict.fromkeys(paths, "laser"), texts={"rights.json": b"{}"})
    assert [one.title.text for one in found.tracks] == ["laser", "reactor", "pauau"]
    assert len({one.recording for one in found.tracks}) == len({one.id for one in found.tracks}) == 1
    assert [one.role for one in found.masters] == [MasterRole.PRIMARY] * 3
    assert [one.original for one in found.masters] == paths


def test_ids_follow_from_bytes() -> None:
    folder = Folder(name="x", recordings={"1.flac": None, "2.flac": None})
    found = folder.identified().release
    digests = [one.digest for one in folder.found().files]
    assert found.id == release_id(digests, "file:///shelf")
    assert [one.id for one in found.tracks] == [track_id(recording_id(digest)) for digest in digests]
    assert (found.tracks[0].start_sample, found.tracks[0].end_sample, found.collection) == (0, None, "shelf")


def test_a_release_added_again_keeps_its_name() -> None:
    known = ReleaseId("urn:uuid:00000000-0000-8000-8000-000000000000")
    assert (
        identify(replace(Folder(name="x", recordings={"1.flac": None}).found(), release_id=known)).release.id == known
    )


def test_the_order_of_files_decides_nothing() -> None:
    recordings = {
        f"{number}.{ending}": report(sound=Sound(lossless=ending == "flac"), title=f"T{number % 3}")
        for number in range(9)
        for ending in ("flac", "mp3")
    }
    found = Folder(name="x", recordings=recordings, others=["b.jpg", "cover.png", "x.log"]).found()
    mixed = list(found.files)
    random.Random(1).shuffle(mixed)
    assert identify(replace(found, files=tuple(mixed))) == identify(found)


def test_pictures_and_documents() -> None:
    others = [
        "Scans/page 10.jpg",
        "Scans/page 2.jpg",
        "back.jpg",
        "folder.jpg",
        "Front Cover.png",
        "cd cover.jpg",
        "rip.log",
        "10.txt",
        "9.txt",
    ]
    found = release("x", ["1.flac"], others=others)
    assert found.artwork[:2] == ("artwork/Front Cover.png", "artwork/folder.jpg")
    assert found.artwork[-2:] == ("artwork/Scans/page 2.jpg", "artwork/Scans/page 10.jpg")
    assert found.documents == ("documents/9.txt", "documents/10.txt", "documents/rip.log")


def test_the_front_in_its_sizes() -> None:
    pictures = [
        "artwork/cover.png",
        "artwork/folder.jpg",
        "artwork/cover-small.jpg",
        "artwork/back-small.jpg",
        "artwork/booklet front.jpg",
        "artwork/thumb.jpg",
        "artwork/CD2/cover.jpg",
    ]
    assert fronts(pictures) == ("artwork/cover.png", "artwork/folder.jpg", "artwork/cover-small.jpg")
    assert fronts(["artwork/scan 1.jpg", "artwork/scan 2.jpg"]) == ("artwork/scan 1.jpg",)
    assert fronts([]) == ()


def test_nothing_to_hear_gives_an_empty_release() -> None:
    found = replace(Folder(name="x", recordings={"1.flac": None}).found(), files=())
    assert identify(found).release.tracks == ()
    assert identify(found).release.id == release_id((), "file:///shelf")


def test_what_was_refused_is_no_master() -> None:
    refused = Folder(name="x", recordings={"1.flac": None, "2.flac": None}).found()
    second = replace(refused.files[1], digest=Digest("0" * 64), report=None)
    assert len(identify(replace(refused, files=(refused.files[0], second))).release.masters) == 1
