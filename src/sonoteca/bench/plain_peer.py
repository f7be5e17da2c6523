"""Plain peer: libtorrent as it comes, seeding one folder, in a process of its own: `python -m sonoteca.bench.plain_peer
TORRENT FOLDER` prints the port and gives until its input ends.

Never  speaks to anybody who does not come to it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sonoteca.bench.leech import QUIET, lt
from sonoteca.bench.processes import environment


@contextmanager
def plain_peer(torrent: str, folder: str) -> Iterator[int]:
    """The port of a peer that has all of it; it has ended afterwards."""
    words = [sys.executable, "-m", "sonoteca.bench.plain_peer", torrent, folder]
    with subprocess.Popen(words, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        if one.stdin is None or one.stdout is None:
            raise RuntimeError("a process without its pipes")
        try:
            yield int(one.stdout.readline())
        finally:
            one.stdin.close()


def main(torrent: str, folder: str) -> None:
    """Seeds until standard input ends."""
    session = lt.session({**QUIET, "webtorrent_stun_server": "", "dht_bootstrap_nodes": ""})
    with open(torrent, "rb") as file:
        wanted = lt.load_torrent_buffer(file.read())
    wanted.save_path = folder
    wanted.flags |= lt.torrent_flags.seed_mode
    wanted.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    session.add_torrent(wanted)
    os.write(1, f"{session.listen_port()}\n".encode())
    sys.stdin.read()
    os._exit(0)  # libtorrent's own end waits for peers that are gone


if __name__ == "__main__":
    main(*sys.argv[1:])
