"""From page to page without loading: address, title, focus and scroll position are what they would have been."""

from sonoteca.web import words
from tests.browser import programs
from tests.browser.browser import Chromium
from tests.browser.conftest import Paths
from tests.browser.house import House
from tests.clients.waiting import until

# Lost when the browser loads a page.
MARK = "window.stays = true"
STAYS = "return window.stays === true"


def test_a_link_replaces_the_page(page: Chromium, house: House, paths: Paths) -> None:
    page.go(house.address + paths.plain)
    page.run(MARK)
    page.press("header a[href='/about']")
    page.wait("location.pathname === '/about'")
    page.wait("document.title.startsWith('About')")
    assert page.run(STAYS)
    assert page.run("return document.activeElement.localName") == "main"
    assert page.run("return document.querySelector('header [aria-current]').textContent") == "About"
    assert page.run("return document.querySelector('[role=status].player-announcer').textContent") == page.run(
        "return document.title"
    )


def test_back_finds_the_place(page: Chromium, house: House, paths: Paths) -> None:
    page.look(390, is_dark=False)
    page.go(house.address + paths.plain)
    page.run(MARK)
    page.run("scrollTo(0, 700)")
    page.wait("sessionStorage.getItem('sonoteca.scroll.' + history.state.entry) === '700'")
    page.run("document.querySelector('footer a').click()")
    page.wait("location.pathname === '/about' && location.hash === '#policy'")
    page.wait("Math.abs(document.querySelector('#policy').getBoundingClientRect().top) < 60")
    page.back()
    page.wait(f"location.pathname === '{paths.plain}' && scrollY === 700")
    page.forward()
    page.wait("location.pathname === '/about' && document.querySelector('#policy')")
    assert page.run(STAYS)


def test_pages_that_are_no_pages(page: Chromium, house: House, paths: Paths) -> None:
    """Not found is shown in place; what is broken, and what is a file, is left to the browser."""
    page.go(house.address + paths.plain)
    page.run(MARK)
    page.run("document.querySelector('header nav a').href = '/nowhere'")
    page.press("header nav a")
    page.wait("location.pathname === '/nowhere' && document.title.includes('Nothing is here')")
    assert page.run(STAYS)
    with house.refusing("/about", 500):
        page.run("document.querySelector('header a[href=\"/about\"]').click()")
        page.wait("location.pathname === '/about' && document.body.textContent.includes('refused for a test')")
    page.go(house.address + paths.plain)
    page.run("addEventListener('click', (event) => { window.left = !event.defaultPrevented; event.preventDefault(); })")
    for css in (".takes a[href^='/zip/']", ".takes a[href$='.torrent']", ".files a[href^='/file/']"):
        page.run("window.left = null; document.querySelector(arguments[0]).click()", css)
        assert page.run("return window.left") is True, css


def test_search_as_one_types(page: Chromium, house: House) -> None:
    page.go(f"{house.address}/about")
    page.go(f"{house.address}/search")
    page.run(MARK)
    before = page.run("return history.length")
    page.press("main input[name=q]")
    page.type("salt")
    page.wait("location.search === '?q=salt'")
    page.wait("document.querySelectorAll('.hits li').length === 1")
    assert page.run("return document.activeElement.name") == "q"
    page.type(" on")
    page.wait("document.querySelector('main [role=status]').textContent.includes('salt on')")
    assert page.run("return document.activeElement.value") == "salt on"
    assert page.run("return document.querySelectorAll('main input[type=search]').length") == 1
    assert page.run("return document.querySelector('.player-announcer').textContent.includes('1 track')")
    assert page.run("return history.length") == before, "not an entry for every letter"
    assert page.run(STAYS)
    for _ in range(7):
        page.key("Backspace")
    page.wait("location.search === '' && document.querySelectorAll('.card').length === 3")
    page.back()
    page.wait("location.pathname === '/about'")


def test_an_overtaken_answer_is_thrown_away(page: Chromium, house: House) -> None:
    page.go(f"{house.address}/search")
    page.run(
        "const real = fetch; window.asked = [];"
        "window.fetch = async (address, options) => {"
        "  const record = { address: String(address), aborted: false }; asked.push(record);"
        "  options?.signal?.addEventListener('abort', () => { record.aborted = true; });"
        "  const aborted = new Promise((done) => options?.signal?.addEventListener('abort', done));"
        "  if (record.address.endsWith('=f')) await aborted;"
        "  return real(address, options); };"
    )
    page.press("main input[name=q]")
    page.type("f")
    page.wait("asked.length === 1")
    page.type("erry")
    page.wait("location.search === '?q=ferry' && document.querySelectorAll('.hits li').length === 1")
    assert page.run("return asked[0].aborted")


def test_the_player_is_remembered(page: Chromium, house: House, paths: Paths) -> None:
    page.go(house.address + paths.plain)
    page.press(".tracks li:nth-child(2) button.play")
    page.wait_for_sound()
    page.press(".player-waveform", 0.5)
    page.wait_for_sound(after_s=9)
    page.press(".player-volume input", 0.25)
    volume = page.run("return document.querySelector('.player-volume input').value")
    page.press(".player-play")
    page.reload()
    page.wait("!document.querySelector('#player').hidden")
    assert page.run("return document.querySelector('.player-title').textContent") == "Harbour Lights"
    assert int(page.run("return document.querySelector('[role=slider]').getAttribute('aria-valuenow')")) >= 9
    assert volume != "100"
    # The loudspeaker tells of its volume when it comes to it, which may be after the player is shown.
    page.wait(f"document.querySelector('.player-volume input').value === {volume!r}")
    page.press(".player-play")
    assert page.wait_for_sound(after_s=9) < 14
    page.press(".player-more")
    page.press(".player-close")
    page.wait("document.querySelector('#player').hidden")
    until(lambda: not page.is_playing(), "silence")
    page.reload()
    assert page.run("return document.querySelector('#player').hidden")


def test_another_format_when_one_fails(page: Chromium, house: House, paths: Paths) -> None:
    page.go(house.address + paths.plain)
    track = page.run("return document.querySelector('.tracks button.play').dataset.track")
    with house.refusing(f"/stream/{track}.opus", 404), house.refusing(f"/stream/{track}.webm", 404):
        page.press(".tracks button.play")
        page.wait_for_sound()
        assert page.run("return [...heard].at(-1).currentSrc").endswith(".mp4")
    with house.refusing("/stream/", 410):
        page.press(".player-next")
        page.wait("document.querySelector('.player-alert').textContent.includes('has been withdrawn')")


def test_an_original_is_played_where_nothing_may_be_made_of_it(page: Chromium, house: House, paths: Paths) -> None:
    page.go(house.address + paths.whole)
    page.press(".tracks button.play")
    page.wait_for_sound()
    assert page.run("return [...heard].at(-1).currentSrc").endswith(".flac")


def test_a_press_on_a_waveform_of_the_page(page: Chromium, house: House, paths: Paths) -> None:
    page.go(house.address + paths.plain)
    page.wait("document.querySelectorAll('.tracks img.wave')[2].complete || true")
    page.press(".tracks li:nth-child(3) img.wave", 0.5)
    assert 9 < page.wait_for_sound(after_s=9) < 13
    assert page.run("return document.querySelector('.player-title').textContent") == "Salt on the Steps"


def test_on_a_network_without_tls(page: Chromium, house: House, paths: Paths) -> None:
    """Browsers keep some calls from such a site; none that is needed."""
    page.go(house.address.replace("127.0.0.1", programs.ELSEWHERE) + paths.plain)
    assert page.run("return isSecureContext") is False
    page.press(".tracks button.play")
    page.wait_for_sound()
    page.press("header a[href='/about']")
    page.wait("location.pathname === '/about' && document.title.startsWith('About')")
    page.back()
    page.wait("document.querySelector('.tracks')")
    page.wait_for_sound()


LENGTHS = """
const [seconds, done] = arguments;
import(document.querySelector("script[type=module]").src.replace("player.js", "player/times.js"))
  .then(({ lengthOf }) => done(seconds.map(lengthOf)));
"""


def test_the_player_tells_lengths_as_the_pages_do(page: Chromium, house: House) -> None:
    page.go(house.address)
    seconds = [0, 0.01, 0.4, 1.51, 32.65, 59.4, 59.6, 3599.7, 3600.2, 7322.9]
    assert page.later(LENGTHS, seconds) == [words.clock(one) for one in seconds]


def test_menus_fold_away(page: Chromium, house: House) -> None:
    page.go(f"{house.address}/search")
    for away in (lambda: page.key("Escape"), lambda: page.press("h1")):
        page.press(".facets summary")
        page.wait("document.querySelector('.facets details').open")
        away()
        page.wait("!document.querySelector('.facets [open]')")


def test_one_sound_in_all_tabs(page: Chromium, house: House, paths: Paths) -> None:
    page.go(house.address + paths.plain)
    page.press(".tracks button.play")
    page.wait_for_sound()
    page.run("new BroadcastChannel('sonoteca.playing').postMessage('playing')")
    until(lambda: not page.is_playing(), "a pause")


def test_keys_can_be_switched_off(page: Chromium, house: House, paths: Paths) -> None:
    page.go(house.address + paths.plain)
    page.press(".tracks button.play")
    page.wait_for_sound()
    page.press(".player-more")
    page.press(".player-settings input")
    page.key("Escape")
    page.run("document.activeElement.blur()")
    page.type("k/")
    assert page.is_playing()
    assert page.run("return document.activeElement.localName") == "body"
