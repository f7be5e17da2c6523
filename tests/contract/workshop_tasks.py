"""Tasks for the workshop's tests: what an honest parser does, and what one that was taken over would try."""

import ctypes
import errno
import os
import resource
import socket
import time
from typing import Any

STATE: list[int] = []


def echo(*arguments: Any) -> Any:
    return list(arguments)


def count() -> int:
    """How many calls this process has had."""
    STATE.append(0)
    return len(STATE)


def process() -> int:
    return os.getpid()


def fail(text: str) -> None:
    raise ValueError(text)


def unplain() -> object:
    return {1, 2}


def ask_for_memory(size: int) -> int:
    return len(bytearray(size))


def end_by(number: int) -> None:
    os.kill(os.getpid(), number)


def leave(code: int) -> None:
    os._exit(code)


def sleep() -> None:
    while True:
        time.sleep(1)


def spin() -> None:
    while True:
        pass


def answer_nonsense() -> None:
    """What a child that was broken into could say."""
    os.write(3, b"V" + (3).to_bytes(4, "little") + b"{]}")
    os._exit(0)


def answer_deep() -> None:
    body = b"[" * 200_000 + b"]" * 200_000
    with socket.socket(fileno=os.dup(3)) as channel:
        channel.sendall(b"V" + len(body).to_bytes(4, "little") + body)
    os._exit(0)


def answer_endless() -> None:
    os.write(3, b"V" + (0xFFFFFFFF).to_bytes(4, "little"))
    sleep()


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def make(folder: str, name: str, size: int) -> list[str]:
    """What then is in the folder."""
    with open(f"{folder}/{name}", "xb") as file:
        file.write(bytes(size))
    return sorted(os.listdir(folder))


def try_around(folder: str, outside: str) -> dict[str, str]:
    """Each thing that a child with a folder to write in may not do, and how the system answered."""
    mine = f"{folder}/mine"
    return {
        "make a file": _tried(lambda: open(mine, "xb").close()),
        "write, shorten and remove it": _tried(lambda: _write_and_remove(mine)),
        "make a folder": _tried(lambda: os.mkdir(f"{folder}/below")),
        "make a link": _tried(lambda: os.symlink(outside, f"{folder}/link")),
        "make a pipe": _tried(lambda: os.mkfifo(f"{folder}/pipe")),
        "link what is outside": _tried(lambda: os.link(outside, f"{folder}/theirs")),
        "write outside": _tried(lambda: open(outside, "r+").close()),
        "make a file outside": _tried(lambda: open(outside + ".new", "x").close()),
        "remove outside": _tried(lambda: os.unlink(outside)),
        "move it outside": _tried(lambda: os.rename(outside, f"{folder}/theirs")),
    }


def _write_and_remove(path: str) -> None:
    with open(path, "wb") as file:
        file.write(b"1")
        file.truncate(0)
    os.unlink(path)


def try_escapes(outside: str, inside: str, port: int) -> dict[str, str]:
    """Each thing a child may not do, and how the system answered."""
    return {
        "read outside": _tried(lambda: open(outside).close()),
        "list outside": _tried(lambda: os.listdir(os.path.dirname(outside))),
        "write inside": _tried(lambda: open(inside, "r+").close()),
        "make a file": _tried(lambda: open(inside + ".new", "x").close()),
        "remove": _tried(lambda: os.unlink(inside)),
        "write to /tmp": _tried(lambda: open(f"/tmp/escaped-{os.getpid()}", "x").close()),
        "run a program": _tried(lambda: os.execv("/bin/true", ["true"])),
        "connect": _tried(lambda: socket.create_connection(("127.0.0.1", port), 5).close()),
        "send a datagram": _tried(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", port))),
        "ask a local socket": _tried(lambda: socket.socket(socket.AF_UNIX).connect("/run/systemd/notify")),
        "ask the kernel": _tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()),
        "talk to itself": _tried(lambda: socket.socketpair()[0].close()),
        "signal the parent": _tried(lambda: os.kill(os.getppid(), 0)),
    }


def _tried(deed: Any) -> str:
    try:
        deed()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def facts() -> dict[str, Any]:
    """What the process looks like from inside."""
    return {
        "environment": dict(os.environ),
        "descriptors": [number for number in range(64) if _is_open(number)],
        "limits": [
            resource.getrlimit(getattr(resource, name))[0] for name in ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE")
        ],
        "no_new_privileges": ctypes.CDLL(None).prctl(39, 0, 0, 0, 0),
        "death_signal": _death_signal(),
    }


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _death_signal() -> int:
    found = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(found), 0, 0, 0)
    return found.value


def tell_then_hold(hold: bool) -> list[int]:
    """Its own number and the steward's; or never anything."""
    if hold:
        spin()
    return [os.getpid(), os.getppid()]
