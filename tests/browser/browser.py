"""Browser: what a person does with one: goes, looks, clicks, writes, turns the phone, goes back.

Takes  a Wire.   Gives  what the page holds.
Never  clicks by script: a press is a press of a pointer on the place where the thing is seen, so what is covered cannot
       be pressed.
"""

import base64
from pathlib import Path
from typing import Any

from tests.browser.wire import BrowserError, Wire
from tests.clients.waiting import until

KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Left": "\ue012", "Right": "\ue014"}
KEYS |= {"Home": "\ue011", "End": "\ue010", "PageUp": "\ue00e", "Backspace": "\ue003"}
WHERE = """
const one = [...document.querySelectorAll(arguments[0])].find((one) => one.getClientRects().length);
if (!one) return null;
one.scrollIntoView({ block: "center", behavior: "instant" });
const { left, top, width, height } = one.getBoundingClientRect();
const [x, y] = [left + width * arguments[1], top + height / 2];
const hit = document.elementFromPoint(x, y);
return [Math.round(x), Math.round(y), Boolean(hit && (one.contains(hit) || hit.contains(one)))];
"""
# The element is made by script and is in no page; whatever plays goes through here.
EAR = """
if (!window.heard) {
  window.heard = new Set();
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () { window.heard.add(this); return play.call(this); };
}
"""


class Browser:
    """One window."""

    def __init__(self, name: str, wire: Wire) -> None:
        self.name = name
        self.wire = wire

    def go(self, address: str) -> None:
        """Loads a page and starts to listen to it."""
        self.wire.send("go", url=address)
        self.run(EAR)

    def forget(self, address: str) -> None:
        """What the player of a site has kept. It is closed first: it keeps things once more when its page is left."""
        self.go(f"{address}/about")
        self.run("document.querySelector('.player-close')?.click(); sessionStorage.clear(); localStorage.clear();")
        self.wire.send("go", url="about:blank")

    def run(self, script: str, *given: Any) -> Any:
        """What the script returns."""
        return self.wire.send("run", script=script, args=list(given))

    def later(self, script: str, *given: Any) -> Any:
        """What the script hands to its last argument, a function."""
        return self.wire.send("later", script=script, args=list(given))

    def wait(self, script: str, *given: Any, what: str = "", deadline_s: float = 15) -> Any:
        """The first truthy value of an expression."""
        return until(
            lambda: self.run(f"return ({script})", *given), f"{self.name}: {what or script}", deadline_s, self.told
        )

    def told(self) -> object:
        """Where it is and what the player says, for messages."""
        return self.run(
            "return [location.href, document.title, document.getElementById('player')?.outerHTML.slice(0, 300)]"
        )

    @property
    def path(self) -> str:
        """Path and query."""
        return str(self.run("return location.pathname + location.search"))

    def press(self, css: str, part: float = 0.5) -> None:
        """Presses the first visible element that matches, at this part of its width."""
        place = until(lambda: self.run(WHERE, css, part), f"{self.name}: something to press: {css}", 15, self.told)
        x, y, is_free = place
        if not is_free:
            raise AssertionError(f"{css} is covered at {x}, {y}")
        steps = [{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
        steps += [{"type": "pointerUp", "button": 0}]
        pointer = {"type": "pointer", "id": "hand", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.wire.send("act", actions=[pointer])

    def type(self, text: str) -> None:
        """Presses keys, one after the other, wherever the focus is."""
        steps = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.wire.send("act", actions=[{"type": "key", "id": "keys", "actions": steps}])

    def key(self, name: str) -> None:
        """One key by its name."""
        self.type(KEYS[name])

    def back(self) -> None:
        """The browser's own button."""
        self.wire.send("back")

    def forward(self) -> None:
        """The browser's own button."""
        self.wire.send("forward")

    def reload(self) -> None:
        """The browser's own button."""
        self.wire.send("reload")
        self.run(EAR)

    def picture(self, file: Path) -> None:
        """What is seen, as PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self.wire.send("picture")))

    def alert(self) -> str | None:
        """The words of a dialogue that a page has opened; None when there is none."""
        try:
            return str(self.wire.send("alert"))
        except BrowserError as error:
            if error.error != "no such alert":
                raise
            return None

    # ── sound ──

    def position(self) -> float:
        """Seconds, of what plays."""
        return float(self.run("return [...(window.heard ?? [])].at(-1)?.currentTime ?? -1"))

    def is_playing(self) -> bool:
        """Whether time goes on."""
        return bool(self.run("return [...(window.heard ?? [])].some((one) => !one.paused && !one.ended && !one.error)"))

    def wait_for_sound(self, after_s: float = 0) -> float:
        """The position, once it plays and has gone beyond this second and moved."""
        begun = until(
            lambda: self.is_playing() and self.position() > after_s and self.position(),
            f"{self.name}: sound",
            20,
            self.told,
        )
        until(lambda: self.position() > float(begun), f"{self.name}: time goes on", 20, self.told)
        return self.position()


class Chromium(Browser):
    """What only Chromium lets a test do: any size of screen, colour scheme, no scripts."""

    def look(self, width: int, is_dark: bool, height: int = 844) -> None:
        """A screen of this size in this colour scheme."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.command("Emulation.setEmulatedMedia", features=[scheme, still])

    def forget(self, address: str) -> None:
        """Also what was fetched: sound is kept by browsers for an hour."""
        super().forget(address)
        self.command("Network.clearBrowserCache")

    def scripts(self, are_on: bool) -> None:
        """Whether pages may run scripts."""
        self.command("Emulation.setScriptExecutionDisabled", value=not are_on)

    def command(self, name: str, **given: Any) -> Any:
        """A command of the DevTools protocol."""
        return self.wire.send("cdp", cmd=name, params=given)

    def console(self) -> list[str]:
        """What was written to the console since it was last asked."""
        return [str(one["message"]) for one in self.wire.send("log", type="browser")]
