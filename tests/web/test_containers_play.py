"""Chromium plays Ogg, WebM and MP4 of the same track, seeks in each, and comes to the end of each."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.swarms import until
from tests.tools import require_tool
from tests.web.serving import Served, served
from tests.web.shelf import Shelf, make_shelf

# There is nobody to see it, to press anything, or to hear it.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--no-first-run",
    "--remote-debugging-port=0",
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return make_shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def site(shelf: Shelf) -> Iterator[Served]:
    with served(shelf.session.folder, module="tests.web.playing") as found:
        yield found


def told(site: Served) -> Any:
    with urllib.request.urlopen(f"{site.address}/told", timeout=10) as answer:
        return json.load(answer)


def test_chromium_plays_and_seeks_every_container(site: Served, shelf: Shelf, tmp_path: Path) -> None:
    track = shelf.one("Two", "access").track
    address = f"{site.address}/playing?track={track}"
    command = [require_tool("chromium"), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", address]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            found = until(lambda: told(site), "what the page saw")
        finally:
            browser.terminate()
    assert [one.get("error", "") for one in found] == ["", "", ""]
    for one in found:
        # Chromium counts the 6.5 ms before the sound in Ogg alone.
        assert abs(one["duration"] - 20) < 0.01
        assert 18.2 < one["after"] < 20.1
        assert abs(one["end"] - one["duration"]) < 0.1
