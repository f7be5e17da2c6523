"""A plain libtorrent session in this process: it seeds where the drivers are tested, and can be a client itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients.binding import libtorrent
from tests.clients.network import free_port

V1_ONLY = 64  # create_torrent.v1_only, named where there may be no libtorrent
SETTINGS = {
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "announce_to_all_trackers": True,
    "stop_tracker_timeout": 0,
    "webtorrent_stun_server": "",
    "min_reconnect_time": 1,
    "alert_mask": 0,
}


class Peer:
    """A session that listens at `endpoint`."""

    def __init__(self, address: str, **more: Any) -> None:
        self.endpoint = (address, free_port(address))
        listen = f"{address}:{self.endpoint[1]}"
        settings: Any = {**SETTINGS, "listen_interfaces": listen, "outgoing_interfaces": address, **more}
        self._session = libtorrent.session(settings)
        self._handles: list[Any] = []

    def seed(self, torrent: Path, folder: Path) -> Any:
        """Gives what lies in the folder; its bytes are checked first."""
        return self._add(torrent, folder, libtorrent.torrent_flags.upload_mode)

    def fetch(self, torrent: Path, folder: Path, peer: tuple[str, int]) -> Any:
        """Downloads from one peer; a handle whose status() tells how far it is."""
        handle = self._add(torrent, folder, 0)
        handle.connect_peer(peer)
        return handle

    def _add(self, torrent: Path, folder: Path, flags: Any) -> Any:
        wanted = libtorrent.load_torrent_file(str(torrent))
        wanted.save_path = str(folder)
        wanted.trackers = []
        wanted.flags = flags
        handle = self._session.add_torrent(wanted)
        self._handles.append(handle)
        return handle

    def close(self) -> None:
        """Removes everything and waits for the session's threads."""
        for handle in self._handles:
            if handle.is_valid():
                self._session.remove_torrent(handle)
        self._handles.clear()
        del self._session


@contextmanager
def peer(address: str, **more: Any) -> Iterator[Peer]:
    """A session for as long as the block runs, with more of libtorrent's settings."""
    one = Peer(address, **more)
    try:
        yield one
    finally:
        one.close()


def make_torrent(folder: Path, flags: Any = 0) -> bytes:
    """libtorrent's own torrent of a folder, 256 KiB a piece."""
    files = libtorrent.list_files(str(folder))
    creator = libtorrent.create_torrent(files, 256 * 1024, flags)
    libtorrent.set_piece_hashes(creator, str(folder.parent))
    return bytes(libtorrent.bencode(creator.generate()))
