"""Transmission's daemon, asked by its JSON-RPC. It takes no peer in 127.0.0.0/8: it needs a network of its own."""

import base64
import json
from pathlib import Path
from typing import Any, ClassVar

from tests import tools
from tests.clients import web
from tests.clients.face import Client, Progress
from tests.clients.network import free_port
from tests.clients.programs import Program

SETTINGS = {
    "dht-enabled": False,
    "lpd-enabled": False,
    "pex-enabled": False,
    "utp-enabled": False,
    "port-forwarding-enabled": False,
    "blocklist-enabled": False,
    "scrape-paused-torrents-enabled": False,
    "download-queue-enabled": False,
    "rename-partial-files": False,
    "rpc-authentication-required": False,
    "rpc-bind-address": "127.0.0.1",
    "rpc-whitelist-enabled": False,
    "bind-address-ipv6": "::1",
    "umask": 0o022,
}
ASKED = ["hashString", "percentDone", "leftUntilDone", "status", "downloadedEver", "errorString", "files"]
STATUS_CHECKING = (1, 2)


class Transmission(Client):
    """3.00 opens v1 only."""

    NAME: ClassVar[str] = "Transmission"

    def _start(self) -> Program:
        place = self.place
        if not place.network.is_own:
            tools.missing("Transmission takes no peer on loopback: needs root for a network of its own, and iproute2")
        self._control = ("127.0.0.1", free_port("127.0.0.1"))
        self._session = ""
        own: dict[str, Any] = {"peer-port": free_port(place.address), "rpc-port": self._control[1]}
        own |= {"bind-address-ipv4": place.address, "download-dir": str(place.folder / "unused")}
        (place.folder / "settings.json").write_text(json.dumps(SETTINGS | own))
        command = [place.program or "transmission-daemon", "--foreground", "--config-dir", str(place.folder)]
        return Program(command, place.folder)

    def _answers(self) -> bool:
        return bool(self._ask("session-get"))

    def _ask(self, method: str, **arguments: Any) -> Any:
        body = {"method": method, "arguments": arguments}
        try:
            answer = self._send(body)
        except web.NotOk as refused:
            if refused.status != 409:
                raise
            self._session = refused.headers["x-transmission-session-id"]
            answer = self._send(body)
        assert answer["result"] == "success", answer
        return answer["arguments"]

    def _send(self, body: Any) -> Any:
        return web.ask_json(self._control, "/transmission/rpc", body, {"X-Transmission-Session-Id": self._session})

    def _torrent(self, ident: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = self._ask("torrent-get", ids=[ident], fields=ASKED)["torrents"]
        return found[0]

    def _add(self, torrent: Path, folder: Path) -> str:
        whole = base64.b64encode(torrent.read_bytes()).decode()
        answer = self._ask("torrent-add", **{"metainfo": whole, "download-dir": str(folder), "paused": False})
        assert "torrent-added" in answer, answer
        return str(answer["torrent-added"]["hashString"])

    def _progress(self, ident: str) -> Progress:
        one = self._torrent(ident)
        is_done = one["leftUntilDone"] == 0 and one["percentDone"] == 1 and one["status"] not in STATUS_CHECKING
        told = json.dumps({key: value for key, value in one.items() if key != "files"})
        return Progress(is_done=is_done, payload_bytes=int(one["downloadedEver"]), told=told)

    def shown(self, ident: str) -> list[str]:
        """The files that a person sees in it."""
        return [file["name"] for file in self._torrent(ident)["files"]]

    def remove(self, ident: str) -> None:
        self._ask("torrent-remove", ids=[ident], **{"delete-local-data": False})
