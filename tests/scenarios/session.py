"""A person's session: the command line as a program, one archive, results read from --json."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "sonoteca")
WAIT_S = 900


class Session:
    """One archive and the commands given to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "sonoteca.toml").exists():
            self.words("init", str(folder))
        (folder / "sonoteca.toml").write_text("reserve_bytes = 0\n")

    def words(self, *words: str, code: int = 0, cwd: Path | None = None) -> str:
        """The command's standard output; the exit code must be as said."""
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=cwd or self.folder,
            env=environment(),
            capture_output=True,
            timeout=WAIT_S,
            check=False,
        )
        told = done.stderr.decode("utf-8", "replace")
        if done.returncode != code:
            raise AssertionError(
                f"{words}: exit code {done.returncode}\n{done.stdout[-4000:].decode()}\n{told[-6000:]}"
            )
        return done.stdout.decode()

    def ask(self, *words: str, code: int = 0) -> Any:
        """The command's JSON."""
        return json.loads(self.words(*words, "--json", code=code).splitlines()[-1])

    def take(self, *words: str) -> Any:
        """add and run."""
        self.words("add", *words)
        return self.ask("run")


def environment() -> dict[str, str]:
    """As a person has it: no colours, no other archive."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SONOTECA", "PYTHONDONTWRITE"))}
    return {**kept, "NO_COLOR": "1", "PYTHONWARNINGS": "error"}
