"""Every page, on a phone and on a desk, light and dark: axe finds nothing, nothing is wider than the screen, the player
hides nothing. Pictures are kept."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser import Chromium
from tests.browser.conftest import Paths
from tests.browser.house import House

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
AUDIT = """
const done = arguments[arguments.length - 1];
const only = arguments[0] ? { runOnly: arguments[0] } : {};
axe.run(document, { resultTypes: ["violations"], ...only }).then(({ violations }) => done(violations.map((one) =>
  [one.id, one.help, one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`)])));
"""
WIDER = """
const wide = document.documentElement.scrollWidth - innerWidth;
if (wide <= 0) return [];
return [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
"""
SETTLED = (
    "document.fonts.status === 'loaded' && [...document.images].every((one) => one.complete || one.loading === 'lazy')"
)
LOOKS = [(390, False), (390, True), (1280, False), (1280, True)]
COLOURS = ["color-contrast", "link-in-text-block"]
FIXED = ["/", "/search", "/search?q=harbour", "/search?q=nothing+at+all", "/volumes", "/about", "/operator", "/nowhere"]
NAMED = ["plain", "whole", "hostile", "gone", "track", "volume"]


def audit(page: Chromium, is_dark: bool) -> list[Any]:
    """What axe has to say. In the dark only colours differ, so only they are judged again."""
    if not page.run("return Boolean(window.axe)"):
        page.run(AXE.read_text(encoding="utf-8"))
    found: list[Any] = page.later(AUDIT, COLOURS if is_dark else None)
    return found


def look_at(page: Chromium, name: str, pictures: Path) -> list[Any]:
    """What is wrong with what is shown, in any of the four looks."""
    wrong: list[Any] = []
    for width, is_dark in LOOKS:
        page.look(width, is_dark)
        page.wait(f"innerWidth === {width} && {SETTLED}")
        look = f"{name}-{width}-{'dark' if is_dark else 'light'}"
        page.picture(pictures / f"{look}.png")
        wrong += [(look, *one) for one in audit(page, is_dark)]
        wrong += [(look, "wider than the screen", one) for one in page.run(WIDER)]
    return wrong


@pytest.mark.parametrize("name", [*FIXED, *NAMED])
def test_a_page(page: Chromium, house: House, paths: Paths, pictures: Path, name: str) -> None:
    path = name if name.startswith("/") else getattr(paths, name)
    page.go(house.address + path)
    assert look_at(page, re.sub(r"\W+", "-", name).strip("-") or "home", pictures) == []
    assert page.run("return document.documentElement.lang") == "en"
    assert house.reports == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_files_of_a_track_open_below_its_waveform(page: Chromium, house: House, paths: Paths, width: int) -> None:
    page.look(width, False)
    page.go(house.address + paths.plain)
    page.press(".song .take summary")
    page.wait("document.querySelector('.song .take').open")
    wave, files, song = page.run(
        "return ['.song .wave', '.song .files', '.song'].map((one) => document.querySelector(one))"
        ".map((one) => one.getBoundingClientRect())"
    )
    assert wave["bottom"] <= files["top"]
    assert wave["width"] > song["width"] / 2


def test_a_waveform_from_nearer(page: Chromium, house: House, paths: Paths, pictures: Path) -> None:
    page.go(house.address + paths.track)
    page.press(".zoom button:last-child")
    page.wait("!document.querySelector('.closer').hidden")
    assert look_at(page, "nearer", pictures) == []
    assert house.reports == []


def test_the_player(page: Chromium, house: House, paths: Paths, pictures: Path) -> None:
    page.go(house.address + paths.plain)
    page.press(".tracks button.play")
    page.wait_for_sound()
    page.press(".player-play")
    assert look_at(page, "player", pictures) == []
    for width, is_dark in LOOKS:
        page.look(width, is_dark)
        page.run("scrollTo(0, document.documentElement.scrollHeight)")
        covered = page.run(
            "const foot = document.querySelector('footer').getBoundingClientRect();"
            "return foot.bottom - document.querySelector('#player').getBoundingClientRect().top"
        )
        assert covered < 1, "the foot of the page is under the player"
        small = page.run(
            "return [...document.querySelectorAll('#player button')].filter((one) => one.offsetWidth)"
            ".filter((one) => one.offsetWidth < 44 || one.offsetHeight < 44).map((one) => one.className)"
        )
        assert small == [], "too small for a thumb"
    page.press(".player-more")
    page.wait("!document.querySelector('#player-list').hidden")
    assert look_at(page, "player-list", pictures) == []
    page.key("Escape")
    page.wait("document.querySelector('#player-list').hidden")


def test_the_player_in_trouble(page: Chromium, house: House, paths: Paths, pictures: Path) -> None:
    page.go(house.address + paths.plain)
    with house.refusing("/stream/", 503):
        page.press(".tracks button.play")
        page.wait("document.querySelector('#player').dataset.state === 'trouble'")
        assert "trouble of its own" in page.run("return document.querySelector('.player-alert').textContent")
        assert look_at(page, "player-trouble", pictures) == []
    page.press(".player-retry")
    page.wait_for_sound()
    page.wait("document.querySelector('.player-trouble').hidden")
