"""Views: any grouping is a torrent at one command; orders reach it; what visitors ask for is seeded for a time."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sonoteca.convert.flac import FlacFile
from sonoteca.formats import metainfo
from sonoteca.model.torrent import Flavour
from sonoteca.pipeline import on_demand
from sonoteca.pipeline.archive import coordinator, open_archive
from sonoteca.ports.inbox import Inbox
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.turns import WAITING
from sonoteca.swarm.seeds import parse_seed
from sonoteca.torrents.requests import Wish, format_wish, name_of
from tests.scenarios.session import Session
from tests.unit.convert.recordings import made, noise, write

ALBUMS = (
    ("Anna - 1991 - One", 3, "CC0-1.0"),
    ("Anna - 2003 - Two", 2, "CC-BY-NC-4.0"),
    ("Bert - 1995 - Three", 2, "CC0-1.0"),
)
FAR = "2099-01-01T00:00:00Z"


def stock(folder: Path) -> None:
    """Three albums of two artists, under two classes of licences."""
    for number, (album, tracks, licence) in enumerate(ALBUMS):
        place = folder / album
        place.mkdir(parents=True)
        for track in range(1, tracks + 1):
            sound = (noise(1, 44_100, 2, level=0.1 + number / 10 + track / 50) * 32_767).astype("int16")
            path = place / f"{track:02} Song {track}.flac"
            assert write(FlacFile, path, made(sound, 44_100, form="s16"), ())
        holder = album.split(" - ")[0]
        (place / "rights.json").write_text(json.dumps({"license": licence, "rights_holders": [holder]}))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, not to be changed."""
    folder = tmp_path_factory.mktemp("views")
    stock(folder / "music")
    session = Session(folder / "archive")
    with open(session.folder / "sonoteca.toml", "a") as settings:
        settings.write("noncommercial_archive = true\n")
    told = session.take(str(folder / "music"), "--trust-manifest")
    assert (told["outcomes"], told["failed"]) == ({"new": 3}, [])
    return session.folder


@pytest.fixture
def session(shelf: Path, tmp_path: Path) -> Session:
    shutil.copytree(shelf, tmp_path / "archive", symlinks=True)
    settings = (shelf / "sonoteca.toml").read_text()
    session = Session(tmp_path / "archive")
    (session.folder / "sonoteca.toml").write_text(settings)
    return session


def files_of(session: Session, name: str, flavour: str = "") -> list[str]:
    """What its torrent has, credits and pads left out."""
    found = metainfo.parse((session.folder / f"torrents/{name}{flavour}.torrent").read_bytes())
    return [one.path for one in found.files if not one.is_pad and not one.path.endswith(".credits.txt")]


def is_seeded(session: Session, name: str, flavour: str = "") -> bool:
    return (session.folder / f"torrents/{name}{flavour}.seed.json").exists()


def track_id(session: Session, words: str) -> str:
    found = session.ask("search", words)["hits"]
    return str(next(one for one in found if one["kind"] == "track")["id"])


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["artist=anna"], 5),
        (["artist=Anna", "artist=Bert"], 7),
        (["decade=1990s"], 5),
        (["licence=nc"], 2),
        (["licence=free", "decade=1990", "artist=Bert"], 2),
        (["words=bert three"], 2),
        ([], 7),
    ],
)
def test_one_command_makes_a_torrent(session: Session, words: list[str], count: int) -> None:
    told = session.ask("volumes", "make", *(item for word in words for item in ("--where", word)))
    assert told["files"] == 2 * count
    assert len(files_of(session, told["name"])) == count
    assert is_seeded(session, told["name"])
    assert told["magnet"].startswith(f"magnet:?xt=urn:btih:{told['v1']}&xt.2=urn:btmh:1220{told['v2']}")
    assert [one["name"] for one in session.ask("volumes")["views"]] == [told["name"]]
    assert session.ask("verify")["findings"] == []


def test_the_same_again_is_the_same(session: Session) -> None:
    first = session.ask("volumes", "make", "--where", "artist=Anna")
    assert session.ask("volumes", "make", "--where", "artist=Anna") == first


def test_originals_are_another_view(session: Session) -> None:
    told = session.ask("volumes", "make", "--where", "artist=Anna", "--tier", "original")
    assert all(path.endswith(".flac") for path in files_of(session, told["name"]))


def test_what_says_nothing_is_refused(session: Session) -> None:
    assert "the kinds are" in session.words("volumes", "make", "--where", "colour=red", "--json", code=3)
    assert "view-empty" in session.words("volumes", "make", "--where", "artist=Nobody", "--json", code=3)
    assert "no-view" in session.words("volumes", "drop", "nothing", "--json", code=3)


def test_a_withdrawn_track_leaves_every_view_and_comes_back(session: Session) -> None:
    """With its former path and infohash; the torrent without it is named as replaced, the one with it is not."""
    first = session.ask("volumes", "make", "--where", "artist=Bert")
    other = session.ask("volumes", "make", "--where", "artist=Anna")
    track = track_id(session, "bert three song 1")
    session.words("withdraw", track, "--reason", "asked to")
    (now,) = [one for one in session.ask("volumes")["views"] if one["name"] == first["name"]]
    assert (now["files"], now["revision"]) == (first["files"] - 2, 2)
    assert len(files_of(session, first["name"])) == 1
    assert session.ask("volumes")["views"][0] == other or session.ask("volumes")["views"][1] == other
    session.words("reinstate", track)
    session.words("run")
    (back,) = [one for one in session.ask("volumes")["views"] if one["name"] == first["name"]]
    assert (back["v1"], back["v2"], back["revision"]) == (first["v1"], first["v2"], 3)


def test_rebuild_gives_the_same_views(session: Session) -> None:
    session.ask("volumes", "make", "--where", "artist=Anna")
    before = session.ask("volumes")
    for path in (session.folder / "torrents").iterdir():
        path.unlink()
    session.words("rebuild")
    assert session.ask("volumes") == before
    assert is_seeded(session, before["views"][0]["name"])


def test_a_dropped_view_is_gone_and_its_volumes_are_not(session: Session) -> None:
    told = session.ask("volumes", "make", "--where", "artist=Anna")
    volumes = session.ask("volumes")["volumes"]
    session.words("volumes", "drop", told["name"])
    assert not is_seeded(session, told["name"])
    assert session.ask("volumes")["views"] == []
    assert session.ask("volumes")["volumes"] == volumes
    assert session.ask("verify")["findings"] == []


def test_a_list_names_files_of_volumes(session: Session) -> None:
    told = session.ask("volumes", "make", "--list", "--where", "artist=Bert")
    (volume,) = told["volumes"]
    assert told["files"] == 4
    found = metainfo.parse((session.folder / f"torrents/{volume['name']}.torrent").read_bytes())
    assert [found.files[one["index"]].path for one in volume["files"]] == [one["path"] for one in volume["files"]]
    assert volume["magnet"].endswith("&so=" + ",".join(str(one["index"]) for one in volume["files"]))


# ── on demand ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def inbox(session: Session) -> Iterator[Inbox]:
    yield Inbox(LocalDisk(str(session.folder)))


def asked(inbox: Inbox, name: str, flavour: Flavour) -> None:
    inbox.put(name_of(name, flavour), format_wish(Wish(name=name, flavour=flavour)))


def volume_of(session: Session) -> dict[str, Any]:
    found: list[dict[str, Any]] = session.ask("volumes")["volumes"]
    return next(one for one in found if one["tier"] == "access" and one["licence_class"] == "free")


def test_another_flavour_is_seeded_when_somebody_asks(session: Session, inbox: Inbox) -> None:
    name = volume_of(session)["name"]
    asked(inbox, name, Flavour.V1)
    session.words("run")
    assert inbox.names() == ()
    seed = parse_seed((session.folder / f"torrents/{name}.v1.seed.json").read_bytes())
    assert (seed.hashes.v2, bool(seed.until)) == ("", True)
    assert files_of(session, name, ".v1") == files_of(session, name)
    session.words("rebuild")
    assert parse_seed((session.folder / f"torrents/{name}.v1.seed.json").read_bytes()) == seed


def test_a_withdrawal_reaches_it(session: Session, inbox: Inbox) -> None:
    """It goes on without what was withdrawn, as the volume does."""
    name = volume_of(session)["name"]
    asked(inbox, name, Flavour.V1)
    session.words("run")
    before = files_of(session, name, ".v1")
    session.words("withdraw", track_id(session, "bert three song 1"), "--reason", "asked to")
    assert len(files_of(session, name, ".v1")) == len(before) - 1
    assert is_seeded(session, name, ".v1")
    session.words("withdraw", *{one["release"] for one in session.ask("search", "song")["hits"]}, "--reason", "asked")
    assert not is_seeded(session, name, ".v1")


def test_what_is_over_ends(session: Session, inbox: Inbox, tmp_path: Path) -> None:
    name = volume_of(session)["name"]
    asked(inbox, name, Flavour.V2)
    session.words("run")
    assert is_seeded(session, name, ".v2")
    # As if the time had passed: its end is set back.
    with sqlite3.connect(session.folder / "catalogue.sqlite") as rows:
        rows.execute("UPDATE demands SET until = '2020-01-01T00:00:00Z'")
    session.words("run")
    assert not is_seeded(session, name, ".v2")
    assert not (session.folder / f"torrents/{name}.v2.torrent").exists()


def test_only_so_many_at_once(session: Session, inbox: Inbox) -> None:
    with open(session.folder / "sonoteca.toml", "a") as settings:
        settings.write("on_demand_torrents = 1\n")
    name = volume_of(session)["name"]
    for flavour in (Flavour.V1, Flavour.V2):
        asked(inbox, name, flavour)
        session.words("run")
    assert (is_seeded(session, name, ".v1"), is_seeded(session, name, ".v2")) == (True, False)


HOSTILE = (b"", b"{}", b"[]", b"\xff" * 100, b"[" * 100_000, b'{"schema":"sonoteca/request/1","name":"../../keys"}')


def test_what_is_no_request_goes_and_nothing_comes_of_it(session: Session, inbox: Inbox, tmp_path: Path) -> None:
    folder = session.folder / "inbox"
    folder.mkdir(exist_ok=True)
    for number, raw in enumerate(HOSTILE):
        (folder / f"{number:032x}.json").write_bytes(raw)
    (folder / f"{'a' * 32}.json").symlink_to(tmp_path / "archive" / "sonoteca.toml")
    (folder / f"{'b' * 32}.json").mkdir()
    (folder / f"{'c' * 32}.json").write_bytes(b" " * (3 * 1024 * 1024))
    (folder / "note.txt").write_text("not ours")
    before = sorted(path.name for path in (session.folder / "torrents").iterdir())
    session.words("run")
    assert sorted(path.name for path in (session.folder / "torrents").iterdir()) == before
    assert [path.name for path in folder.iterdir()] == ["note.txt"]
    assert (session.folder / "sonoteca.toml").exists()


def test_what_has_to_go_is_not_seeded_because_somebody_asks(session: Session, inbox: Inbox) -> None:
    """A volume could not be issued without a file, and its hash layers are back since: the round looks at what is asked
    for before it issues anything."""
    name = volume_of(session)["name"]
    layers = session.folder.parent / "layers"
    shutil.copytree(session.folder / "store", layers)
    shutil.rmtree(session.folder / "cache/pieces", ignore_errors=True)
    for path in (session.folder / "store").rglob("pieces/*"):
        path.write_bytes(b"nothing")
    session.ask("withdraw", track_id(session, "bert three song 1"), "--reason", "asked to")
    for path in layers.rglob("pieces/*"):
        shutil.copyfile(path, session.folder / "store" / path.relative_to(layers))
    asked(inbox, name, Flavour.V1)
    archive = open_archive(str(session.folder))
    with coordinator(archive):
        on_demand.attend(archive)
    assert inbox.names() == ()
    assert not is_seeded(session, name, ".v1")
    session.words("run")
    assert is_seeded(session, name)


def test_a_crowd_that_asks_keeps_no_withdrawal_waiting(session: Session, inbox: Inbox) -> None:
    """An inbox full of requests is attended to one by one, and whoever waits for a turn has it after the first."""
    for number in range(4):
        asked(inbox, f"nothing-{number}", Flavour.V1)
    archive = open_archive(str(session.folder))
    with coordinator(archive):
        with archive.disk.lock(WAITING):
            on_demand.attend(archive)
            assert len(inbox.names()) == 3
        on_demand.attend(archive)
        assert inbox.names() == ()
