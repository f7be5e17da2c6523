"""The picture of a release in its files: who may have it, and what becomes of them when it may not be shown."""

import base64
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from mutagen.flac import FLAC, Picture
from mutagen.oggopus import OggOpus

from sonoteca.formats import metainfo
from tests.faults.snapshot import snapshot
from tests.scenarios.session import Session
from tests.unit.convert.recordings import decoded
from tests.unit.formats.test_picture import chunk, png
from tests.web.asking import Visitor
from tests.web.conftest import application, close
from tests.web.reading import Reading, offences
from tests.web.test_withdrawal import unreadable_layers

CC = '{"license": "CC-BY-4.0", "rights_holders": ["Maker"]}'
OWN = 'licence = "CC-BY-4.0"\n[artwork]\nlicence = "{}"\n'
CUE = """PERFORMER "Maker"
TITLE "Side"
FILE "side.wav" WAVE
  TRACK 01 AUDIO
    TITLE "First"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Second"
    INDEX 01 00:00:40
"""
SMALL = png(120, 120, more=chunk(b"tEXt", b"Comment\0" + b"y" * 199_800))  # nearly as large as may be
LARGE = png(2000, 2000, more=chunk(b"tEXt", b"Comment\0" + b"x" * 300_000))
HOSTILE = png(30_000, 30_000)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def lay_out(shelf: Path, corpus: Path) -> None:
    """Releases of one short recording each, with pictures and rights of many kinds."""
    voice, cover = corpus / "alsa-speaker-test/Front_Left.wav", (corpus / "formats/cover.jpg").read_bytes()
    albums: dict[str, tuple[dict[str, bytes], str, str]] = {
        "Covered": ({"cover.jpg": cover}, "rights.json", CC),
        "Smaller": ({"cover.png": LARGE, "cover-small.png": SMALL}, "rights.json", CC),
        "Larger": ({"cover.png": LARGE, "booklet.png": SMALL}, "rights.json", CC),
        "Reserved": ({"cover.jpg": cover}, "rights.toml", OWN.format("All rights reserved")),
        "Other": ({"cover.jpg": cover}, "rights.toml", OWN.format("CC-BY-SA-4.0")),
        "Same": ({"cover.jpg": cover}, "rights.toml", OWN.format("CC-BY-4.0")),
        "Sound": (
            {"cover.jpg": cover},
            "rights.toml",
            '[recording]\nlicence = "CC-BY-4.0"\n[composition]\nlicence = "CC0-1.0"\n',
        ),
        "Hostile": ({"cover.png": HOSTILE}, "rights.json", CC),
        "Script": ({"cover.svg": SVG, "front.jpg": SVG}, "rights.json", CC),
    }
    for number, (name, (pictures, paper, said)) in enumerate(albums.items()):
        folder = shelf / f"Maker - {2001 + number} - {name}"
        folder.mkdir(parents=True)
        raw = bytearray(voice.read_bytes())
        raw[-2:] = number.to_bytes(2, "little")  # so that no release has another's bytes
        (folder / "01 - Voice.wav").write_bytes(raw)
        (folder / paper).write_text(said)
        for path, content in pictures.items():
            (folder / path).write_bytes(content)
    side = shelf / "Maker - 2021 - Side"
    side.mkdir()
    shutil.copyfile(corpus / "alsa-speaker-test/Rear_Left.wav", side / "side.wav")
    (side / "side.cue").write_text(CUE)
    (side / "cover.jpg").write_bytes(cover)
    (side / "rights.json").write_text(CC)
    inside = shelf / "Maker - 2020 - Inside"
    inside.mkdir()
    shutil.copyfile(corpus / "formats/b_24bit_96k.flac", inside / "01 - Inside.flac")
    tagged = FLAC(inside / "01 - Inside.flac")
    tagged.delete()  # its words, which name another release; the picture is a block of its own
    assert len(tagged.pictures) == 1
    (inside / "rights.json").write_text(CC)


@pytest.fixture(scope="module")
def published(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """An archive that has them. Not to be changed."""
    lay_out(tmp_path_factory.mktemp("shelf"), corpus)
    shelf = next(tmp_path_factory.getbasetemp().glob("shelf*"))
    session = Session(tmp_path_factory.mktemp("archives") / "one")
    told = session.take(str(shelf), "--trust-manifest")
    assert (told["outcomes"], told["failed"]) == ({"new": 11}, [])
    session.ask("run", "--recipe", "low")
    return session


@pytest.fixture
def session(published: Session, tmp_path: Path) -> Session:
    """The same archive, to be changed."""
    shutil.copytree(published.folder, tmp_path / "archive", symlinks=True)
    return Session(tmp_path / "archive")


@pytest.fixture
def visitor(session: Session) -> Iterator[Visitor]:
    app = application(session.folder)
    yield Visitor(app)
    close(app)


def shelf_of(session: Session) -> Path:
    """Where its folders lay."""
    key = session.ask("show", release(session, "Same"))["source_key"]
    return Path(unquote(urlsplit(key).path)).parent


def release(session: Session, word: str) -> str:
    hits = session.ask("search", word)["hits"]
    return str(next(one["id"] for one in hits if one["kind"] == "release"))


def every_file(session: Session, word: str) -> list[dict[str, dict[str, Any]]]:
    """What was made of each track of a release, by tier, as its sound/ file says; "path" is on the disk."""
    home = next((session.folder / "store").glob(f"*/*/*{release(session, word).rpartition(':')[2]}"))
    said = json.loads((home / "inventory.json").read_bytes())
    state = {path: digest for digest, paths in said["versions"][said["head"]]["state"].items() for path in paths}
    found = [home / said["manifest"][state[path]][0] for path in sorted(state) if path.startswith("sound/")]
    made = [json.loads(path.read_bytes())["made"] for path in found]
    return [{one["tier"]: one | {"path": home / said["manifest"][one["digest"]][0]} for one in each} for each in made]


def files(session: Session, word: str) -> dict[str, dict[str, Any]]:
    """Those of the only track."""
    (found,) = every_file(session, word)
    return found


def pictures(path: Path) -> list[bytes]:
    """As mutagen finds them."""
    if path.suffix == ".flac":
        return [one.data for one in FLAC(path).pictures]
    return [Picture(base64.b64decode(one)).data for one in OggOpus(path).get("metadata_block_picture", [])]


def shared(session: Session, word: str) -> set[str]:
    """The endings of a release's files that torrents of the archive name."""
    found = [metainfo.parse(path.read_bytes()) for path in (session.folder / "torrents").glob("*.torrent")]
    names = [one.path for each in found for one in each.files if not one.is_pad and word in one.path]
    return {name.partition(".")[2] for name in names if not name.endswith(".txt")}


CARRIED = {
    "Covered": "cover.jpg",
    "Smaller": "small",
    "Larger": "",
    "Reserved": "",
    "Other": "",
    "Same": "cover.jpg",
    "Sound": "",
    "Hostile": "",
    "Script": "",
}


@pytest.mark.parametrize("word", CARRIED)
def test_only_what_may_be_shown_with_the_sound_is_carried(published: Session, corpus: Path, word: str) -> None:
    raw = {"cover.jpg": (corpus / "formats/cover.jpg").read_bytes(), "small": SMALL}.get(CARRIED[word])
    made = files(published, word)
    assert set(made) == {"access", "archive", "low"}
    for tier, one in made.items():
        wanted = [raw] if raw and tier != "low" else []
        assert pictures(one["path"]) == wanted, tier
        assert one.get("cover", "") == (hashlib.sha256(raw).hexdigest() if raw and wanted else "")
        assert ("+cover-1+" in one["recipe"]) is bool(wanted)
        assert hashlib.sha256(one["path"].read_bytes()).hexdigest() == one["digest"]


def seed_addresses(session: Session, word: str) -> list[str]:
    """Where a client takes a release's files from the web seed."""
    found = [metainfo.parse(path.read_bytes()) for path in sorted((session.folder / "torrents").glob("*.torrent"))]
    names = [(each.name, one.path) for each in found for one in each.files if not one.is_pad and word in one.path]
    return [f"/seed/{quote(name)}/{quote(path)}" for name, path in names if path.endswith((".opus", ".flac"))]


def rebuilt_is_the_same(session: Session, place: Path) -> None:
    """Of a copy: nobody may read while an archive is rebuilt."""
    shutil.copytree(session.folder, place, symlinks=True)
    kept = snapshot(place)
    Session(place).words("rebuild")
    assert snapshot(place) == kept


def statuses(visitor: Visitor, places: Iterable[str]) -> set[int]:
    return {visitor.get(one).status for one in places}


def test_artwork_that_is_held_takes_its_files_along_at_once_and_they_come_back_without(
    session: Session, visitor: Visitor, tmp_path: Path
) -> None:
    ident, before = release(session, "Covered"), files(session, "Covered")
    page, plain = f"/release/{ident.rpartition(':')[2]}", before.pop("low")
    cover = next(link for link in Reading(visitor.get(page).text).links if link.startswith("/cover/"))
    carrying = [f"/file/{one['digest']}/x" for one in before.values()]
    track = session.ask("show", ident)["release"]["tracks"][0]["id"]
    streams = [f"/stream/{track}.{form}" for form in ("opus", "webm", "mp4")]
    view = session.ask("volumes", "make", "--where", "artist=Maker")
    seeds = seed_addresses(session, "Covered")
    assert cover.endswith(".jpg") and len(seeds) > 3
    assert "2 files of it carry it inside" in visitor.get(page).text
    assert before["access"]["cover"] in visitor.get(page).text
    told = session.ask("rights", "show", ident)[0]["artwork"]
    assert (told["path"], told["sha256"], told["shown"]) == ("artwork/cover.jpg", before["access"]["cover"], True)
    assert len(told["carried_by"]) == 2 and "2 files made here carry a picture" in session.words("show", ident)
    assert statuses(visitor, [cover, *carrying, *seeds, *streams]) == {200}
    assert shared(session, "Covered") == {"opus", "low.opus", "flac", "wav"}

    session.ask("rights", "hold", ident, "--artwork", "--reason", "the photographer asked, privately")

    # Nobody has to run anything first: neither page, player, torrents nor web seeds have them.
    assert shared(session, "Covered") == {"low.opus", "wav"}
    assert statuses(visitor, [cover, *carrying]) <= {404, 410, 451}
    assert statuses(visitor, streams) <= {404, 410, 451}
    assert visitor.get(f"/stream/low/{track}.opus").wire == plain["path"].read_bytes()
    assert statuses(visitor, seeds) == {200, 410}
    shown = visitor.get(page)
    assert (shown.status, offences(shown.text)) == (200, [])
    assert "privately" not in shown.text and cover not in shown.text
    assert next(one for one in Reading(shown.text).links if one.startswith("/cover/")).endswith(".svg")
    assert visitor.get(f"/file/{plain['digest']}/x").status == 200
    assert view["name"] in {path.name.partition(".")[0] for path in (session.folder / "torrents").glob("*.torrent")}

    told = session.ask("show", ident)["rights"]["artwork"]
    assert (told["shown"], told["held"]) == (False, True)
    assert "photographer" in session.words("rights", "show", ident)

    assert session.ask("run")["rendered"] == 4  # three others have the same picture
    after = files(session, "Covered")
    assert after.pop("low")["digest"] == plain["digest"]
    for tier, one in after.items():
        assert pictures(one["path"]) == [] and "cover" not in one and "cover-" not in one["recipe"], tier
        assert decoded(one["path"]) == decoded(before[tier]["path"])
        assert visitor.get(f"/file/{one['digest']}/x").status == 200
    assert shared(session, "Covered") == {"opus", "low.opus", "flac", "wav"}
    assert statuses(visitor, carrying) <= {404, 410, 451}
    assert session.ask("run")["rendered"] == 0
    assert session.ask("verify")["findings"] == []
    rebuilt_is_the_same(session, tmp_path / "rebuilt")

    # Lifted, it is shown again; files are made again when somebody asks for it, and for nothing else.
    session.ask("rights", "hold", ident, "--artwork", "--lift")
    assert visitor.get(cover).status == 200
    assert session.ask("run")["rendered"] == 0
    assert session.ask("run", "--recipe", "access", ident)["rendered"] == 1
    again = files(session, "Covered")
    assert again["access"]["digest"] == before["access"]["digest"]
    assert again["archive"]["digest"] == after["archive"]["digest"]


def test_what_was_replaced_is_not_given_in_its_stead(session: Session, visitor: Visitor) -> None:
    """A torrent that cannot be issued anew still names the file with the picture; its path has another file now."""
    ident, old = release(session, "Covered"), files(session, "Covered")["access"]["path"].read_bytes()
    (seed,) = [one for one in seed_addresses(session, "Covered") if one.endswith("Voice.opus")]
    assert visitor.get(seed).wire == old
    unreadable_layers(session)
    session.words("rights", "hold", ident, "--artwork", "--reason", "asked")
    assert visitor.get(seed).status == 410
    name = seed.split("/")[2]
    lists = list((session.folder / "torrents").glob(f"{name}*.seed.json"))
    assert (lists, visitor.get(f"/volume/{name}.torrent").status) == ([], 404)
    session.words("run", code=1)
    assert files(session, "Covered")["access"]["path"].read_bytes() != old
    assert visitor.get(seed).status == 410
    lists = list((session.folder / "torrents").glob(f"{name}*.seed.json"))
    assert (lists, visitor.get(f"/volume/{name}.torrent").status) == ([], 404)


def test_a_hold_that_is_lifted_before_anything_was_made_changes_nothing(session: Session) -> None:
    ident, before = release(session, "Covered"), snapshot(session.folder)["torrents"]
    session.ask("rights", "hold", ident, "--artwork", "--reason", "a mistake")
    assert shared(session, "Covered") == {"low.opus", "wav"}
    session.ask("rights", "hold", ident, "--artwork", "--lift")
    session.ask("run")
    assert snapshot(session.folder)["torrents"] == before


def test_a_picture_inside_a_master_is_carried_where_the_release_has_none(published: Session, corpus: Path) -> None:
    (inside,) = FLAC(corpus / "formats/b_24bit_96k.flac").pictures
    made = files(published, "Inside")
    assert set(made) == {"access", "low"}
    assert pictures(made["access"]["path"]) == [inside.data] and pictures(made["low"]["path"]) == []
    assert made["access"]["cover"] == hashlib.sha256(inside.data).hexdigest()
    assert "+cover-1+" in made["access"]["recipe"]


def test_each_track_of_a_side_carries_it(published: Session, corpus: Path) -> None:
    """Tracks of a cue sheet are spans of one master; each has files of its own, and the release's gain in them."""
    raw = (corpus / "formats/cover.jpg").read_bytes()
    tracks = every_file(published, "Side")
    assert [set(one) for one in tracks] == [{"access", "archive", "low"}] * 2
    for one in tracks:
        assert [pictures(one[tier]["path"]) for tier in ("access", "archive", "low")] == [[raw], [raw], []]
        assert (
            OggOpus(one["access"]["path"])["r128_album_gain"] and FLAC(one["archive"]["path"])["replaygain_album_gain"]
        )


def test_what_came_with_a_picture_inside_leaves_too_and_its_sound_stays(session: Session, tmp_path: Path) -> None:
    ident, before = release(session, "Inside"), files(session, "Inside")
    assert shared(session, "Inside") == {"opus", "low.opus", "flac"}
    session.ask("rights", "hold", ident, "--artwork", "--reason", "asked")
    assert shared(session, "Inside") == {"low.opus"}
    assert session.ask("run")["rendered"] == 4  # three others have the same picture
    after = files(session, "Inside")
    assert pictures(after["access"]["path"]) == [] and "cover" not in after["access"]
    assert decoded(after["access"]["path"]) == decoded(before["access"]["path"])
    assert shared(session, "Inside") == {"opus", "low.opus"}
    rebuilt_is_the_same(session, tmp_path / "rebuilt")
    session.ask("rights", "hold", ident, "--artwork", "--lift")
    assert shared(session, "Inside") == {"opus", "low.opus", "flac"}
    assert session.ask("run", "--recipe", "access", ident)["rendered"] == 1
    assert files(session, "Inside")["access"]["digest"] == before["access"]["digest"]


def test_a_rebuild_says_the_same_of_covers(session: Session) -> None:
    kept = snapshot(session.folder)
    digest = files(session, "Covered")["access"]["cover"]  # that of another release, and of one that came inside, too
    assert sum(digest in row for row in kept["rows"]["renditions"]) == 2 * 2 + 4 + 1
    session.words("rebuild")
    assert snapshot(session.folder) == kept
    assert session.ask("verify")["findings"] == []


def test_the_same_picture_in_other_releases_goes_too_and_comes_back(session: Session, tmp_path: Path) -> None:
    """As a file there, or inside a master: "Same" and "Side" have the file, "Inside" has it inside."""
    others = ("Same", "Side", "Inside")
    before = {word: shared(session, word) for word in (*others, "Smaller")}
    session.ask("rights", "hold", release(session, "Covered"), "--artwork", "--reason", "the photographer asked")
    assert {word: shared(session, word) for word in others} == {
        "Same": {"low.opus", "wav"},
        "Side": {"low.opus", "wav"},
        "Inside": {"low.opus"},
    }
    assert shared(session, "Smaller") == before["Smaller"]
    assert "same picture" in json.dumps(session.ask("show", release(session, "Side"))["rights"]["evidence"])
    # What is added later with the picture is held from the beginning.
    added = tmp_path / "Maker - 2030 - Later"
    shutil.copytree(shelf_of(session) / "Maker - 2006 - Same", added)
    (added / "01 - Voice.wav").write_bytes((added / "01 - Voice.wav").read_bytes()[:-2] + b"\1\1")
    session.take(str(added), "--trust-manifest")
    assert pictures(files(session, "Later")["access"]["path"]) == []
    rebuilt_is_the_same(session, tmp_path / "rebuilt")
    session.ask("rights", "hold", release(session, "Covered"), "--artwork", "--lift")
    assert session.ask("show", release(session, "Later"))["rights"]["artwork"]["shown"]
    assert not any(session.ask("show", release(session, word))["rights"]["artwork"]["held"] for word in others)


def test_sound_is_not_kept_back_for_a_picture_that_is_damaged(session: Session, tmp_path: Path) -> None:
    """In a new archive nothing is made with it; in one that has files with it, they stay as they are."""
    fresh = Session(tmp_path / "fresh")
    fresh.take(str(shelf_of(session) / "Maker - 2006 - Same"))
    trusting = (fresh, ("rights", "trust", str(shelf_of(session)), "--json"))
    for archive, command in (trusting, (session, ("run", "--recipe", "measures", release(session, "Same"), "--json"))):
        for path in (archive.folder / "store").rglob("artwork/cover.jpg"):
            path.chmod(0o644)
            path.write_bytes(path.read_bytes()[:-1] + b"x")
        archive.words(*command)
        assert archive.ask("run")["failed"] == []
        assert {one["code"] for one in archive.ask("verify", code=4)["findings"]} == {"S006"}
    assert pictures(files(fresh, "Same")["access"]["path"]) == [] and shared(fresh, "Same") == {"opus", "flac", "wav"}
    assert len(pictures(files(session, "Same")["access"]["path"])) == 1


def test_artwork_is_a_release_s(session: Session) -> None:
    track = session.ask("show", release(session, "Covered"))["release"]["tracks"][0]["id"]
    told = session.words("rights", "hold", track, "--artwork", "--reason", "x", code=3)
    assert told == ""
