"""Inbox: what the website asks of the coordinator, one small file a request, until the coordinator has looked at it.

Takes  a name and the bytes of a request, from the website alone.
Gives  names and bytes to the coordinator, which takes each out when it is done with it.
Never  holds more than MAX_REQUESTS, or a request above MAX_REQUEST_BYTES: who comes then is told to come later. Never
       follows a link, waits for a pipe, or believes what lies there: whoever reads it judges it (torrents/requests.py).

    inbox/<name>.json     32 hexadecimal digits; asking for the same again is the same file
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from sonoteca.model.errors import Conflict, Damaged, Refused, Unreachable
from sonoteca.model.source import Kind
from sonoteca.ports.disk import Disk

PLACE = "inbox"
MAX_REQUESTS = 500
MAX_REQUEST_BYTES = 2 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{32}\.json")


class Inbox:
    """The inbox of one archive."""

    PLACES: ClassVar[tuple[str, ...]] = (PLACE,)

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def put(self, name: str, raw: bytes) -> None:
        """Asks; nothing happens when the same was asked already. Unreachable "busy" when nothing more fits."""
        path = _path(name)
        if len(raw) > MAX_REQUEST_BYTES:
            raise Refused("request-too-large", f"{len(raw)} bytes, at most {MAX_REQUEST_BYTES}", cure="ask for less")
        if self._disk.find(path) is not None:
            return
        if len(self.names()) >= MAX_REQUESTS:
            what = f"{MAX_REQUESTS} requests wait to be looked at"
            raise Unreachable("busy", what, cure="try again later; the archive's operator has to run sonoteca run")
        try:
            self._disk.write(path, raw)
        except Conflict:
            return  # somebody else asked for the same just now

    def names(self) -> tuple[str, ...]:
        """Every request that waits."""
        return tuple(one.removesuffix(".json") for one in self._disk.list(PLACE) if _NAME.fullmatch(one))

    def find(self, name: str) -> bytes | None:
        """A request, None when it is not there or cannot be one."""
        found = self._disk.find(_path(name))
        if found is None or found.kind is not Kind.FILE or found.bytes > MAX_REQUEST_BYTES:
            return None
        try:
            return self._disk.read(_path(name), MAX_REQUEST_BYTES)
        except (Damaged, Refused, Unreachable):
            return None  # it went, or grew, a moment ago

    def take(self) -> Iterator[tuple[str, bytes | None]]:
        """Each request that waits, None for what cannot be one; whoever is done with it says so."""
        for name in self.names():
            yield name, self.find(name)

    def done(self, name: str) -> None:
        """It was looked at, whatever came of it."""
        found = self._disk.find(_path(name))
        if found is not None and found.kind is Kind.FILE:
            self._disk.remove(_path(name))
        else:
            # A link or a folder, which the website does not make: it goes as well, what it points to stays.
            self._disk.remove_tree(_path(name))


def _path(name: str) -> str:
    if not _NAME.fullmatch(f"{name}.json"):
        raise ValueError("a request is called by 32 hexadecimal digits")
    return f"{PLACE}/{name}.json"
