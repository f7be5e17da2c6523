"""First page: how long somebody waits who has typed `sonoteca demo`, until there is a website, and something on it.

Takes  the bench.   Gives  seconds from the start of the program to the first 200 of its home page, and to that of a
       release's page.
Never  asks another website that happens to be on this machine: the demo's address is in its settings once it chose one.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from sonoteca.bench.figures import Figure, load
from sonoteca.bench.processes import running
from sonoteca.bench.store import Bench
from sonoteca.model.errors import Unreachable
from sonoteca.pipeline.archive import SETTINGS
from sonoteca.ports.fetch import Fetched, fetch

LOOK_EVERY_S = 0.1
DEADLINE_S = 600.0
STOP_S = 60.0
# The demo puts it first when it has chosen (pipeline/addresses.py); the default is not believed.
_CHOSEN = re.compile(rb'\Aweb_listen = "([^"]+)"')
_RELEASE = re.compile(rb'href="(/release/[0-9a-f-]{36})"')


def first_page(bench: Bench) -> Iterator[Figure]:
    """One demo in an empty place, stopped as soon as it has a release."""
    place = os.path.join(bench.scratch.root, "demo")
    started, before = time.perf_counter(), load()
    with running([sys.executable, "-m", "sonoteca", "demo", "--place", place]) as demo:
        home_s = _await(demo, lambda: _home(place) is not None) - started
        release_s = _await(demo, lambda: _shows_release(place)) - started
        demo.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            demo.wait(STOP_S)
    bench.scratch.remove("demo")
    told = f"from the start of `sonoteca demo` in an empty place; {before} before"
    for name, value, what in (
        ("web.demo_first_page_s", home_s, "its home page"),
        ("web.demo_first_release_s", release_s, "a release's page"),
    ):
        yield Figure(figure=name, value=round(value, 1), unit="s", against=f"first 200 of {what}, {told}", runs=1)


def _await(demo: "subprocess.Popen[bytes]", is_so: Callable[[], bool]) -> float:
    """The moment when it was seen to be so."""
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until and demo.poll() is None:
        if is_so():
            return time.perf_counter()
        time.sleep(LOOK_EVERY_S)
    raise RuntimeError(f"the demo showed no page: code {demo.poll()}")


def _shows_release(place: str) -> bool:
    home = _home(place)
    found = _RELEASE.search(home.body) if home else None
    return found is not None and _page(place, found[1].decode()) is not None


def _home(place: str) -> Fetched | None:
    return _page(place, "/")


def _page(place: str, path: str) -> Fetched | None:
    """A page of the demo's website, when it is there."""
    address = find_address(place)
    try:
        found = fetch(address, path) if address else None
    except Unreachable:
        return None
    return found if found and found.status == 200 else None


def find_address(place: str) -> str:
    """Where the demo in this folder serves its website, "" while it has not chosen."""
    try:
        with open(os.path.join(place, "archive", SETTINGS), "rb") as file:
            found = _CHOSEN.match(file.read())
    except FileNotFoundError:
        return ""
    return found[1].decode() if found else ""
