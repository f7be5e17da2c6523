"""Service: tells systemd how it goes, when it is systemd that started this process (sd_notify(3))."""

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """ "READY=1" and the like; nothing where nobody asked to be told."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel, suppress(OSError):
        channel.sendto(state.encode(), "\0" + where[1:] if where.startswith("@") else where)
