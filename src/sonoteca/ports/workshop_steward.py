"""Steward: the small process that has the task's modules loaded and forks a child for each batch of calls.

It exists because the coordinator has threads (forking it is unsafe) and must not load the parsers, and because
loading them costs a quarter of a second and forking what is loaded a few milliseconds. It has no threads and reads no
strange bytes.

Takes  orders on its one socket, a JSON object each:
         {"do": "start", "task", "readable", "limits"} with the child's socket as a descriptor → {"pid"} or {"error"}
         {"do": "end", "pid"}: kills what still runs and reaps it → {"status", "cpu_s", "rss_bytes"}, or {"gone"} for a
         child of an earlier steward, which died with it: its number may be somebody else's by now
Never  outlives the coordinator: its socket ends when the coordinator does, however that died, and children die with it.
"""

import gc
import json
import os
import pkgutil
import signal
import socket
import struct
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn

from sonoteca.ports.workshop import Limits
from sonoteca.ports.workshop_walls import close_in, limit_cpu

MAX_ORDER_BYTES = 1 << 16
MAX_VALUE_BYTES = 1 << 26
READY, VALUE, MEMORY, ERROR = b"R", b"V", b"M", b"E"
_LENGTH = struct.Struct("<I")
_CHANNEL = 3


def serve_orders(channel: socket.socket) -> None:
    """Answers orders until the coordinator is gone."""
    children: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, MAX_ORDER_BYTES, 1)
        if not message:
            break
        order = json.loads(message)
        if order["do"] == "start":
            answer = _start(channel, descriptors[0], order)
            children.add(answer.get("pid", 0))
        elif order["pid"] in children:
            answer = _end(order["pid"])
            children.discard(order["pid"])
        else:
            answer = {"gone": True}
        channel.send(json.dumps(answer).encode())
    # The coordinator is gone: nobody waits for these.
    for pid in children - {0}:
        os.kill(pid, signal.SIGKILL)


def _start(channel: socket.socket, descriptor: int, order: dict[str, Any]) -> dict[str, Any]:
    try:
        task = pkgutil.resolve_name(order["task"])
    except (ImportError, AttributeError, ValueError) as error:
        os.close(descriptor)
        return {"error": f"{type(error).__name__}: {error}"}
    gc.freeze()  # what is loaded stays shared with the children
    steward = os.getpid()
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return {"pid": pid}
    channel.close()
    os.dup2(descriptor, _CHANNEL)
    os.closerange(_CHANNEL + 1, os.sysconf("SC_OPEN_MAX"))
    _work(socket.socket(fileno=_CHANNEL), task, order, steward)


def _end(pid: int) -> dict[str, Any]:
    # Not reaped before, so the number is still this child's.
    os.kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    return {"status": status, "cpu_s": used.ru_utime + used.ru_stime, "rss_bytes": used.ru_maxrss * 1024}


# ── in the child ─────────────────────────────────────────────────────────────────────────────────────────────────────


class _LastWords:
    """Whatever ends the child is told before it ends; nothing is survived, since nothing is known of the state after
    it."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, MemoryError):
            send(self._channel, MEMORY, b"")
        elif error is not None and not isinstance(error, SystemExit):
            send(self._channel, ERROR, f"{type(error).__name__}: {error}"[:1000].encode("utf-8", "replace"))
        os._exit(0 if kind is None else 1)


def _work(channel: socket.socket, task: Callable[..., Any], order: dict[str, Any], steward: int) -> NoReturn:
    with _LastWords(channel):
        limits = Limits(**order["limits"])
        os.environ.clear()
        close_in(order["readable"], limits, steward)
        send(channel, READY, b"")
        while (call := receive(channel, MAX_VALUE_BYTES)) is not None:
            limit_cpu(limits.cpu_s)
            value = task(*json.loads(call[1]))
            send(channel, VALUE, json.dumps(value).encode())
    raise SystemExit(1)


# ── frames between the coordinator and a child: one letter, a length, that many bytes ────────────────────────────────


def send(channel: socket.socket, letter: bytes, body: bytes) -> None:
    """One frame."""
    channel.sendall(letter + _LENGTH.pack(len(body)) + body)


def receive(
    channel: socket.socket, max_bytes: int, wait: Callable[[], None] = lambda: None
) -> tuple[bytes, bytes] | None:
    """One frame; None at the end of the stream; ValueError for what is none. `wait` is called before every read."""
    head = _read(channel, 1 + _LENGTH.size, wait)
    if len(head) < 1 + _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head[1:])
    if length > max_bytes:
        raise ValueError(f"an answer of {length} bytes, at most {max_bytes}")
    body = _read(channel, length, wait)
    return (head[:1], body) if len(body) == length else None


def _read(channel: socket.socket, count: int, wait: Callable[[], None]) -> bytes:
    found = bytearray()
    while len(found) < count:
        wait()
        part = channel.recv(min(count - len(found), 1 << 20))
        if not part:
            break
        found += part
    return bytes(found)


def main(descriptor: int) -> None:
    """What the coordinator starts (workshop_processes.py)."""
    with socket.socket(fileno=descriptor) as channel:
        serve_orders(channel)
