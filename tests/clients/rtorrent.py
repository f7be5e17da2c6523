"""rTorrent as a daemon, asked by XML-RPC over SCGI on a socket of the file system."""

import socket
import xmlrpc.client
from pathlib import Path
from typing import Any, ClassVar

from tests.clients.face import Client, Progress
from tests.clients.network import free_port
from tests.clients.programs import Program
from tests.clients.waiting import until

CONFIG = """system.daemon.set = true
network.scgi.open_local = {socket}
network.bind_address.set = {address}
network.port_range.set = {port}-{port}
network.port_random.set = no
session.path.set = {folder}/session
directory.default.set = {folder}/unused
dht.mode.set = disable
protocol.pex.set = no
trackers.use_udp.set = no
pieces.hash.on_completion.set = no
system.umask.set = 0022
"""
TIMEOUT_S = 10


class RTorrent(Client):
    """Opens v1, and a hybrid as v1."""

    NAME: ClassVar[str] = "rTorrent"

    def _start(self) -> Program:
        place = self.place
        (place.folder / "session").mkdir()
        # Relative to its folder: the path of a Unix socket has at most 107 bytes.
        values = {"folder": place.folder, "address": place.address, "port": free_port(place.address)}
        (place.folder / "rtorrent.rc").write_text(CONFIG.format(socket="control", **values))
        return Program([place.program or "rtorrent", "-n", "-o", "import=rtorrent.rc"], place.folder)

    def _answers(self) -> bool:
        return bool(self._ask("system.client_version"))

    def _ask(self, method: str, *words: Any) -> Any:
        body = xmlrpc.client.dumps(words, method, encoding="utf-8", allow_none=True).encode()
        head = b"CONTENT_LENGTH\0%d\0SCGI\x001\0" % len(body)
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(TIMEOUT_S)
            line.connect(f"/proc/{self._program.pid}/cwd/control")
            line.sendall(b"%d:%s,%s" % (len(head), head, body))
            raw = b"".join(iter(lambda: line.recv(65536), b""))
        values, _ = xmlrpc.client.loads(raw.partition(b"\r\n\r\n")[2], use_builtin_types=True)
        return values[0]

    def _add(self, torrent: Path, folder: Path) -> str:
        return self._add_link(str(torrent), folder)

    def _add_link(self, link: str, folder: Path) -> str:
        before = self._known()
        self._ask("load.start_verbose", "", link, f'd.directory.set="{folder}"')
        return until(lambda: self._known() - before, "rTorrent to take it", 5, told=self._program.tail).pop()

    def _known(self) -> set[str]:
        return set(self._ask("download_list"))

    def _progress(self, ident: str) -> Progress:
        asked = ["complete", "hashing", "is_hash_checked", "down.total", "message", "peers_connected", "bytes_done"]
        try:
            told = {one: self._ask(f"d.{one}", ident) for one in asked}
        except xmlrpc.client.Fault as fault:
            # Between a link and the download that comes of it there is a moment with neither.
            return Progress(is_done=False, payload_bytes=0, told=fault.faultString)
        is_done = told["complete"] == 1 and told["hashing"] == 0
        return Progress(is_done=is_done, payload_bytes=int(told["down.total"]), told=str(told))

    def shown(self, ident: str) -> list[str]:
        """The files that a person sees in it."""
        return [row[0] for row in self._ask("f.multicall", ident, "", "f.path=")]

    def remove(self, ident: str) -> None:
        self._ask("d.erase", ident)
        until(lambda: ident not in self._known(), "rTorrent to forget", told=self._program.tail)
