"""aria2, asked by its JSON-RPC."""

import base64
import json
from pathlib import Path
from typing import Any, ClassVar

from tests.clients import web
from tests.clients.face import Client, Progress
from tests.clients.network import free_port
from tests.clients.programs import Program
from tests.clients.waiting import until

OPTIONS = (
    "--no-conf",
    "--enable-rpc",
    "--rpc-listen-all=false",
    "--enable-dht=false",
    "--enable-dht6=false",
    "--bt-enable-lpd=false",
    "--enable-peer-exchange=false",
    "--check-integrity=true",
    "--file-allocation=none",
    "--seed-time=0",
    "--bt-stop-timeout=0",
    "--max-concurrent-downloads=64",
    "--follow-torrent=false",
    "--rpc-save-upload-metadata=false",
)
ASKED = ["status", "completedLength", "totalLength", "errorMessage", "infoHash", "numSeeders", "files"]


class Aria2(Client):
    """1.36 opens v1 only. It does not tell what lay there from what came: `downloaded_bytes` is both."""

    NAME: ClassVar[str] = "aria2"

    def _start(self) -> Program:
        place = self.place
        self._control = ("127.0.0.1", free_port("127.0.0.1"))
        own = [f"--rpc-listen-port={self._control[1]}", f"--listen-port={free_port(place.address)}"]
        own += [f"--interface={place.address}", f"--dir={place.folder / 'unused'}"]
        return Program([place.program or "aria2c", *OPTIONS, *own], place.folder)

    def _answers(self) -> bool:
        return bool(self._ask("aria2.getVersion"))

    def _ask(self, method: str, *words: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": "1", "method": method, "params": words}
        return web.ask_json(self._control, "/jsonrpc", body)["result"]

    def _add(self, torrent: Path, folder: Path) -> str:
        whole = base64.b64encode(torrent.read_bytes()).decode()
        return str(self._ask("aria2.addTorrent", whole, [], {"dir": str(folder)}))

    def _progress(self, ident: str) -> Progress:
        one = self._ask("aria2.tellStatus", ident, ASKED)
        is_done = one["status"] == "complete"
        told = json.dumps({key: value for key, value in one.items() if key != "files"})
        return Progress(is_done=is_done, payload_bytes=int(one["completedLength"]), told=told)

    def shown(self, ident: str) -> list[str]:
        """The files that a person sees in it."""
        return [file["path"] for file in self._ask("aria2.tellStatus", ident, ASKED)["files"]]

    def remove(self, ident: str) -> None:
        if not self._progress(ident).is_done:
            self._ask("aria2.forceRemove", ident)
            until(lambda: self._ask("aria2.tellStatus", ident, ["status"])["status"] == "removed", "aria2 to stop")
        self._ask("aria2.removeDownloadResult", ident)
