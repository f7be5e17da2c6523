"""Recipes at the command line: the small copy when somebody asks for it, all the way; nothing else is touched."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import mutagen
import pytest

from tests.scenarios.session import Session
from tests.tools import require_tool
from tests.unit.convert.recordings import probed


@pytest.fixture(scope="module")
def session(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Two releases of one short recording each, published."""
    shelf = tmp_path_factory.mktemp("shelf")
    for name, path in (("Beep", "formats/a_8k_mono.flac"), ("Voice", "alsa-speaker-test/Front_Left.wav")):
        folder = shelf / f"Maker - 2001 - {name}"
        folder.mkdir()
        shutil.copyfile(corpus / path, folder / f"01 - {Path(path).name}")
        (folder / "rights.json").write_text('{"license": "CC-BY-4.0", "rights_holders": ["Maker"]}')
    session = Session(tmp_path_factory.mktemp("archives") / "one")
    session.take(str(shelf), "--trust-manifest")
    return session


def sounds(session: Session) -> dict[str, dict[str, Any]]:
    """The newest sound/ file of each track."""
    found: dict[str, dict[str, Any]] = {}
    for inventory in sorted((session.folder / "store").glob("*/*/*/inventory.json")):
        said = json.loads(inventory.read_bytes())
        for digest, paths in said["versions"][said["head"]]["state"].items():
            for path in paths:
                if path.startswith("sound/"):
                    sound = json.loads((inventory.parent / said["manifest"][digest][0]).read_bytes())
                    found[sound["track"]] = sound
    return found


def made(session: Session) -> dict[tuple[str, str], str]:
    """Digests of what was made, by track and tier."""
    return {(track, one["tier"]): one["digest"] for track, said in sounds(session).items() for one in said["made"]}


def tiers(session: Session) -> dict[str, int]:
    return {one["tier"]: one["files"] for one in session.ask("volumes")["volumes"] if one["files"]}


def test_the_small_copy_goes_all_the_way(session: Session, tmp_path: Path) -> None:
    require_tool("ffprobe")
    before, measured = made(session), {track: said["waveform"] for track, said in sounds(session).items()}
    assert {tier for _, tier in before} == {"access", "archive"}
    releases = sorted({hit["release"] for hit in session.ask("search", "maker")["hits"]})

    told = session.ask("run", "--recipe", "low", releases[0])
    assert (told["rendered"], told["failed"]) == (1, [])
    after = made(session)
    assert {key: digest for key, digest in after.items() if key in before} == before
    assert [tier for key in after if key not in before for tier in (key[1],)] == ["low"]
    assert {track: said["waveform"] for track, said in sounds(session).items()} == measured

    assert session.ask("run", "--recipe", "low")["rendered"] == 1
    assert tiers(session)["low"] == tiers(session)["access"] == 4
    # Kept up without being asked again, and not made again when it is.
    final = made(session)
    assert (
        session.ask("run")["rendered"] == session.ask("run", "--recipe", "low", "--recipe", "access")["rendered"] == 0
    )
    assert made(session) == final

    (track,) = {track for track, tier in final if (track, "archive") in final and tier == "low"}
    path = next((session.folder / "store").glob(f"**/low/{track}.low.opus"))
    assert probed(path)["channels"] == 1
    tags = mutagen.File(path).tags
    assert tags["encodersettings"][0].startswith("low-1+") and "r128_track_gain" in tags
    told = [one.read_text() for one in (session.folder / "store").glob(f"**/credits/{track}.txt")]
    assert any(".low.opus" in text and "The .opus files are encodings" in text for text in told)
    hashes = {one["name"]: one["v1"] + one["v2"] for one in session.ask("volumes")["volumes"]}
    session.words("verify")
    session.words("rebuild")
    assert {one["name"]: one["v1"] + one["v2"] for one in session.ask("volumes")["volumes"]} == hashes

    session.words("withdraw", releases[0], "--reason", "x")
    assert tiers(session)["low"] == tiers(session)["access"] == 2
    session.words("reinstate", releases[0])
    assert {one["name"]: one["v1"] + one["v2"] for one in session.ask("volumes")["volumes"]} == hashes


def test_what_is_measured_stands_beside_the_sound(session: Session) -> None:
    for track, said in sounds(session).items():
        (outline,) = [one for one in said["extracts"] if one["kind"] == "outline"]
        found = next((session.folder / "store").glob(f"**/extracts/{track}.outline")).read_bytes()
        assert len(found) == outline["bytes"] == -(-said["samples"] * 100 // said["sample_rate_hz"])
        fives = [max(found[start : start + 5]) for start in range(0, len(found), 5)]
        assert bytes(fives) == base64.b64decode(said["waveform"])


def test_an_id_alone_says_nothing(session: Session) -> None:
    session.words("run", "urn:uuid:x", code=3)
    session.words("run", "--recipe", "mp3", code=2)
