"""Children: programs that this process starts, hears, and outlives by not a moment.

Takes  a command and the descriptors it inherits.
Gives  a Child: its lines, its end, a way to send it signals.
Order  a child asks the kernel to be killed when its parent dies, before it becomes the program (prctl(2)
       PR_SET_PDEATHSIG): whatever ends the parent, nothing is left running.
Never  shares the terminal's Ctrl-C: each child is a process group of its own, and is told by its parent.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from types import MappingProxyType

MAX_LINE_BYTES = 64 * 1024
_BLOCK_BYTES = 256 * 1024
_PR_SET_PDEATHSIG = 1
NONE: Mapping[str, str] = MappingProxyType({})
# Loaded here: between fork and exec nothing may be.
_LIBC = ctypes.CDLL(None, use_errno=True)


class Child:
    """One program, from its start to its end."""

    def __init__(
        self,
        command: Sequence[str],
        hands: Sequence[int] = (),
        environment: Mapping[str, str] = NONE,
        *,
        is_heard: bool = True,
    ) -> None:
        parent = os.getpid()

        def prepare() -> None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)  # it died before the kernel was asked

        self._hear, say = os.pipe()
        undo = ExitStack()
        undo.callback(os.close, self._hear)
        with undo, ExitStack() as done:
            done.callback(os.close, say)
            # Not to be run beside threads: preexec_fn.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=say if is_heard else subprocess.DEVNULL,
                stderr=say if is_heard else subprocess.DEVNULL,
                pass_fds=tuple(hands),
                process_group=0,
                preexec_fn=prepare,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            )
            undo.pop_all()
        os.set_blocking(self._hear, False)
        self._rest = b""
        self.is_silent = False

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def fileno(self) -> int:
        """Readable when it said something, or ended."""
        return self._hear

    def lines(self) -> list[str]:
        """What it said since; an unfinished line is kept for later, or given when nothing more comes."""
        try:
            block = os.read(self._hear, _BLOCK_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            block = b""
        self.is_silent = not block
        *whole, self._rest = (self._rest + block).split(b"\n")
        if self._rest and (self.is_silent or len(self._rest) > MAX_LINE_BYTES):
            whole.append(self._rest)
            self._rest = b""
        return [line.decode("utf-8", "replace") for line in whole if line]

    def find_end(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """A signal, to it alone."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Ends it and everything in its group at once."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kills what still runs; afterwards it is reaped. A second time nothing happens."""
        if self._process.poll() is None:
            self.kill()
        self._process.wait()
        if self._hear >= 0:
            os.close(self._hear)
        self._hear, self.is_silent = -1, True
