"""Shell: the usual tools in a script below bench/, as the peer of the whole room.

Takes  recordings and a scratch folder.   Gives  what a script and everything it started spent; the tools' versions.
Never  changes a script: each is frozen, and a test holds its digest.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from sonoteca.bench.figures import Spent, flush, spend

_FOLDER = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3, "bench"))
_VERSIONS = {
    "ffmpeg": ("-version", r"ffmpeg version ([\w.]+)"),
    "flac": ("--version", r"flac ([\w.]+)"),
    "sha256sum": ("--version", r"sha256sum .*?([\d.]+)"),
    "mktorrent": ("-h", r"mktorrent ([\w.]+)"),
    "fpcalc": ("-version", r"fpcalc version ([\w.]+)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script below bench/, and the tools that it needs."""

    name: str
    tools: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it is."""
        return os.path.join(_FOLDER, self.name)


BASELINE = Script(name="shell_baseline.sh", tools=("ffmpeg", "flac", "sha256sum", "mktorrent"))
AUDIO = Script(name="shell_audio.sh", tools=("ffmpeg", "fpcalc", "sha256sum", "mktorrent"))


def missing(script: Script = BASELINE) -> str:
    """Why a script cannot run here, "" when it can."""
    if not os.path.exists(script.path):
        return f"bench/{script.name} is not here: it comes with the sources, not with the installed package"
    lacking = [name for name in script.tools if shutil.which(name) is None]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


def versions(script: Script = BASELINE) -> str:
    """The tools by name and version."""
    return ", ".join(f"{name} {_version(name)}" for name in script.tools)


def _version(name: str) -> str:
    option, pattern = _VERSIONS[name]
    told = subprocess.run([name, option], check=False, capture_output=True, text=True)
    found = re.search(pattern, told.stdout + told.stderr)
    return found[1] if found else "?"


def spend_shell(files: list[str], out: str, script: Script = BASELINE) -> Spent:
    """What a script spent on these files; `out` must not exist, on the file system that they are on."""

    return spend_program("sh", script.path, out, *files)


def spend_program(*words: str) -> Spent:
    """What a program and everything it started spent. RuntimeError when it failed."""

    def run() -> None:
        came = subprocess.run(words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if came.returncode:
            said = came.stderr[-500:].decode(errors="replace")
            raise RuntimeError(f"{words[0]} ended with {came.returncode}: {said}")

    flush()
    return spend(run)
