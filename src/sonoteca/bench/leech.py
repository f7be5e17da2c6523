"""Leech: a client that downloads everything a seeder on this machine has, so that the seeder can be watched at work.

Takes  an archive with its seeder's address, and an empty folder.   Gives  the bytes that came.
Never  speaks to anybody but that address; libtorrent checks every piece that it gets.
"""

import os
import time
from collections.abc import Sequence
from typing import Any

try:
    import libtorrent
except ImportError:  # no wheel for this Python: nothing is seeded either
    libtorrent = None  # type: ignore[assignment]

lt: Any = libtorrent

DEADLINE_S = 600.0
PAUSE_S = 0.05
QUIET = {
    "listen_interfaces": "127.0.0.1:0",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "alert_mask": 0,
}


def download(torrents: Sequence[str], address: str, folder: str) -> int:
    """Downloads the torrents of these files from "ADDRESS:PORT"; RuntimeError when they do not come in time."""
    session = lt.session({**QUIET, "webtorrent_stun_server": "", "dht_bootstrap_nodes": ""})
    host, _, port = address.rpartition(":")
    handles = [_add(session, path, folder) for path in torrents]
    until = time.monotonic() + DEADLINE_S
    while not all(one.status().is_seeding for one in handles):
        if time.monotonic() > until:
            raise RuntimeError(f"the seeder did not give everything in {DEADLINE_S:g} s")
        for one in handles:
            one.connect_peer((host, int(port)))
        time.sleep(PAUSE_S)
    return sum(int(one.status().total_done) for one in handles)


def _add(session: Any, path: str, folder: str) -> Any:
    wanted = lt.add_torrent_params()
    wanted.ti = lt.torrent_info(path)
    wanted.save_path = os.path.join(folder, os.path.basename(path))
    wanted.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    return session.add_torrent(wanted)
