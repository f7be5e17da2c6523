"""Seeding: the seeder's process, and the line to it.

Takes  the archive's folder and its settings; nothing else of the archive is opened, least of all its keys.
Gives  `serve`, which seeds what torrents/*.seed.json name until it is stopped; `ask`, for everybody else:
           ask(root, "sync")    answers when files and session agree: what has no seed file any more is not served
           ask(root, "recall")  answers at once when what has no seed file is not served, whatever is still to come
           ask(root, "status")  what is seeded, and how it goes; about one infohash, or in brief
           ask(root, "metrics") its numbers, and as text for Prometheus
           ask(root, "wake")    about an infohash that rests for want of memory: it is opened next
           ask(root, "stop")    ends it
       None when no seeder runs. `reachable_by` and `warnings` say who can find it.
With seed_shards more than one, `serve` is a front (shards.py) that starts so many seeders and asks them all.
Order  lock and socket → walls (it can write nothing from here on) → the client and its threads → the loop.
"""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from sonoteca.config import Settings, parse_settings
from sonoteca.pipeline.archive import SETTINGS
from sonoteca.pipeline.reach import (
    listen_addresses,
    reachable_by,
    seed_hours,
    shifted,
    tracker_addresses,
    warnings,
)
from sonoteca.pipeline.shards import Front, FrontDoors, Said, Start
from sonoteca.pipeline.supervisor import PLAIN
from sonoteca.ports.children import Child
from sonoteca.ports.clock import SystemClock
from sonoteca.ports.control import Control, ask
from sonoteca.ports.control_shards import ShardControl, ShardLine
from sonoteca.ports.libtorrent_settings import OPEN_FILES
from sonoteca.ports.libtorrent_swarm import LibtorrentSwarm, verify_installed
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.swarm import SwarmSettings
from sonoteca.ports.walls import allow_open_files, give_up_writing
from sonoteca.swarm.loop import Doors, Loop, Manners, Note
from sonoteca.swarm.shards import ALL, Share
from sonoteca.swarm.tend import Limits

__all__ = ["ask", "load_settings", "reachable_by", "seeder_settings", "serve", "serve_shard", "warnings"]

SPARE_FILES = 256
READABLE = ("store", "torrents")


def _unheard(text: str) -> None:
    """What nobody wants to hear."""


def serve(root: str, settings: Settings, note: Note, said: Said = _unheard, note_every_s: float = 60.0) -> None:
    """Seeds until SIGINT, SIGTERM or `ask(root, "stop")`. `note` gets the status when something changed and every
    `note_every_s`, `said` what shards say of their troubles. Must be called before the process has a second thread,
    which is to end after it: os._exit, since libtorrent's own end waits for peers that are gone."""
    seeder_settings(settings)
    verify_installed()
    with closing(Control(root)) as control, _stop_by_signal() as stop:
        if settings.seed_shards == 1:
            _seed(root, settings, Place(line=control, stop=stop, where=control.where), note, note_every_s)
            return
        doors = FrontDoors(
            control=control,
            stop=stop,
            start=_starter(root, settings, control.lock),
            facts={"pid": os.getpid(), "socket": control.where, **_reach(settings, has_walls=True)},
            note=note,
            said=said,
            note_every_s=note_every_s,
        )
        Front(doors, settings.seed_shards).run()


def serve_shard(root: str, settings: Settings, share: Share, number: int) -> None:
    """One of several seeders, as a child of `serve`, with its end of the line in this descriptor."""
    with closing(ShardControl(number)) as line, _stop_by_signal() as stop:
        _seed(root, settings, Place(line=line, stop=stop, where="", share=share), lambda told: None, 3600.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a seeder stands: its line and stop, and what of the torrents is its."""

    line: Control | ShardControl
    stop: "_Signalled"
    where: str
    share: Share = ALL


def _seed(root: str, settings: Settings, place: Place, note: Note, note_every_s: float) -> None:
    chosen = seeder_settings(settings, place.share)
    allow_open_files(chosen.connections + OPEN_FILES + SPARE_FILES)
    has_walls = give_up_writing([os.path.join(root, name) for name in READABLE])
    swarm = LibtorrentSwarm(chosen)
    _KEPT.append(swarm)
    with ExitStack() as ending:
        ending.callback(swarm.hush)
        doors = Doors(
            swarm=swarm,
            control=place.line,
            clock=SystemClock(),
            stop=place.stop,
            facts={"pid": os.getpid(), "socket": place.where, **_reach(settings, has_walls=has_walls)},
            limits=Limits(share=place.share, memory_bytes=settings.seed_memory_bytes // place.share.shards),
            manners=_manners(settings, chosen, place.share.shards),
            note_every_s=note_every_s,
        )
        Loop(root, doors, note).run()


def _reach(settings: Settings, *, has_walls: bool) -> dict[str, Any]:
    told = warnings(settings) if has_walls else (_NO_WALLS, *warnings(settings))
    return {"walls": has_walls, "reachable_by": list(reachable_by(settings)), "warnings": list(told)}


def _manners(settings: Settings, chosen: SwarmSettings, shards: int) -> Manners:
    hours = seed_hours(settings.seed_hours)
    return Manners(
        upload_bytes_s=chosen.upload_bytes_s,
        hours=tuple(replace(one, bytes_s=_part(one.bytes_s, shards)) for one in hours),
        announces_s=settings.seed_announces_s / shards,
        tells=bool(chosen.trackers or chosen.dht),
        is_in_table=chosen.dht,
    )


def _starter(root: str, settings: Settings, lock: int) -> Start:
    """Starts shard number n of these settings; it holds the lock as well."""

    def start(shard: int, line: ShardLine) -> Child:
        number = line.there.fileno()
        words = ("--shard", f"{shard}/{settings.seed_shards}", "--fd", str(number), "--listen", settings.seed_listen)
        command = (sys.executable, "-m", "sonoteca", "--archive", root, "seed", *words)
        return Child(command, (number, lock), PLAIN)

    return start


# Not to be taken down before the process ends.
_KEPT: list[LibtorrentSwarm] = []
_NO_WALLS = "this kernel has no Landlock: nothing but the client's own manners keeps it from writing"


def load_settings(root: str) -> Settings:
    """The settings of this archive, and nothing else of it."""
    return parse_settings(LocalDisk(root).read(SETTINGS))


def seeder_settings(settings: Settings, share: Share = ALL) -> SwarmSettings:
    """What of the settings concerns the client, or its part of it; Refused names the one that it cannot be."""
    seed_hours(settings.seed_hours)
    listen = listen_addresses(settings.seed_listen)
    for one in listen:
        shifted(one, settings.seed_shards - 1)
    return SwarmSettings(
        listen=tuple(shifted(one, share.shard) for one in listen),
        dht=settings.seed_dht,
        lsd=settings.seed_lsd,
        trackers=tracker_addresses(settings.seed_trackers),
        dht_nodes=settings.seed_dht_nodes,
        upload_bytes_s=_part(settings.seed_upload_bytes_s, share.shards),
        connections=max(2, settings.seed_connections // share.shards),
        announces_s=max(1, settings.seed_announces_s // share.shards),
    )


def _part(bytes_s: int, shards: int) -> int:
    """Of a limit for all: never 0, which is none."""
    return max(1, bytes_s // shards) if bytes_s else 0


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
