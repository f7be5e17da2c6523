"""Seeder: what the website knows of the seeder: which torrents it serves, and when others were last told of each.

Takes  the archive's folder.   Gives  Seen by infohash; a number that changes with them; the seeder's numbers as text.
Never  asks more than once in FRESH_S, or waits longer than TIMEOUT_S: a seeder that is busy is one that says nothing.
       One visitor waits for it at a time: all look-ups share a few threads, and strangers can ask for .torrent files.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sonoteca.model.errors import SonotecaError
from sonoteca.model.torrent import InfoHashes
from sonoteca.ports.control import ask

FRESH_S, TIMEOUT_S = 30.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How one torrent goes: `state` as the seeder calls it, `told_at` when a tracker or the table last heard of it
    (ISO 8601; "" never), `ways` how many of them did, `troubles` how many did not."""

    state: str
    told_at: str = ""
    ways: int = 0
    troubles: int = 0


@dataclass(slots=True)
class SeederLook:
    """The seeder of one archive, as far as the website sees it; `root` "" is none."""

    root: str = ""
    clock: Callable[[], float] = time.monotonic
    runs: bool = False
    version: int = 0
    _seen: dict[str, Seen] = field(default_factory=dict)
    _until: float = float("-inf")
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _waking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_stale(self) -> bool:
        """Whether it is time to ask again."""
        return bool(self.root) and self.clock() >= self._until

    def refresh(self) -> None:
        """Asks, if it is time. In a thread."""
        if not self._turn.acquire(blocking=False):
            return  # somebody else is asking
        try:
            if self.is_stale:
                self._take(_asked(self.root, "status"))
                self._until = self.clock() + FRESH_S
        finally:
            self._turn.release()

    def _take(self, told: dict[str, Any] | None) -> None:
        found = {} if told is None else {one["v1"] or one["v2"][:40]: _seen(one) for one in told["torrents"]}
        if (found, told is not None) != (self._seen, self.runs):
            self.version += 1
        self._seen, self.runs = found, told is not None

    def find(self, hashes: InfoHashes) -> Seen | None:
        """How this torrent goes; None when it is not seeded, or nobody knows."""
        return self._seen.get(hashes.short) if hashes.short else None

    def wake(self, hashes: InfoHashes) -> None:
        """Somebody has just taken this .torrent: if it rests for want of memory it is opened, unless another is being
        opened at this moment. In a thread."""
        seen = self.find(hashes)
        if seen is None or seen.state != "resting" or not self._waking.acquire(blocking=False):
            return
        try:
            _asked(self.root, "wake", hashes.short)
        finally:
            self._waking.release()

    def metrics(self) -> str:
        """For Prometheus; that nothing answers is a number as well. In a thread."""
        told = _asked(self.root, "metrics") if self.root else None
        return str(told["text"]) if told else NOBODY


NOBODY = (
    "# HELP sonoteca_seeder_up Seeder processes that answered.\n# TYPE sonoteca_seeder_up gauge\nsonoteca_seeder_up 0\n"
)


def _asked(root: str, command: str, about: str = "") -> dict[str, Any] | None:
    try:
        return ask(root, command, timeout_s=TIMEOUT_S, about=about)
    except SonotecaError:
        return None


def _seen(one: dict[str, Any]) -> Seen:
    ways = one["announced"]
    return Seen(
        state=str(one["state"]),
        told_at=max((str(way["at"]) for way in ways), default=""),
        ways=sum(bool(way["at"]) for way in ways),
        troubles=sum(bool(way["trouble"]) for way in ways),
    )
