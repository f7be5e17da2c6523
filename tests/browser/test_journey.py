"""A visit, in each browser: somebody searches, listens, seeks, reads something else meanwhile, and comes back."""

from pathlib import Path

from tests.browser.browser import Browser
from tests.browser.house import House
from tests.clients.waiting import until

LINES = """
const middles = [...document.querySelectorAll(".player-settings > :not(dl)")].map((one) => {
  const { top, height } = one.getBoundingClientRect();
  return Math.round((top + height / 2) / 10);
});
return new Set(middles).size;
"""
TITLE = "document.querySelector('#player .player-title').textContent"
FIRST = "document.querySelector('.tracks .name a').textContent"


def test_a_visit(browser: Browser, house: House, pictures: Path) -> None:
    browser.go(f"{house.address}/")
    browser.press("main input[name=q]")
    browser.type("harbour")
    browser.key("Enter")
    browser.wait("document.querySelector('.hits button.play') && location.search === '?q=harbour'")

    browser.press(".hits button.play")
    browser.wait_for_sound()
    assert browser.run(f"return {TITLE}") == browser.run("return document.querySelector('.hits .name a').textContent")
    browser.wait("document.querySelector('.hits button.play').getAttribute('aria-label').startsWith('Pause')")

    browser.press(".player-waveform", 0.5)
    browser.wait_for_sound(after_s=9.5)
    assert browser.position() < 13

    browser.press(".player-title")
    browser.wait("location.pathname.startsWith('/release/') && document.querySelector('.tracks')")
    before = browser.wait_for_sound(after_s=9.5)
    browser.back()
    browser.wait("location.pathname === '/search' && document.querySelector('.hits')")
    assert browser.wait_for_sound(after_s=before) > before, "the back button let go of the sound"
    browser.picture(pictures / f"visit-{browser.name}.png")

    browser.press(".player-title")
    browser.wait("document.querySelector('.tracks button.play')")
    browser.press(".tracks button.play")
    browser.wait(f"{TITLE} === {FIRST}")
    browser.wait_for_sound()
    browser.press(".player-next")
    browser.wait(f"{TITLE} === document.querySelectorAll('.tracks .name a')[1].textContent")
    browser.wait_for_sound()

    browser.press(".player-play")
    until(lambda: not browser.is_playing(), f"{browser.name}: a pause")
    assert browser.run("return document.querySelectorAll('audio').length") == 0, "one element, and no page has another"
    assert house.reports == []


def test_keys(browser: Browser, house: House) -> None:
    browser.go(f"{house.address}/search?q=salt")
    browser.press("h1")
    browser.type("/")
    assert browser.run("return document.activeElement.name") == "q"
    browser.type("k j")
    assert not browser.is_playing()
    assert "k j" in browser.run("return document.activeElement.value"), "letters are letters in a field"

    browser.go(f"{house.address}/search?q=salt")
    browser.press(".hits button.play")
    browser.wait_for_sound()
    browser.run("document.activeElement.blur()")
    browser.type("l")
    browser.wait_for_sound(after_s=10)
    browser.type("j")
    until(lambda: browser.position() < 9, f"{browser.name}: ten seconds back", told=browser.told)
    browser.wait_for_sound()
    browser.key("Right")
    browser.wait_for_sound(after_s=5)
    browser.type("k")
    until(lambda: not browser.is_playing(), f"{browser.name}: k pauses")
    browser.type(" ")
    browser.wait_for_sound()

    browser.run("document.querySelector('[role=slider]').focus()")
    browser.key("Home")
    until(lambda: browser.position() < 4, f"{browser.name}: Home")
    # WebKitGTK, on a busy machine, does not always come back from seeks that follow each other at once.
    browser.wait_for_sound()
    browser.key("PageUp")
    browser.wait_for_sound(after_s=2)
    said = browser.run("return document.querySelector('[role=slider]').getAttribute('aria-valuetext')")
    assert said.endswith(" of 20 seconds"), said


def test_media_session(browser: Browser, house: House) -> None:
    browser.go(f"{house.address}/search?q=ferry")
    browser.press(".hits button.play")
    browser.wait_for_sound()
    told = browser.run(
        "const { title, artist, album, artwork } = navigator.mediaSession.metadata;"
        "return [title, artist, album, artwork[0]?.src, navigator.mediaSession.playbackState]"
    )
    assert told[:3] == ["Ferry", "Anna Pier", "The Long Pier"]
    assert told[3].startswith(f"{house.address}/cover/")
    assert told[4] == "playing"


def test_saving_data(browser: Browser, house: House, pictures: Path) -> None:
    """The small copy plays on where the usual one was; it stays chosen; the settings are one line, also on a phone."""
    source = "return [...window.heard].map((one) => new URL(one.src).pathname)[0]"
    browser.go(f"{house.address}/search?q=harbour")
    browser.press(".hits button.play")
    browser.wait_for_sound(after_s=1.0)
    assert not browser.run(source).startswith("/stream/low/")
    browser.press(".player-more")
    assert browser.run(LINES) == 1
    browser.picture(pictures / f"settings-{browser.name}.png")
    browser.press(".player-settings label + label")
    browser.wait("[...window.heard].some((one) => new URL(one.src).pathname.startsWith('/stream/low/'))")
    assert browser.wait_for_sound(after_s=1.0) >= 1.0
    assert browser.run("return JSON.parse(localStorage.getItem('sonoteca.settings')).isThrifty") is True
    browser.press(".player-settings label + label")
    browser.wait("![...window.heard].some((one) => new URL(one.src).pathname.startsWith('/stream/low/'))")
    assert house.reports == []
