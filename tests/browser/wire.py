"""Wire: how a running browser is told what to do: WebDriver over HTTP, and Marionette, the same commands in Firefox.

Takes  the name of a command and its parameters.   Gives  its value; BrowserError when the browser refuses.
Why two: Debian has no geckodriver, which would only turn one into the other.
"""

import json
import socket
from http.client import HTTPConnection
from typing import Any, Protocol

WAIT_S = 60.0
# Command: method and path (W3C WebDriver §6), Marionette's name for it.
COMMANDS = {
    "go": ("POST", "/url", "WebDriver:Navigate"),
    "address": ("GET", "/url", "WebDriver:GetCurrentURL"),
    "back": ("POST", "/back", "WebDriver:Back"),
    "forward": ("POST", "/forward", "WebDriver:Forward"),
    "reload": ("POST", "/refresh", "WebDriver:Refresh"),
    "run": ("POST", "/execute/sync", "WebDriver:ExecuteScript"),
    "later": ("POST", "/execute/async", "WebDriver:ExecuteAsyncScript"),
    "act": ("POST", "/actions", "WebDriver:PerformActions"),
    "picture": ("GET", "/screenshot", "WebDriver:TakeScreenshot"),
    "frame": ("POST", "/window/rect", "WebDriver:SetWindowRect"),
    "alert": ("GET", "/alert/text", "WebDriver:GetAlertText"),
    "source": ("GET", "/source", "WebDriver:GetPageSource"),
    "log": ("POST", "/se/log", ""),
    "cdp": ("POST", "/goog/cdp/execute", ""),
}


class BrowserError(Exception):
    """What the browser or its driver said."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(f"{error}: {message}")
        self.error = error


class Wire(Protocol):
    """A session with a browser."""

    def send(self, command: str, **given: Any) -> Any:
        """The value of the answer."""

    def close(self) -> None:
        """Ends the session."""


class Http:
    """WebDriver, as chromedriver and WebKitWebDriver speak it on this port of loopback."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self._port = port
        wanted = {"capabilities": {"alwaysMatch": capabilities}}
        self._session = f"/session/{self._ask('POST', '/session', wanted)['sessionId']}"

    def send(self, command: str, **given: Any) -> Any:
        """The value of the answer."""
        method, path, _ = COMMANDS[command]
        return self._ask(method, self._session + path, given if method == "POST" else None)

    def close(self) -> None:
        """Ends the session, and the browser with it."""
        self._ask("DELETE", self._session, None)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=WAIT_S)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise BrowserError(value["error"], str(value.get("message")))
        return value


class Marionette:
    """Firefox, by its own protocol: length, colon, JSON, over one connection."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
        self._stream = self._socket.makefile("rb")
        self._count = 0
        self._receive()
        self._call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": capabilities}})

    def send(self, command: str, **given: Any) -> Any:
        """The value of the answer."""
        name = COMMANDS[command][2]
        if not name:
            raise BrowserError("unknown command", f"Marionette has no {command}")
        if command == "picture":
            given = {"full": False}
        value = self._call(name, given)
        return value.get("value") if isinstance(value, dict) else value

    def close(self) -> None:
        """Ends the browser."""
        self._call("Marionette:Quit", {"flags": ["eForceQuit"]})
        self._stream.close()
        self._socket.close()

    def _call(self, name: str, given: dict[str, Any]) -> Any:
        self._count += 1
        message = json.dumps([0, self._count, name, given]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, value = self._receive()
        if error:
            raise BrowserError(error["error"], str(error.get("message")))
        return value

    def _receive(self) -> Any:
        length = b""
        while (one := self._stream.read(1)) != b":":
            if not one:
                raise BrowserError("closed", "Firefox hung up")
            length += one
        return json.loads(self._stream.read(int(length)))
