"""Own addresses: whether an address is one of this machine's.

Takes  a host, as an address or a name.   Gives  whether a socket here can have it.
"""

import socket
from contextlib import suppress


def is_here(host: str) -> bool:
    """Whether packets to this host stay on this machine; False for a name that nobody knows."""
    with suppress(OSError, UnicodeError):
        for family, kind, _, _, where in socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM):
            with socket.socket(family, kind) as one, suppress(OSError):
                one.bind(where)
                return True
    return False
