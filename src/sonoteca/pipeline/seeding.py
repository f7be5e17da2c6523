"""Seeding: the seeder's process, and the line to it.

Takes  the archive's folder and its settings; nothing else of the archive is opened, least of all its keys.
Gives  `serve`, which seeds what torrents/*.seed.json name until it is stopped; `ask`, for everybody else:
           ask(root, "sync")    answers when files and session agree: what has no seed file any more is not served
           ask(root, "recall")  answers at once when what has no seed file is not served, whatever is still to come
           ask(root, "status")  what is seeded, and how it goes
           ask(root, "stop")    ends it
       None when no seeder runs. `reachable_by` and `warnings` say who can find it.
Order  lock and socket → walls (it can write nothing from here on) → the client and its threads → the loop.
"""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from types import FrameType

from sonoteca.config import Settings, parse_settings
from sonoteca.pipeline.archive import SETTINGS
from sonoteca.pipeline.reach import listen_addresses, reachable_by, tracker_addresses, warnings
from sonoteca.ports.clock import SystemClock
from sonoteca.ports.control import Control, ask
from sonoteca.ports.libtorrent_settings import OPEN_FILES
from sonoteca.ports.libtorrent_swarm import LibtorrentSwarm, verify_installed
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.swarm import SwarmSettings
from sonoteca.ports.walls import allow_open_files, give_up_writing
from sonoteca.swarm.loop import Doors, Loop, Note

__all__ = ["ask", "load_settings", "reachable_by", "seeder_settings", "serve", "warnings"]

SPARE_FILES = 256
READABLE = ("store", "torrents")


def serve(root: str, settings: Settings, note: Note, note_every_s: float = 60.0) -> None:
    """Seeds until SIGINT, SIGTERM or `ask(root, "stop")`. `note` gets the status when something changed and every
    `note_every_s`. Must be called before the process has a second thread, which is to end after it: os._exit, since
    libtorrent's own end waits for peers that are gone."""
    chosen = seeder_settings(settings)
    verify_installed()
    with closing(Control(root)) as control, _stop_by_signal() as stop:
        allow_open_files(chosen.connections + OPEN_FILES + SPARE_FILES)
        has_walls = give_up_writing([os.path.join(root, name) for name in READABLE])
        told = warnings(settings) if has_walls else (_NO_WALLS, *warnings(settings))
        facts = {
            "pid": os.getpid(),
            "socket": control.where,
            "walls": has_walls,
            "reachable_by": list(reachable_by(settings)),
            "warnings": list(told),
        }
        swarm = LibtorrentSwarm(chosen)
        _KEPT.append(swarm)
        with ExitStack() as ending:
            ending.callback(swarm.hush)
            doors = Doors(
                swarm=swarm, control=control, clock=SystemClock(), stop=stop, facts=facts, note_every_s=note_every_s
            )
            Loop(root, doors, note).run()


# Not to be taken down before the process ends.
_KEPT: list[LibtorrentSwarm] = []
_NO_WALLS = "this kernel has no Landlock: nothing but the client's own manners keeps it from writing"


def load_settings(root: str) -> Settings:
    """The settings of this archive, and nothing else of it."""
    return parse_settings(LocalDisk(root).read(SETTINGS))


def seeder_settings(settings: Settings) -> SwarmSettings:
    """What of the settings concerns the client; Refused names the one that it cannot be."""
    return SwarmSettings(
        listen=listen_addresses(settings.seed_listen),
        dht=settings.seed_dht,
        lsd=settings.seed_lsd,
        trackers=tracker_addresses(settings.seed_trackers),
        upload_bytes_s=settings.seed_upload_bytes_s,
        connections=settings.seed_connections,
    )


class _Signalled:
    """Says when a signal asked for the end."""

    def __init__(self) -> None:
        self.is_asked = False
        self._hear, self._call = socket.socketpair()
        self._call.setblocking(False)

    def fileno(self) -> int:
        return self._hear.fileno()

    def ask(self, number: int, frame: FrameType | None) -> None:
        """A signal's handler."""
        if not self.is_asked:
            self.is_asked = True
            self._call.send(b"!")

    def close(self) -> None:
        self._hear.close()
        self._call.close()


@contextmanager
def _stop_by_signal() -> Iterator[_Signalled]:
    with closing(_Signalled()) as stop:
        before = {number: signal.signal(number, stop.ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield stop
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
