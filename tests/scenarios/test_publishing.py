"""From the store to the swarm at the command line: volumes, what leaves and comes back, the same again from nothing.

What stock clients make of the torrents is in tests/clients.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import mutagen
import pytest

from sonoteca.formats import metainfo
from tests.scenarios.session import Session
from tests.tools import require_tool


@pytest.fixture(scope="module")
def shelf(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small releases of several formats, with a manifest each."""
    shelf = tmp_path_factory.mktemp("shelf")
    for name, pattern, count in (("Beeps", "sonic-pi-samples/*.flac", 3), ("Voices", "alsa-speaker-test/*.wav", 2)):
        folder = shelf / f"Maker - 2001 - {name}"
        folder.mkdir()
        found = sorted(corpus.glob(pattern), key=lambda path: path.stat().st_size)[:count]
        for number, path in enumerate(found, 1):
            shutil.copyfile(path, folder / f"{number:02} - {path.name}")
        (folder / "rights.json").write_text('{"license": "CC-BY-4.0", "rights_holders": ["Maker"]}')
    return shelf


@pytest.fixture(scope="module")
def master_session(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """An archive that has published both."""
    session = Session(tmp_path_factory.mktemp("archives") / "first")
    told = session.take(str(shelf), "--trust-manifest")
    assert (told["outcomes"], told["rendered"], told["failed"]) == ({"new": 2}, 2, [])
    return session


@pytest.fixture
def session(master_session: Session, tmp_path: Path) -> Session:
    """The same archive, moved to a place of its own: its path is nowhere in it."""
    shutil.copytree(master_session.folder, tmp_path / "archive", symlinks=True)
    return Session(tmp_path / "archive")


def volumes(session: Session) -> dict[str, dict[str, Any]]:
    """Every volume by its tier."""
    return {one["tier"]: one for one in session.ask("volumes")["volumes"]}


def hashes(session: Session) -> dict[str, str]:
    """The infohash of each volume."""
    return {one["name"]: one["v1"] + one["v2"] for one in session.ask("volumes")["volumes"]}


def test_lint_says_that_all_of_it_opens(session: Session, tmp_path: Path) -> None:
    told = session.ask("volumes", "lint")["torrents"]
    assert len(told) >= 2
    assert all(one["findings"] == [] for one in told)
    stranger = tmp_path / "stranger.torrent"
    stranger.write_bytes(b"d4:infod6:lengthi1e4:name3:nul12:piece lengthi16384e6:pieces20:" + bytes(20) + b"ee")
    (found,) = session.ask("volumes", "lint", str(stranger), code=3)["torrents"]
    assert [one["code"] for one in found["findings"]] == ["B121"]
    session.words("volumes", "lint", str(tmp_path / "nothing"), code=3, cwd=tmp_path)


def test_layers_are_made_again_by_verify(session: Session) -> None:
    assert session.ask("verify", "--layers")["whole"]


def in_torrent(session: Session, name: str) -> list[str]:
    """The paths in a volume's torrent, without pads."""
    parsed = metainfo.parse((session.folder / "torrents" / f"{name}.torrent").read_bytes())
    return [file.path for file in parsed.files if not file.is_pad]


def a_track(session: Session, title: str = "") -> str:
    """A track of the first release."""
    hits = [hit for hit in session.ask("search", "maker")["hits"] if hit["kind"] == "track"]
    return str(min(hit["id"] for hit in hits if title in hit["title"]))


def torrents(session: Session) -> dict[str, bytes]:
    """Every file in torrents/, but the seeder's own."""
    found = (session.folder / "torrents").iterdir()
    return {path.name: path.read_bytes() for path in found if path.suffix in (".torrent", ".json")}


def test_every_file_has_its_credits_beside_it(session: Session) -> None:
    found = volumes(session)
    assert {tier: one["files"] for tier, one in found.items()} == {"original": 10, "access": 10, "archive": 4}
    for one in found.values():
        paths = in_torrent(session, one["name"])
        recordings = [path for path in paths if not path.endswith(".credits.txt")]
        assert sorted(paths) == sorted([*recordings, *(f"{path}.credits.txt" for path in recordings)])
        assert all(path.split("/")[0].startswith("Maker - ") for path in paths)


def test_a_credit_says_licence_evidence_and_how_to_check(session: Session) -> None:
    credit = next((session.folder / "store").rglob("credits/trk_*.txt")).read_text()
    assert "Creative Commons Attribution 4.0" in credit or "CC-BY-4.0" in credit
    assert "sha256:" in credit
    assert str(session.folder.parent) not in credit


def test_renditions_carry_tags_and_gain(session: Session) -> None:
    opus = next((session.folder / "store").rglob("access/*.opus"))
    tags = {key.upper(): value for key, value in mutagen.File(opus).tags.items()}
    assert tags["LICENSE"][0].startswith("https://creativecommons.org/licenses/by/4.0")
    assert "R128_TRACK_GAIN" in tags
    assert not [key for key in tags if key.startswith("REPLAYGAIN")]
    probed = json.loads(_ffprobe(opus))
    assert probed["streams"][0]["codec_name"] == "opus"


def _ffprobe(path: Path) -> str:
    words = [require_tool("ffprobe"), "-v", "error", "-show_streams", "-of", "json", str(path)]
    return subprocess.run(words, capture_output=True, check=True, text=True).stdout


def test_running_again_changes_nothing(session: Session) -> None:
    before = torrents(session), session.ask("status")["ledger_entries"]
    told = session.ask("run")
    assert (told["rendered"], told["volumes"]) == (0, [])
    assert (torrents(session), session.ask("status")["ledger_entries"]) == before


def test_a_rebuild_gives_the_same_bits(session: Session) -> None:
    before, known = torrents(session), hashes(session)
    shutil.rmtree(session.folder / "torrents")
    for path in session.folder.glob("catalogue.sqlite*"):
        path.unlink()
    session.ask("rebuild")
    assert session.ask("status")["swarm"]["waiting"] == 0
    assert torrents(session) == before
    assert hashes(session) == known
    assert session.ask("run")["volumes"] == []
    assert session.ask("verify")["whole"]


def test_what_is_withdrawn_leaves_with_its_credits_and_comes_back(session: Session) -> None:
    before, track = hashes(session), a_track(session)
    title = session.ask("show", track)["places"][0]["title"]
    told = session.ask("withdraw", track, "--reason", "the holder asked")
    assert told["public"] == told["tracks"] - 1
    for one in told["volumes"]:
        if one["revision"] == 2:
            assert not [path for path in in_torrent(session, one["name"]) if title in path]
    assert hashes(session) != before
    assert session.ask("verify")["whole"]
    session.ask("rebuild")
    withdrawn = hashes(session)
    assert session.ask("run")["volumes"] == []
    session.ask("reinstate", track)
    assert hashes(session) == before != withdrawn
    assert session.ask("reinstate", track, code=3)["error"]["code"] == "not-withdrawn"


def test_a_volume_that_cannot_be_issued_without_it_is_said_to_be_given_to_nobody(session: Session) -> None:
    shutil.rmtree(session.folder / "cache/pieces")
    for path in (session.folder / "store").rglob("pieces/*"):
        path.write_bytes(b"nothing")
    told = session.ask("withdraw", a_track(session), "--reason", "asked")
    assert {one["is_dark"] for one in told["volumes"]} == {True}
    assert not list((session.folder / "torrents").glob(f"{told['volumes'][0]['name']}*.seed.json"))


def test_a_withdrawn_release_leaves_search_and_the_store_keeps_it(session: Session) -> None:
    release = next(hit["id"] for hit in session.ask("search", "beeps")["hits"] if hit["kind"] == "release")
    files = sorted(path for path in (session.folder / "store").rglob("masters/*"))
    session.ask("withdraw", release, "--reason", "contract ended")
    assert session.ask("search", "beeps")["hits"] == []
    assert session.ask("show", release)["withdrawn"]
    assert sorted(path for path in (session.folder / "store").rglob("masters/*")) == files
    track = session.ask("show", release)["release"]["tracks"][0]["id"]
    assert session.ask("reinstate", track, code=3)["error"]["code"] == "withdrawn-whole"
    session.ask("reinstate", release)
    assert session.ask("search", "beeps")["hits"]


def test_a_hold_takes_out_at_once_and_lifting_it_brings_back(session: Session) -> None:
    before, track = hashes(session), a_track(session)
    session.ask("rights", "hold", track, "--reason", "a letter came")
    assert hashes(session) != before
    session.ask("rights", "hold", track, "--lift")
    assert hashes(session) == before


def test_an_edit_issues_nothing_until_it_is_asked_to(session: Session) -> None:
    before, track = hashes(session), a_track(session)
    release = session.ask("show", track)["places"][0]["release"]
    session.ask("edit", release, "--set", f"tracks/{track}/title=Another Name")
    assert session.ask("run")["volumes"] == []
    assert hashes(session) == before
    assert session.ask("volumes")["stale"] == 1
    paths = {name: in_torrent(session, name) for name in before}
    assert session.ask("volumes", "refresh")["volumes"]
    # The names in the torrent were given once; the words in the credits are new.
    assert {name: in_torrent(session, name) for name in before} == paths
    assert hashes(session) != before
    assert session.ask("volumes")["stale"] == 0
    assert session.ask("volumes", "refresh")["volumes"] == []


def test_more_of_a_collection_goes_on_in_the_open_volume(session: Session, shelf: Path, tmp_path: Path) -> None:
    before = volumes(session)
    folder = tmp_path / "more" / "Maker - 2002 - More"
    folder.mkdir(parents=True)
    source = next(shelf.glob("*/01*.flac"))
    shutil.copyfile(source, folder / "01 - again.flac")
    with (folder / "01 - again.flac").open("ab") as file:
        file.write(b"\0" * 40)
    (folder / "rights.json").write_text('{"license": "CC-BY-4.0"}')
    session.take(str(folder.parent), "--trust-manifest")
    after = volumes(session)
    assert after["access"]["name"] == before["access"]["name"]
    assert (after["access"]["revision"], after["access"]["files"]) == (2, before["access"]["files"] + 2)
    assert after["archive"] == before["archive"]


def test_another_licence_class_has_volumes_of_its_own(session: Session) -> None:
    (session.folder / "sonoteca.toml").write_text("reserve_bytes = 0\nnoncommercial_archive = true\n")
    release = next(hit["id"] for hit in session.ask("search", "beeps")["hits"] if hit["kind"] == "release")
    session.ask("rights", "grant", release, "--licence", "CC-BY-NC-4.0", "--statement", "not for sale")
    session.ask("run")
    classes = {one["licence_class"] for one in session.ask("volumes")["volumes"] if one["files"]}
    assert classes == {"free", "nc"}
