"""Seeding: the seeder's process, and the line to it.

Takes  the archive's folder and its settings; nothing else of the archive is opened, least of all its keys.
Gives  `serve`, which seeds what torrents/*.seed.json name until it is stopped; `ask`, for everybody else:
           ask(root, "sync")    answers when files and session agree: what has no seed file any more is not served
           ask(root, "status")  what is seeded, and how it goes
           ask(root, "stop")    ends it
       None when no seeder runs. `reachable_by` and `warnings` say who can find it.
Order  lock and socket → walls (it can write nothing from here on) → the client and its threads → the loop.
"""

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import ip_address
from types import FrameType

from sonoteca.config import Settings, parse_settings
from sonoteca.model.errors import Refused
from sonoteca.pipeline.archive import SETTINGS
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
_LISTEN = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<four>[0-9.]+)):(?P<port>[0-9]{1,5})")
_TRACKER = re.compile(r"(?:udp|https?)://[!-~]+")


def serve(root: str, settings: Settings, note: Note, note_every_s: float = 60.0) -> None:
    """Seeds until SIGINT, SIGTERM or `ask(root, "stop")`. `note` gets the status when something changed and every
    `note_every_s`. Must be called before the process has a second thread."""
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
        with closing(LibtorrentSwarm(chosen)) as swarm:
            doors = Doors(swarm=swarm, control=control, stop=stop, facts=facts, note_every_s=note_every_s)
            Loop(root, doors, note).run()


_NO_WALLS = "this kernel has no Landlock: nothing but the client's own manners keeps it from writing"


def load_settings(root: str) -> Settings:
    """The settings of this archive, and nothing else of it."""
    return parse_settings(LocalDisk(root).read(SETTINGS))


def seeder_settings(settings: Settings) -> SwarmSettings:
    """What of the settings concerns the client; Refused names the one that it cannot be."""
    return SwarmSettings(
        listen=_listen(settings.seed_listen),
        dht=settings.seed_dht,
        lsd=settings.seed_lsd,
        trackers=_trackers(settings.seed_trackers),
        upload_bytes_s=settings.seed_upload_bytes_s,
        connections=settings.seed_connections,
    )


def _listen(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(","))
    for address in found:
        if not _is_address(address):
            cure = 'write ADDRESS:PORT, "127.0.0.1:6881" or "[::1]:6881"; several with commas between'
            raise Refused("settings", "seed_listen: this is no address of a machine", where=address[:100], cure=cure)
    return found


def _is_address(text: str) -> bool:
    match = _LISTEN.fullmatch(text)
    if match is None or int(match["port"]) > 65_535:
        return False
    try:
        return ip_address(match["six"] or match["four"]).version == (6 if match["six"] else 4)
    except ValueError:
        return False


def _trackers(urls: tuple[str, ...]) -> tuple[str, ...]:
    for url in urls:
        if not _TRACKER.fullmatch(url):
            cure = "write udp://HOST:PORT/announce, http://… or https://…"
            raise Refused("settings", "seed_trackers: this is no tracker's address", where=url[:100], cure=cure)
    return urls


def reachable_by(settings: Settings) -> tuple[str, ...]:
    """By which ways a stranger learns where the seeder is; () when by none."""
    ways = (
        (settings.seed_address, f"the address {settings.seed_address} in magnet links"),
        (settings.seed_trackers, f"trackers: {', '.join(settings.seed_trackers)}"),
        (settings.seed_dht, "the distributed hash table"),
        (settings.seed_lsd, "discovery in the local network"),
    )
    return tuple(way for is_set, way in ways if is_set)


def warnings(settings: Settings) -> tuple[str, ...]:
    """What keeps strangers from being served; () when nothing does."""
    found = []
    if all(_is_of_this_machine(address) for address in _listen(settings.seed_listen)):
        found.append('only this machine can connect: seed_listen = "0.0.0.0:6881" opens it to others')
    if not reachable_by(settings):
        found.append("nobody is told where it is: set seed_address, seed_trackers or seed_dht")
    return tuple(found)


def _is_of_this_machine(address: str) -> bool:
    match = _LISTEN.fullmatch(address)
    return match is not None and ip_address(match["six"] or match["four"]).is_loopback


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
