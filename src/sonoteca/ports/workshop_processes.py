"""Processes: the workshop as it really is: a steward, started when first needed, that forks limited children.

Takes  the folders children may read (the quarantine, the store), and what the Workshop protocol says.
Gives  results; `is_confined` says whether this kernel walls children in; `usage` what they have used.
Order  a child has one batch. It is ended and reaped when the batch is done, when it died, and when nobody asks for
       more results. A call that killed its child is answered with Died; the calls after it go on in a new child.
"""

import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sonoteca.model.errors import Unreachable
from sonoteca.ports.workshop import Died, Done, Limits, Result
from sonoteca.ports.workshop_steward import MAX_ORDER_BYTES, MAX_VALUE_BYTES, MEMORY, READY, VALUE, receive, send
from sonoteca.ports.workshop_walls import find_landlock_abi

# The search path comes as an argument, because nothing of the environment is passed on.
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from sonoteca.ports.workshop_steward import main; main(int(sys.argv[2]))"
)
# One thread: children are forked, and their address space is limited. Blocks of sound come and go by the second: glibc
# keeps their memory instead of asking the system for the same pages again, half of all page faults.
_ENVIRONMENT = {
    **{"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    **{"MALLOC_TRIM_THRESHOLD_": str(1 << 28), "MALLOC_MMAP_THRESHOLD_": str(1 << 26)},
}
_START_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the children that have ended used, all together (`rss_bytes`: the largest of them)."""

    children: int = 0
    cpu_s: float = 0.0
    rss_bytes: int = 0


class _Late(TimeoutError):
    """The watchdog's word: the call took longer than it may."""


class _Gone(ConnectionError):
    """The child ended without an answer."""


@dataclass(slots=True)
class _Child:
    pid: int
    channel: socket.socket
    calls: int = 0


class ProcessWorkshop:
    """The workshop with real processes. Children may read below `readable` (and where Python lives), and nothing
    else."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, readable: Sequence[str]) -> None:
        self._readable = [os.path.abspath(folder) for folder in readable]
        self._lock = threading.Lock()
        self._steward: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._usage = Usage()

    @property
    def is_confined(self) -> bool:
        """Whether Landlock stands around the children. Without it (Linux before 5.13) limits of memory, time and file
        size remain, and
        an empty network where the system allows it."""
        return find_landlock_abi() > 0

    @property
    def usage(self) -> Usage:
        """What the children that have ended used so far."""
        return self._usage

    def run_each(self, task: str, calls: Sequence[Sequence[Any]], limits: Limits) -> Iterator[Result]:
        """See Workshop."""
        child: _Child | None = None
        try:
            for call in calls:
                if child is not None and child.calls >= limits.calls_per_child:
                    self._end(child)
                    child = None
                if child is None:
                    child = self._start(task, limits)
                result = self._call(child, call, limits)
                if isinstance(result, Died):
                    child = None
                yield result
        finally:
            if child is not None:
                self._end(child)

    def close(self) -> None:
        """See Workshop. Children that still run die with the steward."""
        with self._lock:
            orders, steward, self._orders, self._steward = self._orders, self._steward, None, None
        if orders is not None:
            orders.close()
        if steward is not None:
            steward.wait(timeout=_START_TIMEOUT_S)

    def _call(self, child: _Child, call: Sequence[Any], limits: Limits) -> Result:
        """The result of one call. After Died the child is gone and reaped."""
        child.calls += 1
        watchdog = _watchdog(child.channel, limits.wall_s)
        died: Died
        try:
            send(child.channel, VALUE, json.dumps(list(call)).encode())
            letter, body = _answer(child.channel, watchdog)
            if letter == VALUE:
                return Done(json.loads(body))
            died = Died("memory", "it asked for more memory than it may have") if letter == MEMORY else _error(body)
        except _Late:
            died = Died("timeout", f"no answer within {limits.wall_s:g} s")
        except (_Gone, BrokenPipeError, ConnectionResetError):
            return _death(self._end(child))
        except (ValueError, RecursionError) as error:
            died = Died("error", f"it answered nonsense: {str(error)[:200]}")
        self._end(child)
        return died

    def _start(self, task: str, limits: Limits) -> _Child:
        ours, theirs = socket.socketpair()
        with theirs:
            order = {"do": "start", "task": task, "readable": self._readable, "limits": dataclasses.asdict(limits)}
            answer = self._order(order, theirs)
        if "error" in answer:
            ours.close()
            raise RuntimeError(f"the task {task} cannot be loaded: {answer['error']}")
        child = _Child(answer["pid"], ours)
        try:
            letter, body = _answer(ours, _watchdog(ours, _START_TIMEOUT_S))
        except (_Gone, _Late) as error:
            self._end(child)
            raise RuntimeError("a limited process did not start") from error
        if letter != READY:
            self._end(child)
            raise RuntimeError(f"a limited process could not be walled in: {body.decode('utf-8', 'replace')}")
        return child

    def _end(self, child: _Child) -> int:
        """The child is killed if need be, reaped and counted; gives its wait status."""
        child.channel.close()
        answer = self._order({"do": "end", "pid": child.pid})
        with self._lock:
            before = self._usage
            self._usage = Usage(
                children=before.children + 1,
                cpu_s=before.cpu_s + answer["cpu_s"],
                rss_bytes=max(before.rss_bytes, answer["rss_bytes"]),
            )
        return int(answer["status"])

    def _order(self, order: dict[str, Any], descriptor: socket.socket | None = None) -> dict[str, Any]:
        message = json.dumps(order).encode()
        descriptors = [] if descriptor is None else [descriptor.fileno()]
        with self._lock:
            if self._orders is None:
                self._orders, self._steward = _start_steward()
            try:
                socket.send_fds(self._orders, [message], descriptors)
                answer = self._orders.recv(MAX_ORDER_BYTES)
            except (BrokenPipeError, ConnectionResetError):
                answer = b""
        if not answer:
            self.close()  # its children died with it; the next call starts another
        found: dict[str, Any] = json.loads(answer or '{"gone": true}')
        if "gone" in found:
            what = "the process that makes limited processes has ended"
            raise Unreachable("workshop-gone", what, cure="Run it again.")
        return found


def _start_steward() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        path = json.dumps([os.path.abspath(folder) for folder in sys.path])
        # -I: nothing from the environment or the current folder. A session of its own: Ctrl-C is the coordinator's to
        # answer.
        steward = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _BOOT, path, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return ours, steward


def _watchdog(channel: socket.socket, seconds: float) -> Callable[[], None]:
    """Waits until the child has said something, but not beyond this many seconds from now, all waits together."""
    until = time.monotonic() + seconds
    poll = select.poll()
    poll.register(channel, select.POLLIN)

    def wait() -> None:
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise _Late

    return wait


def _answer(channel: socket.socket, wait: Callable[[], None]) -> tuple[bytes, bytes]:
    frame = receive(channel, MAX_VALUE_BYTES, wait)
    if frame is None:
        raise _Gone
    return frame


def _error(body: bytes) -> Died:
    return Died("error", body[:1000].decode("utf-8", "replace"))


def _death(status: int) -> Died:
    if not os.WIFSIGNALED(status):
        return Died("error", f"it ended by itself (exit code {os.WEXITSTATUS(status)})")
    number = signal.Signals(os.WTERMSIG(status))
    if number == signal.SIGXCPU:
        return Died("timeout", "it used more processor time than it may")
    return Died("killed", f"it was ended by {number.name}")
