"""Programs: the browsers of this machine, started and ended.

Takes  a folder for profiles.   Gives  a Browser.
Never  lets one ask other hosts for anything: updates, lists, telemetry and first-run pages are off.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests import tools
from tests.browser.browser import Browser, Chromium
from tests.browser.wire import Http, Marionette
from tests.clients.network import free_port
from tests.clients.waiting import until

# The same machine under a name that browsers do not trust without TLS, as they do loopback.
ELSEWHERE = "archive.test"
# Chromium in a container without user namespaces and with a small /dev/shm. Autoplay rules stay as people have them.
CHROMIUM = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-sync",
    "--mute-audio",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--hide-scrollbars",
    "--window-size=1280,900",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
FIREFOX: dict[str, Any] = {
    "marionette.port": 0,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "services.settings.server": "data:,",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "security.sandbox.content.level": 0,
    "media.gmp-manager.url": "data:,",
    "toolkit.cosmeticAnimations.enabled": False,
}

Place = dict[str, str]


@contextmanager
def loudspeaker(folder: Path) -> Iterator[Place]:
    """PulseAudio with a sink that swallows sound in real time: Firefox does not play without a loudspeaker.

    Gives the environment in which programs find it.
    """
    program = tools.require_tool("pulseaudio")
    socket = folder / "socket"
    modules = ["--load=module-null-sink", f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1"]
    options = ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit", *modules]
    home = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    with running([program, *options], folder / "log", home) as process:
        until(lambda: process.poll() is not None or socket.exists(), "PulseAudio")
        yield {"PULSE_SERVER": f"unix:{socket}"}


@contextmanager
def chromium(folder: Path, place: Place) -> Iterator[Chromium]:
    """Debian's chromium, by chromedriver."""
    browser, driver = tools.require_tool("chromium"), tools.require_tool("chromedriver")
    wanted = {
        "goog:chromeOptions": {"binary": browser, "args": [*CHROMIUM, f"--user-data-dir={folder / 'chromium'}"]},
        "goog:loggingPrefs": {"browser": "ALL"},
        "unhandledPromptBehavior": "ignore",
    }
    port = free_port("127.0.0.1")
    with running([driver, f"--port={port}"], folder / "chromedriver.log", place) as process:
        wire = until(lambda: attempt(process, lambda: Http(port, wanted)), "chromedriver")
        with closing_session(wire):
            yield Chromium("Chromium", wire)


@contextmanager
def firefox(folder: Path, place: Place, has_scripts: bool = True) -> Iterator[Browser]:
    """Debian's firefox-esr, by Marionette."""
    program = tools.require_tool("firefox-esr")
    profile = folder / "firefox"
    profile.mkdir(parents=True)
    choices = {**FIREFOX, "javascript.enabled": has_scripts}
    lines = [f'user_pref("{name}", {literal(value)});\n' for name, value in choices.items()]
    (profile / "user.js").write_text("".join(lines))
    command = [program, "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
    told = profile / "MarionetteActivePort"
    with running(
        command, folder / "firefox.log", {**place, "HOME": str(folder), "MOZ_HEADLESS_WIDTH": "1280"}
    ) as process:
        until(lambda: process.poll() is not None or (told.exists() and told.read_text()), "Firefox's port", 60)
        wire = Marionette(int(told.read_text()), {"unhandledPromptBehavior": "ignore"})
        with closing_session(wire):
            yield Browser("Firefox", wire)


@contextmanager
def webkit(folder: Path, place: Place) -> Iterator[Browser]:
    """WebKitGTK's MiniBrowser on a screen of its own, by WebKitWebDriver."""
    driver, screen = tools.require_tool("WebKitWebDriver"), tools.require_tool("Xvfb")
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    browser = str(browsers[-1]) if browsers else tools.missing("needs MiniBrowser (Debian: webkit2gtk-driver)")
    port = free_port("127.0.0.1")
    wanted = {"webkitgtk:browserOptions": {"binary": browser, "args": ["--automation"]}}
    with running([screen, "-displayfd", "1", "-screen", "0", "1400x1000x24"], folder / "screen.log", {}) as xvfb:
        until(lambda: xvfb.poll() is not None or display(folder / "screen.log"), "a screen")
        home = {"DISPLAY": display(folder / "screen.log"), "HOME": str(folder), "NO_AT_BRIDGE": "1"}
        given = {**place, **home, "LIBGL_ALWAYS_SOFTWARE": "1"}
        with running([driver, f"--port={port}"], folder / "webkit.log", given) as process:
            wire = until(lambda: attempt(process, lambda: Http(port, wanted)), "WebKitWebDriver")
            with closing_session(wire):
                yield Browser("WebKitGTK", wire)


def display(log: Path) -> str:
    """The number that Xvfb chose, among what else it says; "" while it has not."""
    numbers = [line for line in log.read_text().splitlines() if line.isdigit()]
    return f":{numbers[-1]}" if numbers else ""


@contextmanager
def running(command: list[str], log: Path, place: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program with its output in a file; ended at the end, with what it started."""
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **place}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Browsers are many processes: all of the session that it was started with."""
    for name in ("TERM", "KILL"):
        subprocess.run(["kill", f"-{name}", "--", f"-{process.pid}"], check=False, capture_output=True)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue


def attempt(process: subprocess.Popen[bytes], does: Callable[[], Http]) -> Http | None:
    """What it gives; None while nobody answers yet."""
    if process.poll() is not None:
        raise AssertionError(f"{process.args} has ended with {process.returncode}")
    try:
        return does()
    except ConnectionError:
        return None


@contextmanager
def closing_session(wire: Http | Marionette) -> Iterator[None]:
    """The browser is told to go; when it does not listen any more, its process is ended anyway."""
    try:
        yield
    finally:
        with suppress(OSError):
            wire.close()


def literal(value: bool | int | str) -> str:
    """As JavaScript writes it."""
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, int) else f'"{value}"'
