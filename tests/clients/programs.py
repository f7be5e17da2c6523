"""Other people's programs: started in a group of their own, ended and reaped whatever happens."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tests import tools

TAIL_BYTES = 3000


class Program:
    """A running program. Its output goes to a file in `folder`, which is its home too unless `env` says another."""

    def __init__(
        self, command: Sequence[str], folder: Path, env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self._name = command[0]
        self.log = folder / "output.log"
        path = tools.require_tool(command[0])
        # The kernel ends it when this process is killed and cannot.
        leash = [tools.require_tool("setpriv"), "--pdeathsig", "KILL"]
        with open(self.log, "ab") as output:
            self._process = subprocess.Popen(
                [*leash, path, *command[1:]],
                cwd=cwd or folder,
                env=quiet_environment(folder) if env is None else env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def verify_alive(self) -> None:
        """RuntimeError with the end of its output when it has ended by itself."""
        code = self._process.poll()
        if code is not None:
            raise RuntimeError(f"{self._name} ended with {code}\n{self.tail()}")

    def tail(self) -> str:
        """The end of its output."""
        return self.log.read_bytes()[-TAIL_BYTES:].decode("utf-8", "replace")

    def kill(self) -> None:
        """Ends the whole group at once: nothing that it would save is wanted."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


def quiet_environment(home: Path) -> dict[str, str]:
    """A home of its own, no proxy, names in UTF-8."""
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb", "TMPDIR": str(home)}
