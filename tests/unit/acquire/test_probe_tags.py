"""Tags, as mutagen writes them and as we read them: every scheme, every value, and nothing that was not there."""

import base64
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen import apev2, asf, flac, id3, mp4, oggopus

from sonoteca.acquire.probe import probe
from sonoteca.acquire.probe_names import RANKS, common_name, understand, use_of
from sonoteca.acquire.probe_tags import MAX_ALL_CHARS, MAX_TAGS, MAX_VALUE_CHARS
from sonoteca.model.media import ProbeReport, TagValue
from tests.unit.acquire import sounds
from tests.unit.acquire.test_probe_pictures import png

Any_id3: Any = id3
Tagging = Callable[[Path], None]


@pytest.fixture
def tagged(tmp_path: Path) -> Callable[[str, Tagging], ProbeReport]:
    """A sound of this name, tagged by somebody else's code."""

    def run(name: str, tagging: Tagging) -> ProbeReport:
        path = tmp_path / name
        path.write_bytes(sounds.make(name, seconds=0.3))
        tagging(path)
        return probe(str(path), name)

    return run


def understood(report: ProbeReport) -> dict[str, tuple[str, ...]]:
    """Without what encoders write about themselves."""
    return {name: texts for name, texts in report.understood if name not in ("encodersettings", "encodedby")}


def codes(report: ProbeReport) -> list[str]:
    return [found.code for found in report.findings]


EXPECTED = {
    "title": ("Ärger № 1",),
    "artist": ("Erste", "東京"),
    "album": ("Das Album",),
    "tracknumber": ("7/12",),
    "date": ("1999-05-04",),
    "isrc": ("DEXXX9900001",),
}


def write_vorbis(file: Any) -> None:
    for name, texts in EXPECTED.items():
        file[name] = list(texts)
    file.save()


def write_id3(path: Path, version: int, encoding: int) -> None:
    frames = {"TIT2": "title", "TPE1": "artist", "TALB": "album", "TRCK": "tracknumber", "TSRC": "isrc"}
    tag = Any_id3.ID3()
    for frame, name in frames.items():
        tag.add(getattr(Any_id3, frame)(encoding=encoding, text=list(EXPECTED[name])))
    tag.add(Any_id3.TDRC(encoding=encoding, text=["1999-05-04"]))
    if version == 3:
        tag.update_to_v23()
    tag.save(path, v2_version=version, v23_sep=None)


def write_mp4(path: Path) -> None:
    file: Any = mp4.MP4(path)  # type: ignore[no-untyped-call]
    file["©nam"], file["©ART"], file["©alb"] = (list(EXPECTED[name]) for name in ("title", "artist", "album"))
    file["trkn"], file["©day"] = [(7, 12)], ["1999-05-04"]
    file["----:com.apple.iTunes:ISRC"] = [mp4.MP4FreeForm(b"DEXXX9900001")]
    file.save()


def write_ape(path: Path) -> None:
    tag: Any = apev2.APEv2()
    tag["Title"], tag["Artist"], tag["Album"] = (list(EXPECTED[name]) for name in ("title", "artist", "album"))
    tag["Track"], tag["Year"], tag["ISRC"] = "7/12", "1999-05-04", "DEXXX9900001"
    tag.save(path)


def write_asf(path: Path) -> None:
    file: Any = asf.ASF(path)  # type: ignore[no-untyped-call]
    file["Title"], file["Author"], file["WM/AlbumTitle"] = (
        list(EXPECTED[name]) for name in ("title", "artist", "album")
    )
    file["WM/TrackNumber"], file["WM/Year"], file["WM/ISRC"] = ["7/12"], ["1999-05-04"], ["DEXXX9900001"]
    file.save()


SCHEMES: list[tuple[str, str, Tagging]] = [
    ("a.flac", "vorbis", lambda path: write_vorbis(flac.FLAC(path))),  # type: ignore[no-untyped-call]
    ("a.opus", "vorbis", lambda path: write_vorbis(oggopus.OggOpus(path))),
    ("a.mp3", "id3v2.4", lambda path: write_id3(path, 4, 3)),
    ("a.mp3", "id3v2.4", lambda path: write_id3(path, 4, 1)),
    ("a.mp3", "id3v2.4", lambda path: write_id3(path, 4, 2)),
    ("a.m4a", "mp4", write_mp4),
    ("a.wv", "ape", write_ape),
    ("a.tta", "ape", write_ape),
    ("a.wma", "asf", write_asf),
]


@pytest.mark.parametrize(("name", "origin", "tagging"), SCHEMES)
def test_every_scheme_is_understood(name: str, origin: str, tagging: Tagging, tagged: Any) -> None:
    report = tagged(name, tagging)
    assert understood(report) == EXPECTED
    mine = [tag for tag in report.tags if common_name(tag) in EXPECTED]
    assert {tag.origin for tag in mine} == {origin} and all(tag.raw == "" == tag.encoding for tag in mine)
    assert [code for code in codes(report) if code[0] == "T"] == []


def test_id3v23(tagged: Any) -> None:
    """Version 2.3 has one value a frame and the year apart."""
    report = tagged("a.mp3", lambda path: write_id3(path, 3, 1))
    assert understood(report)["title"] == EXPECTED["title"] and understood(report)["date"] == ("1999",)
    assert {tag.origin for tag in report.tags} == {"id3v2.3"}


LICENCE, HOME = "https://creativecommons.org/licenses/by/4.0/", "https://artist.example/ümlaut"


def write_links(path: Path, version: int) -> None:
    """WCOP and WOAR; of the latter there may be several (ID3v2.3 §4.3)."""
    tag = Any_id3.ID3()
    tag.add(Any_id3.WCOP(url=LICENCE))
    tag.add(Any_id3.WOAR(url=HOME))
    tag.add(Any_id3.WOAR(url="https://two.example/"))
    tag.save(path, v2_version=version, v1=0)


@pytest.mark.parametrize("version", [3, 4])
def test_addresses_of_the_licence_and_the_artist(version: int, tagged: Any) -> None:
    report = tagged("a.mp3", lambda path: write_links(path, version))
    kept = [(one.key, one.text) for one in report.tags if one.key.startswith("W")]
    assert sorted(kept) == [("WCOP", LICENCE), ("WOAR", HOME), ("WOAR", "https://two.example/")]
    found = understood(report)
    assert (found["license"], set(found["website"])) == ((LICENCE,), {HOME, "https://two.example/"})
    assert "T141" not in codes(report)


def test_id3v1_fills_gaps_and_never_cuts(tagged: Any) -> None:
    def write(path: Path) -> None:
        write_id3(path, 4, 3)
        old = b"TAG" + b"Arger".ljust(30) + bytes(60) + b"2001" + b"from the end".ljust(28, b"\0") + b"\0\x09\xff"
        path.write_bytes(path.read_bytes() + old)

    report = tagged("a.mp3", write)
    assert understood(report) == EXPECTED | {"comment": ("from the end",)}
    assert [tag.text for tag in report.tags if tag.origin == "id3v1"] == ["Arger", "2001", "from the end", "9"]


def test_wrong_encodings_of_one_file_are_read_alike(tagged: Any) -> None:
    def write(path: Path) -> None:
        tag = Any_id3.ID3()
        for frame, text in {"TIT2": "Эльфийская земля", "TALB": "Да"}.items():
            tag.add(getattr(Any_id3, frame)(encoding=0, text=[text.encode("cp1251").decode("latin-1")]))
        tag.save(path)

    report = tagged("a.mp3", write)
    assert understood(report) == {"title": ("Эльфийская земля",), "album": ("Да",)}
    assert [(tag.raw, tag.encoding) for tag in report.tags] == [
        ("Эльфийская земля".encode("cp1251").hex(), "cp1251"),
        ("Да".encode("cp1251").hex(), "cp1251"),
    ]
    assert "T141" in codes(report)


def test_bytes_that_are_no_utf_8_are_kept(tagged: Any) -> None:
    def write(path: Path) -> None:
        file: Any = flac.FLAC(path)  # type: ignore[no-untyped-call]
        file["title"], file["comment"] = "XXXXXXX", "fine"
        file.save()
        path.write_bytes(path.read_bytes().replace(b"XXXXXXX", "Señor X".encode("cp1252")))

    (title,) = (tag for tag in tagged("a.flac", write).tags if tag.key == "title")
    assert (title.text, title.raw, title.encoding) == ("Señor X", "Señor X".encode("cp1252").hex(), "latin-1")


def test_riff_info_and_broadcast_wave(tagged: Any) -> None:
    def write(path: Path) -> None:
        info = b"INFO" + b"INAM" + struct.pack("<I", 6) + b"Title\0" + b"IART" + struct.pack("<I", 3) + b"J\xe9\0\0"
        bext = b"A description".ljust(256, b"\0") + b"Somebody".ljust(64, b"\0") + b"1999-05-0410:00:00" + bytes(272)
        extra = b"LIST" + struct.pack("<I", len(info)) + info + b"bext" + struct.pack("<I", len(bext)) + bext
        raw = path.read_bytes()
        path.write_bytes(raw[:4] + struct.pack("<I", len(raw) - 8 + len(extra)) + raw[8:] + extra)

    report = tagged("a.wav", write)
    assert understood(report) == {
        "title": ("Title",),
        "artist": ("Jé",),
        "comment": ("A description",),
        "date": ("1999-05-04",),
    } | {name: texts for name, texts in understood(report).items() if name.startswith(("originat", "timeref"))}
    assert report.audio is not None and report.audio.puid == "fmt/703"


def test_matroska_by_ffmpeg(tagged: Any) -> None:
    report = tagged("a.mka", lambda path: None)
    assert all(tag.origin == "matroska" for tag in report.tags) and report.tags


# ── pictures in tags ─────────────────────────────────────────────────────────────────────────────────────────────────


def with_flac_picture(path: Path, mime: str = "image/png") -> bytes:
    picture: Any = flac.Picture()
    picture.type, picture.mime, picture.desc, picture.data = 3, mime, "front", png(60, 40) + bytes(5000)
    file: Any = flac.FLAC(path)  # type: ignore[no-untyped-call]
    file.add_picture(picture)
    file.save()
    written: bytes = picture.write()
    return written


def write_opus_picture(path: Path) -> None:
    picture: Any = flac.Picture()
    picture.type, picture.mime, picture.data = 3, "image/png", png(60, 40) + bytes(5000)
    file: Any = oggopus.OggOpus(path)
    file["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    file.save()


def write_id3_picture(path: Path) -> None:
    tag = Any_id3.ID3()
    tag.add(Any_id3.APIC(encoding=3, mime="image/png", type=3, desc="", data=png(60, 40) + bytes(5000)))
    tag.save(path)


def write_mp4_picture(path: Path) -> None:
    file: Any = mp4.MP4(path)  # type: ignore[no-untyped-call]
    file["covr"] = [mp4.MP4Cover(png(60, 40) + bytes(5000), mp4.MP4Cover.FORMAT_PNG)]
    file.save()


def write_ape_picture(path: Path) -> None:
    tag: Any = apev2.APEv2()
    tag["Cover Art (Front)"] = apev2.APEValue(b"cover.png\0" + png(60, 40) + bytes(5000), apev2.BINARY)
    tag.save(path)


@pytest.mark.parametrize(
    ("name", "tagging"),
    [
        ("a.flac", with_flac_picture),
        ("a.opus", write_opus_picture),
        ("a.mp3", write_id3_picture),
        ("a.m4a", write_mp4_picture),
        ("a.wv", write_ape_picture),
    ],
)
def test_pictures_are_described_and_not_kept(name: str, tagging: Any, tagged: Any) -> None:
    report = tagged(name, tagging)
    (picture,) = report.pictures
    assert (picture.mime, picture.width, picture.height, picture.kind) == ("image/png", 60, 40, "front cover")
    assert abs(picture.bytes - len(png(60, 40)) - 5000) <= 3
    assert all(len(tag.text) < 1000 for tag in report.tags) and [code for code in codes(report) if code[0] == "P"] == []


def test_a_picture_that_lies_is_a_warning(tagged: Any) -> None:
    assert "P106" in codes(tagged("a.flac", lambda path: with_flac_picture(path, "-->")))
    assert "P107" in codes(tagged("a.flac", lambda path: with_flac_picture(path, "image/jpeg")))


# ── too much ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_too_many_and_too_long_are_bounded(tagged: Any) -> None:
    def many(path: Path) -> None:
        file: Any = flac.FLAC(path)  # type: ignore[no-untyped-call]
        file["artist"] = [f"Artist {number}" for number in range(3000)]
        file.save()

    def long(path: Path) -> None:
        file: Any = flac.FLAC(path)  # type: ignore[no-untyped-call]
        file["title"], file["lyrics"] = "L" * 200_000, "word " * 50_000
        file.save()

    def much(path: Path) -> None:
        file: Any = flac.FLAC(path)  # type: ignore[no-untyped-call]
        file["lyrics"] = ["word " * 12_000 for _ in range(60)]
        file.save()

    report = tagged("a.flac", many)
    assert len(report.tags) == MAX_TAGS and {"T125", "T126"} <= set(codes(report))
    report = tagged("a.flac", long)
    assert max(len(tag.text) for tag in report.tags) == MAX_VALUE_CHARS and {"T121", "T124"} <= set(codes(report))
    report = tagged("a.flac", much)
    assert sum(len(tag.text) for tag in report.tags) <= MAX_ALL_CHARS and "T125" in codes(report)


def test_damaged_tags_cost_only_themselves(tmp_path: Path) -> None:
    """Whatever stands in the tag's bytes: the sound is found, and nothing raises."""
    chance = random.Random(5)
    for name, _, tagging in SCHEMES:
        path = tmp_path / name
        path.write_bytes(sounds.make(name, seconds=0.3))
        tagging(path)
        raw = path.read_bytes()
        at = raw.find("東京".encode()) if "東京".encode() in raw else raw.find("東京".encode("utf-16-le"))
        for _ in range(20):
            broken = bytearray(raw)
            for _ in range(chance.choice([1, 5, 30])):
                broken[min(len(raw) - 1, max(10, at + chance.randrange(-150, 60)))] = chance.randrange(256)
            path.write_bytes(broken)
            assert probe(str(path), name).findings is not None


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def value(key: str, text: str, origin: str) -> TagValue:
    return TagValue(key=key, text=text, origin=origin)


@pytest.mark.parametrize(
    ("key", "origin", "name"),
    [
        ("TIT2", "id3v2.4", "title"),
        ("TT2", "id3v2.2", "title"),
        ("COMM:eng", "id3v2.3", "comment"),
        ("TXXX:MusicBrainz Album Id", "id3v2.4", "musicbrainz_albumid"),
        ("TXXX:CATALOGNUMBER", "id3v2.3", "catalognumber"),
        ("UFID:http://musicbrainz.org", "id3v2.4", "musicbrainz_trackid"),
        ("TRACKNUMBER", "vorbis", "tracknumber"),
        ("album artist", "vorbis", "albumartist"),
        ("ORGANIZATION", "vorbis", "label"),
        ("Album Artist", "ape", "albumartist"),
        ("Year", "ape", "date"),
        ("©alb", "mp4", "album"),
        ("----:com.apple.iTunes:LICENSE", "mp4", "license"),
        ("WM/AlbumTitle", "asf", "album"),
        ("INAM", "riff-info", "title"),
        ("ISRC", "riff-info", "source"),
        ("ISRC", "vorbis", "isrc"),
        ("(c) ", "aiff", "copyright"),
        ("WCP", "id3v2.2", "license"),
        ("WAR", "id3v2.2", "website"),
        ("CopyrightURL", "asf", "license"),
        ("WM/AuthorURL", "asf", "website"),
        ("LicenseURL", "vorbis", "license"),
        ("Weblink", "ape", "website"),
        ("CONTACT", "vorbis", "contact"),
        ("something of mine", "vorbis", "something of mine"),
    ],
)
def test_common_names(key: str, origin: str, name: str) -> None:
    assert common_name(value(key, "x", origin)) == name


def test_the_best_scheme_comes_first_and_nothing_twice() -> None:
    values = [
        value("title", "A title of more than thirty le", "id3v1"),
        value("artist", "Only here", "id3v1"),
        value("Title", "A title of more than thirty letters", "ape"),
        value("TIT2", "A title of more than thirty letters", "id3v2.3"),
        value("TPE2", "  ", "id3v2.3"),
    ]
    assert dict(understand(values)) == {"title": ("A title of more than thirty letters",), "artist": ("Only here",)}
    assert RANKS[-1] == "id3v1"


def test_uses() -> None:
    uses = {key: str(use_of(value(key, "", "vorbis"))) for key in ("TITLE", "COMMENT", "TRACKNUMBER", "DATE", "x")}
    assert uses == {"TITLE": "name", "COMMENT": "text", "TRACKNUMBER": "number", "DATE": "date", "x": "other"}
