"""The waveform of a track's page from nearer: what is drawn is what is stored, fetched when somebody wants it."""

import re
from urllib.request import urlopen

from tests.browser.browser import Browser, Chromium
from tests.browser.conftest import Paths
from tests.browser.house import House

FETCHED = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.outline')).length"
ZOOM = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('zoom.js')).length"
IN, OUT, STRIP = ".zoom button:last-child", ".zoom button:first-child", ".closer"
IS_FINEST = f"document.querySelector('{IN}').getAttribute('aria-disabled') === 'true'"
SECONDS = 20.0


def open_track(page: Chromium, house: House, paths: Paths) -> None:
    page.look(1280, False)
    page.go(house.address + paths.track)
    page.wait(f"document.querySelector('{IN}')")


def nearest(page: Chromium) -> None:
    """A bar is a bin then."""
    for _ in range(3):
        page.press(IN)
    page.wait(IS_FINEST)


def span(page: Chromium) -> tuple[float, float]:
    """The seconds that are seen, as they are told."""
    words = page.run("return document.querySelector('.closer-words').textContent")
    found = re.fullmatch(r"From 0:(\d\d\.\d) to 0:(\d\d\.\d)\.", words)
    assert found, words
    return float(found[1]), float(found[2])


def test_a_bar_is_a_hundredth_of_a_second_at_last(page: Chromium, house: House, paths: Paths) -> None:
    open_track(page, house, paths)
    assert page.run(f"return {FETCHED}") == 0
    nearest(page)
    assert page.run(f"return {FETCHED}") == 1
    place = page.run("return document.querySelector('[data-outline]').dataset.outline")
    with urlopen(house.address + place) as answer:
        outline = answer.read()
    left = page.run(f"return document.querySelector('{STRIP}').scrollLeft")
    path = page.run("return document.querySelector('.closer path').getAttribute('d')")
    drawn = [float(high) for high in re.findall(r"v([\d.]+)h", path)]
    first = int(left // 4)
    seen = outline[first : first + len(drawn)]
    assert len(drawn) > 150
    assert drawn == [round(max(2.0, one / max(outline) * 100), 1) for one in seen]


def test_the_script_comes_with_the_page_that_needs_it(page: Chromium, house: House, paths: Paths) -> None:
    page.go(house.address + paths.plain)
    page.wait("document.querySelector('button.play[aria-label]')")
    assert page.run(f"return {ZOOM}") == 0
    page.press(".tracks .name a")
    page.wait(f"document.querySelector('{IN}') && {ZOOM}")
    assert len(page.run(f"return [...document.querySelectorAll('{IN}')]")) == 1


def test_every_browser_has_it(browser: Browser, house: House, paths: Paths) -> None:
    browser.go(house.address + paths.track)
    browser.press(IN)
    browser.wait(
        f"!document.querySelector('{STRIP}').hidden && document.querySelector('.closer path').getAttribute('d')"
    )
    before = browser.run(f"return document.querySelector('{STRIP}').scrollLeft")
    assert before > 0
    browser.run(f"document.querySelector('{STRIP}').focus()")
    browser.key("Right")
    browser.wait(f"document.querySelector('{STRIP}').scrollLeft > arguments[0]", before)
    browser.press(OUT)
    browser.wait(f"document.querySelector('{STRIP}').hidden")


def test_keys_move_it_and_bring_it_back(page: Chromium, house: House, paths: Paths) -> None:
    open_track(page, house, paths)
    nearest(page)
    middle = span(page)
    assert abs(sum(middle) / 2 - SECONDS / 2) < 0.2
    page.run(f"document.querySelector('{STRIP}').focus()")
    page.key("Right")
    page.wait("!document.querySelector('.closer-words').textContent.includes(arguments[0])", f"{middle[0]:04.1f} to")
    assert middle[0] < span(page)[0] < middle[1]
    page.key("End")
    page.wait("document.querySelector('.closer-words').textContent.endsWith('to 0:20.0.')")
    for _ in range(4):
        page.type("-")
    page.wait(f"document.querySelector('{STRIP}').hidden && !document.querySelector('.listen .wave').hidden")
    assert page.run(f"return document.activeElement === document.querySelector('{IN}')")
    assert page.run(f"return document.querySelector('{OUT}').getAttribute('aria-disabled')") == "true"


def test_a_press_plays_from_there(page: Chromium, house: House, paths: Paths) -> None:
    open_track(page, house, paths)
    nearest(page)
    start, end = span(page)
    page.press(STRIP, 0.5)
    place = (start + end) / 2
    assert place - 0.2 < page.wait_for_sound(after_s=place - 0.2) < place + 6
    page.wait("Number(document.querySelector('.closer rect').getAttribute('x')) > 0")
