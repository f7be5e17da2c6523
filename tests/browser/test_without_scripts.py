"""The pages without JavaScript: everything is there, and the browser's own players play."""

import re
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.browser import programs
from tests.browser.browser import Chromium
from tests.browser.conftest import Paths
from tests.browser.house import House

SHOWN = "return [...document.querySelectorAll(arguments[0])].filter((one) => one.getClientRects().length).length"


def test_firefox(house: House, paths: Paths, loudspeaker: programs.Place, tmp_path: Path, pictures: Path) -> None:
    with programs.firefox(tmp_path, loudspeaker, has_scripts=False) as browser:
        browser.wire.send("go", url=house.address + paths.plain)
        browser.picture(pictures / "without-scripts-Firefox.png")
        text = browser.wire.send("source")
    assert len(re.findall(r"<audio [^>]*controls", text)) == 4
    assert 'id="player" aria-label="Player" hidden' in text


def test_chromium(page: Chromium, house: House, paths: Paths, pictures: Path) -> None:
    page.scripts(are_on=False)
    try:
        page.wire.send("go", url=house.address + paths.plain)
        assert page.run(SHOWN, "audio[controls]") == 4
        assert page.run(SHOWN, "button.play, #player") == 0, "what does nothing is not shown"
        page.look(390, is_dark=False)
        page.picture(pictures / "without-scripts-Chromium.png")
        sources = page.run("return [...document.querySelectorAll('audio source, audio[src]')].map((one) => one.src)")
        page.wire.send("go", url=f"{house.address}/search")
        page.press("main input[name=q]")
        page.type("salt")
        page.key("Enter")
        page.wait("location.search.includes('q=salt')")
        assert page.run(SHOWN, ".hits li") == 1
    finally:
        page.scripts(are_on=True)
    assert len(sources) >= 4
    for address in sources:
        assert first_bytes(address)


def first_bytes(address: str) -> bytes:
    """As an audio element asks for them."""
    with urlopen(Request(address, headers={"Range": "bytes=0-99"})) as answer:
        assert answer.status == 206
        return bytes(answer.read())


@pytest.mark.parametrize("name", ["plain", "hostile", "track"])
def test_pages_say_everything_by_themselves(house: House, paths: Paths, name: str) -> None:
    with urlopen(house.address + getattr(paths, name)) as answer:
        text = answer.read().decode()
    assert "<noscript><audio controls" in text
    assert not re.search(r"<script(?![^>]* src=)", text), "no script is written into a page"
    assert not re.search(r"<[^>]+ (style|on\w+)=", text.split("<main")[1].split("data-title")[0])
