"""Shell: the usual tools in a script (bench/shell_baseline.sh), as the peer of the whole room.

Takes  recordings and a scratch folder.   Gives  what the script and everything it started spent; the tools' versions.
Never  changes the script: it is frozen, and a test holds its digest.
"""

import os
import re
import shutil
import subprocess

from sonoteca.bench.figures import Spent, flush, spend

SCRIPT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3, "bench", "shell_baseline.sh"))
_VERSIONS = {
    "ffmpeg": ("-version", r"ffmpeg version ([\w.]+)"),
    "flac": ("--version", r"flac ([\w.]+)"),
    "sha256sum": ("--version", r"sha256sum .*?([\d.]+)"),
    "mktorrent": ("-h", r"mktorrent ([\w.]+)"),
}


def missing() -> str:
    """Why the script cannot run here, "" when it can."""
    if not os.path.exists(SCRIPT):
        return "bench/shell_baseline.sh is not here: it comes with the sources, not with the installed package"
    lacking = [name for name in _VERSIONS if shutil.which(name) is None]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


def versions() -> str:
    """The tools by name and version."""
    return ", ".join(f"{name} {_version(name)}" for name in _VERSIONS)


def _version(name: str) -> str:
    option, pattern = _VERSIONS[name]
    told = subprocess.run([name, option], check=False, capture_output=True, text=True)
    found = re.search(pattern, told.stdout + told.stderr)
    return found[1] if found else "?"


def spend_shell(files: list[str], out: str) -> Spent:
    """What the script spent on these files; `out` must not exist, on the file system that they are on."""

    def run() -> None:
        came = subprocess.run(
            ["sh", SCRIPT, out, *files], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        if came.returncode:
            raise RuntimeError(
                f"the script ended with {came.returncode}: {came.stderr[-500:].decode(errors='replace')}"
            )

    flush()
    return spend(run)
