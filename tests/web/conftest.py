"""Archives for the website's tests: made once a run by the command line, copied by whoever changes one."""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from sonoteca.config import parse_settings
from sonoteca.web.app import close, create_app
from tests.conftest import shared_folder
from tests.scenarios.session import Session
from tests.web.asking import Visitor

TRACKS = 20
# What only looks like a page's own language, writes backwards, stacks marks, never ends.
HOSTILE = ("html", "attr", "rtl", "zalgo", "long1k", "template", "cntrl", "xml", "javascript-url", "emoji")
MANIFEST = """license = "CC0-1.0"
rights_holders = ["<img src=x onerror=alert(1)>"]
notes = "</script><script>alert(1)</script>"
"""


def stock(shelf: Path, corpus: Path, hostile: Path) -> None:
    """Folders to be added: twenty tracks, songs that nobody may publish, hostile names."""
    twenty = shelf / "Maker - 2001 - Twenty"
    twenty.mkdir(parents=True)
    small = sorted(corpus.glob("sonic-pi-samples/*.flac"), key=lambda path: path.stat().st_size)[:TRACKS]
    for number, path in enumerate(small, 1):
        shutil.copyfile(path, twenty / f"{number:02} - {path.name}")
    (twenty / "rights.json").write_text('{"license": "CC-BY-4.0", "rights_holders": ["Maker"]}')
    (twenty / "info.txt").write_text("Genre: Ambient\n")
    held = shelf / "Nobody - 1999 - Held"
    held.mkdir()
    shutil.copyfile(sorted(corpus.glob("alsa-speaker-test/*.wav"))[0], held / "01 - Secret.wav")
    for name in HOSTILE:
        folder = shelf / f"hostile-{name}"
        folder.mkdir()
        shutil.copyfile(hostile / "tags" / f"{name}.flac", folder / f"{name}.flac")
        (folder / "rights.toml").write_text(MANIFEST)


@pytest.fixture(scope="session")
def made(corpus: Path, hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, made by whoever comes first; the others wait. Not to be changed."""
    place = shared_folder(tmp_path_factory) / "web-archive"
    with open(place.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            stock(place.with_suffix(".shelf"), corpus, hostile)
            session = Session(place.with_suffix(".half"))
            told = session.take(str(place.with_suffix(".shelf")), "--trust-manifest")
            assert (told["outcomes"], told["failed"]) == ({"new": 2 + len(HOSTILE)}, [])
            place.with_suffix(".half").rename(place)
    return place


def application(folder: Path) -> Starlette:
    """The website of an archive."""
    return create_app(str(folder), parse_settings((folder / "sonoteca.toml").read_bytes()))


@pytest.fixture(scope="module")
def visitor(made: Path) -> Iterator[Visitor]:
    """Somebody at this machine, on the shared archive."""
    app = application(made)
    yield Visitor(app)
    close(app)


def asked_for(folder: str, names: list[str]) -> list[str]:
    """What stands in an inbox."""
    return names if Path(folder).name == "inbox" else []


@pytest.fixture
def session(made: Path, tmp_path: Path) -> Session:
    """The same archive in a place of its own, to be changed; without what visitors of the shared one asked for."""
    shutil.copytree(made, tmp_path / "archive", symlinks=True, ignore=asked_for)
    return Session(tmp_path / "archive")


@pytest.fixture
def own_visitor(session: Session) -> Iterator[Visitor]:
    """Somebody on that one."""
    app = application(session.folder)
    yield Visitor(app)
    close(app)
