"""A network of our own: a fresh namespace whose loopback device has 10.77.0.0/16, so that no packet leaves, ports are
free, and clients that refuse 127.0.0.0/8 as peers take part. Without root: 127.0.0.0/8 itself.

Every party has an address of its own: libtorrent keeps one connection per address.
"""

import ctypes
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

CLONE_NEWNET = 0x40000000


class Network:
    """Hands out addresses and ports. `is_own` says whether this is a namespace."""

    def __init__(self, prefix: str, is_own: bool) -> None:
        self._prefix = prefix
        self._numbers = count(1)
        self.is_own = is_own

    def new_address(self) -> str:
        """An address that nobody else has."""
        return f"{self._prefix}.{next(self._numbers)}"


def free_port(address: str) -> int:
    """A TCP port that nobody listens at."""
    with socket.socket() as one:
        one.bind((address, 0))
        return int(one.getsockname()[1])


@contextmanager
def own_network() -> Iterator[Network]:
    """This thread, and what it starts from now on, is in the network; afterwards it is back where it was."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if shutil.which("ip") is None or libc.unshare(CLONE_NEWNET) != 0:
            yield Network("127.0.77", is_own=False)
            return
        try:
            _ip("link", "set", "lo", "up")
            _ip("addr", "add", "10.77.0.1/16", "dev", "lo")
            yield Network("10.77.0", is_own=True)
        finally:
            if libc.setns(before, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "cannot go back to the network of before")
    finally:
        os.close(before)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
