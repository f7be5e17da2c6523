"""One small archive for a whole run, its website for each worker, and the browsers, started when first asked for."""

import fcntl
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.browser import programs, recordings
from tests.browser.browser import Browser, Chromium
from tests.browser.house import House, open_house
from tests.conftest import shared_folder
from tests.scenarios.session import Session

STARTS: dict[str, Callable[[Path, programs.Place], AbstractContextManager[Browser]]] = {
    "Chromium": programs.chromium,
    "Firefox": programs.firefox,
    "WebKitGTK": programs.webkit,
}
Start = Callable[[str], Browser]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Of the three releases, of the one that was withdrawn, of a track and of a volume."""

    plain: str
    whole: str
    hostile: str
    gone: str
    track: str
    volume: str


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three releases, published; one more, withdrawn. Made by whoever comes first. Read only."""
    target = shared_folder(tmp_path_factory) / "browser-archive"
    with open(target.with_name(target.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = target / "done"
        if not done.exists():
            recordings.write_all(target / "music")
            session = Session(target / "archive")
            session.words("add", "--trust-manifest", "--collection", "Harbour", str(target / "music"))
            assert session.ask("run")["failed"] == []
            gone = session.ask("search", "Sold")["hits"][0]["release"]
            session.words("withdraw", gone, "--reason", "a test")
            hostile = session.ask("search", "Backwards")["hits"][0]["release"]
            session.words("edit", hostile, "--set", f"title={recordings.EDITED}")
            done.write_text(gone)
    return target / "archive"


@pytest.fixture(scope="session")
def paths(archive: Path, house: House) -> Paths:
    """Where the pages are that have no fixed address."""
    found = dict.fromkeys(re.findall(r'"(/release/[0-9a-f-]+)"', read(f"{house.address}/search?show=releases")))
    texts = {path: read(house.address + path) for path in found}
    plain = next(path for path, text in texts.items() if '<h1 dir="auto">The Long Pier</h1>' in text)
    whole = next(path for path, text in texts.items() if '<h1 dir="auto">Unchanged</h1>' in text)
    (hostile,) = texts.keys() - {plain, whole}
    track = re.findall(r'"(/track/trk_[a-z0-9]+)"', texts[plain])[0]
    volume = re.findall(r'"(/volume/[^"./]+)"', texts[plain])[0]
    gone = "/release/" + (archive.parent / "done").read_text().removeprefix("urn:uuid:")
    return Paths(plain=plain, whole=whole, hostile=hostile, gone=gone, track=track, volume=volume)


def read(address: str) -> str:
    """A page as the server made it."""
    with urlopen(address) as answer:
        return str(answer.read().decode())


@pytest.fixture(scope="session")
def house(archive: Path) -> Iterator[House]:
    """The website of it."""
    with open_house(archive) as one:
        yield one


@pytest.fixture(scope="session")
def loudspeaker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[programs.Place]:
    """Something that sounds nowhere, in real time."""
    with programs.loudspeaker(tmp_path_factory.mktemp("loudspeaker")) as place:
        yield place


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory, loudspeaker: programs.Place) -> Iterator[Start]:
    """start("Firefox") gives the running browser, the same one as long as the worker lives."""
    started: dict[str, Browser] = {}
    with ExitStack() as ends:

        def found(name: str) -> Browser:
            if name not in started:
                running = STARTS[name](tmp_path_factory.mktemp(name), loudspeaker)
                started[name] = ends.enter_context(running)
            return started[name]

        yield found


@pytest.fixture
def page(start: Start, house: House) -> Chromium:
    """Chromium as somebody has it who comes for the first time."""
    chromium = start("Chromium")
    assert isinstance(chromium, Chromium)
    chromium.look(1280, is_dark=False)
    chromium.forget(house.address)
    return chromium


@pytest.fixture(params=list(STARTS))
def browser(request: pytest.FixtureRequest, start: Start, house: House) -> Browser:
    """Each browser, as somebody has it who comes for the first time."""
    one = start(request.param)
    one.forget(house.address)
    return one


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the pages are kept: `browser-pictures` in the run's own folder under pytest's base folder."""
    folder = shared_folder(tmp_path_factory) / "browser-pictures"
    folder.mkdir(exist_ok=True)
    return folder
