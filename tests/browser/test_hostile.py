"""A release whose tags want to run, fetch, and break out: every word of it stays a word, on pages and in the player."""

from tests.browser.browser import Chromium
from tests.browser.conftest import Paths
from tests.browser.house import House
from tests.browser.recordings import SCRIPT

RAN = "return document.documentElement.dataset.ran ?? null"


def test_nothing_runs(page: Chromium, house: House, paths: Paths) -> None:
    page.console()
    for path in (
        paths.hostile,
        "/search?show=tracks",
        "/",
        "/operator",
        '/search?q="><script>document.title=1</script>',
    ):
        page.go(house.address + path)
        assert page.run(RAN) is None
        assert page.alert() is None
    page.go(house.address + paths.hostile)
    assert SCRIPT in page.run("return document.querySelector('h1').textContent")
    assert SCRIPT in page.run("return document.querySelector('button.play').dataset.release")
    assert SCRIPT in page.run("return document.querySelector('#rights').textContent")
    page.press(".tracks button.play")
    page.wait_for_sound()
    for number in range(1, 4):
        page.press(".player-next")
        page.wait(f"document.querySelectorAll('.tracks > li')[{number}].hasAttribute('data-current')")
        page.wait_for_sound()
    assert SCRIPT in page.run("return document.querySelector('.player-artist').textContent")
    assert SCRIPT in page.run("return navigator.mediaSession.metadata.album")
    page.press(".player-title")
    page.press(".player-more")
    assert page.run("return document.querySelectorAll('#player script, #player [onerror], #player img').length") <= 1
    assert page.run(RAN) is None
    assert page.alert() is None
    assert house.reports == []
    assert [line for line in page.console() if "Content Security Policy" in line or "Uncaught" in line] == []


def test_the_trap_works(page: Chromium, house: House) -> None:
    """What the other test looks for would be seen."""
    page.go(f"{house.address}/about")
    page.run(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = 1'}))"
    )
    page.run("document.body.innerHTML += '<img src=x onerror=document.title=1>'")
    page.wait("true")
    assert any("Content Security Policy" in line for line in page.console())
    assert page.run("return document.title") != "1"
    page.go("about:blank")
    house.reports.clear()
