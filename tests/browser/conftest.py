"""One small archive for a whole run, its website for each worker, and the browsers, started when first asked for."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import programs, recordings
from tests.browser.browser import Browser, Chromium
from tests.browser.house import House, open_house
from tests.conftest import shared_folder
from tests.scenarios.session import Session

STARTS = {"Firefox": programs.firefox, "WebKitGTK": programs.webkit}


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
            done.touch()
    return target / "archive"


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
def chromium(tmp_path_factory: pytest.TempPathFactory, loudspeaker: programs.Place) -> Iterator[Chromium]:
    """One Chromium a worker."""
    with programs.chromium(tmp_path_factory.mktemp("chromium"), loudspeaker) as one:
        yield one


@pytest.fixture
def page(chromium: Chromium, house: House) -> Chromium:
    """Chromium as somebody has it who comes for the first time."""
    chromium.forget(house.address)
    chromium.look(1280, is_dark=False)
    return chromium


@pytest.fixture(params=["Chromium", *STARTS])
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, loudspeaker: programs.Place
) -> Iterator[Browser]:
    """Each browser."""
    if request.param == "Chromium":
        yield request.getfixturevalue("page")
        return
    with STARTS[request.param](tmp_path_factory.mktemp(request.param), loudspeaker) as one:
        yield one


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the pages are kept: `browser-pictures` in the run's own folder under pytest's base folder."""
    folder = shared_folder(tmp_path_factory) / "browser-pictures"
    folder.mkdir(exist_ok=True)
    return folder
