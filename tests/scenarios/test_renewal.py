"""What was made once and is asked for again: the small copies of an album, and the measures of an archive that was made
before there were fingerprints, pictures and outlines. What was published stays as it is, to the byte."""

import json
import shutil
from pathlib import Path
from typing import Any

import mutagen
import pytest

from sonoteca.model.ids import Digest
from sonoteca.pipeline.archive import open_archive
from sonoteca.pipeline.sidecars import inline
from sonoteca.preserve.deposit import Deposit, deposit, load_object
from sonoteca.preserve.versions import Content
from tests.faults.snapshot import snapshot
from tests.scenarios.session import Session
from tests.scenarios.test_recipes import made, sounds

SHELF = {
    "01 - Loud": "formats/a_16bit.flac",
    "02 - Soft": "formats/a_8k_mono.flac",
    "03 - Coded": "formats/a_notags.mp3",
}
# What sound/ has since measured-2, and its recipe.
SINCE = ("fingerprint", "overview", "extracts", "traits")
LEVELS = ("gating", "momentary_lufs")


@pytest.fixture(scope="module")
def session(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """An album of three."""
    folder = tmp_path_factory.mktemp("shelf") / "Maker - 2001 - Album"
    folder.mkdir()
    for name, path in SHELF.items():
        shutil.copyfile(corpus / path, folder / f"{name}{Path(path).suffix}")
    (folder / "rights.json").write_text('{"license": "CC-BY-4.0", "rights_holders": ["Maker"]}')
    session = Session(tmp_path_factory.mktemp("archives") / "one")
    session.take(str(folder), "--trust-manifest")
    return session


def release_of(session: Session) -> str:
    (release,) = {hit["release"] for hit in session.ask("search", "maker")["hits"]}
    return str(release)


def gains(session: Session, tier: str) -> dict[str, dict[str, list[str]]]:
    """Track to the gains in its file of a tier."""
    ending = {"access": ".opus", "low": ".low.opus", "archive": ".flac"}[tier]
    found = {}
    for path in (session.folder / "store").glob(f"**/{tier}/*{ending}"):
        said = mutagen.File(path).tags
        found[path.name.removesuffix(ending)] = {key: said[key] for key in ("r128_track_gain", "r128_album_gain")}
    return found


def hashes(session: Session) -> dict[str, str]:
    return {one["name"]: one["v1"] + one["v2"] for one in session.ask("volumes")["volumes"]}


def test_small_copies_of_an_album_say_its_gain(session: Session) -> None:
    before, albums = made(session), gains(session, "access")
    assert len({tuple(one["r128_album_gain"]) for one in albums.values()}) == 1
    assert len({tuple(one["r128_track_gain"]) for one in albums.values()}) > 1
    told = session.ask("run", "--recipe", "low", release_of(session))
    assert (told["rendered"], told["made"], told["failed"]) == (1, len(SHELF), [])
    assert gains(session, "low") == albums
    assert {key: digest for key, digest in made(session).items() if key in before} == before
    session.words("verify")


def aged(session: Session) -> None:
    """The archive as it was made before: nothing is measured that is measured since, in the store and in the rows."""
    archive, release = open_archive(str(session.folder)), release_of(session)
    inventory = load_object(archive.disk, release)
    state = {path: Content(path=path, digest=Digest(digest), bytes=0) for path, digest in inventory.state().items()}
    for path in [path for path in state if path.startswith("extracts/")]:
        del state[path]
    for track, said in sounds(session).items():
        old: dict[str, Any] = {key: value for key, value in said.items() if key not in SINCE}
        old |= {"recipe": "measured-1"}
        old["loudness"] = {key: value for key, value in said["loudness"].items() if key not in LEVELS}
        path = f"sound/{track}.json"
        state[path] = inline(path, json.dumps(old, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    deposit(
        Deposit(
            object_id=release,
            state=tuple(state.values()),
            message="as it was",
            made_at=archive.clock.now(),
            staging="quarantine/aged",
        ),
        archive.disk,
    )
    shutil.rmtree(session.folder / "quarantine" / "aged")
    session.ask("rebuild")


def test_an_archive_made_before_gets_its_measures(session: Session, corpus: Path) -> None:
    whole, before, published = sounds(session), made(session), hashes(session)
    aged(session)
    assert all("fingerprint" not in said and "extracts" not in said for said in sounds(session).values())
    assert (made(session), hashes(session)) == (before, published)
    assert session.ask("identify", str(corpus / "formats" / "a_q2.ogg"))["found"] == []
    assert session.ask("run")["rendered"] == session.ask("run", "--recipe", "access")["rendered"] == 0
    assert all(said["recipe"] == "measured-1" for said in sounds(session).values())

    told = session.ask("run", "--recipe", "measures")
    assert (told["rendered"], told["made"], told["failed"]) == (1, 0, [])
    now = sounds(session)
    for track, said in now.items():
        assert said == {**whole[track], "extracts": said["extracts"]}
        kinds = {one["kind"] for one in said["extracts"]}
        assert kinds == {one["kind"] for one in whole[track]["extracts"]} >= {"outline", "spectrum.png"}
    assert (made(session), hashes(session)) == (before, published)
    assert {one["likeness"] for one in session.ask("identify", str(corpus / "formats" / "a_q2.ogg"))["found"]} == {
        "same recording"
    }
    assert session.ask("run", "--recipe", "measures")["rendered"] == 0
    session.words("verify")
    rows = snapshot(session.folder)
    session.ask("rebuild")
    assert snapshot(session.folder) == rows
