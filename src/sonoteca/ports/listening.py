"""Listening: the socket on which strangers are awaited.

Takes  "ADDRESS:PORT", or the number of a descriptor that somebody opened already.
Gives  a TCP socket that listens, and what it is called.
Order  whoever starts several servers one after the other opens it once and hands it down: then nobody is turned away
       in between, and who comes meanwhile waits in its queue.
"""

import errno
import os
import re
import socket
from ipaddress import ip_address

from sonoteca.model.errors import Refused, Unreachable

BACKLOG = 512
_FORM = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<four>[0-9.]+)):(?P<port>[0-9]{1,5})")
_CURE = 'write ADDRESS:PORT, "127.0.0.1:8000" or "[::1]:8000"; port 0 lets the system choose'
_TAKEN = "another program listens there: end it, or choose another port (--listen, web_listen)"


def parse_address(text: str) -> tuple[str, int]:
    """Address and port; Refused "settings" when it is none."""
    match = _FORM.fullmatch(text)
    try:
        if match is None or int(match["port"]) > 65_535:
            raise ValueError
        found = ip_address(match["six"] or match["four"])
        if (found.version == 6) != bool(match["six"]):
            raise ValueError
    except ValueError as error:
        what = "web_listen: this is no address of a machine"
        raise Refused("settings", what, where=text[:100], cure=_CURE) from error
    return str(found), int(match["port"])


def listen(text: str) -> socket.socket:
    """A socket that listens there; Unreachable "no-listening" when that cannot be."""
    address, port = parse_address(text)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The protocol said: asyncio switches Nagle's algorithm off only where it sees TCP, and pages waited 40 ms for it.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        cure = _TAKEN if error.errno == errno.EADDRINUSE else "choose an address of this machine and a port from 1024"
        what = f"nothing can listen there: {error.strerror or error}"
        raise Unreachable("no-listening", what, where=text, cure=cure) from error
    return listening


def adopt(number: int) -> socket.socket:
    """The listening socket behind a descriptor; Refused "no-socket" when it is something else."""
    try:
        found = socket.socket(fileno=number)
        if not found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise OSError(errno.EINVAL, "it does not listen")
    except OSError as error:
        cure = "name a descriptor that is a listening TCP socket"
        raise Refused("no-socket", f"not a listening socket: {error}", where=f"--fd {number}", cure=cure) from error
    os.set_inheritable(number, False)
    return found


def name_of(listening: socket.socket) -> str:
    """ "127.0.0.1:8000", with the port that the system chose."""
    address, port = listening.getsockname()[:2]
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def near(name: str) -> str:
    """The same as this machine reaches it: what listens everywhere answers on the loopback."""
    address, _, port = name.rpartition(":")
    return f"{ {'0.0.0.0': '127.0.0.1', '[::]': '[::1]'}.get(address, address) }:{port}"


def find_free(preferred: str) -> str:
    """This address, or the same one with another port when that is taken."""
    try:
        listening = listen(preferred)
    except Unreachable:
        listening = listen(f"{preferred.rpartition(':')[0]}:0")
    with listening:
        return name_of(listening)
